import type { Socket } from 'node:net';
import type { TokenCredential } from '@azure/identity';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ArmOptions, armReader } from '../../shared/azure/arm.ts';
import type { TokenBucket } from '../../shared/azure/token-bucket.ts';
import type { Answer, Calls } from '../../shared/ports.ts';
import { CREDENTIAL, type Reply, type SecureServer, secureServer } from './secure-server.ts';

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg`;
const SCOPE = 'https://management.azure.com/.default';

/** One a test: nobody has used its connections before. */
let azure: SecureServer;
let calls: Calls;
let sockets: Socket[];
beforeEach(async () => {
  azure = await secureServer();
  calls = { graph: 0, management: 0, throttled: 0 };
  sockets = [];
});
afterEach(() => azure.close());

function get(more: Partial<ArmOptions> = {}): Promise<Answer<unknown>> {
  const options = {
    endpoint: azure.url,
    scope: SCOPE,
    credential: CREDENTIAL,
    calls,
    requestMs: 20_000,
    ...more,
  };
  return armReader({ ...options, buckets: new Map<string, TokenBucket>() }).get(GROUP, '1');
}

/** Notes the connection and then does as it is told. */
const on =
  (reply: Extract<Reply, (...given: never[]) => void>): Reply =>
  (request, response) => {
    sockets.push(request.socket);
    reply(request, response);
  };
const good = on((_, response) => response.end('{}'));
const reset = on((request) => request.socket.destroy());
const OK = { outcome: 'ok' };
const FAILED = { outcome: 'failed', reason: 'the connection failed' };

describe('connections', () => {
  test.each<{ when: string; replies: readonly Reply[]; answers: readonly object[]; connections: number }>([
    {
      when: 'one serves requests that follow each other',
      replies: [good, good, good],
      answers: [OK, OK, OK],
      connections: 1,
    },
    {
      when: 'one serves after an error of ARM too',
      replies: [on((_, response) => response.writeHead(500).end('secret stack')), good],
      answers: [{ outcome: 'failed', reason: 'ARM answered 500' }, OK],
      connections: 1,
    },
    { when: 'a new one that is reset is no answer', replies: [reset], answers: [FAILED], connections: 1 },
    {
      when: 'a used one that is reset is replaced by a new one, and that is a call more',
      replies: [good, reset, good],
      answers: [OK, OK],
      connections: 2,
    },
    {
      when: 'a used one and the new one that are both reset are no answer',
      replies: [good, reset, reset, good],
      answers: [OK, FAILED],
      connections: 2,
    },
    {
      when: 'a used one that is reset within its answer is not replaced',
      replies: [
        good,
        on((request, response) => {
          response.writeHead(200, { 'content-length': '100' });
          response.write('{"name":', () => request.socket.destroy());
        }),
      ],
      answers: [OK, FAILED],
      connections: 1,
    },
    {
      when: 'a used one that speaks no HTTP is not replaced',
      replies: [good, on((request) => request.socket.end('220 mail.contoso.example ESMTP\r\n'))],
      answers: [OK, FAILED],
      connections: 1,
    },
    {
      when: 'one that ends after its answer is not used again',
      replies: [
        on((_, response) => {
          response.setHeader('connection', 'close');
          response.end('{}');
        }),
        good,
      ],
      answers: [OK, OK],
      connections: 2,
    },
  ])('$when', async ({ replies, answers, connections }) => {
    azure.answer(...replies);
    for (const answer of answers) expect(await get()).toMatchObject(answer);
    expect(new Set(sockets).size).toBe(connections);
    expect(calls).toEqual({ graph: 0, management: sockets.length, throttled: 0 });
  });

  test('one that was closed while nobody used it fails nobody', async () => {
    azure.answer(
      on((request, response) => {
        response.end('{}', () => {
          request.socket.destroySoon();
        });
      }),
    );
    for (let time = 0; time < 20; time += 1) expect(await get()).toMatchObject(OK);
  });

  test('many requests at the same time are all answered', async () => {
    azure.answer(good);
    const answers = await Promise.all(Array.from({ length: 150 }, () => get()));
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
    expect(new Set(sockets).size).toBeLessThanOrEqual(128);
  });

  test('requests that wait for a free one are given up in time, and the next are answered', async () => {
    azure.answer(on(() => undefined));
    const answers = await Promise.all(Array.from({ length: 150 }, () => get({ requestMs: 300 })));
    expect(answers.map((answer) => answer.outcome === 'failed' && answer.reason)).toEqual(
      Array.from({ length: 150 }, () => 'no answer within 0.3 s'),
    );
    azure.answer(good);
    expect(await get()).toMatchObject(OK);
  });

  test('an endpoint without TLS is refused at once', async () => {
    azure.answer(good);
    const endpoint = azure.url.replace('https', 'http');
    await expect((async () => get({ endpoint }))()).rejects.toThrow('no https:// address');
    expect(azure.requests).toEqual([]);
  });

  test('an endpoint may have a path of its own', async () => {
    azure.answer({ body: {} });
    expect(await get({ endpoint: `${azure.url}/a%20gateway` })).toMatchObject(OK);
    expect(azure.requests).toMatchObject([{ target: `/a%20gateway${GROUP}?api-version=1` }]);
  });
});

describe('the token', () => {
  let asked: number;
  const counting: TokenCredential = {
    getToken: () => {
      asked += 1;
      return Promise.resolve({ token: String(asked), expiresOnTimestamp: Date.now() + 3_600_000 });
    },
  };

  test('is asked for once by requests at the same time, and anew after a 401', async () => {
    asked = 0;
    azure.answer({ body: {} });
    await Promise.all(Array.from({ length: 20 }, () => get({ credential: counting })));
    expect(asked).toBe(1);
    azure.answer({ status: 403 }, { status: 401 }, { body: {} });
    for (const outcome of ['denied', 'denied', 'ok', 'ok'])
      expect(await get({ credential: counting })).toMatchObject({ outcome });
    expect(azure.requests.map(({ token }) => token)).toEqual([
      'Bearer 1',
      'Bearer 1',
      'Bearer 2',
      'Bearer 2',
    ]);
  });
});
