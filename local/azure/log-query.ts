import { runKql } from '../kql/index.ts';
import { AzureError } from './azure-error.ts';
import { header, type Answer, type Exchange } from './http.ts';
import type { Ingestion } from './ingestion.ts';
import { isRecord, textAt } from './json.ts';
import { parseTimespan } from './timespan.ts';
import type { Tokens } from './tokens.ts';

export type QueryResult = ReturnType<typeof runKql>;

const badArgument = (error: unknown): AzureError =>
  new AzureError(400, 'BadArgumentError', error instanceof Error ? error.message : String(error));

/** Runs a query over the ingested rows whose TimeGenerated lies in the timespan, over all of them without one. */
export const queryLogs = (
  ingestion: Ingestion,
  query: string,
  now: Date,
  timespan: string | undefined,
): QueryResult => {
  const range = timespan === undefined ? undefined : parseTimespan(timespan, now);
  const within = (row: unknown): boolean => {
    const at = Date.parse(textAt(row, 'TimeGenerated') ?? '');
    return !range || (at >= range.from && at <= range.to);
  };
  const tables = ingestion.names().map((name) => {
    return [name, { schema: ingestion.schema(name), rows: ingestion.rows(name).filter(within) }] as const;
  });
  return runKql(query, { tables: Object.fromEntries(tables), now });
};

/** `POST /v1/workspaces/{id}/query` of the Log Analytics query service; on loopback a token is not asked for. */
export const answerLogQuery = (
  exchange: Exchange,
  ingestion: Ingestion,
  tokens: Tokens,
  now: Date,
): Answer => {
  const authorization = header(exchange, 'authorization');
  if (authorization !== undefined) tokens.verify(authorization);
  try {
    const body: unknown = JSON.parse(exchange.body.toString());
    const query = textAt(body, 'query');
    if (!isRecord(body) || query === undefined) throw new Error('The request has no query.');
    const result = queryLogs(ingestion, query, now, textAt(body, 'timespan'));
    const rows = result.rows.map((row) => result.columns.map((column) => row[column.name] ?? null));
    return { status: 200, body: { tables: [{ name: 'PrimaryResult', columns: result.columns, rows }] } };
  } catch (error) {
    throw badArgument(error);
  }
};
