import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { badRequest, problem } from './answers.ts';

const MAX_BYTES = 100_000;

/** The JSON of a request's body (`{}` where there is none), or the answer to one that is too large or no JSON. */
export async function readJson(
  request: Pick<HttpRequest, 'headers' | 'text'>,
): Promise<{ readonly value: unknown } | { readonly refused: HttpResponseInit }> {
  const tooLarge = { refused: problem(413, 'Too large', 'The body may have 100 kB at most.') };
  if (Number(request.headers.get('content-length') ?? '0') > MAX_BYTES) return tooLarge;
  const text = await request.text();
  if (Buffer.byteLength(text) > MAX_BYTES) return tooLarge;
  if (text.trim() === '') return { value: {} };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { refused: badRequest('The body is not JSON.') };
  }
}
