import { beforeAll, describe, expect, test } from 'vitest';
import { AZURE, CLOSED, type Facts, LISTED, OPEN, serverId, WIDE } from './azure.ts';
import { BOB } from './people.ts';
import { ask, type Row, type Rows, WORKBOOK, WORKBOOK_QUERIES } from './queries.ts';
import { minute } from './rows.ts';
import { stage } from './stage.ts';

/** One server of each reach. */
const ESTATE: Readonly<Record<string, Facts>> = {
  archive: { access: 'Disabled', rules: {} },
  billing: CLOSED,
  catalogue: LISTED,
  delivery: WIDE,
  events: AZURE,
  orders: OPEN,
  stock: CLOSED,
  vault: LISTED,
};

const exemption = (server: string, rule: string, upTo: unknown, expires: string): unknown => ({
  ...{ server: `*/${server}`, rule, upTo, expires },
  ...{ reason: 'migration', owner: 'shop team' },
});

/** Ends in 5, 29 and 40 days, by the day of the story. */
const POLICY = JSON.stringify({
  exemptions: [
    exemption('delivery', 'wide-public-range', { ranges: ['20.40.0.0/16'] }, '2026-06-18'),
    exemption('orders', 'public-access-enabled', { severity: 'High' }, '2026-05-25'),
    exemption('events', 'azure-services-allowed', { severity: 'High' }, '2026-06-29'),
  ],
});

let rows: Rows;
let now: string;

/** At the end, minute 80: vault cannot be read, stock was opened by alice and closed by bob; every row lies there twice. */
beforeAll(async () => {
  const monitor = stage();
  monitor.policy = POLICY;
  monitor.losesAcknowledgement = true;
  for (const [name, facts] of Object.entries(ESTATE)) monitor.put(name, facts);
  await monitor.pass(20);
  monitor.losesAcknowledgement = false;
  monitor.write('stock', { ...OPEN, endpoint: true });
  await monitor.pass(20);
  monitor.write('stock', CLOSED, BOB);
  await monitor.pass(10);
  monitor.azure.troubles.set(serverId('vault'), 'denied');
  monitor.deadLetters = 2;
  await monitor.pass(30);
  rows = monitor.rows();
  now = minute(monitor.now());
});

function shown(name: string): readonly Row[] {
  const query = WORKBOOK_QUERIES[name];
  if (query === undefined) throw new Error(`the workbook has no query ${name}`);
  return ask(query, rows, now);
}

function columns(name: string, ...wanted: readonly string[]): readonly (readonly unknown[])[] {
  return shown(name).map((row) => wanted.map((column) => row[column]));
}

test('is a notebook of version 1.0 whose items have names of their own', () => {
  const names = WORKBOOK.items.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(WORKBOOK.items.filter(({ type }) => type === 3).every(({ content }) => content.query)).toBe(true);
});

