import { setTimeout as pause } from 'node:timers/promises';
import { ResourceGraphClient, type ResourceGraphClientOptionalParams } from '@azure/arm-resourcegraph';
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import type { Calls, Graph, GraphRows, GraphScope } from '../ports.ts';
import { within } from './deadline.ts';
import { retryAfterSeconds } from './retry-after.ts';
import { type TokenBucket, tokenBucket } from './token-bucket.ts';

const PAGE = 1000;
const MAX_PAGES = 1000;
const REQUEST_MS = 30_000;
const TRIES = 5;
const WAIT_MS = 60_000;

export interface GraphOptions {
  readonly endpoint: string;
  readonly scope: string;
  readonly credential: TokenCredential;
  readonly calls: Calls;
  /** The process's own where it is not given. */
  readonly bucket?: TokenBucket;
  /** Milliseconds that one page may take; 30 s where it is not given. */
  readonly requestMs?: number;
}

type Pace = Required<Pick<GraphOptions, 'calls' | 'bucket' | 'requestMs'>>;

interface Page {
  readonly rows: GraphRows;
  readonly total: number;
  readonly truncated: boolean;
  readonly skipToken: string | undefined;
}

/** 3 pages a second: Resource Graph allows 15 in 5 s to the identity, whichever process asks. */
const processBucket = tokenBucket(10, 3);

/** Resource Graph through its SDK; every page counts, truncation and a lost page make a listing incomplete. */
export function graphReader(options: GraphOptions): Graph {
  // The client asks for a token of the public cloud whatever its endpoint is, unless `credentials` says otherwise.
  const clientOptions: ResourceGraphClientOptionalParams & { credentials: { scopes: string[] } } = {
    endpoint: options.endpoint,
    credentials: { scopes: [options.scope] },
    retryOptions: { maxRetries: 0 },
  };
  let client: ResourceGraphClient | undefined;
  const { calls, bucket = processBucket, requestMs = REQUEST_MS } = options;
  const pace = { calls, bucket, requestMs };
  return {
    async query(kql, scope, page) {
      const seen = new Set<unknown>();
      let skipToken: string | undefined;
      for (let pages = 0; pages < MAX_PAGES; pages += 1) {
        // Made when it is needed: most invocations ask ARM alone.
        client ??= new ResourceGraphClient(options.credential, clientOptions);
        const answer = await pageOf(client, kql, scope, skipToken, pace);
        if ('problem' in answer) return { complete: false, problem: answer.problem };
        const fresh = answer.rows.filter(({ id }) => !seen.has(id));
        for (const { id } of fresh) seen.add(id);
        page(fresh);
        skipToken = answer.skipToken;
        if (skipToken !== undefined) continue;
        if (answer.truncated) return { complete: false, problem: 'Resource Graph truncated its answer' };
        const complete = seen.size === answer.total;
        const problem = complete ? '' : `Resource Graph listed ${seen.size} of ${answer.total} rows`;
        return { complete, problem };
      }
      return { complete: false, problem: 'the pages of Resource Graph do not end' };
    },
  };
}

async function pageOf(
  client: ResourceGraphClient,
  query: string,
  scope: GraphScope,
  skipToken: string | undefined,
  pace: Pace,
): Promise<Page | { readonly problem: string }> {
  const deadline = Date.now() + WAIT_MS;
  for (let attempt = 1; ; attempt += 1) {
    const wait = pace.bucket.take(Date.now(), deadline - Date.now());
    if (wait === undefined) return { problem: 'Resource Graph is throttled' };
    if (wait > 0) await pause(wait);
    const tried = await tryPage(client, query, scope, skipToken, pace);
    if (!('retryAfterSeconds' in tried)) return tried;
    const seconds = Math.max(tried.retryAfterSeconds, 0.5 * attempt);
    if (attempt >= TRIES || Date.now() + seconds * 1000 > deadline) return { problem: tried.problem };
    await pause(seconds * 1000);
  }
}

type Tried =
  Page | { readonly problem: string; readonly retryAfterSeconds: number } | { readonly problem: string };

async function tryPage(
  client: ResourceGraphClient,
  query: string,
  scope: GraphScope,
  skipToken: string | undefined,
  pace: Pace,
): Promise<Tried> {
  pace.calls.graph += 1;
  try {
    const request = {
      query,
      ...(scope.subscriptions ? { subscriptions: [...scope.subscriptions] } : {}),
      ...(scope.managementGroups ? { managementGroups: [...scope.managementGroups] } : {}),
      options: {
        top: PAGE,
        resultFormat: 'objectArray' as const,
        allowPartialScopes: false,
        ...(skipToken === undefined ? {} : { skipToken }),
      },
    };
    const answer = await within(pace.requestMs, (abortSignal) => client.resources(request, { abortSignal }));
    const rows: unknown = answer.data;
    if (!isTable(rows)) return { problem: 'Resource Graph answered no table' };
    // A text in the API: `if (resultTruncated)` would always hold.
    const truncated = (answer.resultTruncated as string) !== 'false';
    return { rows, total: answer.totalRecords, truncated, skipToken: answer.skipToken };
  } catch (error) {
    return problemOf(error, pace);
  }
}

function isTable(rows: unknown): rows is GraphRows {
  return Array.isArray(rows) && rows.every((row) => typeof row === 'object' && row !== null);
}

const RestError = z.object({
  statusCode: z.number().optional(),
  response: z.object({ headers: z.custom<{ get(name: string): string | undefined }>() }).optional(),
});

function problemOf(error: unknown, { calls, bucket }: Pace): Tried {
  const { statusCode, response } = RestError.safeParse(error).data ?? {};
  if (statusCode === 403 || statusCode === 401)
    return { problem: `Resource Graph refused the query (${statusCode})` };
  if (statusCode === 400) return { problem: 'Resource Graph did not accept the query (400)' };
  if (statusCode === undefined && error instanceof Error && /credential|authentication/i.test(error.name)) {
    return { problem: 'Azure gave no token: sign in (az login), or check the managed identity' };
  }
  if (statusCode !== 429) {
    return {
      problem: `Resource Graph did not answer${statusCode ? ` (${statusCode})` : ''}`,
      retryAfterSeconds: 1,
    };
  }
  calls.throttled += 1;
  bucket.refused(Date.now());
  const resets = /^(\d\d):(\d\d):(\d\d)$/.exec(response?.headers.get('x-ms-user-quota-resets-after') ?? '');
  const quota = resets ? Number(resets[1]) * 3600 + Number(resets[2]) * 60 + Number(resets[3]) : 1;
  const seconds = retryAfterSeconds(response?.headers.get('retry-after'), Date.now());
  return { problem: 'Resource Graph is throttled', retryAfterSeconds: seconds ?? quota };
}
