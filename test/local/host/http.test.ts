import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAzurite } from '../../../local/azurite.ts';
import { calls, inputsOf } from './fixtures/calls.ts';
import { startSample, until } from './host.ts';

let azurite: Awaited<ReturnType<typeof startAzurite>>;
let host: Awaited<ReturnType<typeof startSample>>;

beforeAll(async () => {
  azurite = await startAzurite();
  host = await startSample('app', {
    AzureWebJobsStorage: azurite.connectionString,
    SAMPLE_SETTING: 'given',
    WORDS_QUEUE: 'words',
    EVERY: '0 0 0 1 1 *',
  });
});

afterAll(async () => {
  await azurite.close();
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Sends the path as it is; fetch would clean it up. */
async function send(path: string, method = 'GET', body?: string | Buffer): Promise<Answer> {
  const { hostname, port } = new URL(host.url);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ hostname, port, path, method, agent: false, headers: { 'x-sample': 'Sample' } }, resolve)
      .on('error', reject)
      .end(body);
  });
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe('start', () => {
  test('the app loads with its settings and sees that it is in a local host on loopback', () => {
    expect(inputsOf('load')).toEqual([{ setting: 'given', mark: { loopback: true } }]);
    expect(calls().filter(({ name }) => name === 'appStart')).toHaveLength(1);
  });

  test('all functions are listed with what starts them', () => {
    expect(host.functions).toContain('onEvent');
    expect(host.listing).toContain(`latest: GET HEAD ${host.url}/api/scans/latest`);
    expect(host.listing).toContain(
      `onEvent: Event Grid ${host.url}/runtime/webhooks/eventgrid?functionName=onEvent`,
    );
    expect(host.listing).toContain('work: queue work');
    expect(host.listing).toContain('unset: timer, switched off');
  });
});

describe('routes', () => {
  const id = 'subscriptions/S/providers/P';
  test.each([
    { when: 'a literal beside a catch-all', path: '/api/servers', body: '["all",{}]' },
    { when: 'with a slash at its end', path: '/api/servers/', body: '["all",{}]' },
    { when: 'in any casing', path: '/API/Servers', body: '["all",{}]' },
    {
      when: 'the catch-all keeps casing',
      path: `/api/SERVERS/${id}`,
      body: `["one",{"resourceId":"${id}"}]`,
    },
    { when: 'and a slash at the end', path: '/api/servers/A/', body: '["one",{"resourceId":"A/"}]' },
    { when: 'and slashes inside', path: '/api/servers/A//b', body: '["one",{"resourceId":"A//b"}]' },
    { when: '%2F stays', path: '/api/servers/a%2Fb', body: '["one",{"resourceId":"a%2Fb"}]' },
    { when: '%252F looks the same', path: '/api/servers/a%252Fb', body: '["one",{"resourceId":"a%2Fb"}]' },
    {
      when: 'others are decoded',
      path: '/api/servers/%20%3F%23%25%5C%0A%C3%A4',
      body: '["one",{"resourceId":" ?#%\\\\\\nä"}]',
    },
    { when: '.. is resolved before', path: '/api/servers/x/../../scans/1', body: '["scan",{"id":"1"}]' },
    { when: 'also encoded', path: '/api/servers/x/%2e%2E/y', body: '["one",{"resourceId":"y"}]' },
    { when: 'a literal before a parameter', path: '/api/scans/latest', body: '["latest"]' },
    { when: 'a parameter', path: '/api/scans/A%20b?x=1', body: '["scan",{"id":"A b"}]' },
  ])('$when', async ({ path, body }) => {
    expect(await send(path)).toMatchObject({ status: 200, body });
  });

  test('a method that only the catch-all has goes there without a value', async () => {
    expect((await send('/api/servers', 'PUT')).body).toBe('["one",{"resourceId":""}]');
  });

  test.each([
    { when: 'an id with a leading slash', path: '/api/servers//subscriptions/x', method: 'GET', status: 404 },
    { when: 'two slashes at the end', path: '/api/servers//', method: 'GET', status: 404 },
    { when: 'a wrong method', path: '/api/servers', method: 'DELETE', status: 404 },
    { when: 'HEAD that is not listed', path: '/api/servers', method: 'HEAD', status: 404 },
    { when: 'OPTIONS that is not listed', path: '/api/servers', method: 'OPTIONS', status: 404 },
    { when: 'no such route', path: '/api/none', method: 'GET', status: 404 },
    { when: 'no prefix', path: '/servers', method: 'GET', status: 404 },
    { when: 'a parameter without a value', path: '/api/scans/', method: 'GET', status: 404 },
    { when: 'a NUL', path: '/api/servers/%00', method: 'GET', status: 400 },
    { when: '9,000 characters', path: `/api/servers/${'a'.repeat(9000)}`, method: 'GET', status: 414 },
  ])('$when', async ({ path, method, status }) => {
    expect(await send(path, method)).toMatchObject({ status, body: '' });
  });
});

