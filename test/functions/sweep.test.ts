import { afterAll, beforeAll, expect, test } from 'vitest';
import { estateOf, flexible, LAB, POSTGRES, serverId, SHOP } from '../end-to-end/estate.ts';
import { readKnownScope } from '../../shared/state/monitor.ts';
import { readRuns } from '../../shared/state/runs.ts';
import { type Door, invocation, openDoor } from './door.ts';

let door: Door;

beforeAll(async () => {
  const lab = `/subscriptions/${LAB}/resourceGroups/rg-lab`;
  door = await openDoor(
    estateOf([
      flexible('orders', 'Enabled'),
      flexible('stock', 'Disabled'),
      flexible('trial', 'Enabled', undefined, POSTGRES, lab),
    ]),
  );
});

afterAll(() => door.close());

test('the timer asks for every server, a batch for each subscription, and reads none of them', async () => {
  const { sweepServers } = await import('../../functions/sweep.ts');
  const { context, lines } = invocation();
  await sweepServers({}, context);

  const { runs } = await readRuns(door.table);
  expect(runs.map(({ run }) => run)).toMatchObject([
    { kind: 'Sweep', expected: 3, batches: 2, problems: [], missing: [], finished: null },
  ]);
  const runId = runs[0]?.run.runId;
  const requests = await door.requests();
  expect(requests.map(({ reason, runId: id }) => [reason, id])).toEqual([
    ['sweep', runId],
    ['sweep', runId],
  ]);
  const ids = requests.map(({ batch, resources }) => [batch, resources.map(({ id }) => id).sort()]);
  expect(ids).toEqual([
    [0, [serverId('orders').toLowerCase(), serverId('stock').toLowerCase()]],
    [1, [serverId('trial', POSTGRES, `/subscriptions/${LAB}/resourceGroups/rg-lab`).toLowerCase()]],
  ]);
  expect(requests.every(({ resources }) => resources.every(({ graphHash }) => graphHash !== ''))).toBe(true);
  expect((await readKnownScope(door.table))?.subscriptions).toEqual([SHOP, LAB]);
  expect(door.azure.counters.managementCalls).toBe(0);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { message: 'sweep asked', servers: 3, batches: 2, problems: 0 },
  ]);
});
