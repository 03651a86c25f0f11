import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import type { Table } from '../../shared/ports.ts';
import { azureTable } from '../../shared/state/azure-table.ts';
import * as monitor from '../../shared/state/monitor.ts';
import * as runs from '../../shared/state/runs.ts';
import { CREDENTIAL } from '../azure/secure-server.ts';

let azurite: Azurite;
let table: Table;
beforeAll(async () => {
  azurite = await startAzurite();
  table = azureTable({ connectionString: azurite.connectionString }, CREDENTIAL);
});
afterAll(() => azurite.close());

const run = (runId: string, more: Partial<runs.Run> = {}): runs.Run => ({
  runId,
  kind: 'Sweep',
  startedAt: '2026-05-20T12:00:00.000Z',
  expected: 2,
  batches: 1,
  lastDueAt: '2026-05-20T12:00:00.000Z',
  graphCalls: 3,
  throttled: 0,
  problems: [],
  notices: [],
  missing: [],
  finished: null,
  published: false,
  ...more,
});
const marker = (results: runs.Marker['results'], calls = 1): runs.Marker => ({
  results,
  unannounced: [],
  managementCalls: calls,
  graphCalls: 0,
  throttled: 0,
});

describe('a run', () => {
  let runId: string;
  beforeEach(() => {
    runId = randomUUID();
  });

  test('is read as it was stored, and changed by one alone', async () => {
    await runs.createRun(table, run(runId));
    const stored = await runs.readRun(table, runId);
    expect(stored?.run).toEqual(run(runId));
    if (!stored) throw new Error('no run');
    const changed = { ...stored, run: { ...stored.run, published: true } };
    expect(await runs.writeRun(table, changed)).toBe(true);
    expect(await runs.writeRun(table, changed)).toBe(false);
    expect((await runs.readRun(table, runId))?.run.published).toBe(true);
    expect(await runs.readRun(table, 'nobody')).toBeUndefined();
  });

  test('all of them, oldest first, and their markers are none', async () => {
    const [late, early] = [randomUUID(), randomUUID()];
    await runs.createRun(table, run(late, { startedAt: '2026-05-22T00:00:00.000Z' }));
    await runs.createRun(table, run(early, { startedAt: '2026-05-21T00:00:00.000Z' }));
    await runs.addResults(table, late, 0, marker({ a: 'assessed' }));
    const found = (await runs.readRuns(table)).runs.map((item) => item.run.runId);
    expect(found.filter((id) => id === late || id === early)).toEqual([early, late]);
  });

  test('results of a batch add up, and those of another stand apart', async () => {
    await runs.addResults(table, runId, 1, marker({ a: 'assessed' }));
    await runs.addResults(table, runId, 1, marker({ b: 'unreadable' }, 4));
    await runs.addResults(table, runId, 2, marker({ c: 'assessed' }));
    await runs.addResults(table, `${runId}0`, 1, marker({ d: 'assessed' }));
    expect(await runs.readMarkers(table, runId)).toEqual([
      marker({ a: 'assessed', b: 'unreadable' }, 5),
      marker({ c: 'assessed' }),
    ]);
  });

  test.each([
    { first: 'assessed', second: 'unreadable', kept: 'assessed' },
    { first: 'unreadable', second: 'assessed', kept: 'assessed' },
    { first: 'unreadable', second: 'unreadable', kept: 'unreadable' },
  ] as const)('$first, then $second of a late copy: $kept', async ({ first, second, kept }) => {
    await runs.addResults(table, runId, 0, marker({ a: first }));
    await runs.addResults(table, runId, 0, marker({ a: second }));
    expect((await runs.readMarkers(table, runId))[0]?.results).toEqual({ a: kept });
  });

  test('results that come at once are all kept', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `s${index}`);
    await Promise.all(names.map((name) => runs.addResults(table, runId, 0, marker({ [name]: 'assessed' }))));
    const [found] = await runs.readMarkers(table, runId);
    expect(Object.keys(found?.results ?? {}).sort()).toEqual(names);
    expect(found?.managementCalls).toBe(8);
  });

  test('goes with all its markers', async () => {
    await runs.createRun(table, run(runId));
    for (let batch = 0; batch < 120; batch += 1) {
      await table.transact('runs', [
        { do: 'put', row: `b|${runId}|${String(batch).padStart(6, '0')}`, text: '{}' },
      ]);
    }
    await runs.deleteRun(table, runId);
    expect(await runs.readRun(table, runId)).toBeUndefined();
    expect(await runs.readMarkers(table, runId)).toEqual([]);
  });
});

describe('what the monitor remembers of itself', () => {
  test('the scope of the last sweep', async () => {
    expect(await monitor.readKnownScope(table)).toBeUndefined();
    const scope = { subscriptions: ['a'], tenants: { a: 't' }, at: '2026-05-20T12:00:00.000Z' };
    await monitor.writeKnownScope(table, scope);
    expect(await monitor.readKnownScope(table)).toEqual(scope);
  });

  test('counters of events, from many at once', async () => {
    expect(await monitor.readEventCounts(table)).toEqual({ outOfScope: 0, malformed: 0 });
    await Promise.all(
      Array.from({ length: 6 }, () => monitor.addEventCounts(table, { outOfScope: 2, malformed: 1 })),
    );
    expect(await monitor.readEventCounts(table)).toEqual({ outOfScope: 12, malformed: 6 });
  });

  test('one heartbeat, whoever comes first', async () => {
    const beat = { at: '2026-05-20T12:00:00.000Z', outOfScope: 0, malformed: 0 };
    expect(await monitor.readHeartbeat(table)).toEqual({ beat: undefined, etag: undefined });
    expect(await monitor.writeHeartbeat(table, beat, undefined)).toBe(true);
    expect(await monitor.writeHeartbeat(table, beat, undefined)).toBe(false);
    const { beat: stored, etag } = await monitor.readHeartbeat(table);
    expect(stored).toEqual(beat);
    expect(await monitor.writeHeartbeat(table, beat, etag)).toBe(true);
    expect(await monitor.writeHeartbeat(table, beat, etag)).toBe(false);
  });

  test('an outage, ended by one alone', async () => {
    expect(await monitor.isOutage(table)).toBe(false);
    await monitor.markOutage(table);
    await monitor.markOutage(table);
    expect(await monitor.isOutage(table)).toBe(true);
    expect(await monitor.endOutage(table)).toBe(true);
    expect(await monitor.endOutage(table)).toBe(false);
    expect(await monitor.isOutage(table)).toBe(false);
  });

  test('the first sweep of a subscription', async () => {
    const id = randomUUID();
    expect(await monitor.readSubscription(table, id)).toBeUndefined();
    const facts = { firstRunId: 'r1', firstSweptAt: '2026-05-20T12:00:00.000Z', outSweeps: 0 };
    await monitor.writeSubscription(table, id, facts);
    expect(await monitor.readSubscription(table, id)).toEqual(facts);
  });
});
