import * as z from 'zod';
import type { Answer } from '../ports.ts';
import type { HttpsAnswer } from './https-get.ts';
import { retryAfterSeconds } from './retry-after.ts';

export const THROTTLED = 'throttled';

const ErrorBody = z.object({
  error: z.object({ code: z.string().catch(''), message: z.string().catch('') }),
});

export function failed(reason: string, seconds?: number): Extract<Answer<never>, { outcome: 'failed' }> {
  return { outcome: 'failed', reason, ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }) };
}

/** What ARM said: its status first, then its JSON; the time is that of the `Date` header, or of this process without one. */
export function understand({ status, headers, text }: HttpsAnswer): Answer<unknown> {
  const date = Date.parse(headers.date ?? '');
  const at = new Date(Number.isNaN(date) ? Date.now() : date).toISOString();
  if (status === 429 || status === 408 || status === 409 || status >= 500) {
    const reason = status === 429 ? THROTTLED : `ARM answered ${status}`;
    return failed(reason, retryAfterSeconds(headers['retry-after'], Date.now()));
  }
  const body = parsed(text);
  if (status === 401 || status === 403) return { outcome: 'denied', reason: deniedText(status, body), at };
  if (status === 404) return { outcome: 'gone', code: ErrorBody.safeParse(body).data?.error.code ?? '', at };
  if (status !== 200) return { outcome: 'garbled', reason: `ARM answered ${status}`, at };
  if (body === undefined) return failed('the answer is no JSON');
  return { outcome: 'ok', body, firstAt: at, at };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Azure names the missing action in its message: only that, and only in the form of an action, is kept. */
function deniedText(status: number, body: unknown): string {
  const message = ErrorBody.safeParse(body).data?.error.message ?? '';
  const action = /'(Microsoft\.[A-Za-z0-9./]{1,150}\/read)'/i.exec(message)?.[1];
  return action ? `denied (${status}): ${action} is missing` : `denied (${status})`;
}
