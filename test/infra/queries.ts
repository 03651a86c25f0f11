import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type KqlResult, runKql, type TableSchema } from '../../local/kql/index.ts';
import { type Columns, TABLES, type TableName } from '../../shared/rows.ts';

export const INFRA = join(import.meta.dirname, '..', '..', 'infra');

/** The tables as the workspace declares them. */
export const SCHEMAS: Readonly<Record<TableName, TableSchema>> = {
  DatabaseExposureFindings_CL: schemaOf(TABLES.DatabaseExposureFindings_CL),
  DatabaseExposureServers_CL: schemaOf(TABLES.DatabaseExposureServers_CL),
  DatabaseExposureChanges_CL: schemaOf(TABLES.DatabaseExposureChanges_CL),
  DatabaseExposureRuns_CL: schemaOf(TABLES.DatabaseExposureRuns_CL),
};

function schemaOf(columns: Columns): TableSchema {
  return Object.fromEntries(
    Object.entries(columns).map(([name, type]) => [name, type === 'boolean' ? 'bool' : type]),
  );
}

export function kqlIn(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(join(INFRA, folder)).filter((file) => file.endsWith('.kql'));
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(INFRA, folder, file), 'utf8')]));
}

/** A saved function as the workspace has it: its parameters stand in modules/tables.bicep, its body in the file. */
const saved = (file: string): string =>
  `(from: datetime) {\n${readFileSync(join(INFRA, 'functions', file), 'utf8')}\n}`;

export const FUNCTIONS = {
  DatabaseExposureCurrent: saved('database-exposure-current.kql'),
  DatabaseExposureTransitions: saved('database-exposure-transitions.kql'),
};

const Workbook = z.object({
  version: z.literal('Notebook/1.0'),
  items: z.array(
    z.object({
      type: z.number(),
      name: z.string(),
      content: z.object({ query: z.string().optional(), title: z.string().optional() }),
    }),
  ),
});

export const WORKBOOK = Workbook.parse(JSON.parse(readFileSync(join(INFRA, 'workbook.json'), 'utf8')));

/** Queries of the workbook by the name of their item. */
export const WORKBOOK_QUERIES: Readonly<Record<string, string>> = Object.fromEntries(
  WORKBOOK.items.flatMap(({ name, content }) => (content.query === undefined ? [] : [[name, content.query]])),
);

export type Row = Readonly<Record<string, unknown>>;
export type Rows = Partial<Record<TableName, readonly Row[]>>;

/** Executes a query over the rows that lie in the workspace at an ISO time: what comes later is not there yet. */
export function ask(query: string, rows: Rows, now: string): KqlResult['rows'] {
  const tables = Object.fromEntries(
    Object.entries(SCHEMAS).map(([name, schema]) => {
      const all = rows[name as TableName] ?? [];
      return [name, { schema, rows: all.filter(({ $ingestionTime }) => String($ingestionTime) <= now) }];
    }),
  );
  return runKql(query, { tables, functions: FUNCTIONS, now: new Date(now) }).rows;
}

const ALERTS = kqlIn('alerts');

/** What an alert's query gives at a time. */
export function alert(name: string, rows: Rows, now: string): KqlResult['rows'] {
  const query = ALERTS[`${name}.kql`];
  if (query === undefined) throw new Error(`no alert ${name}`);
  return ask(query, rows, now);
}
