import { Readable } from 'node:stream';
import type { TokenCredential } from '@azure/identity';
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  decompressResponsePolicy,
  type Pipeline,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import * as z from 'zod';
import type { Answer, Arm, Calls } from '../ports.ts';
import { retryAfterSeconds } from './retry-after.ts';
import { type TokenBucket, tokenBucket } from './token-bucket.ts';

const REQUEST_MS = 10_000;
/** Longest wait for our own bucket or Retry-After inside one run; more goes back to the queue. */
const WAIT_MS = 30_000;
const MAX_PAGES = 100;
const MAX_BODY = 10_000_000;
const BURST = 235;
const PER_SECOND = 24;

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
const ErrorBody = z.object({
  error: z.object({ code: z.string().catch(''), message: z.string().catch('') }),
});

let shared: { readonly buckets: Map<string, TokenBucket> } | undefined;

/** Buckets live as long as the process: the budget is per subscription and identity, not per invocation. */
function processBuckets(): Map<string, TokenBucket> {
  shared ??= { buckets: new Map() };
  return shared.buckets;
}

/**
 * Reads of ARM with our own pacing: no redirects, no other host, a timeout on every call, errors told apart. Nothing is
 * retried but what `Retry-After` allows within 30 s: the queue does the rest.
 */
export function armReader(options: ArmOptions): Arm {
  const { endpoint, calls, requestMs = REQUEST_MS } = options;
  const pipeline = pipelineOf(options);
  const buckets = options.buckets ?? processBuckets();

  async function read(url: string, subscription: string): Promise<Answer<unknown>> {
    const deadline = Date.now() + WAIT_MS;
    const bucket = bucketOf(buckets, subscription);
    for (let attempt = 1; ; attempt += 1) {
      const wait = bucket.take(Date.now(), deadline - Date.now());
      if (wait === undefined) return failed('throttled by our own budget', WAIT_MS / 1000);
      if (wait > 0) await pause(wait);
      const answer = await send(pipeline, url, calls, requestMs);
      if (answer.outcome !== 'failed') return answer;
      const seconds = answer.retryAfterSeconds;
      if (answer.reason === THROTTLED) bucket.refused(Date.now());
      if (attempt > 2 || seconds === undefined || Date.now() + seconds * 1000 > deadline) return answer;
      await pause(seconds * 1000);
    }
  }

  return {
    get: (path, apiVersion) => read(urlOf(endpoint, path, apiVersion), subscriptionOf(path)),
    async list(path, apiVersion, filter) {
      const items: unknown[] = [];
      let url = urlOf(endpoint, path, apiVersion, filter);
      let firstAt: string | undefined;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const answer = await read(url, subscriptionOf(path));
        if (answer.outcome !== 'ok') return answer;
        firstAt ??= answer.firstAt;
        const parsed = Page.safeParse(answer.body);
        if (!parsed.success)
          return { outcome: 'garbled', reason: 'not as documented: the list', at: answer.at };
        items.push(...parsed.data.value);
        const next = parsed.data.nextLink;
        if (!next) return { outcome: 'ok', body: items, firstAt, at: answer.at };
        if (!isSameHost(next, endpoint)) {
          return { outcome: 'garbled', reason: 'the next page is on another host', at: answer.at };
        }
        url = next;
      }
      return { outcome: 'garbled', reason: 'the list does not end', at: firstAt ?? new Date().toISOString() };
    },
  };
}

const client = createDefaultHttpClient();
/** One a credential: the pipeline keeps its token. */
const pipelines = new WeakMap<TokenCredential, Pipeline>();

/** An empty pipeline: its own retries would hide what has to be counted, its redirects would leave the host. */
function pipelineOf({ credential, scope }: ArmOptions): Pipeline {
  const known = pipelines.get(credential);
  if (known) return known;
  const pipeline = createEmptyPipeline();
  pipelines.set(credential, pipeline);
  pipeline.addPolicy(decompressResponsePolicy());
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: scope }));
  return pipeline;
}

