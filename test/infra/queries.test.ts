import { describe, expect, test } from 'vitest';
import { checkKql } from '../../local/kql/index.ts';
import { pipeline } from './pipeline.ts';
import { ask, FUNCTIONS, kqlIn, SCHEMAS, WORKBOOK, WORKBOOK_QUERIES } from './queries.ts';
import {
  at,
  calm,
  findings,
  heartbeat,
  hour,
  minute,
  refresh,
  serverId,
  step,
  sweep,
  transition,
} from './rows.ts';
import { literal, template } from './templates.ts';

const ALERTS = kqlIn('alerts');
const SHIPPED = Object.entries({ ...ALERTS, ...WORKBOOK_QUERIES });

test.each(SHIPPED)('%s is bound against the declared tables without a finding', (_name, query) => {
  expect(checkKql(query, SCHEMAS, FUNCTIONS)).toEqual([]);
});

test.each(SHIPPED)('%s runs over empty tables', (_name, query) => {
  expect(() => ask(query, {}, minute(0))).not.toThrow();
});

test('a query of a column that is not there is found', () => {
  const [finding] = checkKql('DatabaseExposureFindings_CL | where Sevrity == "High"', SCHEMAS, FUNCTIONS);
  expect(finding).toMatchObject({ code: 'KS142' });
});

test('an alert rule looks back with literals only, and every alert file has its rule', async () => {
  for (const query of Object.values(ALERTS)) {
    expect(query.match(/ago\([^)]*\)/g)?.every((text) => /^ago\(\d+[mhd]\)$/.test(text))).toBe(true);
  }
  const { root } = await template('modules/alerts.bicep');
  const loaded = [...root.text.matchAll(/loadTextContent\('\.\.\/alerts\/([^']+)'\)/g)].map(
    ([, file]) => file,
  );
  expect(loaded.sort()).toEqual(Object.keys(ALERTS).sort());
});

