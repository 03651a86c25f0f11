import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpCookie, HttpData, InvocationResponse, NullableText } from './core-api.ts';

/** 100 MB, the limit of the Functions host for a request's body. */
export const BODY_LIMIT_BYTES = 100 * 1024 * 1024;

/** A request taken apart: the path is decoded, the query as it was sent (without `?`). */
export interface HostRequest {
  readonly method: string;
  readonly url: URL;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Reads the whole body; undefined when it is larger than the limit. */
  readonly readBody: () => Promise<Buffer | undefined>;
}

/** An answer without the headers that Node adds. */
export interface HostResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Uint8Array | string;
}

/** The body of a request, or undefined when it is larger than the limit; then the rest of it is left unread. */
export async function readBody(
  request: IncomingMessage,
  limitBytes = BODY_LIMIT_BYTES,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Headers as the host hands them to the worker: lower-case names, repeated ones joined by a comma. */
export function joinHeaders(request: IncomingMessage): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    if (values !== undefined) joined[name] = values.join(name === 'cookie' ? '; ' : ',');
  }
  return joined;
}

/** What the worker gets of an HTTP request. */
export function toHttpData(
  request: HostRequest,
  params: Readonly<Record<string, string>>,
  body: Buffer,
): HttpData {
  return {
    method: request.method,
    url: request.url.href,
    nullableHeaders: nullable(request.headers),
    nullableQuery: nullable(joinQuery(request.url.searchParams)),
    nullableParams: nullable(params),
    ...(body.length === 0 ? {} : { body: { bytes: body } }),
  };
}

/** What an HTTP function gave back, as an answer; 204 where it gave nothing. */
export function toHostResponse(response: InvocationResponse): HostResponse {
  const http = response.returnValue?.http;
  if (http === undefined) return { status: 204 };
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    // The body is sent chunked, whatever length the handler announces.
    if (!['content-length', 'transfer-encoding'].includes(name.toLowerCase())) headers[name] = value;
  }
  const cookies = (http.cookies ?? []).map(cookieText);
  if (cookies.length > 0) headers['set-cookie'] = [...[headers['set-cookie'] ?? []].flat(), ...cookies];
  return { status: Number(http.statusCode ?? '200'), headers, body: http.body?.bytes ?? '' };
}

/** Writes the answer: chunked where it has a body, as the Functions host does. */
export function send(response: ServerResponse, { status, headers, body }: HostResponse): void {
  const hasBody = body !== undefined && body.length > 0;
  response.writeHead(status, {
    ...(headers as Record<string, string>),
    ...(hasBody ? {} : emptyLength(status)),
  });
  if (hasBody) response.write(body);
  response.end();
}

function emptyLength(status: number): Record<string, string> {
  return status === 204 || status === 304 ? {} : { 'content-length': '0' };
}

/** One value a name: repeated ones are joined by a comma, names differ by more than case. */
function joinQuery(query: URLSearchParams): Record<string, string> {
  const joined = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of query) {
    const entry = joined.get(name.toLowerCase()) ?? { name, values: [] };
    entry.values.push(value);
    joined.set(name.toLowerCase(), entry);
  }
  return Object.fromEntries([...joined.values()].map(({ name, values }) => [name, values.join(',')]));
}

function nullable(values: Readonly<Record<string, string>>): Record<string, NullableText> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

const SAME_SITE = { none: undefined, lax: 'lax', strict: 'strict', explicitNone: 'none' } as const;

function cookieText(cookie: HttpCookie): string {
  const sameSite = SAME_SITE[cookie.sameSite ?? 'none'];
  const parts = [
    `${cookie.name}=${encodeURIComponent(cookie.value)}`,
    cookie.expires && `expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`,
    cookie.maxAge && `max-age=${cookie.maxAge.value}`,
    cookie.domain?.value && `domain=${cookie.domain.value}`,
    cookie.path?.value && `path=${cookie.path.value}`,
    cookie.secure?.value === true ? 'secure' : undefined,
    sameSite && `samesite=${sameSite}`,
    cookie.httpOnly?.value === true ? 'httponly' : undefined,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join('; ');
}
