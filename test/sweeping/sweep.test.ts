import { beforeEach, describe, expect, test } from 'vitest';
import { QUERIES } from '../../shared/azure/queries.ts';
import type { Graph, GraphRows } from '../../shared/ports.ts';
import { publishPending } from '../../shared/publishing/publish-pending.ts';
import { readAccessChanges, UNTOLD } from '../../shared/state/access-changes.ts';
import { sweep } from '../../shared/sweeping/sweep.ts';
import {
  change,
  GROUP,
  type Monitor,
  monitor,
  OFFICE,
  ORDERS,
  serverBody,
  START,
  SUBSCRIPTION,
} from '../fakes.ts';

const FINDINGS = 'DatabaseExposureFindings_CL';
const RUNS = 'DatabaseExposureRuns_CL';
const SETTINGS = { subscriptions: [SUBSCRIPTION], managementGroups: [] };

let app: Monitor;

function addServer(name: string, access = 'Enabled'): string {
  const id = `${GROUP}/microsoft.dbformysql/flexibleservers/${name}`;
  app.bodies.set(id, serverBody(id, access));
  app.lists.set(`${id}/firewallRules`, [OFFICE]);
  return id;
}

const runSweep = (): ReturnType<typeof sweep> => sweep(SETTINGS, app.environment, app.ports);
const publish = (): Promise<void> => publishPending(app.environment, app.ports);
const reasons = (values = {}): ReadonlySet<unknown> =>
  new Set(app.rows(FINDINGS, { Change: 'Opened', ...values }).map((row) => row['Reason']));

beforeEach(() => {
  app = monitor();
  addServer('orders');
});

describe('the inventory', () => {
  test('is what the first sweep finds; a server that is created later is news', async () => {
    await runSweep();
    await app.pass(60);
    expect(reasons()).toEqual(new Set(['FirstSeen']));
    const late = addServer('late');
    await app.pass(900);
    await runSweep();
    await app.pass(60);
    expect(reasons({ ServerId: late })).toEqual(new Set(['']));
  });

  test('is the same when an event reads the server before the first sweep comes to it', async () => {
    await runSweep();
    await app.ask({ changes: [change()] });
    expect(reasons()).toEqual(new Set(['FirstSeen']));
  });

  test('is the same when another sweep is faster', async () => {
    await runSweep();
    const first = app.messages[0];
    await runSweep();
    app.drop(first);
    await app.pass(60);
    expect(reasons()).toEqual(new Set(['FirstSeen']));
  });

  test('is not half a listing: the next whole one is the first', async () => {
    app.graphProblem = 'Resource Graph truncated its answer';
    addServer('stock');
    app.bodies.delete(ORDERS);
    await runSweep();
    await app.pass(60);
    app.graphProblem = '';
    addServer('orders');
    await runSweep();
    await app.pass(60);
    expect(reasons()).toEqual(new Set(['FirstSeen']));
  });
});

describe('a run', () => {
  test('gets one row when every server has its result, with the calls', async () => {
    addServer('stock', 'Disabled');
    await runSweep();
    await publish();
    expect(app.rows(RUNS, { Kind: 'Sweep' })).toEqual([]);
    await app.pass(60);
    await publish();
    await publish();
    expect(app.rows(RUNS, { Kind: 'Sweep' })).toMatchObject([
      {
        StartedAt: START,
        Expected: 2,
        Assessed: 2,
        Unreadable: 0,
        Skipped: 0,
        Partial: false,
        Problems: [],
      },
    ]);
  });

  test('counts what could not be read apart', async () => {
    const stock = addServer('stock');
    app.faults.set(`${stock}/firewallRules`, {
      answer: { outcome: 'denied', reason: 'denied (403)', at: START },
      times: 9,
    });
    await runSweep();
    await app.pass(60);
    await publish();
    expect(app.rows(RUNS, { Kind: 'Sweep' })).toMatchObject([
      { Expected: 2, Assessed: 1, Unreadable: 1, Skipped: 0, Partial: false },
    ]);
  });

  test('is over 15 minutes after its last due time, and says what it skipped', async () => {
    await runSweep();
    app.drop(app.messages[0]);
    await app.pass(899);
    await publish();
    expect(app.rows(RUNS, { Kind: 'Sweep' })).toEqual([]);
    await app.pass(1);
    await publish();
    expect(app.rows(RUNS, { Kind: 'Sweep' })).toMatchObject([
      { Expected: 1, Assessed: 0, Unreadable: 0, Skipped: 1, Partial: true },
    ]);
  });

  test('ends no earlier than it began, although the clocks tell different parts of a second', async () => {
    await app.pass(0.9);
    await runSweep();
    await app.pass(0.05);
    await publish();
    const [row] = app.rows(RUNS, { Kind: 'Sweep' });
    expect(row).toBeDefined();
    expect(String(row?.['FinishedAt']) >= String(row?.['StartedAt'])).toBe(true);
  });

  test('has one content: a row that was not accepted is sent again as it was', async () => {
    await runSweep();
    await app.pass(60);
    app.delivery = { accepted: false, reason: 'later', status: 503 };
    await publish();
    await app.pass(600);
    app.delivery = { accepted: true };
    await publish();
    expect(app.rows(RUNS, { Kind: 'Sweep' })).toMatchObject([{ FinishedAt: '2026-05-20T12:01:00.000Z' }]);
  });
});

