import type { Evaluate, Scalar, Scope, Shape } from '../compile.ts';
import { part } from '../tree.ts';
import type { Node } from '../tree.ts';
import { columnType, unsupported } from '../values.ts';
import type { Column, Row, Value } from '../values.ts';

/** The output columns that the binder found for an operator. */
export function outputColumns(node: Node): readonly Column[] {
  if (!node.columns) throw unsupported('operator', node.kind);
  return node.columns.map(({ name, type }) => ({ name, type: columnType(type) }));
}

/** An item `name = expression` as its parts; the name is undefined where the binder makes one. */
export function namedExpression(item: Node): {
  readonly name: string | undefined;
  readonly expression: Node;
} {
  if (item.kind === 'SimpleNamedExpression')
    return { name: part(item, 'Name').name, expression: part(item, 'Expression') };
  if (item.kind === 'CompoundNamedExpression') throw unsupported('expression', 'with several names');
  return { name: undefined, expression: item };
}

/** Compiles the expressions of a list, which must fit the output columns one by one. */
export function compileList(
  items: readonly Node[],
  columns: readonly Column[],
  scope: Scope,
  input: Shape,
): readonly Scalar[] {
  if (items.length !== columns.length) throw unsupported('expression', 'with several values');
  return items.map((item) => scope.compileScalar(namedExpression(item).expression, scope, input));
}

/** Builds rows that are arrays; the time of ingestion, where it is carried, stands behind the columns. */
export function rowBuilder(
  cells: readonly Evaluate[],
  input: Shape,
): (row: Row, run: Parameters<Evaluate>[1]) => Row {
  const all = input.ingestion ? [...cells, input.ingestion] : cells;
  const count = all.length;
  return (row, run) => {
    const built: Value[] = new Array<Value>(count);
    for (let at = 0; at < count; at++) built[at] = all[at]?.(row, run) ?? null;
    return built;
  };
}

/** The reader of a column by its name. */
export function readerOf(shape: Shape, name: string): Shape['readers'][number] | undefined {
  return shape.readers[shape.columns.findIndex((column) => column.name === name)];
}
