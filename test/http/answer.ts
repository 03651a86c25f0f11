import type { HttpResponseInit } from '@azure/functions';

/** The JSON of an answer; throws where it has none. */
export function bodyOf({ body }: HttpResponseInit): unknown {
  if (typeof body !== 'string') throw new Error('the answer has no text');
  return JSON.parse(body) as unknown;
}

export function headersOf({ headers }: HttpResponseInit): Headers {
  return new Headers(headers);
}
