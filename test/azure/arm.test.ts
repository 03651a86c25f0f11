import { gzipSync } from 'node:zlib';
import type { TokenCredential } from '@azure/identity';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { armReader } from '../../shared/azure/arm.ts';
import { type TokenBucket, tokenBucket } from '../../shared/azure/token-bucket.ts';
import type { Arm, Calls } from '../../shared/ports.ts';
import { CREDENTIAL, DATE_ISO, type Reply, type SecureServer, secureServer } from './secure-server.ts';

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const SERVER = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.dbformysql/flexibleservers/orders`;
const SCOPE = 'https://management.azure.com/.default';

let azure: SecureServer;
let other: SecureServer;
let calls: Calls;
let buckets: Map<string, TokenBucket>;
let arm: Arm;

beforeAll(async () => {
  [azure, other] = await Promise.all([secureServer(), secureServer()]);
});
afterAll(() => Promise.all([azure.close(), other.close()]));
beforeEach(() => {
  calls = { graph: 0, management: 0, throttled: 0 };
  buckets = new Map();
  arm = reader(1000);
  other.answer({ body: {} });
});

function reader(requestMs: number): Arm {
  return armReader({
    endpoint: azure.url,
    scope: SCOPE,
    credential: CREDENTIAL,
    calls,
    buckets,
    requestMs,
  });
}

const rule = (name: string): object => ({ name, properties: {} });
const error = (status: number, code: string, message = ''): Reply => ({
  status,
  body: { error: { code, message } },
});

describe('one resource', () => {
  test('200 is its body, at the time of the Date header', async () => {
    azure.answer({ body: { name: 'orders', properties: { state: 'Ready' } } });
    expect(await arm.get(SERVER, '2024-12-30')).toEqual({
      outcome: 'ok',
      body: { name: 'orders', properties: { state: 'Ready' } },
      firstAt: DATE_ISO,
      at: DATE_ISO,
    });
    expect(azure.requests).toMatchObject([
      { target: `${SERVER}?api-version=2024-12-30`, token: `Bearer for ${SCOPE}`, body: '' },
    ]);
    expect(calls).toEqual({ graph: 0, management: 1, throttled: 0 });
  });

  test('compressed JSON is read', async () => {
    azure.answer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('{"name":"orders"}'));
    });
    expect(await arm.get(SERVER, '2024-12-30')).toMatchObject({ outcome: 'ok', body: { name: 'orders' } });
  });

  test('an answer without a Date header has the time of this process', async () => {
    azure.answer((_, response) => {
      response.removeHeader('date');
      response.sendDate = false;
      response.end('{}');
    });
    const before = Date.now();
    const answer = await arm.get(SERVER, '2024-12-30');
    const at = Date.parse(answer.outcome === 'ok' ? answer.at : '');
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });

  const MISSING = `The client 'a@contoso.example' with object id 'b' does not have authorization to perform action 'Microsoft.DBforMySQL/flexibleServers/firewallRules/read' over scope '${SERVER}'.`;

  test.each<{ when: string; reply: Reply; answer: object }>([
    {
      when: '403 keeps the missing action and nothing else of the message',
      reply: error(403, 'AuthorizationFailed', MISSING),
      answer: {
        outcome: 'denied',
        reason: 'denied (403): Microsoft.DBforMySQL/flexibleServers/firewallRules/read is missing',
        at: DATE_ISO,
      },
    },
    {
      when: '401 keeps nothing of a message without an action',
      reply: error(401, 'InvalidAuthenticationToken', "The token of 'a@contoso.example' has expired."),
      answer: { outcome: 'denied', reason: 'denied (401)', at: DATE_ISO },
    },
    {
      when: '403 keeps no text that only begins like an action',
      reply: error(403, 'X', "action 'Microsoft.Evil/<script>/read' and 'Microsoft.X/delete'"),
      answer: { outcome: 'denied', reason: 'denied (403)', at: DATE_ISO },
    },
    {
      when: '403 with HTML',
      reply: { status: 403, body: '<h1>Forbidden</h1>' },
      answer: { outcome: 'denied', reason: 'denied (403)', at: DATE_ISO },
    },
    {
      when: '404 tells its code',
      reply: error(404, 'ResourceNotFound', 'x'),
      answer: { outcome: 'gone', code: 'ResourceNotFound', at: DATE_ISO },
    },
    {
      when: '404 without a body',
      reply: { status: 404 },
      answer: { outcome: 'gone', code: '', at: DATE_ISO },
    },
    {
      when: '408 is worth another try',
      reply: { status: 408 },
      answer: { outcome: 'failed', reason: 'ARM answered 408' },
    },
    {
      when: '409 is worth another try',
      reply: error(409, 'RetryableErrorDueToAnotherOperation'),
      answer: { outcome: 'failed', reason: 'ARM answered 409' },
    },
    {
      when: '500 is worth another try',
      reply: { status: 500, body: 'secret stack' },
      answer: { outcome: 'failed', reason: 'ARM answered 500' },
    },
    {
      when: '503 is worth another try',
      reply: { status: 503 },
      answer: { outcome: 'failed', reason: 'ARM answered 503' },
    },
    {
      when: '400 is not',
      reply: error(400, 'InvalidApiVersionParameter'),
      answer: { outcome: 'garbled', reason: 'ARM answered 400', at: DATE_ISO },
    },
    {
      when: '202 is not an answer',
      reply: { status: 202, body: {} },
      answer: { outcome: 'garbled', reason: 'ARM answered 202', at: DATE_ISO },
    },
    {
      when: 'HTML with 200',
      reply: { headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' },
      answer: { outcome: 'failed', reason: 'the answer is no JSON' },
    },
    {
      when: 'an empty body with 200',
      reply: { body: '' },
      answer: { outcome: 'failed', reason: 'the answer is no JSON' },
    },
    {
      when: '{} with 200 is a body: its facets are unreadable, not empty',
      reply: { body: {} },
      answer: { outcome: 'ok', body: {}, firstAt: DATE_ISO, at: DATE_ISO },
    },
    {
      when: 'gzip garbage',
      reply: { headers: { 'content-encoding': 'gzip' }, body: 'no gzip at all' },
      answer: { outcome: 'failed', reason: 'the connection failed' },
    },
    {
      when: 'JSON that is cut, its connection with it',
      reply: (_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"properties": {"network"', () => response.socket?.destroy());
      },
      answer: { outcome: 'failed', reason: 'the connection failed' },
    },
    {
      when: 'JSON that is cut, its connection whole',
      reply: { body: '{"properties": {"network"' },
      answer: { outcome: 'failed', reason: 'the answer is no JSON' },
    },
    {
      when: 'a compressed answer that ends in its middle',
      reply: (_, response) => {
        const packed = gzipSync(JSON.stringify({ name: 'x'.repeat(1000), other: Math.E }));
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length });
        response.write(packed.subarray(0, 30), () => response.socket?.destroy());
      },
      answer: { outcome: 'failed', reason: 'the connection failed' },
    },
    {
      when: 'gzip that is cut, its connection whole',
      reply: (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(gzipSync('{"name":"orders"}').subarray(0, 15));
      },
      answer: { outcome: 'failed', reason: 'the connection failed' },
    },
    {
      when: 'JSON that calls itself Brotli',
      reply: { headers: { 'content-encoding': 'br' }, body: {} },
      answer: { outcome: 'failed', reason: 'the connection failed' },
    },
    {
      when: '404 that calls itself gzip and has no body',
      reply: { status: 404, headers: { 'content-encoding': 'gzip' } },
      answer: { outcome: 'gone', code: '', at: DATE_ISO },
    },
  ])('$when', async ({ reply, answer }) => {
    azure.answer(reply);
    expect(await arm.get(SERVER, '2024-12-30')).toEqual(answer);
    expect(azure.requests).toHaveLength(1);
  });

  test.each<{ when: string; reply: Reply }>([
    { when: 'a server that never answers', reply: () => undefined },
    {
      when: 'a server that begins to answer',
      reply: (_, response) => {
        response.writeHead(200);
        response.write('{"properties":');
      },
    },
    {
      when: 'a compressed answer that stops in its middle',
      reply: (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.write(gzipSync('{"name":"orders"}').subarray(0, 15));
      },
    },
    {
      when: 'a server that answers a byte now and then',
      reply: (_, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
    },
  ])('$when is given up', async ({ reply }) => {
    azure.answer(reply);
    arm = reader(200);
    expect(await arm.get(SERVER, '2024-12-30')).toEqual({
      outcome: 'failed',
      reason: 'no answer within 0.2 s',
    });
  });

  test.each<{ when: string; reply: Reply }>([
    { when: 'plain', reply: { body: `"${'x'.repeat(10_000_001)}"` } },
    {
      when: 'without an end',
      reply: (_, response) => {
        response.writeHead(200);
        const more = (): void => {
          while (!response.destroyed && response.write('x'.repeat(100_000)));
          if (!response.destroyed) response.once('drain', more);
        };
        more();
      },
    },
    {
      when: 'that only decompression makes large',
      reply: (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(gzipSync(`"${' '.repeat(30_000_000)}"`));
      },
    },
  ])('a body over 10 MB, $when, is not read to its end', async ({ reply }) => {
    azure.answer(reply);
    arm = reader(20_000);
    expect(await arm.get(SERVER, '2024-12-30')).toEqual({
      outcome: 'failed',
      reason: 'the answer is larger than 10 MB',
    });
  });

  test('a redirect is not followed, and the token stays here', async () => {
    azure.answer({ status: 307, headers: { location: `${other.url}${SERVER}` } });
    expect(await arm.get(SERVER, '2024-12-30')).toEqual({
      outcome: 'garbled',
      reason: 'ARM answered 307',
      at: DATE_ISO,
    });
    expect(other.requests).toHaveLength(0);
  });

  test.each<{ when: string; getToken: TokenCredential['getToken'] }>([
    { when: 'refused', getToken: () => Promise.reject(namedError('CredentialUnavailableError')) },
    { when: 'none', getToken: () => Promise.resolve(null) },
    { when: 'not there in time', getToken: () => new Promise(() => undefined) },
  ])('a token that is $when is no answer, and no reason of somebody else’s words', async ({ getToken }) => {
    const credential = { getToken };
    const requestMs = 100;
    const without = armReader({ endpoint: azure.url, scope: SCOPE, credential, calls, buckets, requestMs });
    azure.answer({ body: {} });
    expect(await without.get(SERVER, '2024-12-30')).toEqual({
      outcome: 'failed',
      reason: 'no token could be had',
    });
    expect(azure.requests).toHaveLength(0);
  });
});

function namedError(name: string): Error {
  return Object.assign(new Error('secret words'), { name });
}

describe('throttling', () => {
  const throttled = (header?: string | readonly string[]): Reply => ({
    status: 429,
    headers: header === undefined ? {} : { 'retry-after': header },
  });

  test.each<{
    when: string;
    header: string | readonly string[] | undefined;
    requests: number;
    seconds?: number;
  }>([
    { when: '0: tried twice more at once', header: '0', requests: 3, seconds: 0 },
    { when: '3600: left to the queue', header: '3600', requests: 1, seconds: 3600 },
    { when: '31: more than is waited for', header: '31', requests: 1, seconds: 31 },
    {
      when: 'a date that is over: tried at once',
      header: 'Wed, 20 May 2020 12:00:00 GMT',
      requests: 3,
      seconds: 0,
    },
    { when: 'garbage: left to the queue', header: 'soon 5', requests: 1 },
    { when: 'negative: left to the queue', header: '-5', requests: 1 },
    { when: 'absent: left to the queue', header: undefined, requests: 1 },
    { when: 'there twice: the first counts', header: ['3600', '0'], requests: 1, seconds: 3600 },
  ])('429 with Retry-After $when', async ({ header, requests, seconds }) => {
    azure.answer(throttled(header));
    expect(await arm.get(SERVER, '2024-12-30')).toEqual({
      outcome: 'failed',
      reason: 'throttled',
      ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
    });
    expect(azure.requests).toHaveLength(requests);
    expect(calls).toEqual({ graph: 0, management: requests, throttled: requests });
  });

  test('429 with Retry-After 1 is waited for, and the next answer counts', async () => {
    azure.answer(throttled('1'), { body: { name: 'orders' } });
    expect(await arm.get(SERVER, '2024-12-30')).toMatchObject({ outcome: 'ok', body: { name: 'orders' } });
    expect(azure.requests).toHaveLength(2);
    expect(calls.throttled).toBe(1);
  });

  test('503 with Retry-After 0 is tried again too, and is not counted as throttled', async () => {
    azure.answer({ status: 503, headers: { 'retry-after': '0' } }, { body: {} });
    expect(await arm.get(SERVER, '2024-12-30')).toMatchObject({ outcome: 'ok' });
    expect(calls).toEqual({ graph: 0, management: 2, throttled: 0 });
  });

  test('an empty budget asks nothing, in this subscription only', async () => {
    const empty: TokenBucket = { take: () => undefined, refused: () => undefined };
    buckets.set(SUBSCRIPTION, empty);
    azure.answer({ body: {} });
    expect(await arm.get(SERVER, '2024-12-30')).toEqual({
      outcome: 'failed',
      reason: 'throttled by our own budget',
      retryAfterSeconds: 30,
    });
    expect(azure.requests).toHaveLength(0);
    const elsewhere = SERVER.replaceAll('1', '2');
    expect(await arm.get(elsewhere, '2024-12-30')).toMatchObject({ outcome: 'ok' });
  });

  test('a refusal halves the budget of its subscription', async () => {
    const bucket = tokenBucket(10, 1);
    buckets.set(SUBSCRIPTION, bucket);
    azure.answer(throttled());
    await arm.get(SERVER, '2024-12-30');
    const now = Date.now();
    const free = Array.from({ length: 10 }, () => bucket.take(now, 0)).filter((wait) => wait === 0);
    expect(free).toHaveLength(5);
  });
});

describe('a list', () => {
  const rules = `${SERVER}/firewallRules`;

  test('all pages of the same host, in order', async () => {
    azure.answer(
      { body: { value: [rule('a'), rule('b')], nextLink: `${azure.url}${rules}?page=2` } },
      { body: { value: [], nextLink: `${azure.url}${rules}?page=3` } },
      { body: { value: [rule('c')], nextLink: null } },
    );
    expect(await arm.list(rules, '2024-12-30')).toEqual({
      outcome: 'ok',
      body: [rule('a'), rule('b'), rule('c')],
      firstAt: DATE_ISO,
      at: DATE_ISO,
    });
    expect(azure.requests.map(({ target }) => target)).toEqual([
      `${rules}?api-version=2024-12-30`,
      `${rules}?page=2`,
      `${rules}?page=3`,
    ]);
  });

  test('the reading begins with the first page and ends with the last', async () => {
    const page = (date: string, body: object): Reply => ({ headers: { date }, body });
    azure.answer(
      page('Wed, 20 May 2026 12:00:00 GMT', { value: [], nextLink: `${azure.url}${rules}?page=2` }),
      page('Wed, 20 May 2026 12:00:07 GMT', { value: [] }),
    );
    expect(await arm.list(rules, '2024-12-30')).toEqual({
      outcome: 'ok',
      body: [],
      firstAt: '2026-05-20T12:00:00.000Z',
      at: '2026-05-20T12:00:07.000Z',
    });
  });

  test.each([
    { when: 'an empty list', body: { value: [] }, items: [] },
    { when: 'an empty nextLink ends it', body: { value: [1], nextLink: '' }, items: [1] },
  ])('$when', async ({ body, items }) => {
    azure.answer({ body });
    expect(await arm.list(rules, '2024-12-30')).toMatchObject({ outcome: 'ok', body: items });
  });

  test.each([
    { when: '{}', body: {} },
    { when: 'a list that is no array', body: { value: {} } },
    { when: 'value null', body: { value: null } },
    { when: 'a bare array', body: [] },
    { when: 'a nextLink that is no text', body: { value: [], nextLink: 7 } },
  ])('$when is no list, never an empty one', async ({ body }) => {
    azure.answer({ body });
    expect(await arm.list(rules, '2024-12-30')).toEqual({
      outcome: 'garbled',
      reason: 'not as documented: the list',
      at: DATE_ISO,
    });
  });

  test.each<{ when: string; link: () => string }>([
    { when: 'another host', link: () => `${other.url}${rules}` },
    {
      when: 'a name of the same machine',
      link: () => `${azure.url.replace('localhost', '127.0.0.1')}${rules}`,
    },
    { when: 'plain http', link: () => `${azure.url.replace('https', 'http')}${rules}` },
    {
      when: 'the host as a user name',
      link: () => other.url.replace('https://', `https://${new URL(azure.url).host}@`),
    },
    { when: 'a password', link: () => azure.url.replace('https://', 'https://:secret@') },
    { when: 'a path without a host', link: () => `${rules}?page=2` },
    { when: 'a file', link: () => 'file:///etc/passwd' },
    { when: 'no address', link: () => 'next page' },
  ])('a next page at $when is refused, without a request and without the first page', async ({ link }) => {
    azure.answer({ body: { value: [rule('a')], nextLink: link() } });
    expect(await arm.list(rules, '2024-12-30')).toEqual({
      outcome: 'garbled',
      reason: 'the next page is on another host',
      at: DATE_ISO,
    });
    expect(azure.requests).toHaveLength(1);
    expect(other.requests).toHaveLength(0);
  });

  test('pages without an end are given up after 100', async () => {
    azure.answer({ body: { value: [rule('a')], nextLink: `${azure.url}${rules}` } });
    expect(await arm.list(rules, '2024-12-30')).toMatchObject({
      outcome: 'garbled',
      reason: 'the list does not end',
    });
    expect(azure.requests).toHaveLength(100);
  });

  test.each<{ when: string; reply: Reply; answer: object }>([
    { when: 'denied', reply: { status: 403 }, answer: { outcome: 'denied', reason: 'denied (403)' } },
    { when: 'failing', reply: { status: 500 }, answer: { outcome: 'failed', reason: 'ARM answered 500' } },
    { when: 'missing', reply: { status: 404 }, answer: { outcome: 'gone' } },
    { when: 'garbled', reply: { body: {} }, answer: { outcome: 'garbled' } },
  ])('a second page that is $when leaves no list', async ({ reply, answer }) => {
    azure.answer({ body: { value: [rule('a')], nextLink: `${azure.url}${rules}?page=2` } }, reply);
    expect(await arm.list(rules, '2024-12-30')).toMatchObject(answer);
  });
});

