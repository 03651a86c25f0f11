import type { Reader } from './cells.ts';
import type { Node } from './tree.ts';
import type { Bag, Column, ColumnType, Row, TableSchema, Value } from './values.ts';

/** One execution of a compiled query. */
export interface Run {
  readonly id: number;
  /** Ticks. */
  readonly now: bigint;
  readonly tables: ReadonlyMap<string, readonly Bag[]>;
  /** The rows of each `let` table, computed once per run. */
  readonly kept: Map<object, readonly Row[]>;
}

export type Evaluate = (row: Row, run: Run) => Value;

/** A compiled scalar expression; a constant one has the same value for every row of a run. */
export interface Scalar {
  readonly type: ColumnType;
  readonly constant: boolean;
  readonly evaluate: Evaluate;
  /** The value of a literal in the query. */
  readonly literal?: Value;
}

/** How the columns of a row are read. */
export interface Shape {
  readonly columns: readonly Column[];
  readonly readers: readonly Reader[];
  /** Reads when the row of the first table was ingested; undefined where no row of a table is left. */
  readonly ingestion: Reader | undefined;
}

/** A compiled tabular expression. */
export interface Relation extends Shape {
  readonly rows: (run: Run) => readonly Row[];
}

/** What the rows around a scalar expression offer. */
export interface Rows extends Shape {
  /** Inside `summarize`: takes over the calls of aggregates. */
  readonly aggregate?: (call: Node) => Scalar | undefined;
}

export type Binding =
  | { readonly kind: 'scalar'; readonly scalar: Scalar; readonly rows: Rows | undefined }
  | { readonly kind: 'relation'; readonly relation: Relation }
  | { readonly kind: 'function'; readonly scope: Scope };

/** The names that an expression can use, and the compilers themselves, which call each other. */
export interface Scope {
  readonly locals: ReadonlyMap<string, Binding>;
  readonly tables: ReadonlyMap<string, { readonly key: string; readonly schema: TableSchema }>;
  readonly savedFunctions: ReadonlySet<string>;
  /** Whether the query asks for `ingestion_time()`, so that rows must carry it. */
  readonly carriesIngestion: boolean;
  readonly compileScalar: (node: Node, scope: Scope, rows: Rows | undefined) => Scalar;
  readonly compileRelation: (node: Node, scope: Scope) => Relation;
}

/** A value that is computed once per run. */
export function oncePerRun<T>(compute: (run: Run) => T): (run: Run) => T {
  let kept: { readonly run: number; readonly value: T } | undefined;
  return (run) => {
    if (kept?.run !== run.id) kept = { run: run.id, value: compute(run) };
    return kept.value;
  };
}

/** The scalar whose value never changes. */
export function fixed(value: Value, type: ColumnType): Scalar {
  return { type, constant: true, literal: value, evaluate: () => value };
}

const noRow: Row = [];

/** The value of a constant scalar in a run. */
export const constantValue = (scalar: Scalar, run: Run): Value => scalar.evaluate(noRow, run);

/** Readers of rows that are arrays of all columns. */
export function arrayShape(columns: readonly Column[], carries: boolean): Shape {
  return {
    columns,
    readers: columns.map((_, index) => cellAt(index)),
    ingestion: carries ? cellAt(columns.length) : undefined,
  };
}

function cellAt(index: number): Reader {
  return (row) => row[index] ?? null;
}
