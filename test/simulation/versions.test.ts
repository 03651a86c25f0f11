import { expect, test } from 'vitest';
import * as keys from '../../shared/state/keys.ts';
import { GROUP, type Monitor, monitor, OFFICE, ORDERS, serverBody, SUBSCRIPTION } from '../fakes.ts';
import { schemaWatch, upgradeOf } from './versions.ts';

const STOCK = `${GROUP}/microsoft.dbforpostgresql/flexibleservers/stock`;
const ORDERS_ROW = keys.serverRow(ORDERS);

function textOf(app: Monitor): string {
  return app.table.peek(SUBSCRIPTION, ORDERS_ROW, `${ORDERS_ROW}~`)[0]?.text ?? '';
}

/** Two servers that were read, one of which a newer version of the app read last. */
async function upgraded(): Promise<Monitor> {
  const app = monitor();
  for (const id of [ORDERS, STOCK]) {
    app.bodies.set(id, serverBody(id));
    app.lists.set(`${id}/firewallRules`, [OFFICE]);
  }
  await app.ask({ reason: 'http', resources: [{ id: ORDERS }, { id: STOCK }] });
  await app.pass(600);
  const text = textOf(app).replace('{"version":1,', '{"version":2,');
  await app.table.transact(SUBSCRIPTION, [{ do: 'put', row: ORDERS_ROW, text }]);
  return app;
}

test.each(['event', 'http', 'look', 'second-look', 'recheck'] as const)(
  'a state of a newer version is left as it is, and asked for again in five minutes (%s)',
  async (reason) => {
    const app = await upgraded();
    const before = textOf(app);
    await app.ask({ reason });
    expect(textOf(app)).toBe(before);
    expect(
      app.messages.map(({ request, dueAt }) => [request.attempt, dueAt - Date.parse(app.time())]),
    ).toEqual([[2, 300_000]]);
  },
);

test('a batch leaves out the server that a newer version wrote, and assesses the others', async () => {
  const app = await upgraded();
  const results = await app.ask({ reason: 'sweep', resources: [{ id: ORDERS }, { id: STOCK }] });
  expect([...results]).toEqual([[STOCK, 'assessed']]);
  expect(app.messages.map(({ request }) => request.resources)).toEqual([[{ id: ORDERS }]]);
});

test('the watch sees an older schema written over a newer one, whatever lies between', () => {
  const watch = schemaWatch();
  const put = (schema: number): void => {
    watch.applied('a', [{ do: 'put', row: 's|1', text: `{"version":${schema},"server":{}}` }]);
  };
  put(1);
  put(2);
  put(2);
  expect(watch.breaches).toEqual([]);
  put(1);
  expect(watch.breaches).toEqual(['a s|1: a state of version 2 overwritten by one of 1']);
  put(2);
  watch.applied('a', [{ do: 'delete', row: 's|1' }]);
  put(1);
  expect(watch.breaches).toHaveLength(1);
});

test('an upgrade is over before the faults are', () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const { from, until } = upgradeOf(seed, 1000, 2_701_000);
    expect(from).toBeGreaterThan(1000);
    expect(until).toBeGreaterThan(from);
    expect(until).toBeLessThanOrEqual(2_701_000);
  }
});
