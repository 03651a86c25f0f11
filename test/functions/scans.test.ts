import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import {
  addRule,
  call,
  eventually,
  ORDERS,
  type Reply,
  SANDBOX,
  scanNow,
  startSmallStack,
  SUBSCRIPTION,
} from '../http/small-stack.ts';

let stack: Stack;

// A stack for each: a caller may ask for ten scans a minute, and the local host has one caller.
beforeAll(async () => {
  stack = await startSmallStack();
});
afterAll(() => stack.close());

const post = (body: string, headers: Record<string, string> = {}): Promise<Reply> =>
  call(stack.url, '/api/scans', { method: 'POST', headers, body });

const finished = (location: string): Promise<Reply> =>
  eventually(
    () => call(stack.url, location),
    ({ body }) => body.finished === true,
  );

describe('a scan', () => {
  test.each([
    { when: 'of one server that no listing has named yet', body: { resourceIds: [SANDBOX] }, expected: 1 },
    {
      when: 'of two, one of them twice',
      body: { resourceIds: [ORDERS, ORDERS.toLowerCase().slice(1), SANDBOX] },
      expected: 2,
    },
    { when: 'of a subscription', body: { subscriptions: [SUBSCRIPTION] }, expected: 3 },
    { when: 'of all', body: {}, expected: 3 },
  ])('$when', async ({ body, expected }) => {
    const reply = await post(JSON.stringify(body));
    expect(reply.status).toBe(202);
    const location = reply.headers.get('location') ?? '';
    expect(reply.body).toEqual({ id: location.replace('/api/scans/', ''), status: location });
    const { body: progress } = await finished(location);
    expect(progress).toMatchObject({ expected, assessed: expected, unreadable: 0, skipped: 0, problems: [] });
  });

  test('counts what could not be read', async () => {
    stack.azure.switches.denied = [/sandbox\/firewallRules/i];
    const reply = await post(JSON.stringify({ resourceIds: [ORDERS, SANDBOX] }));
    const { body } = await finished(reply.headers.get('location') ?? '');
    stack.azure.switches.denied = [];
    expect(body).toMatchObject({ expected: 2, assessed: 1, unreadable: 1 });
  });
});

test('who waits gets the server as it is now', async () => {
  const before = await scanNow(stack.url, ORDERS);
  expect([before.status, before.body.publicAddresses]).toEqual([200, 9]);
  expect(before.headers.get('preference-applied')).toBe('wait=30');
  await addRule(stack, ORDERS, 'branch', '198.51.100.1');
  const after = await scanNow(stack.url, ORDERS);
  expect(after.body.publicAddresses).toBe(10);
  expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
});

test('who waits for a server that does not exist gets 404', async () => {
  const reply = await scanNow(stack.url, ORDERS.replace('orders', 'nobody'));
  expect([reply.status, reply.body.detail]).toEqual([404, 'The server was not found on Azure.']);
});

test('who waits longer than it takes gets 202 and the place to look', async () => {
  stack.azure.switches.faults = [{ match: /flexibleServers\/sandbox\?/i, delayMs: 3000, times: 1 }];
  const reply = await post(JSON.stringify({ resourceIds: [SANDBOX] }), { prefer: 'respond-async, wait=1' });
  expect(reply.status).toBe(202);
  const { body } = await finished(reply.headers.get('location') ?? '');
  expect(body).toMatchObject({ expected: 1, assessed: 1 });
});

describe('refused', () => {
  const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `${ORDERS}-${index}`);
  test.each([
    { when: 'no JSON', body: '{', status: 400 },
    { when: 'a list', body: '[]', status: 400 },
    { when: 'a key that is not known', body: '{"resourceIDs":[]}', status: 400 },
    { when: 'no ids', body: '{"resourceIds":[]}', status: 400 },
    { when: '51 ids', body: JSON.stringify({ resourceIds: ids(51) }), status: 400 },
    {
      when: 'ids and subscriptions',
      body: JSON.stringify({ resourceIds: ids(1), subscriptions: [SUBSCRIPTION] }),
      status: 400,
    },
    {
      when: 'the id of a rule',
      body: JSON.stringify({ resourceIds: [`${ORDERS}/firewallRules/office`] }),
      status: 400,
    },
    {
      when: 'a server out of scope',
      body: JSON.stringify({ resourceIds: [ORDERS.replace('11111111-', '99999999-')] }),
      status: 400,
    },
    {
      when: 'a subscription out of scope',
      body: '{"subscriptions":["22222222-2222-4222-8222-222222222222"]}',
      status: 400,
    },
    { when: 'no subscription id', body: '{"subscriptions":["shop"]}', status: 400 },
    { when: 'a body of 101 kB', body: JSON.stringify({ resourceIds: ['a'.repeat(101_000)] }), status: 413 },
  ])('$when', async ({ body, status }) => {
    const reply = await post(body);
    expect([reply.status, reply.body.status]).toEqual([status, status]);
    expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });

  test.each([
    { when: 'a scan that never was', path: '/api/scans/20260520T120000000Z-00000000', method: 'GET' },
    { when: 'no id of a scan', path: '/api/scans/orders', method: 'GET' },
    { when: 'the list of scans, which there is none of', path: '/api/scans', method: 'GET' },
    { when: 'a request for a scan at a scan', path: '/api/scans/orders', method: 'POST' },
  ])('$when', async ({ path, method }) => {
    expect((await call(stack.url, path, { method })).status).toBe(404);
  });
});

test('the eleventh scan of a minute has to wait', async () => {
  const replies: Reply[] = [];
  for (let index = 0; index < 11; index += 1) {
    replies.push(await post(JSON.stringify({ resourceIds: [SANDBOX] })));
  }
  const last = replies.at(-1);
  expect(last?.status).toBe(429);
  expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(last?.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  const progress = await call(stack.url, '/api/scans/20260520T120000000Z-00000000');
  expect(progress.status).toBe(404);
});
