import { afterAll, beforeAll, expect, test } from 'vitest';
import { estateOf, flexible, serverId, SHOP } from '../end-to-end/estate.ts';
import { type Door, invocation, openDoor } from './door.ts';

const FINDINGS = 'DatabaseExposureFindings_CL';
const RUNS = 'DatabaseExposureRuns_CL';

let door: Door;

beforeAll(async () => {
  door = await openDoor(estateOf([flexible('orders', 'Enabled')]));
});

afterAll(() => door.close());

test('the timer sends what waits, and a heartbeat that told of it', async () => {
  const { assessServers } = await import('../../functions/assess.ts');
  const { publishWhatWaits } = await import('../../functions/publish-pending.ts');
  door.azure.switches.ingestionForbidden = true;
  const message = {
    resources: [{ id: serverId('orders').toLowerCase() }],
    reason: 'sweep',
    requestedAt: '2026-05-20T12:00:00.000Z',
  };
  await assessServers(message, invocation().context);
  expect(door.azure.ingested()).toEqual([]);
  const waiting = await door.table.query(SHOP, 'o|', 'o}');
  const rows = waiting.rows.reduce((sum, { columns }) => sum + Number(columns['rows']), 0);
  expect(rows).toBeGreaterThan(0);

  door.azure.switches.ingestionForbidden = false;
  await publishWhatWaits({}, invocation().context);
  expect(door.azure.ingested(FINDINGS)).toHaveLength(rows);
  expect((await door.table.query(SHOP, 'o|', 'o}')).rows).toEqual([]);
  expect(door.azure.ingested(RUNS)).toMatchObject([{ Kind: 'Heartbeat', PendingRows: 0, DeadLetters: 0 }]);

  // Every minute, but a heartbeat every five.
  await publishWhatWaits({}, invocation().context);
  expect(door.azure.ingested(FINDINGS)).toHaveLength(rows);
  expect(door.azure.ingested(RUNS)).toHaveLength(1);
});
