import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { call, eventually, startSmallStack, sweepOnce } from '../http/small-stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startSmallStack();
});
afterAll(() => stack.close());

test('a monitor that has just started is well, and so it is after its first sweep', async () => {
  const before = await call(stack.url, '/api/health');
  expect([before.status, before.body]).toMatchObject([
    200,
    { status: 'ok', reasons: [], lastCompleteSweep: null },
  ]);
  await sweepOnce(stack);
  const after = await call(stack.url, '/api/health');
  expect(after.body).toMatchObject({ status: 'ok', failedAssessments: 0 });
});

test('a subscription that did not answer the last sweep is a reason', async () => {
  const [subscription] = stack.azure.estate.subscriptions.keys();
  stack.azure.switches.unreadableSubscriptions = [subscription ?? ''];
  await call(stack.url, '/admin/functions/sweep', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  });
  const health = await eventually(
    () => call(stack.url, '/api/health'),
    ({ status }) => status === 503,
  );
  stack.azure.switches.unreadableSubscriptions = [];
  expect(health.body.reasons).toEqual([`Did not answer the last sweep: subscription ${subscription ?? ''}.`]);
});

test('it takes no parameters', async () => {
  expect((await call(stack.url, '/api/health?verbose=1')).status).toBe(400);
});
