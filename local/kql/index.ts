import { bindQuery } from './bind.ts';
import type { Diagnostic } from './bind.ts';
import type { TableSchema } from './values.ts';

export type { Diagnostic } from './bind.ts';
export { runKql } from './run.ts';
export type { KqlOptions, KqlResult, KqlTable } from './run.ts';
export type { ColumnType, TableSchema } from './values.ts';

/**
 * What the official Kusto language service finds in a query: errors and warnings, also those inside of the saved
 * functions that it calls. The functions are KQL text, such as `(from: datetime) { ... }`.
 */
export function checkKql(
  query: string,
  schemas: Readonly<Record<string, TableSchema>>,
  functions: Readonly<Record<string, string>> = {},
): readonly Diagnostic[] {
  return bindQuery(query, { schemas, functions }).diagnostics;
}