describe('hostile paths', () => {
  test.each([
    '',
    '/',
    '//evil.example/subscriptions/x',
    '/subscriptions/x/../../y',
    '/subscriptions/./x',
    '/subscriptions//x',
    '/subscriptions/x/',
    'https://evil.example/subscriptions/x',
    '/providers/x',
    '/subscriptionsx/y',
  ])('%j is no path of ARM', async (path) => {
    azure.answer({ body: {} });
    await expect((async () => arm.get(path, '1'))()).rejects.toThrow('not a path of ARM');
    expect(azure.requests).toHaveLength(0);
  });

  test('whatever stands in a path reaches this host and nothing but its own segments', async () => {
    azure.answer({ body: {} });
    const hostile = fc.constantFrom(
      '@evil.example',
      '?x=',
      '#',
      '%2e%2e',
      '%2F',
      '\\',
      '..',
      ';',
      '\u0000',
      ' ',
      'é',
      '://',
    );
    const segment = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      hostile,
      fc.tuple(hostile, hostile).map((two) => two.join('')),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { minLength: 1, maxLength: 6 }),
        fc.string(),
        async (parts, version) => {
          buckets.clear();
          const path = `/subscriptions/${parts.join('/')}`;
          const before = azure.requests.length;
          const answer = await (async () => arm.get(path, version))().catch((thrown: unknown) => thrown);
          const sent = azure.requests.slice(before);
          if (answer instanceof Error) {
            expect(sent).toEqual([]);
            return;
          }
          expect(sent).toHaveLength(1);
          const [route = '', query = ''] = (sent[0]?.target ?? '').split('?');
          expect(route.split('/').map(decodeURIComponent).join('/')).toBe(path);
          expect([...new URLSearchParams(query)]).toEqual([['api-version', version]]);
        },
      ),
      { numRuns: 150 },
    );
    expect(other.requests).toHaveLength(0);
  });
});
