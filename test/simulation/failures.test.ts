import { expect, test } from 'vitest';
import { reportFailure } from '../../shared/asking/report-failure.ts';
import { readFailures } from '../../shared/state/failures.ts';
import { sweep } from '../../shared/sweeping/sweep.ts';
import { monitor, ORDERS, serverBody, SUBSCRIPTION } from '../fakes.ts';

const SETTINGS = { subscriptions: [SUBSCRIPTION], managementGroups: [] };
const SCOPE = [SUBSCRIPTION];

test('a message that failed after its server was deleted is settled by the next sweep', async () => {
  const app = monitor();
  app.bodies.set(ORDERS, serverBody(ORDERS));
  app.lists.set(`${ORDERS}/firewallRules`, []);
  await sweep(SETTINGS, app.environment, app.ports);
  await app.pass(60);
  app.bodies.delete(ORDERS);
  await app.ask({ reason: 'recheck' });
  await app.pass(900);
  const late = JSON.stringify({ resources: [{ id: ORDERS }], reason: 'sweep', requestedAt: app.time() });
  await reportFailure(late, app.time(), SCOPE, 'full', app.ports);
  expect(await readFailures(app.table, SCOPE)).toHaveLength(1);

  await sweep(SETTINGS, app.environment, app.ports);
  await app.pass(900);
  expect(await readFailures(app.table, SCOPE)).toEqual([]);
});