test('the dimensions of a rule are columns of its query', async () => {
  const { root } = await template('modules/alerts.bicep');
  const rules = [...root.text.matchAll(/alerts\/([^']+)'[\s\S]*?dimensions: \[([^\]]*)\]/g)];
  expect(rules.map(([, file]) => file)).toContain('new-exposure.kql');
  for (const [, file = '', dimensions = ''] of rules) {
    const columns = Object.keys(ask(ALERTS[file] ?? '', sample(), minute(5))[0] ?? {});
    const named = [...dimensions.matchAll(/'(\w+)'/g)].map(([, name]) => name);
    if (named.length > 0) expect(columns).toEqual(expect.arrayContaining(named));
  }
});

const sample = (): ReturnType<typeof findings> => findings(at(minute(1), transition()));

test('the saved functions are deployed under their names, with the parameter that the tests give them', async () => {
  const { root } = await template('modules/tables.bicep');
  expect([...root.text.matchAll(/alias: '(\w+)'/g)].map(([, name]) => name)).toEqual(Object.keys(FUNCTIONS));
  expect(root.text).toContain("functionParameters: 'from:datetime'");
});

test('the silence that the rule waits for follows the period of the sweep', async () => {
  const { root } = await template('modules/alerts.bicep');
  const [, text = ''] =
    /monitor-silent\.kql'\), '([^']+)', 'ago\(\$\{2 \* sweepEveryMinutes \+ 5\}m\)'/.exec(root.text) ?? [];
  expect(text).toBe('ago(35m)');
  expect(ALERTS['monitor-silent.kql']?.split(text)).toHaveLength(2);
});

describe('DatabaseExposureTransitions', () => {
  const all = (rows: ReturnType<typeof findings>): unknown =>
    ask(
      'DatabaseExposureTransitions(ago(2d)) | order by EpochSeq asc | project EpochSeq, Change, IngestedAt',
      rows,
      hour(1),
    );

  test('gives each step once, at its first arrival, and no refresh', () => {
    const opened = transition();
    const resolved = step(2, { Change: 'Resolved', State: 'Resolved' });
    const copy = at(minute(20), opened);
    const rows = findings(
      copy,
      at(minute(1), opened),
      at(minute(9), resolved),
      at(minute(8), refresh(opened, minute(8))),
    );
    expect(all(rows)).toEqual([
      { EpochSeq: 1_779_278_400_000_001, Change: 'Opened', IngestedAt: '2026-05-20T12:03:00Z' },
      { EpochSeq: 1_779_278_400_000_002, Change: 'Resolved', IngestedAt: '2026-05-20T12:11:00Z' },
    ]);
  });
});

describe('DatabaseExposureCurrent', () => {
  const query =
    'DatabaseExposureCurrent(ago(2d)) | project ServerId, Severity, Reason, Reach, Summary, SeenLast, Copies';

  test('gives the newest step, the newest reach and the newest text', () => {
    const opened = transition({ Severity: 'High', Reach: 'wide', Summary: 'wide' });
    const widened = step(2, { Change: 'Updated', Reason: 'Widened', Summary: 'wider', LastSeen: minute(9) });
    const later = { ...refresh(widened, hour(6)), Reach: 'azure' };
    const rows = findings(
      at(minute(9), widened),
      at(hour(6), later),
      at(minute(1), opened),
      at(minute(1), opened),
    );
    expect(ask(query, rows, hour(7))).toEqual([
      {
        ServerId: serverId('orders'),
        Severity: 'Critical',
        Reason: 'Widened',
        Reach: 'azure',
        Summary: 'wider',
        SeenLast: '2026-05-20T18:00:00Z',
        Copies: 4,
      },
    ]);
  });

  test.each([
    { when: 'resolved', State: 'Resolved' },
    { when: 'exempted', State: 'Exempted' },
  ] as const)('leaves out what is $when', ({ State }) => {
    const rows = findings(at(minute(1), transition()), at(minute(9), step(2, { State })));
    expect(ask(query, rows, minute(15))).toEqual([]);
  });
});

describe('workbook', () => {
  test('is a notebook of version 1.0 whose items have names of their own', () => {
    const names = WORKBOOK.items.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(WORKBOOK.items.filter(({ type }) => type === 3).every(({ content }) => content.query)).toBe(true);
  });

  test('the worst servers are those with the gravest findings', () => {
    const estate = pipeline();
    estate.read('orders', minute(0), { fw: ['0.0.0.0-255.255.255.255'] });
    estate.read('stock', minute(0), { fw: ['198.51.100.0-198.51.100.63'] });
    const rows = ask(WORKBOOK_QUERIES.worst ?? '', estate.rows, minute(10));
    expect(rows.map(({ ServerName, Reach }) => [ServerName, Reach])).toEqual([
      ['orders', 'internet'],
      ['stock', 'listed'],
    ]);
  });

  test('exemptions are listed by their ends, as far as these are near', () => {
    const exempted = (name: string, end: string): Record<string, unknown> =>
      at(
        minute(1),
        step(2, { Change: 'Exempted', State: 'Exempted', Reason: `migration (until ${end})` }, name),
      );
    const rows = findings(
      exempted('b', '2026-06-10'),
      exempted('a', '2026-05-25'),
      exempted('far', '2026-12-31'),
    );
    expect(ask(WORKBOOK_QUERIES.exemptions ?? '', rows, minute(5))).toMatchObject([
      { ServerName: 'a', Days: 5 },
      { ServerName: 'b', Days: 21 },
    ]);
  });

  test('a change that came twice is shown once, with who made it', () => {
    const row = {
      EventId: 'e1',
      ServerId: serverId('orders'),
      Outcome: 'Widened',
      ActorName: 'alice@example.com',
      EventTime: minute(0),
    };
    const rows = { DatabaseExposureChanges_CL: [at(minute(1), row), at(minute(30), row)] };
    expect(ask(WORKBOOK_QUERIES.changes ?? '', rows, hour(1))).toMatchObject([
      { Author: 'alice@example.com' },
    ]);
  });

  test('coverage shows the last sweep first, and the heartbeat of now', () => {
    const rows = {
      DatabaseExposureRuns_CL: [...calm(0, 15), sweep(minute(30), { Unreadable: 2 }), heartbeat(minute(31))],
    };
    expect(ask(WORKBOOK_QUERIES.coverage ?? '', rows, minute(35))[0]).toMatchObject({
      Unreadable: 2,
      Minutes: 2,
    });
    expect(ask(WORKBOOK_QUERIES.heart ?? '', rows, minute(35))).toMatchObject([{ PendingRows: 0 }]);
  });
});

test('metric alerts: refused, dropped and absent', async () => {
  expect(await literal('modules/alerts.bicep', 'metricAlerts')).toMatchObject([
    { metric: 'ApiCallReceived_Count', aggregation: 'Count', operator: 'GreaterThan' },
    { metric: 'RowsDropped_Count', aggregation: 'Total', operator: 'GreaterThan' },
    { metric: 'ApiCallReceived_Count', aggregation: 'Count', operator: 'LessThan' },
  ]);
});
