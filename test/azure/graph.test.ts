import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { graphReader } from '../../shared/azure/graph.ts';
import { type TokenBucket, tokenBucket } from '../../shared/azure/token-bucket.ts';
import type { Calls, Graph } from '../../shared/ports.ts';
import { CREDENTIAL, type Reply, type SecureServer, secureServer } from './secure-server.ts';

const SCOPE = 'https://management.usgovcloudapi.net/.default';
const KQL = 'resources | project id | order by id asc';

let azure: SecureServer;
let calls: Calls;
let bucket: TokenBucket;
let graph: Graph;

beforeAll(async () => {
  azure = await secureServer();
});
afterAll(() => azure.close());
beforeEach(() => {
  calls = { graph: 0, management: 0, throttled: 0 };
  bucket = tokenBucket(2000, 1000);
  graph = reader();
});

function reader(requestMs = 5000): Graph {
  return graphReader({ endpoint: azure.url, scope: SCOPE, credential: CREDENTIAL, calls, bucket, requestMs });
}

/** One page as Resource Graph answers it: `resultTruncated` is a text. */
function page(ids: readonly string[], total: number, more: object = {}): Reply {
  const data = ids.map((id) => ({ id }));
  return {
    body: { totalRecords: total, count: ids.length, resultTruncated: 'false', facets: [], data, ...more },
  };
}

async function ask(): Promise<{ ids: unknown[]; complete: boolean; problem: string }> {
  const ids: unknown[] = [];
  const scope = { subscriptions: ['11111111-1111-4111-8111-111111111111'] };
  const result = await graph.query(KQL, scope, (rows) => ids.push(...rows.map(({ id }) => id)));
  return { ids, ...result };
}

const Sent = z.object({ options: z.record(z.string(), z.unknown()) });

describe('pages', () => {
  test('one page', async () => {
    azure.answer(page(['/a', '/b'], 2));
    expect(await ask()).toEqual({ ids: ['/a', '/b'], complete: true, problem: '' });
    expect(azure.requests[0]?.target).toMatch(
      /^\/providers\/Microsoft\.ResourceGraph\/resources\?api-version=/,
    );
    expect(azure.requests[0]?.token).toBe(`Bearer for ${SCOPE}`);
    expect(JSON.parse(azure.requests[0]?.body ?? '')).toEqual({
      query: KQL,
      subscriptions: ['11111111-1111-4111-8111-111111111111'],
      options: { $top: 1000, resultFormat: 'objectArray', allowPartialScopes: false },
    });
    expect(calls).toEqual({ graph: 1, management: 0, throttled: 0 });
  });

  test('management groups go instead of subscriptions', async () => {
    azure.answer(page([], 0));
    const result = await graph.query(KQL, { managementGroups: ['mg-root'] }, () => undefined);
    expect(result).toEqual({ complete: true, problem: '' });
    const sent: unknown = JSON.parse(azure.requests[0]?.body ?? '');
    expect(sent).toMatchObject({ managementGroups: ['mg-root'] });
    expect(sent).not.toHaveProperty('subscriptions');
  });

  test('the skip token of each page asks for the next', async () => {
    azure.answer(
      page(['/a', '/b'], 5, { $skipToken: 'one' }),
      page(['/c', '/d'], 5, { $skipToken: 'two' }),
      page(['/e'], 5),
    );
    expect(await ask()).toEqual({ ids: ['/a', '/b', '/c', '/d', '/e'], complete: true, problem: '' });
    const tokens = azure.requests.map(({ body }) => Sent.parse(JSON.parse(body)).options.$skipToken);
    expect(tokens).toEqual([undefined, 'one', 'two']);
  });

  test.each<{ when: string; replies: readonly Reply[]; ids: readonly string[]; problem: string }>([
    {
      when: 'resultTruncated "true" without a skip token',
      replies: [page(['/a'], 2, { resultTruncated: 'true' })],
      ids: ['/a'],
      problem: 'Resource Graph truncated its answer',
    },
    {
      when: 'resultTruncated of another kind',
      replies: [page(['/a'], 1, { resultTruncated: 'perhaps' })],
      ids: ['/a'],
      problem: 'Resource Graph truncated its answer',
    },
    {
      when: 'fewer rows than totalRecords',
      replies: [page(['/a', '/b'], 3)],
      ids: ['/a', '/b'],
      problem: 'Resource Graph listed 2 of 3 rows',
    },
    {
      when: 'more rows than totalRecords',
      replies: [page(['/a', '/b'], 1)],
      ids: ['/a', '/b'],
      problem: 'Resource Graph listed 2 of 1 rows',
    },
    {
      when: 'a row on two pages, and another on none',
      replies: [page(['/a', '/b'], 4, { $skipToken: 'one' }), page(['/b', '/c'], 4)],
      ids: ['/a', '/b', '/c'],
      problem: 'Resource Graph listed 3 of 4 rows',
    },
    {
      when: 'a row on two pages that counts once',
      replies: [page(['/a', '/b'], 3, { $skipToken: 'one' }), page(['/b', '/c'], 3)],
      ids: ['/a', '/b', '/c'],
      problem: '',
    },
    {
      when: 'a later page that is refused',
      replies: [
        page(['/a'], 2, { $skipToken: 'one' }),
        { status: 400, body: { error: { code: 'InvalidSkipToken', message: '' } } },
      ],
      ids: ['/a'],
      problem: 'Resource Graph did not accept the query (400)',
    },
    {
      when: 'a table in place of objects',
      replies: [{ body: { totalRecords: 1, resultTruncated: 'false', data: { columns: [], rows: [] } } }],
      ids: [],
      problem: 'Resource Graph answered no table',
    },
    { when: '{} with 200', replies: [{ body: {} }], ids: [], problem: 'Resource Graph answered no table' },
  ])('$when', async ({ replies, ids, problem }) => {
    azure.answer(...replies);
    expect(await ask()).toEqual({ ids, complete: problem === '', problem });
  });

  test('no totalRecords is no complete listing', async () => {
    azure.answer({ body: { resultTruncated: 'false', data: [{ id: '/a' }] } });
    expect(await ask()).toMatchObject({ complete: false });
  });

  test('pages without an end are given up', async () => {
    azure.answer(page(['/a'], 1, { $skipToken: 'again' }));
    expect(await ask()).toEqual({
      ids: ['/a'],
      complete: false,
      problem: 'the pages of Resource Graph do not end',
    });
    expect(azure.requests).toHaveLength(1000);
  });
});

