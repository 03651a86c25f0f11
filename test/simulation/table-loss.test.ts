import { expect, test } from 'vitest';
import { publishPending } from '../../shared/publishing/publish-pending.ts';
import { sweep } from '../../shared/sweeping/sweep.ts';
import { EVERYTHING, monitor, ORDERS, serverBody, SUBSCRIPTION } from '../fakes.ts';

const SETTINGS = { subscriptions: [SUBSCRIPTION], managementGroups: [] };

test('a process that outlives the state table publishes what it commits after its loss', async () => {
  const app = monitor();
  app.bodies.set(ORDERS, serverBody(ORDERS));
  app.lists.set(`${ORDERS}/firewallRules`, [EVERYTHING]);
  const opened = (): number =>
    app.rows('DatabaseExposureFindings_CL', { RuleId: 'internet-reachable', Change: 'Opened' }).length;
  await sweep(SETTINGS, app.environment, app.ports);
  await app.pass(60);
  expect(opened()).toBe(1);

  app.table.wipe();
  app.delivery = { accepted: false, reason: 'later', status: 403 };
  await sweep(SETTINGS, app.environment, app.ports);
  await app.pass(60);
  app.delivery = { accepted: true };
  await publishPending(app.environment, app.ports);
  expect(opened()).toBe(2);
});
