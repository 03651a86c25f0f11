import { createServer } from 'node:http';
import { listen } from '../../../local/azure/server.ts';

/** A server that nobody has a reason to call. */
export interface Trap {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly port: number;
  readonly connections: () => number;
  /** Authorization headers that it was sent. */
  readonly tokens: readonly string[];
  close(): Promise<void>;
}

/** Starts a trap on loopback; over TLS a connection counts though no request comes of it. */
export async function startTrap(): Promise<Trap> {
  let connections = 0;
  const tokens: string[] = [];
  const server = createServer((request, response) => {
    if (request.headers.authorization !== undefined) tokens.push(request.headers.authorization);
    response.end('{}');
  });
  server.on('connection', () => {
    connections += 1;
  });
  const port = await listen(server, 0);
  return {
    host: `127.0.0.1:${port}`,
    port,
    connections: () => connections,
    tokens,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