describe('failures', () => {
  test.each([
    { status: 401, problem: 'Resource Graph refused the query (401)' },
    { status: 403, problem: 'Resource Graph refused the query (403)' },
    { status: 400, problem: 'Resource Graph did not accept the query (400)' },
  ])('$status is not tried again', async ({ status, problem }) => {
    azure.answer({ status, body: { error: { code: 'X', message: 'secret' } } });
    expect(await ask()).toEqual({ ids: [], complete: false, problem });
    expect(azure.requests).toHaveLength(1);
  });

  test.each([
    { when: 'HTML', body: '<h1>Forbidden</h1>' },
    { when: 'nothing', body: undefined },
  ])('403 with $when is told apart too', async ({ body }) => {
    azure.answer({ status: 403, body });
    expect(await ask()).toMatchObject({ problem: 'Resource Graph refused the query (403)' });
    expect(azure.requests).toHaveLength(1);
  });

  test('500 twice, then fine', async () => {
    azure.answer({ status: 500 }, { status: 502 }, page(['/a'], 1));
    expect(await ask()).toEqual({ ids: ['/a'], complete: true, problem: '' });
    expect(calls).toEqual({ graph: 3, management: 0, throttled: 0 });
  });

  test('a reset, then fine', async () => {
    azure.answer((request) => request.socket.destroy(), page(['/a'], 1));
    expect(await ask()).toMatchObject({ ids: ['/a'], complete: true });
  });

  test('429 without a header is tried again by us, as the client would not', async () => {
    azure.answer({ status: 429 }, page(['/a'], 1));
    expect(await ask()).toEqual({ ids: ['/a'], complete: true, problem: '' });
    expect(calls).toEqual({ graph: 2, management: 0, throttled: 1 });
  });

  test('429 waits for the quota to be reset', async () => {
    const times: number[] = [];
    azure.answer(
      (_, response) => {
        times.push(Date.now());
        response.writeHead(429, { 'x-ms-user-quota-resets-after': '00:00:02' });
        response.end();
      },
      (_, response) => {
        times.push(Date.now());
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ totalRecords: 0, resultTruncated: 'false', data: [] }));
      },
    );
    expect(await ask()).toMatchObject({ complete: true });
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(1990);
  });

  test('429 with a Retry-After over the deadline is not waited for', async () => {
    azure.answer({ status: 429, headers: { 'retry-after': '3600' } });
    expect(await ask()).toEqual({ ids: [], complete: false, problem: 'Resource Graph is throttled' });
    expect(azure.requests).toHaveLength(1);
  });

  test('a refusal halves the budget', async () => {
    bucket = tokenBucket(10, 1);
    graph = reader();
    azure.answer({ status: 429, headers: { 'retry-after': '3600' } });
    await ask();
    const now = Date.now();
    expect(Array.from({ length: 10 }, () => bucket.take(now, 0)).filter((wait) => wait === 0)).toHaveLength(
      5,
    );
  });

  test('an empty budget asks nothing', async () => {
    bucket = { take: () => undefined, refused: () => undefined };
    graph = reader();
    azure.answer(page([], 0));
    expect(await ask()).toEqual({ ids: [], complete: false, problem: 'Resource Graph is throttled' });
    expect(azure.requests).toHaveLength(0);
  });

  test.each<{ when: string; reply: Reply }>([
    { when: 'a server that never answers', reply: () => undefined },
    {
      when: 'a compressed answer that ends in its middle',
      reply: (_, response) => {
        const packed = gzipSync(JSON.stringify({ name: 'x'.repeat(1000), other: Math.E }));
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length });
        response.write(packed.subarray(0, 30), () => response.socket?.destroy());
      },
    },
  ])('$when is given up, and asked again', async ({ reply }) => {
    graph = reader(300);
    azure.answer(reply, page(['/a'], 1));
    expect(await ask()).toEqual({ ids: ['/a'], complete: true, problem: '' });
    expect(azure.requests).toHaveLength(2);
  });
});
