import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import {
  call,
  LEDGER,
  ORDERS,
  SANDBOX,
  SERVERS,
  serverPath,
  startSmallStack,
  SUBSCRIPTION,
  sweepOnce,
} from '../http/small-stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startSmallStack();
  await sweepOnce(stack);
});
afterAll(() => stack.close());

const idsOf = ({ body }: { readonly body: Readonly<Record<string, unknown>> }): readonly string[] =>
  (body.value as { serverId: string }[]).map(({ serverId }) => serverId);

describe('the list', () => {
  test.each([
    { when: 'of all', query: '', ids: SERVERS },
    { when: 'by reach', query: '?reach=internet', ids: [SANDBOX] },
    { when: 'by another reach', query: '?reach=listed', ids: [ORDERS] },
    { when: 'by a reach that none has', query: '?reach=azure', ids: [] },
    {
      when: 'by family, in any casing',
      query: '?family=Microsoft.DBforPostgreSQL/flexibleServers',
      ids: [LEDGER],
    },
    { when: 'by subscription', query: `?subscription=${SUBSCRIPTION}`, ids: SERVERS },
    { when: 'by another subscription', query: '?subscription=22222222-2222-4222-8222-222222222222', ids: [] },
    {
      when: 'by two filters',
      query: '?reach=internet&family=microsoft.dbforpostgresql/flexibleservers',
      ids: [],
    },
  ])('$when', async ({ query, ids }) => {
    const reply = await call(stack.url, `/api/servers${query}`);
    expect(reply.status).toBe(200);
    expect([...idsOf(reply)].sort()).toEqual(ids.map((id) => id.toLowerCase()).sort());
  });

  test('is in pages, newest reading first', async () => {
    const all = await call(stack.url, '/api/servers/');
    const times = (all.body.value as { observedAt: string }[]).map(({ observedAt }) => observedAt);
    expect(times).toEqual([...times].sort().reverse());
    const first = await call(stack.url, '/api/servers?top=2');
    expect(idsOf(first)).toEqual(idsOf(all).slice(0, 2));
    const token = String(first.body.continuationToken);
    const second = await call(stack.url, `/api/servers?top=2&continuationToken=${token}`);
    expect(idsOf(second)).toEqual(idsOf(all).slice(2));
    expect('continuationToken' in second.body).toBe(false);
    const foreign = await call(stack.url, `/api/findings?continuationToken=${token}`);
    expect(foreign.status).toBe(400);
  });

  test.each([
    { when: 'a reach that is none', query: '?reach=everyone' },
    { when: 'no subscription id', query: '?subscription=shop' },
    { when: 'a family that is none', query: '?family=microsoft.sql/servers' },
    { when: 'a filter that is misspelt', query: '?reech=internet' },
    { when: 'a filter that is given twice', query: '?reach=internet&reach=none' },
    { when: 'too many', query: '?top=1001' },
  ])('refused: $when', async ({ query }) => {
    const { status, headers } = await call(stack.url, `/api/servers${query}`);
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json; charset=utf-8']);
  });
});

describe('one server', () => {
  test.each([
    { when: 'as Azure writes its id', id: ORDERS },
    { when: 'in lower case', id: ORDERS.toLowerCase() },
    { when: 'in upper case', id: ORDERS.toUpperCase() },
    { when: 'with a slash at the end', id: `${ORDERS}/` },
  ])('$when', async ({ id }) => {
    const reply = await call(stack.url, serverPath(id));
    expect(reply.status).toBe(200);
    expect(reply.headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.body).toMatchObject({
      serverId: ORDERS.toLowerCase(),
      reach: 'listed',
      publicAddresses: 9,
      ranges: ['203.0.113.1-203.0.113.9'],
      live: true,
      notFoundSince: null,
      baseline: { approved: false, ranges: ['203.0.113.1-203.0.113.9'], approvedBy: null, reason: null },
      drift: { addedRanges: [], removedRanges: [], endpointsGained: [], endpointsLost: [] },
      changes: [],
    });
    expect(Object.keys(reply.body.readings as object)).toContain('firewallRules');
  });

  test.each([
    { when: 'never read', path: serverPath(ORDERS.replace('orders', 'nobody')), status: 404 },
    { when: 'out of scope', path: serverPath(ORDERS.replace('11111111-', '99999999-')), status: 404 },
    { when: 'no server', path: serverPath(`${ORDERS}/firewallRules/office`), status: 400 },
    { when: 'no id', path: '/api/servers/orders', status: 400 },
    { when: 'a climb', path: `/api/servers/subscriptions/${SUBSCRIPTION}/%2e%2e/x`, status: 400 },
    { when: 'an encoded slash', path: serverPath(ORDERS.replace('/orders', '%2forders')), status: 400 },
    { when: 'a filter', path: `${serverPath(ORDERS)}?reach=internet`, status: 400 },
  ])('$when', async ({ path, status }) => {
    const reply = await call(stack.url, path);
    expect([reply.status, reply.body.status]).toEqual([status, status]);
  });
});
