import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import {
  addRule,
  call,
  eventually,
  LEDGER,
  openRules,
  ORDERS,
  put,
  type Reply,
  SANDBOX,
  scanNow,
  serverPath,
  startSmallStack,
  sweepOnce,
} from '../http/small-stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startSmallStack();
  await sweepOnce(stack);
});
afterAll(() => stack.close());

const read = (id: string): Promise<Reply> => call(stack.url, serverPath(id));
const etagOf = ({ headers }: Reply): string => headers.get('etag') ?? '';

function approve(
  id: string,
  etag: string | undefined,
  body: unknown = { reason: 'New office' },
): Promise<Reply> {
  const headers = etag === undefined ? {} : { 'if-match': etag };
  return call(stack.url, `/api/baselines${id}`, put(body, headers));
}

test('an approval takes what was seen as baseline, ends the drift and tells Log Analytics', async () => {
  await addRule(stack, ORDERS, 'branch', '198.51.100.0-198.51.100.255');
  const seen = await eventually(
    () => read(ORDERS),
    (reply) => openRules(reply).includes('exposure-widened'),
  );
  expect(seen.body).toMatchObject({
    publicAddresses: 265,
    baseline: { approved: false, ranges: ['203.0.113.1-203.0.113.9'], approvedAt: null },
    drift: { addedRanges: ['198.51.100.0/24'], addedAddresses: 256, removedAddresses: 0 },
  });

  const reply = await approve(ORDERS, etagOf(seen));
  expect(reply.status).toBe(200);
  expect(reply.body).toMatchObject({
    approved: true,
    approvedBy: 'local',
    reason: 'New office',
    ranges: ['198.51.100.0/24', '203.0.113.1-203.0.113.9'],
    observedAt: seen.body.observedAt,
  });

  const after = await read(ORDERS);
  expect(after.body.baseline).toEqual(reply.body);
  expect(after.body.drift).toMatchObject({ addedRanges: [], removedRanges: [], addedAddresses: 0 });
  expect(etagOf(after)).toBe(etagOf(seen));
  expect(openRules(after)).toEqual(openRules(seen).filter((id) => id !== 'exposure-widened'));

  const resolved = await call(stack.url, `/api/findings?state=resolved&server=${ORDERS}`);
  expect(resolved.body.value).toMatchObject([
    { ruleId: 'exposure-widened', state: 'Resolved', reason: 'Approved' },
  ]);
  const rows = stack.azure
    .ingested('DatabaseExposureFindings_CL')
    .filter((row) => row['RuleId'] === 'exposure-widened');
  expect(rows.map((row) => [row['Change'], row['Reason'], row['ServerId']])).toEqual([
    ['Opened', '', ORDERS.toLowerCase()],
    ['Resolved', 'Approved', ORDERS.toLowerCase()],
  ]);
});

test('the next reading finds no drift, and one that widens again does', async () => {
  const before = await scanNow(stack.url, LEDGER);
  expect((await approve(LEDGER, etagOf(before))).status).toBe(200);
  const again = await scanNow(stack.url, LEDGER);
  expect(again.body).toMatchObject({ baseline: { approved: true }, drift: { addedAddresses: 0 } });
  expect(etagOf(again)).toBe(etagOf(before));
});

test('what has changed since it was seen is not approved', async () => {
  const seen = await scanNow(stack.url, SANDBOX);
  await addRule(stack, SANDBOX, 'late', '203.0.113.77');
  const now = await scanNow(stack.url, SANDBOX);
  const reply = await approve(SANDBOX, etagOf(seen));
  expect(reply.status).toBe(412);
  expect(reply.headers.get('etag')).toBe(etagOf(now));
  expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect((await read(SANDBOX)).body.baseline).toMatchObject({ approved: false });
});

test('a reading that was not complete cannot be approved, whatever ETag is sent', async () => {
  const whole = await scanNow(stack.url, LEDGER);
  stack.azure.switches.denied = [/ledger\/firewallRules/i];
  const half = await scanNow(stack.url, LEDGER);
  stack.azure.switches.denied = [];
  expect(half.body.complete).toBe(false);
  for (const etag of [etagOf(whole), etagOf(half)]) {
    const reply = await approve(LEDGER, etag);
    expect(reply.status).toBe(409);
    expect(reply.body.detail).toBe(
      'The last reading was not complete (firewallRules): what is not known cannot be approved.',
    );
  }
});

describe('refused', () => {
  const etag = '"00000000000000000000000000000000"';
  const unknown = ORDERS.replace('orders', 'nobody');
  const elsewhere = ORDERS.replace('11111111-1111', '99999999-9999');
  test.each<{ when: string; id: string; etag?: string; body?: unknown; status: number }>([
    { when: 'no If-Match', id: ORDERS, status: 428 },
    { when: 'If-Match: *', id: ORDERS, etag: '*', status: 428 },
    { when: 'another ETag', id: ORDERS, etag, status: 412 },
    { when: 'a weak ETag', id: ORDERS, etag: `W/${etag}`, status: 412 },
    { when: 'no resource id', id: '/everything', etag, status: 400 },
    { when: 'the id of a rule', id: `${ORDERS}/firewallRules/office`, etag, status: 400 },
    { when: 'a server that was never read', id: unknown, etag, status: 404 },
    { when: 'a subscription that is not in scope', id: elsewhere, etag, status: 404 },
    { when: 'no reason', id: ORDERS, etag, body: {}, status: 400 },
    { when: 'an empty reason', id: ORDERS, etag, body: { reason: ' ' }, status: 400 },
    { when: 'a reason of 501 characters', id: ORDERS, etag, body: { reason: 'a'.repeat(501) }, status: 400 },
    { when: 'a key that is not known', id: ORDERS, etag, body: { reason: 'a', by: 'b' }, status: 400 },
    { when: 'a body of 101 kB', id: ORDERS, etag, body: { reason: 'a'.repeat(101_000) }, status: 413 },
  ])('$when', async ({ id, etag: given, body, status }) => {
    const reply = await approve(id, given, body);
    expect([reply.status, reply.body.status]).toEqual([status, status]);
    expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });

  test('an unknown query parameter', async () => {
    const reply = await call(stack.url, `/api/baselines${ORDERS}?force=true`, put({}, { 'if-match': etag }));
    expect(reply.body).toMatchObject({
      status: 400,
      detail: 'The route does not know the query parameter "force"; it knows none.',
    });
  });
});
