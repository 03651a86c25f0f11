import { castElement } from '../casts.ts';
import { arrayShape, constantValue } from '../compile.ts';
import type { Evaluate, Relation, Scope } from '../compile.ts';
import { itemsOf, operatorParameters, part } from '../tree.ts';
import type { Node } from '../tree.ts';
import { columnType, isArray, isBag, jsonValue, missing, unsupported } from '../values.ts';
import type { ColumnType, Value } from '../values.ts';
import { namedExpression, outputColumns, readerOf } from './columns.ts';

interface Expansion {
  readonly column: string;
  readonly type: ColumnType;
  readonly evaluate: Evaluate;
}

/** `mv-expand`: a row for each element; several columns are expanded side by side. */
export function compileExpand(node: Node, input: Relation, scope: Scope): Relation {
  const parameters = operatorParameters(node, ['kind', 'bagexpansion', 'with_itemindex']);
  const kind = parameters.get('kind') ?? parameters.get('bagexpansion') ?? 'bag';
  if (kind !== 'bag' && kind !== 'array') throw unsupported('mv-expand kind', kind);
  const index = parameters.get('with_itemindex');
  const columns = outputColumns(node);
  const items = itemsOf(node, 'Expressions');
  const given = items.map((item) => namedExpression(part(item, 'Expression')).name);
  const made = columns
    .filter(({ name }) => name !== index && !given.includes(name) && !readerOf(input, name))
    .map(({ name }) => name);
  const expansions = items.map((item) => expansionOf(item, made, input, scope));
  const limitClause = node.parts.get('RowLimitClause');
  const limit = limitClause && scope.compileScalar(part(limitClause, 'RowLimit'), scope, undefined);
  const cells = columns.map((column) => {
    const expansion = expansions.findIndex(({ column: name }) => name === column.name);
    const read = readerOf(input, column.name);
    if (expansion < 0 && column.name !== index && !read) throw unsupported('column', column.name);
    return { expansion, isIndex: column.name === index, read };
  });
  const carried = input.ingestion;
  return {
    ...arrayShape(columns, carried !== undefined),
    rows: (run) => {
      const most = limit ? constantValue(limit, run) : Number.MAX_SAFE_INTEGER;
      if (typeof most !== 'number') throw unsupported('mv-expand limit', 'that is no number');
      return input.rows(run).flatMap((row) => {
        const lists = expansions.map(({ evaluate }) => elementsOf(evaluate(row, run), kind));
        const count = Math.min(most, Math.max(0, ...lists.map((list) => list.length)));
        return Array.from({ length: count }, (_, at) => {
          const built = cells.map(({ expansion, isIndex, read }): Value => {
            if (isIndex) return at;
            const item = expansions[expansion];
            if (!item) return read?.(row) ?? null;
            const list = lists[expansion] ?? [];
            return at < list.length ? castElement(list[at] ?? null, item.type) : missing(item.type);
          });
          return carried ? [...built, carried(row)] : built;
        });
      });
    },
  };
}

function expansionOf(item: Node, made: string[], input: Relation, scope: Scope): Expansion {
  const { name, expression } = namedExpression(part(item, 'Expression'));
  const own = expression.kind === 'NameReference' ? expression.name : undefined;
  const column = name ?? own ?? made.shift();
  if (column === undefined) throw unsupported('expression', 'without a new column');
  const scalar = scope.compileScalar(expression, scope, input);
  if (scalar.type !== 'dynamic') throw unsupported('mv-expand', `of a ${scalar.type}`);
  const toType = item.parts.get('ToTypeOf');
  const type = toType ? columnType(typeName(part(toType, 'TypeOf'))) : 'dynamic';
  return { column, type, evaluate: scalar.evaluate };
}

/** The type that `typeof(...)` names. */
function typeName(node: Node): string {
  return itemsOf(node, 'Types')[0]?.symbol?.name ?? 'unknown';
}

/** Null and a single value are one element, an empty array or bag is none. */
function elementsOf(value: Value, kind: 'bag' | 'array'): readonly Value[] {
  if (isArray(value)) return value.map(jsonValue);
  if (!isBag(value)) return [value];
  return Object.entries(value).map(([key, inner]) =>
    kind === 'array' ? [key, inner] : Object.fromEntries([[key, inner]]),
  );
}