describe('requests', () => {
  test('query, headers and body reach the handler', async () => {
    const { body } = await send('/api/echo?a=1&b=x+y&a=2&A=3', 'POST', 'text ä');
    expect(JSON.parse(body)).toEqual({
      method: 'POST',
      url: `${host.url}/api/echo?a=1&b=x+y&a=2&A=3`,
      query: { a: '1,2,3', b: 'x y' },
      header: 'Sample',
      body: 'text ä',
    });
  });

  test('OPTIONS where it is listed', async () => {
    expect(await send('/api/echo', 'OPTIONS')).toMatchObject({ status: 200 });
  });

  test('a chunked body', async () => {
    const response = await fetch(`${host.url}/api/echo`, {
      method: 'POST',
      duplex: 'half',
      body: new ReadableStream({
        start: (controller) => {
          controller.enqueue(Buffer.from('one '));
          controller.enqueue(Buffer.from('two'));
          controller.close();
        },
      }),
    });
    expect(await response.json()).toMatchObject({ body: 'one two' });
  });

  test('a body over 100 MB', async () => {
    const { hostname, port } = new URL(host.url);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const post = async (size: number): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        request({ hostname, port, path: '/api/echo', method: 'POST', agent }, (response) => {
          response.resume().on('end', () => {
            resolve(response.statusCode);
          });
        })
          .on('error', reject)
          .end(Buffer.alloc(size, 'a'));
      });
    expect(await post(130 * 1024 * 1024)).toBe(500);
    expect(await post(3)).toBe(200);
    agent.destroy();
  });

  test('a request target that is no path', async () => {
    const { hostname, port } = new URL(host.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write('GET nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      });
      socket.on('error', reject).on('data', (data) => {
        resolve(data.toString());
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('answers', () => {
  test.each([
    { when: 'a text', path: '/api/openapi.json', type: 'text/plain;charset=UTF-8', body: 'text' },
    { when: 'a JSON body', path: '/api/scans/latest', type: 'application/json', body: '["latest"]' },
    { when: 'bytes', path: '/api/bytes', type: undefined, body: '\u0001\u0002\u0003' },
  ])('$when is sent chunked', async ({ path, type, body }) => {
    const answer = await send(path);
    expect(answer).toMatchObject({ status: 200, body });
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.headers['transfer-encoding']).toBe('chunked');
  });

  test.each([
    { code: 202, body: 'text' },
    { code: 204, body: '' },
    { code: 304, body: '' },
    { code: 412, body: 'text' },
    { code: 428, body: 'text' },
  ])('$code', async ({ code, body }) => {
    const answer = await send(`/api/status/${code}`);
    expect(answer).toMatchObject({ status: code, body });
    expect(answer.headers).toMatchObject({ location: '/there', 'content-type': 'application/problem+json' });
  });

  test('HEAD where it is listed has the headers and no body', async () => {
    const answer = await send('/api/scans/latest', 'HEAD');
    expect(answer).toMatchObject({ status: 200, body: '', headers: { etag: '"1"' } });
  });

  test.each([
    { when: 'a handler that throws', path: '/api/fail', method: 'GET' },
    { when: 'an uncaught request.json()', path: '/api/bad-body', method: 'POST' },
    { when: 'a status that is none', path: '/api/status/99', method: 'GET' },
  ])('$when gives 500 without a body', async ({ path, method }) => {
    expect(await send(path, method, method === 'POST' ? '{' : undefined)).toMatchObject({
      status: 500,
      body: '',
    });
  });

  test('a failure is logged with its function', async () => {
    await send('/api/fail');
    expect(host.lines.some((line) => line.startsWith('[fail] error: failed: Error: no answer\n'))).toBe(true);
  });

  test('cookies', async () => {
    expect((await send('/api/cookies')).headers['set-cookie']).toEqual([
      'a=x%20y; max-age=5; path=/; secure; samesite=lax; httponly',
      'b=2; expires=Fri, 02 Jan 2026 03:04:05 GMT',
    ]);
  });

  test('no result', async () => {
    expect(await send('/api/nothing')).toMatchObject({ status: 204, body: '' });
  });

  test('hooks see and change input, error and result', async () => {
    expect(await send('/api/hooked')).toMatchObject({ status: 299, body: 'from the hook' });
    expect(inputsOf('hooked')).toEqual([{ replaced: true }]);
    expect(inputsOf('postInvocation')).toEqual([['before', null]]);
  });
});

test('a stop awaits what runs, closes the socket and runs the terminate hooks', async () => {
  const running = send('/api/slow');
  await until(() => inputsOf('slow').length === 1);
  await host.close();
  expect(await running).toMatchObject({ status: 200, body: 'done' });
  expect(calls().filter(({ name }) => name === 'appTerminate')).toHaveLength(1);
  await expect(send('/api/servers')).rejects.toThrow(/ECONNREFUSED/);
  expect(process.env['SAMPLE_SETTING']).toBeUndefined();
  expect(Reflect.get(globalThis, Symbol.for('database-exposure-monitor.local-host'))).toBeUndefined();
});