function bucketOf(buckets: Map<string, TokenBucket>, subscription: string): TokenBucket {
  const known = buckets.get(subscription);
  if (known) return known;
  const bucket = tokenBucket(BURST, PER_SECOND);
  buckets.set(subscription, bucket);
  return bucket;
}

/** Rebuilt from parsed parts: each segment is encoded, so that no id can reach another path, query or host. */
function urlOf(endpoint: string, path: string, apiVersion: string, filter?: string): string {
  const segments = path.split('/').slice(1);
  if (
    !path.startsWith('/subscriptions') ||
    segments[0] !== 'subscriptions' ||
    segments.some((part) => part === '' || part === '.' || part === '..')
  ) {
    throw new Error('not a path of ARM');
  }
  const query = new URLSearchParams({
    'api-version': apiVersion,
    ...(filter === undefined ? {} : { $filter: filter }),
  });
  return `${endpoint}/${segments.map(encodeURIComponent).join('/')}?${query.toString().replaceAll('+', '%20')}`;
}

function subscriptionOf(path: string): string {
  return path.split('/')[2] ?? '';
}

function isSameHost(link: string, endpoint: string): boolean {
  if (!URL.canParse(link)) return false;
  const url = new URL(link);
  return (
    url.protocol === 'https:' && url.host === new URL(endpoint).host && url.username + url.password === ''
  );
}

const THROTTLED = 'throttled';

async function send(
  pipeline: Pipeline,
  url: string,
  calls: Calls,
  requestMs: number,
): Promise<Answer<unknown>> {
  const stop = new AbortController();
  const abortSignal = stop.signal;
  const timer = setTimeout(() => {
    stop.abort(`no answer within ${requestMs / 1000} s`);
  }, requestMs);
  const request = createPipelineRequest({
    url,
    method: 'GET',
    headers: createHttpHeaders({ accept: 'application/json' }),
    abortSignal,
    streamResponseStatusCodes: new Set([Infinity]),
  });
  calls.management += 1;
  try {
    const response = await pipeline.sendRequest(client, request);
    const answer = understand(response, await bodyOf(response, stop));
    if (answer.outcome === 'failed' && answer.reason === THROTTLED) calls.throttled += 1;
    return answer;
  } catch (error) {
    if (abortSignal.aborted) return failed(String(abortSignal.reason));
    const name = error instanceof Error ? error.name : '';
    return failed(
      /credential|authentication/i.test(name) ? 'no token could be had' : 'the connection failed',
    );
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The client's own reading of a body has no bound, and never ends when a compressed one is cut: a stream that is unpacked
 * does not hear of the connection behind it.
 */
function bodyOf({ readableStreamBody: stream }: PipelineResponse, stop: AbortController): Promise<string> {
  if (!(stream instanceof Readable)) return Promise.resolve('');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (): void => {
      stream.destroy();
      reject(new Error('the answer was cut'));
    };
    if (stop.signal.aborted) end();
    stop.signal.addEventListener('abort', end);
    stream.on('data', (bytes: Buffer) => {
      chunks.push(bytes);
      size += bytes.length;
      if (size > MAX_BODY) stop.abort(`the answer is larger than ${MAX_BODY / 1e6} MB`);
    });
    stream.on('end', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
    stream.on('error', end);
    stream.on('close', end);
  });
}

function failed(reason: string, seconds?: number): Extract<Answer<never>, { outcome: 'failed' }> {
  return { outcome: 'failed', reason, ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }) };
}

function understand({ status, headers }: PipelineResponse, text: string): Answer<unknown> {
  const date = Date.parse(headers.get('date') ?? '');
  const at = new Date(Number.isNaN(date) ? Date.now() : date).toISOString();
  if (status === 429 || status === 408 || status === 409 || status >= 500) {
    const reason = status === 429 ? THROTTLED : `ARM answered ${status}`;
    return failed(reason, retryAfterSeconds(headers.get('retry-after'), Date.now()));
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

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
