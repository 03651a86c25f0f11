import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AzureError, errorBody } from './azure-error.ts';
import type { Counters } from './counters.ts';
import { findFault } from './faults.ts';
import type { Answer, Exchange } from './http.ts';
import type { Fault, Switches } from './switches.ts';

const largestBody = 64 * 1024 * 1024;
const empty = Buffer.alloc(0);

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  if (request.method === 'GET') return empty;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody)
      throw new AzureError(413, 'RequestEntityTooLarge', 'The request body is too large.');
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] ?? empty) : Buffer.concat(chunks);
};

const decoded = (path: string): string => {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    throw new AzureError(400, 'InvalidRequestUri', 'The path is not a valid URL.');
  }
};

const exchangeOf = async (request: IncomingMessage): Promise<Exchange> => {
  const target = request.url ?? '/';
  const split = target.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: decoded(split < 0 ? target : target.slice(0, split)),
    query: new URLSearchParams(split < 0 ? '' : target.slice(split + 1)),
    target,
    headers: request.headers,
    body: await readBody(request),
    remoteAddress: (request.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
  };
};

const refusal = (error: unknown): Answer => {
  const known =
    error instanceof AzureError
      ? error
      : new AzureError(500, 'InternalServerError', error instanceof Error ? error.message : String(error));
  return { status: known.status, body: errorBody(known), headers: known.headers };
};

const textOf = (answer: Answer): string =>
  answer.json ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));

const send = (response: ServerResponse, answer: Answer, date: string, cutAt: number | undefined): void => {
  const text = textOf(answer);
  const id = randomUUID();
  response.writeHead(answer.status, {
    ...(text !== '' && { 'content-type': 'application/json; charset=utf-8' }),
    ...(answer.status !== 204 && { 'content-length': Buffer.byteLength(text) }),
    date,
    'cache-control': 'no-cache',
    'x-ms-request-id': id,
    'x-ms-correlation-request-id': id,
    ...answer.headers,
  });
  if (cutAt === undefined) response.end(text);
  else
    response.write(Buffer.from(text).subarray(0, cutAt), () => {
      response.socket?.destroy();
    });
};

const faultAnswer = (fault: Fault, status: number): Answer => ({
  status,
  ...(typeof fault.body === 'string'
    ? { json: fault.body }
    : fault.body !== undefined && { body: fault.body }),
  headers: fault.headers ?? {},
});

/** What a server does with each request: faults first, then the route, then the answer. */
export const createListener = (parts: {
  readonly switches: Switches;
  readonly counters: Counters;
  readonly now: () => Date;
  /** Milliseconds to wait before a path is served. */
  readonly latency: (path: string) => number;
  readonly route: (exchange: Exchange) => Answer | Promise<Answer>;
}): ((request: IncomingMessage, response: ServerResponse) => void) => {
  const { switches, counters } = parts;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = request.url ?? '/';
    const local = target.startsWith('/_local/');
    const fault = local ? undefined : findFault(switches, request.method ?? 'GET', target);
    if (fault) counters.faults += 1;
    if (fault?.hang === true) return;
    if (fault?.reset === true) {
      request.socket.destroy();
      return;
    }
    const wait = (fault?.delayMs ?? 0) + parts.latency(target);
    if (wait > 0) await sleep(wait);
    const answer = await answerTo(request, fault);
    if (answer.status === 429 && fault?.status === undefined) counters.throttled += 1;
    if (fault?.cutAt === 0) request.socket.destroy();
    else send(response, answer, parts.now().toUTCString(), fault?.cutAt);
  };

  const answerTo = async (request: IncomingMessage, fault: Fault | undefined): Promise<Answer> => {
    try {
      const exchange = await exchangeOf(request);
      if (fault?.status !== undefined) return faultAnswer(fault, fault.status);
      const answer = await parts.route(exchange);
      return fault?.headers ? { ...answer, headers: { ...answer.headers, ...fault.headers } } : answer;
    } catch (error) {
      return refusal(error);
    }
  };

  return (request, response) => {
    serve(request, response).catch(() => {
      request.socket.destroy(); // The client has gone: nobody is left to answer.
    });
  };
};

/** Starts a server on loopback; the port that it got. */
export const listen = async (server: Server, port: number): Promise<number> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
};
