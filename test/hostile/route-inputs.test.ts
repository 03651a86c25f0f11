import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { ORDERS, startSmallStack, sweepOnce } from '../http/small-stack.ts';
import { HOSTILE } from './strings.ts';

interface Raw {
  readonly status: number;
  readonly type: string;
  readonly headers: string;
  readonly text: string;
}

let stack: Stack;
let agentUrl: URL;

beforeAll(async () => {
  stack = await startSmallStack();
  agentUrl = new URL(stack.url);
  await sweepOnce(stack);
});
afterAll(() => stack.close());

/** A request as it stands, with no browser's care for its path; undefined: Node itself refuses to send it. */
function send(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Promise<Raw | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = agentUrl;
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    try {
      const sent = request(
        { hostname, port, method, path, headers: { ...headers, ...length } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              type: response.headers['content-type'] ?? '',
              headers: response.rawHeaders.join('\n'),
              text: Buffer.concat(chunks).toString('utf8'),
            });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    } catch {
      resolve(undefined);
    }
  });
}

/** What is wrong with an answer, in a word; undefined: it is a success, or a problem as RFC 9457 has it. */
function faultOf(raw: Raw, input: string): string | undefined {
  const { status, type, text, headers } = raw;
  if (status >= 500 || status < 200) return `status ${status}`;
  if (/node:|node_modules|\.ts:\d|\n {4}at /.test(text + headers)) return 'a stack';
  // The host, before any route: it says nothing at all.
  if (type === '' && text === '' && [400, 404, 414, 431].includes(status)) return undefined;
  if (input.length > 8 && /[<>"'\s]/.test(input) && headers.includes(input)) return 'echoed in a header';
  if (/^text\/html/.test(type) && /[<"]/.test(input) && input.length > 8 && text.includes(input))
    return 'echoed';
  if (status < 300) return undefined;
  if (status < 400) return `status ${status}`;
  if (!type.startsWith('application/problem+json')) return `type ${type}`;
  const problem = JSON.parse(text) as { status?: unknown; title?: unknown; detail?: unknown };
  if (problem.status !== status || typeof problem.title !== 'string') return 'no problem';
  if (!text.isWellFormed() || /\\ud[89a-f]/i.test(text)) return 'halves of characters';
  return text.length > 2_000 ? 'a long answer' : undefined;
}

/** Sends one request for each string, a few at a time; the faults, by the string's beginning. */
async function faultsOf(
  make: (text: string, index: number) => Parameters<typeof send>,
): Promise<readonly string[]> {
  const found: string[] = [];
  let sent = 0;
  const queue = [...HOSTILE.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [index, text] = next;
      const raw = await send(...make(text, index));
      if (!raw) continue;
      sent += 1;
      const fault = faultOf(raw, text);
      if (fault !== undefined) found.push(`${fault}: ${JSON.stringify(text.slice(0, 60))}`);
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  expect(sent).toBeGreaterThan(HOSTILE.length / 4);
  return found;
}

vi.setConfig({ testTimeout: 120_000 });

/** Node refuses longer request lines. */
const inUrl = (text: string): string => encodeURIComponent(text.slice(0, 900).toWellFormed());
const JSON_TYPE = { 'content-type': 'application/json' };

/** Each string takes one of the ways, in turn. */
const inTurn = <Way>(ways: readonly [Way, ...Way[]], index: number): Way =>
  ways[index % ways.length] ?? ways[0];

describe('in a path', () => {
  test('of a server, a scan or a baseline', async () => {
    const headers = { ...JSON_TYPE, 'if-match': '"x"' };
    const faults = await faultsOf((text, index) =>
      inTurn<() => Parameters<typeof send>>(
        [
          () => ['GET', `/api/servers/${inUrl(text)}`],
          () => ['GET', `/api/scans/${inUrl(text)}`],
          () => ['GET', `/api/servers${ORDERS}/${inUrl(text)}`],
          () => ['GET', `/api/servers${ORDERS}${inUrl(text)}`],
          () => ['PUT', `/api/baselines/${inUrl(text)}`, headers, '{"reason": "x"}'],
        ],
        index,
      )(),
    );
    expect(faults).toEqual([]);
  });

  test('as it is, where it can be sent', async () => {
    expect(await faultsOf((text) => ['GET', `/api/servers/${text}`])).toEqual([]);
  });
});

test('in a query, as a value or a name', async () => {
  const faults = await faultsOf((text, index) => {
    const way = inTurn(
      [
        ...(['servers?reach=', 'servers?subscription=', 'servers?family=', 'servers?top='] as const),
        ...['servers?continuationToken=', 'findings?state=', 'findings?severity=', 'findings?rule='],
        ...['findings?server=', 'findings?continuationToken=', 'report?x=', 'health?x=', 'openapi.json?x='],
        'servers?',
      ],
      index,
    );
    return ['GET', `/api/${way}${inUrl(text)}`];
  });
  expect(faults).toEqual([]);
});

test('in a query as it is, where it can be sent', async () => {
  expect(await faultsOf((text) => ['GET', `/api/findings?rule=${text}`])).toEqual([]);
});

test('in a body', async () => {
  const headers = { ...JSON_TYPE, 'if-match': '"x"' };
  const faults = await faultsOf((text, index) => {
    const body = inTurn(
      [
        text,
        JSON.stringify(text),
        JSON.stringify({ reason: text }),
        JSON.stringify({ resourceIds: [text] }),
        JSON.stringify({ resourceIds: [`${ORDERS}${text || 'x'}`] }),
        JSON.stringify({ subscriptions: [text] }),
        JSON.stringify({ [text]: text }),
      ],
      index,
    );
    const isScan = Math.floor(index / 7) % 2 === 0;
    return isScan
      ? ['POST', '/api/scans', JSON_TYPE, body]
      : ['PUT', `/api/baselines${ORDERS}`, headers, body];
  });
  expect(faults).toEqual([]);
});

test('in a header', async () => {
  const faults = await faultsOf((text, index) => {
    const [name, method, path] = inTurn(
      [
        ['accept', 'GET', '/api/report'],
        ['if-match', 'PUT', `/api/baselines${ORDERS}`],
        ['prefer', 'POST', '/api/scans'],
        ['authorization', 'GET', '/api/openapi.json'],
        ['content-type', 'POST', '/api/scans'],
        ['traceparent', 'GET', '/api/openapi.json'],
      ],
      index,
    );
    const body = method === 'GET' ? '' : '{"resourceIds": ["x"], "reason": "x"}';
    return [method, path, { ...JSON_TYPE, [name]: text.slice(0, 2_000) }, body];
  });
  expect(faults).toEqual([]);
});
