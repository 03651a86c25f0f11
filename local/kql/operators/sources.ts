import { arrayShape, constantValue } from '../compile.ts';
import type { Relation, Scope } from '../compile.ts';
import { itemsOf, part } from '../tree.ts';
import type { Node } from '../tree.ts';
import { unsupported } from '../values.ts';
import { castTo } from '../comparisons.ts';
import { namedExpression, outputColumns } from './columns.ts';

/** `print`: one row of constants. */
export function compilePrint(node: Node, scope: Scope): Relation {
  const columns = outputColumns(node);
  const items = itemsOf(node, 'Expressions');
  if (items.length !== columns.length) throw unsupported('expression', 'with several values');
  const scalars = items.map((item) =>
    scope.compileScalar(namedExpression(item).expression, scope, undefined),
  );
  return {
    ...arrayShape(columns, false),
    rows: (run) => [scalars.map((scalar) => constantValue(scalar, run))],
  };
}

/** `datatable(columns) [values]`: rows that are written in the query. */
export function compileDatatable(node: Node, scope: Scope): Relation {
  const columns = outputColumns(node);
  const values = itemsOf(node, 'Values').map((item, at) => {
    const scalar = scope.compileScalar(item, scope, undefined);
    const type = columns[at % columns.length]?.type ?? scalar.type;
    return castTo(scalar, type);
  });
  return {
    ...arrayShape(columns, false),
    rows: (run) =>
      Array.from({ length: values.length / columns.length }, (_, row) =>
        values
          .slice(row * columns.length, (row + 1) * columns.length)
          .map((scalar) => constantValue(scalar, run)),
      ),
  };
}

/** `range x from 1 to 9 step 2` over numbers. */
export function compileRange(node: Node, scope: Scope): Relation {
  const [from, to, step] = ['From', 'To', 'Step'].map((role) =>
    scope.compileScalar(part(node, role), scope, undefined),
  );
  return {
    ...arrayShape(outputColumns(node), false),
    rows: (run) => {
      const [first, last, by] = [from, to, step].map((scalar) => scalar && constantValue(scalar, run));
      if (typeof first !== 'number' || typeof last !== 'number' || typeof by !== 'number' || by <= 0)
        throw unsupported('range', 'that does not count up in numbers');
      return Array.from({ length: Math.max(0, Math.floor((last - first) / by) + 1) }, (_, at) => [
        first + at * by,
      ]);
    },
  };
}
