import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TokenCredential } from '@azure/identity';
import { type Certificate, makeCertificate } from '../../local/azure/certificate.ts';
import { listen } from '../../local/azure/server.ts';

export interface SecureServer {
  /** `https://localhost:PORT`. */
  readonly url: string;
  /** Path with query, Authorization header and body of every request since the last `answer`. */
  readonly requests: readonly {
    readonly target: string;
    readonly token: string;
    readonly body: string;
    readonly raw: Buffer;
  }[];
  /** What the next requests get; the last answer stands for all that follow. */
  readonly answer: (...answers: readonly Reply[]) => void;
  readonly close: () => Promise<void>;
}

/** An answer in full, or what is done with the connection. */
export type Reply =
  | ((request: IncomingMessage, response: ServerResponse) => void)
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string | readonly string[]>>;
      readonly body?: unknown;
    };

export const DATE = 'Wed, 20 May 2026 12:00:00 GMT';
export const DATE_ISO = '2026-05-20T12:00:00.000Z';

/**
 * Trusts one certificate for every client of this process, as NODE_EXTRA_CA_CERTS does for a new one. Two of one name
 * stand in each other's way: a test file trusts these servers or an embedded Azure.
 */
export function trust(certificate: string): void {
  setDefaultCACertificates([...getCACertificates('bundled'), certificate]);
}

let made: Promise<Certificate> | undefined;

async function certificateOfProcess(): Promise<Certificate> {
  made ??= makeCertificate();
  const certificate = await made;
  trust(certificate.cert);
  return certificate;
}

/** A server over TLS that answers what a test tells it to; every answer carries the same `Date`. */
export async function secureServer(): Promise<SecureServer> {
  const certificate = await certificateOfProcess();
  const requests: SecureServer['requests'][number][] = [];
  let answers: Reply[] = [];
  const server = createServer(certificate, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const token = request.headers.authorization ?? '';
      const raw = Buffer.concat(chunks);
      requests.push({ target: request.url ?? '', token, body: raw.toString(), raw });
      const reply = answers.length > 1 ? answers.shift() : answers[0];
      response.setHeader('date', DATE);
      if (typeof reply === 'function') reply(request, response);
      else send(response, reply ?? { status: 500 });
    });
  });
  const port = await listen(server, 0);
  return {
    url: `https://localhost:${port}`,
    requests,
    answer(...given) {
      requests.length = 0;
      answers = [...given];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, reply: Exclude<Reply, (...args: never[]) => void>): void {
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    response.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
  const { body } = reply;
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
}

/** A credential whose token names the scope that was asked for. */
export const CREDENTIAL: TokenCredential = {
  getToken: (scopes) =>
    Promise.resolve({
      token: `for ${typeof scopes === 'string' ? scopes : scopes.join(' ')}`,
      expiresOnTimestamp: Date.now() + 3_600_000,
    }),
};
