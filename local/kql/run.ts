import { bindQuery } from './bind.ts';
import type { Names } from './bind.ts';
import { outputCell } from './cells.ts';
import type { Binding, Relation, Run, Scope } from './compile.ts';
import { compileRelation } from './relation.ts';
import { compileScalar } from './scalar.ts';
import { withStatements } from './statements.ts';
import { ticksOfDate } from './time.ts';
import { itemsOf, keyword, part } from './tree.ts';
import type { Node } from './tree.ts';
import { unsupported } from './values.ts';
import type { Bag, Column, TableSchema } from './values.ts';

/** A table with its rows as plain JSON: datetimes as ISO text, dynamics as parsed JSON. */
export interface KqlTable {
  readonly schema: TableSchema;
  readonly rows: readonly Bag[];
}

export interface KqlOptions {
  readonly tables: Readonly<Record<string, KqlTable>>;
  /** Saved functions by name, as KQL text: `(from: datetime) { ... }`. */
  readonly functions?: Readonly<Record<string, string>>;
  /** What `now()` gives. */
  readonly now: Date;
  /** Resource Graph takes table names in any case. */
  readonly tableNamesIgnoreCase?: boolean;
}

export interface KqlResult {
  readonly columns: readonly Column[];
  readonly rows: readonly Bag[];
}

const compiled = new Map<string, Relation>();
let runs = 0;

/**
 * Executes a query over rows in memory. The first finding of the language service of level Error is thrown, and
 * so is what the runner does not know, before any row is read wherever the query itself shows it.
 */
export function runKql(query: string, options: KqlOptions): KqlResult {
  const tables = namedTables(query, options);
  const relation = compileQuery(query, tables, options);
  const run: Run = {
    id: runs++,
    now: ticksOfDate(options.now),
    tables: new Map(Object.entries(options.tables).map(([name, table]) => [name, table.rows])),
    kept: new Map(),
  };
  return { columns: relation.columns, rows: resultRows(relation, run) };
}

type NamedTables = Scope['tables'];

/** The tables under the names that the query uses for them. */
function namedTables(query: string, { tables, tableNamesIgnoreCase }: KqlOptions): NamedTables {
  const named = new Map(Object.entries(tables).map(([key, { schema }]) => [key, { key, schema }]));
  if (!tableNamesIgnoreCase) return named;
  const byLower = new Map([...named].map(([name, table]) => [name.toLowerCase(), table]));
  for (const [word] of query.matchAll(/[A-Za-z_]\w*/g)) {
    const table = byLower.get(word.toLowerCase());
    if (table) named.set(word, table);
  }
  return named;
}

/** Binds and compiles a query once per text and schemas: pages of Resource Graph ask for the same again. */
function compileQuery(query: string, tables: NamedTables, { functions = {} }: KqlOptions): Relation {
  const schemas = Object.fromEntries([...tables].map(([name, { schema }]) => [name, schema]));
  const keys = [...tables].map(([name, { key }]) => [name, key]);
  const key = JSON.stringify([query, schemas, functions, keys]);
  const known = compiled.get(key);
  if (known) return known;
  const relation = compile(query, tables, { schemas, functions });
  if (compiled.size > 200) compiled.clear();
  compiled.set(key, relation);
  return relation;
}

function compile(query: string, tables: NamedTables, names: Names): Relation {
  const bound = bindQuery(query, names);
  const error = bound.diagnostics.find(({ severity }) => severity === 'Error');
  if (error) throw new Error(`KQL: ${error.code} at ${error.start}: ${error.message}`);
  const texts = [query, ...Object.values(names.functions)];
  const scope: Scope = {
    locals: new Map<string, Binding>(),
    tables,
    savedFunctions: new Set(Object.keys(names.functions)),
    carriesIngestion: texts.some((text) => text.includes('ingestion_time')),
    compileScalar,
    compileRelation,
  };
  return compileBlock(itemsOf(bound.tree(), 'Statements'), scope);
}

/** The statements of a query: bindings, then one tabular expression. */
function compileBlock(statements: readonly Node[], scope: Scope): Relation {
  const last = statements.at(-1);
  if (last?.kind !== 'ExpressionStatement') throw unsupported('query', 'without a tabular expression');
  const inner = withStatements(statements.slice(0, -1), scope);
  const expression = part(last, 'Expression');
  if (!expression.tabular) throw unsupported('query', `that is no table: ${keyword(expression)}`);
  return compileRelation(expression, inner);
}

function resultRows({ columns, readers, rows }: Relation, run: Run): readonly Bag[] {
  const cells = columns.map((column, at) => ({ column, read: readers[at] }));
  return rows(run).map((row) =>
    Object.fromEntries(
      cells.map(({ column, read }) => [column.name, outputCell(read ? read(row) : null, column)]),
    ),
  );
}
