import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sink } from '../../shared/ports.ts';
import { CLOUDS } from '../../shared/settings.ts';
import { logAnalytics } from '../../shared/sinks/log-analytics.ts';
import { CREDENTIAL, type Reply, type SecureServer, secureServer } from '../azure/secure-server.ts';

const RULE = 'dcr-00000000000000000000000000000000';
const ROW = '{"FindingId":"f1_a","EpochSeq":1}';
const TABLE = 'DatabaseExposureFindings_CL';

let monitor: SecureServer;
beforeAll(async () => {
  monitor = await secureServer();
});
afterAll(() => monitor.close());

function sink(cloud = 'AzurePublicCloud', requestMs?: number): Sink {
  const found = CLOUDS[cloud];
  if (!found) throw new Error('no such cloud');
  return logAnalytics({ logsEndpoint: monitor.url, logsRuleId: RULE, cloud: found }, CREDENTIAL, requestMs);
}

test('204 stores all rows of one request', async () => {
  let body = '';
  monitor.answer((request, response) => {
    response.writeHead(204).end();
    expect(request.headers['content-encoding']).toBe('gzip');
    expect(request.method).toBe('POST');
  });
  expect(await sink().send(TABLE, [ROW, '{"FindingId":"f1_b"}'])).toEqual({ accepted: true });
  expect(monitor.requests).toHaveLength(1);
  const [sent] = monitor.requests;
  const url = new URL(sent?.target ?? '', monitor.url);
  expect(url.pathname).toBe(`/dataCollectionRules/${RULE}/streams/Custom-${TABLE}`);
  expect([...url.searchParams]).toEqual([['api-version', '2023-01-01']]);
  expect(sent?.token).toBe('Bearer for https://monitor.azure.com/.default');
  body = gunzipSync(sent?.raw ?? Buffer.alloc(0)).toString();
  expect(JSON.parse(body)).toEqual([{ FindingId: 'f1_a', EpochSeq: 1 }, { FindingId: 'f1_b' }]);
});

test.each([
  { cloud: 'AzureUSGovernment', token: 'Bearer for https://monitor.azure.us/.default' },
  { cloud: 'AzureChinaCloud', token: 'Bearer for https://monitor.azure.cn/.default' },
])('$cloud has its own audience', async ({ cloud, token }) => {
  monitor.answer({ status: 204 });
  await sink(cloud).send(TABLE, [ROW]);
  expect(monitor.requests[0]?.token).toBe(token);
});

test.each<{ when: string; reply: Reply; delivery: object }>([
  {
    when: '413: fewer rows may go',
    reply: { status: 413, body: { error: { code: 'ContentLengthLimitExceeded', message: '' } } },
    delivery: { reason: 'large', status: 413 },
  },
  {
    when: '400: some row is refused',
    reply: { status: 400, body: { error: { code: 'InvalidPayload', message: '' } } },
    delivery: { reason: 'invalid', status: 400 },
  },
  {
    when: '400 with HTML',
    reply: { status: 400, body: '<h1>x</h1>' },
    delivery: { reason: 'invalid', status: 400 },
  },
  { when: '401: later', reply: { status: 401 }, delivery: { reason: 'later', status: 401 } },
  {
    when: '403: the role may still spread',
    reply: { status: 403 },
    delivery: { reason: 'later', status: 403 },
  },
  { when: '404: later', reply: { status: 404 }, delivery: { reason: 'later', status: 404 } },
  { when: '429 without Retry-After', reply: { status: 429 }, delivery: { reason: 'later', status: 429 } },
  {
    when: '429 with Retry-After',
    reply: { status: 429, headers: { 'retry-after': '42' } },
    delivery: { reason: 'later', status: 429, retryAfterSeconds: 42 },
  },
  { when: '500: later', reply: { status: 500 }, delivery: { reason: 'later', status: 500 } },
  {
    when: 'a reset: it may be stored',
    reply: (request) => request.socket.destroy(),
    delivery: { reason: 'later', status: null },
  },
])('$when', async ({ reply, delivery }) => {
  monitor.answer(reply);
  expect(await sink().send(TABLE, [ROW])).toEqual({ accepted: false, ...delivery });
  expect(monitor.requests).toHaveLength(1);
});

describe('a workspace that hangs', () => {
  test.each<{ when: string; reply: Reply }>([
    { when: 'without an answer', reply: () => undefined },
    {
      when: 'in the middle of a compressed refusal',
      reply: (_, response) => {
        response.writeHead(400, { 'content-encoding': 'gzip' });
        response.write(gzipSync('{"error":{"code":"x"}}').subarray(0, 20));
      },
    },
  ])('$when keeps the rows', async ({ reply }) => {
    monitor.answer(reply);
    expect(await sink('AzurePublicCloud', 300).send(TABLE, [ROW])).toEqual({
      accepted: false,
      reason: 'later',
      status: null,
    });
    expect(monitor.requests).toHaveLength(1);
  });
});

test('no token: later', async () => {
  const credential = { getToken: () => Promise.reject(new Error('no identity')) };
  const settings = { logsEndpoint: monitor.url, logsRuleId: RULE, cloud: CLOUDS.AzurePublicCloud };
  if (!settings.cloud) throw new Error('no such cloud');
  monitor.answer({ status: 204 });
  expect(await logAnalytics({ ...settings, cloud: settings.cloud }, credential).send(TABLE, [ROW])).toEqual({
    accepted: false,
    reason: 'later',
    status: null,
  });
  expect(monitor.requests).toHaveLength(0);
});
