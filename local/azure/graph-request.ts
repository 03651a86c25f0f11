import { randomUUID } from 'node:crypto';
import type { runKql } from '../kql/index.ts';
import { AzureError } from './azure-error.ts';
import { header, type Exchange } from './http.ts';
import { isRecord, type Json } from './json.ts';

export type Result = ReturnType<typeof runKql>;

/** Azure's 400 with the reason among its details. */
export const badRequest = (code: string, message: string): AzureError =>
  new AzureError(
    400,
    'BadRequest',
    `Please provide below info when asking for support: correlationId = ${randomUUID()}.`,
    { details: [{ code, message }] },
  );

/** A list of text in lower case; undefined where it is absent or empty. */
export const textList = (body: Json, key: string): readonly string[] | undefined => {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.length === 0 ? undefined : value.map((item) => item.toLowerCase());
  throw badRequest('InvalidRequest', `${key} is not a list of text.`);
};

/** A whole number of the options, or the fallback where it is absent. */
export const wholeNumber = (options: Json, key: string, fallback: number): number => {
  const value = options[key] ?? fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw badRequest('InvalidRequest', `${key} is not a whole number.`);
};

/** The JSON object that a query request carries. */
export const parseBody = (exchange: Exchange): Json => {
  // Azure answers any other content type with 500, not with 415.
  if (!(header(exchange, 'content-type') ?? '').startsWith('application/json'))
    throw new AzureError(500, 'InternalServerError', 'The content type must be application/json.');
  try {
    const body: unknown = JSON.parse(exchange.body.toString());
    if (isRecord(body)) return body;
  } catch {
    throw badRequest('InvalidRequest', 'The request body is not JSON.');
  }
  throw badRequest('InvalidRequest', 'The request body is not an object.');
};

const limited = (query: string): boolean =>
  /\|\s*(take|limit|sample)\b/i.test(query.replace(/"[^"]*"|'[^']*'/g, "''"));

/** Without a plain column, or with a row limit in the query, Azure gives no token for further pages. */
export const isPageable = (query: string, result: Result): boolean =>
  !limited(query) && result.columns.some((column) => column.type !== 'dynamic');

/** Rows in the format `table`. */
export const asTable = (result: Result, rows: Result['rows']): Json => ({
  columns: result.columns,
  rows: rows.map((row) => result.columns.map((column) => row[column.name] ?? null)),
});
