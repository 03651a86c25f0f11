import { setTimeout as pause } from 'node:timers/promises';
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import type { Answer, Arm, Calls } from '../ports.ts';
import { failed, THROTTLED, understand } from './arm-answer.ts';
import { nextTarget, subscriptionOf, targetOf } from './arm-target.ts';
import { bearerToken } from './bearer-token.ts';
import { httpsGet, type Lost } from './https-get.ts';
import { ARM_READS, type TokenBucket, tokenBucket } from './token-bucket.ts';
import { ENCODINGS } from './unpacked.ts';

const REQUEST_MS = 10_000;
/** Longest wait for our own bucket or Retry-After inside one run; more goes back to the queue. */
const WAIT_MS = 30_000;
const MAX_PAGES = 100;
const MAX_BODY = 10_000_000;

export interface ArmOptions {
  /** `https://` address without a slash at its end. */
  readonly endpoint: string;
  readonly scope: string;
  readonly credential: TokenCredential;
  readonly calls: Calls;
  readonly buckets?: Map<string, TokenBucket>;
  /** Milliseconds that one answer may take; 10 s where it is not given. */
  readonly requestMs?: number;
}

const Page = z.object({ value: z.array(z.unknown()), nextLink: z.string().nullish() });

/** Buckets live as long as the process: the budget is per subscription and identity, not per invocation. */
const processBuckets = new Map<string, TokenBucket>();

/**
 * Reads of ARM with our own pacing: no redirects, no other host, a timeout on every call, errors told apart. Nothing is
 * retried but a connection that was closed while nobody used it, and what `Retry-After` allows within 30 s: the queue does
 * the rest. Throws on an endpoint that is no `https:` address.
 */
export function armReader(options: ArmOptions): Arm {
  const buckets = options.buckets ?? processBuckets;
  const endpoint = new URL(options.endpoint);
  if (endpoint.protocol !== 'https:') throw new Error('the endpoint is no https:// address');
  const root = endpoint.pathname.replace(/\/$/, '');
  const send = sender(options, endpoint);

  async function read(target: string, subscription: string): Promise<Answer<unknown>> {
    const deadline = Date.now() + WAIT_MS;
    const bucket = bucketOf(buckets, subscription);
    for (let attempt = 1; ; attempt += 1) {
      const wait = bucket.take(Date.now(), deadline - Date.now());
      if (wait === undefined) return failed('throttled by our own budget', WAIT_MS / 1000);
      if (wait > 0) await pause(wait);
      const answer = await send(target);
      if (answer.outcome !== 'failed') return answer;
      const seconds = answer.retryAfterSeconds;
      if (answer.reason === THROTTLED) bucket.refused(Date.now());
      if (attempt > 2 || seconds === undefined || Date.now() + seconds * 1000 > deadline) return answer;
      await pause(seconds * 1000);
    }
  }

  return {
    get: (path, apiVersion) => read(root + targetOf(path, apiVersion), subscriptionOf(path)),
    async list(path, apiVersion, filter) {
      const items: unknown[] = [];
      let target = root + targetOf(path, apiVersion, filter);
      let firstAt: string | undefined;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const answer = await read(target, subscriptionOf(path));
        if (answer.outcome !== 'ok') return answer;
        firstAt ??= answer.firstAt;
        const parsed = Page.safeParse(answer.body);
        if (!parsed.success)
          return { outcome: 'garbled', reason: 'not as documented: the list', at: answer.at };
        items.push(...parsed.data.value);
        const link = parsed.data.nextLink;
        if (!link) return { outcome: 'ok', body: items, firstAt, at: answer.at };
        const next = nextTarget(link, endpoint);
        if (next === undefined)
          return { outcome: 'garbled', reason: 'the next page is on another host', at: answer.at };
        target = next;
      }
      return { outcome: 'garbled', reason: 'the list does not end', at: firstAt ?? new Date().toISOString() };
    },
  };
}

function bucketOf(buckets: Map<string, TokenBucket>, subscription: string): TokenBucket {
  const known = buckets.get(subscription);
  if (known) return known;
  const bucket = tokenBucket(ARM_READS.burst, ARM_READS.perSecond);
  buckets.set(subscription, bucket);
  return bucket;
}

/** One call with a token, counted: the deadline holds for both. */
function sender(options: ArmOptions, { hostname: host, port }: URL) {
  const { calls, requestMs = REQUEST_MS } = options;
  const token = bearerToken(options.credential, options.scope);

  return async (path: string): Promise<Answer<unknown>> => {
    const startedAt = Date.now();
    calls.management += 1;
    let authorization;
    try {
      authorization = await token.at(startedAt, requestMs);
    } catch {
      return failed('no token could be had');
    }
    const headers = { accept: 'application/json', 'accept-encoding': ENCODINGS, authorization };
    const ask = (connection: 'kept' | 'new') => {
      const milliseconds = Math.max(1, startedAt + requestMs - Date.now());
      return httpsGet({ host, port, path, headers, milliseconds, maxBytes: MAX_BODY }, connection);
    };
    let response = await ask('kept');
    if (response === 'reset') {
      calls.management += 1;
      response = await ask('new');
    }
    if (typeof response === 'string') return failed(reasonOf(response, requestMs));
    if (response.status === 401) token.forget(authorization);
    if (response.status === 429) calls.throttled += 1;
    return understand(response);
  };
}

function reasonOf(lost: Lost, requestMs: number): string {
  if (lost === 'late') return `no answer within ${requestMs / 1000} s`;
  if (lost === 'large') return `the answer is larger than ${MAX_BODY / 1e6} MB`;
  return 'the connection failed';
}