describe('the workbook shows', () => {
  test('the estate by reach, each server once, the widest first', () => {
    expect(shown('estate')).toEqual([
      { Reach: 'internet', Servers: 1 },
      { Reach: 'azure', Servers: 1 },
      { Reach: 'wide', Servers: 1 },
      { Reach: 'unknown', Servers: 1 },
      { Reach: 'listed', Servers: 1 },
      { Reach: 'private', Servers: 2 },
      { Reach: 'none', Servers: 1 },
    ]);
  });

  test('what is open by severity, without what is exempted or resolved', () => {
    // Public access is on in five servers, in one of them by exemption; archive has no path left. Five have no endpoint, and
    // neither the body nor the rules of vault can be read.
    expect(shown('open')).toEqual([
      { Severity: 'Critical', Findings: 1, Servers: 1 },
      { Severity: 'High', Findings: 5, Servers: 5 },
      { Severity: 'Medium', Findings: 7, Servers: 5 },
      { Severity: 'Low', Findings: 5, Servers: 5 },
    ]);
  });

  test('the worst servers, the gravest first', () => {
    const worst = columns('worst', 'ServerName', 'Reach', 'Critical', 'High', 'PublicAddresses');
    expect(worst.slice(0, 3)).toEqual([
      ['orders', 'internet', 1, 0, 3_702_390_784],
      ['delivery', 'wide', 0, 1, 65_536],
      ['catalogue', 'listed', 0, 1, 1],
    ]);
    expect(worst.slice(3).sort()).toEqual([
      ['archive', 'none', 0, 1, 0],
      ['events', 'azure', 0, 1, 0],
      ['vault', 'unknown', 0, 1, null],
    ]);
  });

  test('each change once, the newest first, and who made it', () => {
    expect(columns('changes', 'EventTime', 'Outcome', 'Author', 'ServerId')).toEqual([
      // A rule and the switch before it.
      ['2026-05-20T12:40:00Z', 'Narrowed', 'bob@example.com', serverId('stock')],
      ['2026-05-20T12:40:00Z', 'Narrowed', 'bob@example.com', serverId('stock')],
      ['2026-05-20T12:20:00Z', 'Widened', 'alice@example.com', serverId('stock')],
      ['2026-05-20T12:20:00Z', 'Widened', 'alice@example.com', serverId('stock')],
    ]);
  });

  test('what opened and what was resolved, each step once and without the inventory', () => {
    const steps = columns('transitions', 'Severity', 'ServerName', 'Change', 'RuleTitle', 'Author');
    expect(steps.filter(([severity]) => severity === 'Critical')).toEqual([
      ['Critical', 'stock', 'Resolved', 'Exposure widened against the approved baseline', 'bob@example.com'],
      ['Critical', 'stock', 'Resolved', 'Reachable from the whole Internet', 'bob@example.com'],
      ['Critical', 'stock', 'Opened', 'Exposure widened against the approved baseline', 'alice@example.com'],
      ['Critical', 'stock', 'Opened', 'Reachable from the whole Internet', 'alice@example.com'],
    ]);
    // Six findings of stock that came and went, two of vault, and three that were exempted at the first sweep.
    expect(steps).toHaveLength(6 + 6 + 2 + 3);
  });

  test('each sweep once, the last first', () => {
    expect(
      columns('coverage', 'StartedAt', 'Minutes', 'Expected', 'Assessed', 'Unreadable', 'Partial'),
    ).toEqual([
      ['2026-05-20T13:15:00Z', 0, 8, 7, 1, false],
      ['2026-05-20T13:00:00Z', 0, 8, 7, 1, false],
      ['2026-05-20T12:45:00Z', 0, 8, 8, 0, false],
      ['2026-05-20T12:30:00Z', 0, 8, 8, 0, false],
      ['2026-05-20T12:15:00Z', 0, 8, 8, 0, false],
      ['2026-05-20T12:00:00Z', 0, 8, 8, 0, false],
    ]);
  });

  test('the last heartbeat', () => {
    expect(shown('heart')).toMatchObject([
      { LastHeartbeat: '2026-05-20T13:15:20Z', PendingRows: 0, FailedAssessments: 0, DeadLetters: 2 },
    ]);
  });

  test('which servers could not be read in full, and why', () => {
    const [only, ...more] = shown('unreadable');
    expect(more).toEqual([]);
    expect(only).toMatchObject({ ServerName: 'vault', Reach: 'unknown' });
    expect(JSON.parse(String(only?.Unreadable))).toMatchObject({
      publicAccess: 'denied (403)',
      firewallRules: 'denied (403)',
    });
  });

  test('exemptions that end within thirty days, the nearest first', () => {
    expect(columns('exemptions', 'ServerName', 'RuleId', 'Ends', 'Days', 'Reason')).toEqual([
      ['orders', 'public-access-enabled', '2026-05-25T00:00:00Z', 5, 'migration (until 2026-05-25)'],
      ['delivery', 'wide-public-range', '2026-06-18T00:00:00Z', 29, 'migration (until 2026-06-18)'],
    ]);
  });
});
