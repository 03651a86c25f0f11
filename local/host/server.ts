import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { joinHeaders, readBody, send } from './http-message.ts';
import type { HostRequest, HostResponse } from './http-message.ts';
import { decodePath } from './request-path.ts';

/** The listening host. */
export interface HostServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Takes no new connection; resolves when every request under way has its answer. */
  readonly stop: () => Promise<void>;
  readonly dropConnections: () => void;
}

/** The request line that the Functions host takes at most. */
const REQUEST_LINE_BYTES = 8192;
/** Above that limit, so that a line too long gets its 414 instead of Node's 431. */
const HEADER_BYTES = 128 * 1024;

/**
 * Listens on the address; `answer` gets each request whose target can be read.
 * @throws Error with one line when the port is taken.
 */
export async function listen(
  port: number,
  hostname: string,
  answer: (request: HostRequest) => Promise<HostResponse>,
): Promise<HostServer> {
  const underWay = new Set<Promise<unknown>>();
  const server = createServer(
    { maxHeaderSize: HEADER_BYTES, keepAliveTimeout: 60_000 },
    (message, response) => {
      const done = once(response, 'close')
        .catch(() => undefined) // A client that went away is no failure of the host.
        .finally(() => underWay.delete(done));
      underWay.add(done);
      respond(message, response, answer).catch(() => response.destroy());
    },
  );
  await bind(server, port, hostname);
  const address = server.address() as AddressInfo;
  const host = address.family === 'IPv6' ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${address.port}`,
    stop: async () => {
      server.close();
      server.closeIdleConnections();
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    dropConnections: () => {
      server.closeAllConnections();
    },
  };
}

async function bind(server: Server, port: number, hostname: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new Error(`The port ${port} of ${hostname} is taken.`) : error);
    });
    server.listen(port, hostname, resolve);
  });
}

async function respond(
  message: IncomingMessage,
  response: ServerResponse,
  answer: (request: HostRequest) => Promise<HostResponse>,
): Promise<void> {
  const target = message.url ?? '/';
  const method = message.method ?? 'GET';
  const request = hostRequest(message, method, target);
  const line = Buffer.byteLength(`${method} ${target} HTTP/1.1\r\n`);
  if (line > REQUEST_LINE_BYTES) send(response, { status: 414 });
  else if (request === undefined) send(response, { status: 400 });
  else send(response, await answer(request).catch(() => ({ status: 500 })));
  // The rest of a body that was refused: unread, it would block the connection.
  message.resume();
}

function hostRequest(message: IncomingMessage, method: string, target: string): HostRequest | undefined {
  const [rawPath = ''] = target.split('?', 1);
  const path = decodePath(rawPath);
  const { address, port } = message.socket.address() as AddressInfo;
  const base = `http://${message.headers.host ?? `${address}:${port}`}`;
  if (path === undefined || !target.startsWith('/') || !URL.canParse(base + target)) return undefined;
  return {
    method,
    path,
    url: new URL(base + target),
    headers: joinHeaders(message),
    readBody: () => readBody(message),
  };
}
