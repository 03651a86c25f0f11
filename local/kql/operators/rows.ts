import { compareValues } from '../comparisons.ts';
import { arrayShape, constantValue } from '../compile.ts';
import type { Evaluate, Relation, Run, Scope, Shape } from '../compile.ts';
import { itemsOf, operatorParameters, part } from '../tree.ts';
import type { Node } from '../tree.ts';
import { unsupported } from '../values.ts';
import type { Row, Value } from '../values.ts';
import { outputColumns } from './columns.ts';

/** `where`: a condition that is null drops the row. */
export function compileWhere(node: Node, input: Relation, scope: Scope): Relation {
  operatorParameters(node, []);
  const condition = scope.compileScalar(part(node, 'Condition'), scope, input);
  if (condition.type !== 'bool') throw unsupported('condition', condition.type);
  const { evaluate } = condition;
  return { ...input, rows: (run) => input.rows(run).filter((row) => evaluate(row, run) === true) };
}

/** `take` and `limit`: the first rows, although Kusto promises no order. */
export function compileTake(node: Node, input: Relation, scope: Scope): Relation {
  operatorParameters(node, []);
  const count = compileRowCount(part(node, 'Expression'), scope);
  return { ...input, rows: (run) => input.rows(run).slice(0, count(run)) };
}

function compileRowCount(node: Node, scope: Scope): (run: Run) => number {
  const scalar = scope.compileScalar(node, scope, undefined);
  return (run) => {
    const value = constantValue(scalar, run);
    if (typeof value !== 'number' || value < 0)
      throw unsupported('number of rows', 'that is no number from 0 up');
    return value;
  };
}

/** `count`: one row. */
export function compileCount(node: Node, input: Relation): Relation {
  return { ...arrayShape(outputColumns(node), false), rows: (run) => [[input.rows(run).length]] };
}

interface Order {
  readonly evaluate: Evaluate;
  readonly direction: 1 | -1;
  readonly nullsFirst: boolean;
}

/** `x desc nulls last`, which is the default; `asc` puts nulls first by default. */
function compileOrder(node: Node, input: Shape, scope: Scope): Order {
  const ordering = node.kind === 'OrderedExpression' ? part(node, 'Ordering') : undefined;
  const ascending = ordering?.parts.get('AscOrDescKeyword')?.text === 'asc';
  const nulls = ordering?.parts.get('NullsClause')?.parts.get('FirstOrLastKeyword')?.text;
  const expression = ordering ? part(node, 'Expression') : node;
  const scalar = scope.compileScalar(expression, scope, input);
  if (scalar.type === 'dynamic') throw unsupported('order', 'by a dynamic value');
  return {
    evaluate: scalar.evaluate,
    direction: ascending ? 1 : -1,
    nullsFirst: nulls ? nulls === 'first' : ascending,
  };
}

/** Nulls and NaN stand together at one end, null outside. */
function compareCells(left: Value, right: Value, { direction, nullsFirst }: Order): number {
  if (typeof left === 'string' && typeof right === 'string')
    return left === right ? 0 : left < right ? -direction : direction;
  const rank = (value: Value): number => (value === null ? 2 : Number.isNaN(value) ? 1 : 0);
  const difference = rank(left) - rank(right);
  if (difference !== 0) return nullsFirst ? -difference : difference;
  return rank(left) > 0 ? 0 : direction * compareValues(left, right);
}

interface Keyed {
  readonly row: Row;
  readonly keys: readonly Value[];
}

function sorter(orders: readonly Order[]): (rows: readonly Row[], run: Run) => readonly Row[] {
  const compare = (a: Keyed, b: Keyed): number => {
    let at = 0;
    for (const order of orders) {
      const result = compareCells(a.keys[at] ?? null, b.keys[at] ?? null, order);
      if (result !== 0) return result;
      at++;
    }
    return 0;
  };
  return (rows, run) =>
    rows
      .map((row) => ({ row, keys: orders.map((order) => order.evaluate(row, run)) }))
      .sort(compare)
      .map(({ row }) => row);
}

/** `sort` and `order`: stable. */
export function compileSort(node: Node, input: Relation, scope: Scope): Relation {
  operatorParameters(node, []);
  const sort = sorter(itemsOf(node, 'Expressions').map((item) => compileOrder(item, input, scope)));
  return { ...input, rows: (run) => sort(input.rows(run), run) };
}

/** `top n by x`: the same as `sort by x | take n`. */
export function compileTop(node: Node, input: Relation, scope: Scope): Relation {
  operatorParameters(node, []);
  const count = compileRowCount(part(node, 'Expression'), scope);
  const sort = sorter([compileOrder(part(node, 'ByExpression'), input, scope)]);
  return { ...input, rows: (run) => sort(input.rows(run), run).slice(0, count(run)) };
}
