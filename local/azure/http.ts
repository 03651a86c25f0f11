import type { IncomingHttpHeaders } from 'node:http';

/** A request as the routes see it. */
export interface Exchange {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly remoteAddress: string;
}

/** An answer; `json` is sent as it is and spares the work of making it again. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly json?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The value of a request header, the first one where it was sent twice. */
export const header = (exchange: Exchange, name: string): string | undefined => {
  const value = exchange.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** A query parameter by its name in any casing. */
export const parameter = (exchange: Exchange, name: string): string | undefined => {
  const exact = exchange.query.get(name);
  if (exact !== null) return exact;
  const lower = name.toLowerCase();
  for (const [key, value] of exchange.query) if (key.toLowerCase() === lower) return value;
  return undefined;
};