describe('pacing', () => {
  test('the first 235 reads are due at once, then 24 a second', async () => {
    // Each needs its body and one list: 400 reads, so the second batch is due after (400 - 235) / 24 s.
    for (let index = 1; index < 200; index += 1) addServer(`db${index}`);
    await runSweep();
    expect(app.messages.map(({ dueAt }) => (dueAt - Date.parse(START)) / 1000)).toEqual([0, 7]);
    expect(app.messages.map(({ request }) => request.resources.length)).toEqual([100, 100]);
    expect(app.messages.map(({ request }) => request.batch)).toEqual([0, 1]);
  });
});

test('a server that Resource Graph does not show any more is asked for as long as the state knows it', async () => {
  await runSweep();
  await app.pass(60);
  app.bodies.delete(ORDERS);
  app.lists.delete(`${ORDERS}/firewallRules`);
  const run = await runSweep();
  expect(run.expected).toBe(1);
  await app.pass(600);
  expect(app.rows(FINDINGS, { Change: 'Resolved', Reason: 'Deleted' }).length).toBeGreaterThan(0);
  expect((await runSweep()).expected).toBe(0);
});

describe('the change table', () => {
  const switchedTo = (newValue: string, seconds: number): GraphRows[number] => ({
    id: `${ORDERS}/providers/microsoft.resources/changes/${seconds}`,
    properties: {
      targetResourceId: ORDERS,
      changeAttributes: { timestamp: new Date(Date.parse(START) + seconds * 1000).toISOString() },
      changes: { 'properties.network.publicNetworkAccess': { newValue } },
    },
  });
  const flap = [switchedTo('Enabled', 120), switchedTo('Disabled', 180)];
  const quiet: GraphRows = [];

  /** A sweep while the change table has these rows, and what follows it within the hour. */
  async function sweepWith(rows: GraphRows, problem = ''): Promise<void> {
    const { graph } = app.ports;
    const query: Graph['query'] = (kql, scope, page) => {
      if (kql !== QUERIES.accessChanges) return graph.query(kql, scope, page);
      page(rows);
      return Promise.resolve({ complete: problem === '', problem });
    };
    await sweep(SETTINGS, app.environment, { ...app.ports, graph: { query } });
    await app.pass(3600);
  }
  const told = (): readonly unknown[] =>
    app.rows(FINDINGS, { RuleId: 'public-access-flap' }).flatMap((row) => {
      return row['Change'] === 'Refreshed' ? [] : [row['Change']];
    });
  const stored = async () => (await readAccessChanges(app.ports.table, SUBSCRIPTION)).get(ORDERS);

  beforeEach(() => {
    addServer('orders', 'Disabled');
  });

  test('is not known before the first sweep', async () => {
    await app.ask({ changes: [change()] });
    expect(await stored()).toEqual([UNTOLD]);
    await sweepWith(quiet);
    expect(await stored()).toBeUndefined();
  });

  test.each<{ when: string; rows: GraphRows; problem: string }>([
    { when: 'is refused', rows: quiet, problem: 'Resource Graph refused the query (403)' },
    { when: 'is damaged', rows: [{ id: 'x', properties: 'x' }], problem: '' },
  ])('that $when neither ends a finding nor opens one', async ({ rows, problem }) => {
    await sweepWith(quiet);
    await sweepWith(flap);
    expect(told()).toEqual(['Opened']);
    const traces = await stored();
    expect(traces).toHaveLength(2);
    for (let hours = 0; hours < 8; hours += 1) await sweepWith(rows, problem);
    expect(told()).toEqual(['Opened']);
    expect(await stored()).toEqual([...(traces ?? []), UNTOLD]);
    for (let hours = 0; hours < 8; hours += 1) await sweepWith(quiet);
    expect(told()).toEqual(['Opened', 'Resolved']);
    expect(await stored()).toBeUndefined();
  });

  test('of a subscription that did not answer is not known', async () => {
    await sweepWith(flap);
    const { graph } = app.ports;
    const query: Graph['query'] = (kql, scope, page) =>
      kql === QUERIES.subscriptions
        ? Promise.resolve({ complete: true, problem: '' })
        : graph.query(kql, scope, page);
    await sweep(SETTINGS, app.environment, { ...app.ports, graph: { query } });
    expect(await stored()).toHaveLength(3);
  });
});
