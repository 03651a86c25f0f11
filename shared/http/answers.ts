import type { HttpResponseInit } from '@azure/functions';

const NO_STORE = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponseInit {
  return {
    status,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json; charset=utf-8', ...NO_STORE, ...headers },
  };
}

/** RFC 9457: one sentence that says what is wrong and what to do. */
export function problem(status: number, title: string, detail: string): HttpResponseInit {
  return {
    status,
    body: JSON.stringify({ type: 'about:blank', title, status, detail }),
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...NO_STORE },
  };
}

export function text(status: number, type: string, body: string): HttpResponseInit {
  return { status, body, headers: { 'content-type': type, ...NO_STORE } };
}

export const badRequest = (detail: string): HttpResponseInit => problem(400, 'Bad request', detail);
export const notFound = (detail: string): HttpResponseInit => problem(404, 'Not found', detail);
