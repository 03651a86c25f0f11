import type { HttpResponseInit } from '@azure/functions';
import { wellFormedJson } from '../text.ts';

type Headers = Readonly<Record<string, string>>;

/** On every answer: nobody keeps it, nobody guesses another type. */
export const NO_STORE: Headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export function json(status: number, body: unknown, headers: Headers = {}): HttpResponseInit {
  return {
    status,
    body: wellFormedJson(JSON.stringify(body)),
    headers: { 'content-type': 'application/json; charset=utf-8', ...NO_STORE, ...headers },
  };
}

/** RFC 9457: one sentence that says what is wrong and what to do. */
export function problem(
  status: number,
  title: string,
  detail: string,
  headers: Headers = {},
  instance?: string,
): HttpResponseInit {
  const body = { type: 'about:blank', title, status, detail, ...(instance ? { instance } : {}) };
  return problemOf(status, body, headers);
}

/** 401 without a word about why: who knocks learns nothing of the token check. */
export function unauthorized(): HttpResponseInit {
  const body = { type: 'about:blank', title: 'Unauthorized', status: 401 };
  return problemOf(401, body, { 'www-authenticate': 'Bearer' });
}

function problemOf(status: number, body: object, headers: Headers): HttpResponseInit {
  const type = { 'content-type': 'application/problem+json; charset=utf-8' };
  return { status, body: JSON.stringify(body), headers: { ...type, ...NO_STORE, ...headers } };
}

export function text(status: number, type: string, body: string, headers: Headers = {}): HttpResponseInit {
  return { status, body, headers: { 'content-type': type, ...NO_STORE, ...headers } };
}

export const badRequest = (detail: string): HttpResponseInit => problem(400, 'Bad request', detail);
export const notFound = (detail: string): HttpResponseInit => problem(404, 'Not found', detail);

/** Text of a caller in a sentence of ours: bounded, quoted and well-formed. */
export function quoted(textOfCaller: string): string {
  return JSON.stringify(textOfCaller.slice(0, 120).toWellFormed());
}
