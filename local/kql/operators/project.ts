import { keyOf } from '../keys.ts';
import { arrayShape } from '../compile.ts';
import type { Evaluate, Relation, Scope } from '../compile.ts';
import { itemsOf } from '../tree.ts';
import type { Node } from '../tree.ts';
import { unsupported } from '../values.ts';
import type { Row } from '../values.ts';
import { compileList, namedExpression, outputColumns, readerOf, rowBuilder } from './columns.ts';

/** `project`: the listed columns and nothing else. */
export function compileProject(node: Node, input: Relation, scope: Scope): Relation {
  const columns = outputColumns(node);
  const scalars = compileList(itemsOf(node, 'Expressions'), columns, scope, input);
  const build = rowBuilder(
    scalars.map((scalar) => scalar.evaluate),
    input,
  );
  return {
    ...arrayShape(columns, input.ingestion !== undefined),
    rows: (run) => input.rows(run).map((row) => build(row, run)),
  };
}

/** `project-away`, `-keep`, `-reorder` and `-rename`: the rows stay, other columns of them are read. */
export function compileReshape(node: Node, input: Relation): Relation {
  const columns = outputColumns(node);
  const renamed = new Map<string, string>();
  for (const item of itemsOf(node, 'Expressions')) {
    const { name, expression } = namedExpression(item);
    if (name !== undefined) renamed.set(name, expression.name);
  }
  const readers = columns.map(({ name }) => {
    const reader = readerOf(input, renamed.get(name) ?? name);
    if (!reader) throw unsupported('column', name);
    return reader;
  });
  return { ...input, columns, readers };
}

/** `extend`: columns are added, or replaced where the name is there; every expression sees the old row. */
export function compileExtend(node: Node, input: Relation, scope: Scope): Relation {
  const columns = outputColumns(node);
  const items = itemsOf(node, 'Expressions').map(namedExpression);
  const computed = new Map<string, Evaluate>();
  const given = new Set(items.flatMap(({ name }) => (name === undefined ? [] : [name])));
  // The binder appends what has no name of its own, in order, under names that it makes.
  const made = columns.filter(({ name }) => !given.has(name) && !readerOf(input, name));
  let next = 0;
  for (const { name, expression } of items) {
    const target = name ?? made[next++]?.name;
    if (target === undefined) throw unsupported('expression', 'without a new column');
    computed.set(target, scope.compileScalar(expression, scope, input).evaluate);
  }
  const build = rowBuilder(
    columns.map(({ name }) => {
      const cell = computed.get(name) ?? readerOf(input, name);
      if (!cell) throw unsupported('column', name);
      return cell;
    }),
    input,
  );
  return {
    ...arrayShape(columns, input.ingestion !== undefined),
    rows: (run) => input.rows(run).map((row) => build(row, run)),
  };
}

/** `distinct`: the first row of each combination. */
export function compileDistinct(node: Node, input: Relation, scope: Scope): Relation {
  const columns = outputColumns(node);
  const items = itemsOf(node, 'Expressions');
  const all = items.length === 1 && items[0]?.kind === 'StarExpression';
  const cells: readonly Evaluate[] = all
    ? input.readers
    : compileList(items, columns, scope, input).map((scalar) => scalar.evaluate);
  return {
    ...arrayShape(columns, false),
    rows: (run) => {
      const seen = new Map<string, Row>();
      for (const row of input.rows(run)) {
        const values = cells.map((cell) => cell(row, run));
        const key = values.map(keyOf).join('');
        if (!seen.has(key)) seen.set(key, values);
      }
      return [...seen.values()];
    },
  };
}
