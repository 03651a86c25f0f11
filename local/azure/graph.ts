import { randomUUID } from 'node:crypto';
import { runKql } from '../kql/index.ts';
import { isDenied, authenticate, checkVersion } from './arm-gate.ts';
import { AzureError } from './azure-error.ts';
import { countPath, type Counters } from './counters.ts';
import {
  asTable,
  badRequest,
  isPageable,
  parseBody,
  textList,
  wholeNumber,
  type Result,
} from './graph-request.ts';
import { ancestors, graphSchema } from './graph-rows.ts';
import { createGraphTables } from './graph-tables.ts';
import type { Answer, Exchange } from './http.ts';
import { recordAt, textAt, valueAt, type Json } from './json.ts';
import type { Store } from './store.ts';
import type { Switches } from './switches.ts';
import type { Throttle } from './throttle.ts';
import type { Tokens } from './tokens.ts';

const graphType = 'Microsoft.ResourceGraph/resources';
const largestAnswer = 16 * 1024 * 1024;
const resultsKept = 32;

/** Resource Graph: `POST /providers/Microsoft.ResourceGraph/resources`. */
export const createGraph = (parts: {
  readonly store: Store;
  readonly tokens: Tokens;
  readonly throttle: Throttle;
  readonly switches: Switches;
  readonly counters: Counters;
  readonly tenantId: string;
  readonly now: () => Date;
}): ((exchange: Exchange) => Answer) => {
  const { store, switches, counters, now } = parts;
  const tablesAt = createGraphTables(store, parts.tenantId, now);
  const results = new Map<string, Result>();

  const readable = (subscriptionId: string): boolean => {
    const found = store.subscriptions.get(subscriptionId);
    return (
      found !== undefined &&
      found.state !== 'Deleted' &&
      !isDenied(switches, subscriptionId, found.readable, `/subscriptions/${subscriptionId}`)
    );
  };

  const scopeOf = (body: Json): ReadonlySet<string> => {
    const subscriptions = textList(body, 'subscriptions');
    const groups = textList(body, 'managementGroups');
    if (subscriptions && groups)
      throw badRequest('InvalidRequest', 'subscriptions and managementGroups cannot be combined.');
    const asked =
      subscriptions ??
      [...store.subscriptions].flatMap(([id, item]) => {
        const above = ancestors(store.managementGroups, item.managementGroup);
        return !groups || above.some((group) => groups.includes(group.name.toLowerCase())) ? [id] : [];
      });
    const visible = new Set(asked.filter(readable));
    if (visible.size > 0) return visible;
    throw new AzureError(
      403,
      'AccessDenied',
      "The client does not have authorization to perform action 'Microsoft.ResourceGraph/resources/read' over any of the given subscriptions.",
    );
  };

  const run = (query: string, scope: ReadonlySet<string>): Result => {
    const whole = scope.size === store.subscriptions.size;
    const tables = Object.entries(tablesAt(switches.graphStalenessSeconds)).map(([name, rows]) => {
      const own = (row: Json): boolean =>
        row['subscriptionId'] === '' || scope.has(String(row['subscriptionId']));
      return [name, { schema: graphSchema, rows: whole ? rows : rows.filter(own) }] as const;
    });
    try {
      return runKql(query, { tables: Object.fromEntries(tables), now: now(), tableNamesIgnoreCase: true });
    } catch (error) {
      throw badRequest(
        'InvalidQuery',
        `Query is invalid. ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };

  const keep = (result: Result): string => {
    const id = randomUUID();
    results.set(id, result);
    const oldest = results.keys().next().value;
    if (results.size > resultsKept && oldest !== undefined) results.delete(oldest);
    return id;
  };

  const resume = (
    token: string,
  ): { readonly id: string; readonly offset: number; readonly result: Result } => {
    const [id = '', offset] = Buffer.from(token, 'base64url').toString().split(' ');
    const result = results.get(id);
    if (!result || !/^\d+$/.test(offset ?? ''))
      throw badRequest('InvalidSkipToken', 'The $skipToken is invalid or has expired.');
    return { id, offset: Number(offset), result };
  };

  const answer = (body: Json): Json => {
    const query = textAt(body, 'query');
    if (query === undefined || query.trim() === '')
      throw badRequest('InvalidRequest', 'The query is missing.');
    const options = recordAt(body, 'options');
    const top = wholeNumber(options, '$top', 100);
    if (top < 1 || top > 1000) throw badRequest('InvalidRequest', '$top must be from 1 to 1000.');
    const scope = scopeOf(body);
    const token = textAt(options, '$skipToken');
    const at = token === undefined ? undefined : resume(token);
    const result = at?.result ?? run(query, scope);
    const offset = at?.offset ?? wholeNumber(options, '$skip', 0);
    const rows = result.rows.slice(offset, offset + top);
    const more = offset + top < result.rows.length;
    const pageable = isPageable(query, result);
    const format = valueAt(options, 'resultFormat') ?? 'objectArray';
    if (format !== 'objectArray' && format !== 'table')
      throw badRequest('InvalidRequest', 'resultFormat must be objectArray or table.');
    const next = more && pageable ? `${at?.id ?? keep(result)} ${offset + top}` : undefined;
    return {
      totalRecords: result.rows.length,
      count: rows.length,
      data: format === 'table' ? asTable(result, rows) : rows,
      facets: [],
      resultTruncated: more && !pageable ? 'true' : 'false',
      ...(next !== undefined && { $skipToken: Buffer.from(next).toString('base64url') }),
    };
  };

  return (exchange) => {
    counters.graphCalls += 1;
    countPath(counters, exchange.method, graphType);
    const read = { ...exchange, method: 'GET' }; // Resource Graph only reads: never without a token.
    const caller = authenticate(read, parts.tokens, parts.tenantId, now());
    checkVersion(exchange, graphType);
    if (exchange.method !== 'POST')
      throw new AzureError(405, 'MethodNotAllowed', `The method ${exchange.method} is not allowed.`);
    const quota = switches.throttle
      ? parts.throttle.graph(caller.objectId)
      : { admitted: true, remaining: 14, retryAfter: 5 };
    const headers = {
      'x-ms-user-quota-remaining': String(quota.remaining),
      'x-ms-user-quota-resets-after': `00:00:${String(quota.retryAfter).padStart(2, '0')}`,
    };
    if (!quota.admitted)
      throw new AzureError(429, 'RateLimiting', 'Client application has been throttled.', {
        headers: { ...headers, 'retry-after': String(quota.retryAfter) },
        details: [
          {
            code: 'RateLimiting',
            message:
              'Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.',
          },
        ],
      });
    const json = JSON.stringify(answer(parseBody(exchange)));
    if (json.length > largestAnswer)
      throw badRequest('ResponsePayloadTooLarge', 'The answer is larger than 16 MB: ask for less.');
    return { status: 200, json, headers };
  };
};
