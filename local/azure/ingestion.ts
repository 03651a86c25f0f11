import { gunzipSync } from 'node:zlib';
import { AzureError } from './azure-error.ts';
import { fitColumn, inferType, queryType, type Schema, type StreamType } from './columns.ts';
import { header, parameter, type Answer, type Exchange } from './http.ts';
import { isRecord, type Json } from './json.ts';
import type { Switches } from './switches.ts';
import type { Tokens } from './tokens.ts';

/** The columns of each stream (`Custom-<table>`); columns that it does not name are dropped. */
export type Streams = Readonly<Record<string, Readonly<Record<string, StreamType>>>>;

export interface Ingestion {
  /** `POST /dataCollectionRules/{immutable id}/streams/{stream}`. */
  accept: (exchange: Exchange) => Answer;
  /** The rows of a table in the order of their arrival, empty for a table without any. */
  rows: (table: string) => readonly Json[];
  /** The names of the tables that are declared or hold rows. */
  names: () => readonly string[];
  schema: (table: string) => Schema;
}

const limit = 1_048_576;
const path = /^\/dataCollectionRules\/([^/]+)\/streams\/([^/]+)$/i;
const dayMs = 86_400_000;

const tooLarge = (size: number): AzureError =>
  new AzureError(
    413,
    'ContentLengthLimitExceeded',
    `Maximum allowed content length: ${limit} bytes (1 MB). Provided content length: ${size} bytes.`,
  );

const unpack = (exchange: Exchange): Buffer => {
  if (exchange.body.length > limit) throw tooLarge(exchange.body.length);
  if (header(exchange, 'content-encoding')?.toLowerCase() !== 'gzip') return exchange.body;
  try {
    return gunzipSync(exchange.body, { maxOutputLength: limit * 16 });
  } catch {
    throw new AzureError(400, 'InvalidPayload', 'The content is not valid gzip.');
  }
};

const parseRows = (text: string): readonly Json[] => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AzureError(400, 'InvalidPayload', 'The content is not valid JSON.');
  }
  if (!Array.isArray(value) || !value.every(isRecord))
    throw new AzureError(400, 'InvalidPayload', 'The content must be a JSON array of objects.');
  return value;
};

/** Azure rewrites times that lie more than 2 days back or 1 day ahead to the arrival. */
const timeGenerated = (value: unknown, arrival: Date): unknown => {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  const age = arrival.getTime() - time;
  return age <= 2 * dayMs && age >= -dayMs ? value : arrival.toISOString();
};

const inferred = (rows: readonly Json[]): Schema => {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  names.delete('$ingestionTime');
  const schema: Schema = {};
  for (const name of names) schema[name] = inferType(rows.map((row) => row[name]));
  return { ...schema, TimeGenerated: 'datetime' };
};

/** Logs Ingestion for one data collection rule. */
export const createIngestion = (parts: {
  readonly ruleId: string;
  /** Any stream is accepted when left out. */
  readonly streams: Streams | undefined;
  readonly tokens: Tokens;
  readonly switches: Switches;
  readonly now: () => Date;
}): Ingestion => {
  const { streams, now } = parts;
  const tables = new Map<string, Json[]>();
  const tableOf = (stream: string): string => stream.replace(/^Custom-/, '');
  for (const stream of Object.keys(streams ?? {})) tables.set(tableOf(stream), []);

  const authorize = (exchange: Exchange): void => {
    const claims = parts.tokens.verify(header(exchange, 'authorization'));
    if (!(typeof claims['aud'] === 'string' && claims['aud'].includes('monitor')))
      throw new AzureError(401, 'InvalidAudience', 'The authentication token is not for Azure Monitor.');
    if (parts.switches.ingestionForbidden)
      throw new AzureError(
        403,
        'OperationFailed',
        `The authentication token provided does not have access to ingest data for the data collection rule with immutable Id '${parts.ruleId}'.`,
      );
  };

  const fit = (row: Json, columns: Streams[string] | undefined, arrival: Date): Json => {
    const kept: Record<string, unknown> = columns
      ? Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, fitColumn(type, row[name])]))
      : { ...row };
    kept['TimeGenerated'] = timeGenerated(kept['TimeGenerated'], arrival);
    return { ...kept, $ingestionTime: arrival.toISOString() };
  };

  return {
    accept: (exchange) => {
      const [, ruleId = '', stream = ''] = path.exec(exchange.path) ?? [];
      if (exchange.method !== 'POST' || ruleId === '')
        throw new AzureError(404, 'NotFound', `The path '${exchange.path}' is not a stream of a rule.`);
      authorize(exchange);
      if (parameter(exchange, 'api-version') !== '2023-01-01')
        throw new AzureError(400, 'InvalidApiVersion', 'The supported api-version is 2023-01-01.');
      if (ruleId !== parts.ruleId)
        throw new AzureError(
          404,
          'NotFound',
          `Data collection rule with immutable Id '${ruleId}' not found.`,
        );
      const columns = streams?.[stream];
      if (!stream.startsWith('Custom-') || (streams && !columns))
        throw new AzureError(
          400,
          'InvalidStream',
          `The stream ${stream} was not configured in the Data Collection Rule.`,
        );
      const content = unpack(exchange);
      if (content.length > limit) throw tooLarge(content.length);
      const arrival = now();
      const rows = parseRows(content.toString()).map((row) => fit(row, columns, arrival));
      const table = tables.get(tableOf(stream)) ?? [];
      for (const row of rows) table.push(row);
      tables.set(tableOf(stream), table);
      return { status: 204 };
    },
    rows: (table) => tables.get(table) ?? [],
    names: () => [...tables.keys()],
    schema: (table) => {
      const columns = streams?.[`Custom-${table}`];
      if (!columns) return inferred(tables.get(table) ?? []);
      const schema: Schema = { TimeGenerated: 'datetime' };
      for (const [name, type] of Object.entries(columns)) schema[name] = queryType(type);
      return schema;
    },
  };
};
