import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFailures } from '../../shared/state/failures.ts';
import { estateOf, flexible, serverId, SHOP } from '../end-to-end/estate.ts';
import { type Door, invocation, openDoor } from './door.ts';

let door: Door;

beforeAll(async () => {
  door = await openDoor(estateOf([flexible('orders', 'Enabled')]));
});

afterAll(() => door.close());

test('a message that never succeeded leaves a record for each server, until one is assessed again', async () => {
  const { assessServers } = await import('../../functions/assess.ts');
  const { reportFailedAssessment } = await import('../../functions/report-failed-assessment.ts');
  const orders = serverId('orders').toLowerCase();
  const stock = serverId('stock').toLowerCase();
  const message = {
    resources: [{ id: orders }, { id: stock }, { id: orders.replaceAll(SHOP, SHOP.replace('1', '7')) }],
    reason: 'sweep',
    requestedAt: '2026-05-20T12:00:00.000Z',
  };
  await reportFailedAssessment(message, invocation().context);
  await reportFailedAssessment('no JSON', invocation().context);
  const known = async (): Promise<readonly string[]> =>
    (await readFailures(door.table, [SHOP])).map(({ serverId: id }) => id).sort();
  // The text that names no server is kept too; what is out of scope is not.
  expect(await known()).toEqual(['', orders, stock]);
  const [failure] = (await readFailures(door.table, [SHOP])).filter(({ serverId: id }) => id === orders);
  expect(failure).toMatchObject({ reason: expect.stringMatching(/./) as string, request: message });

  await assessServers({ ...message, resources: [{ id: orders }] }, invocation().context);
  expect(await known()).toEqual(['', stock]);
});
