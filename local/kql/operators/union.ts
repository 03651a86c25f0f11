import { arrayShape } from '../compile.ts';
import type { Evaluate, Relation, Scope } from '../compile.ts';
import { itemsOf, operatorParameters } from '../tree.ts';
import type { Node } from '../tree.ts';
import { missing, unsupported } from '../values.ts';
import type { Column } from '../values.ts';
import { outputColumns, rowBuilder } from './columns.ts';

/** `union`: the rows of the tables one after another; a column that a table lacks is missing there. */
export function compileUnion(node: Node, input: Relation | undefined, scope: Scope): Relation {
  const parameters = operatorParameters(node, ['kind', 'withsource']);
  // For kind=inner the binder names the columns of all tables, unlike Kusto.
  const kind = parameters.get('kind') ?? 'outer';
  if (kind !== 'outer') throw unsupported('union kind', kind);
  const source = parameters.get('withsource');
  const items = itemsOf(node, 'Expressions');
  const columns = outputColumns(node);
  const legs = items.map((item) => ({
    relation: scope.compileRelation(item, scope),
    name: item.kind === 'NameReference' ? item.name : undefined,
  }));
  const all = input ? [{ relation: input, name: undefined }, ...legs] : legs;
  const carries = scope.carriesIngestion;
  const builders = all.map(({ relation, name }) => {
    const cells = columns.map((column): Evaluate => {
      if (column.name === source) {
        if (name === undefined) throw unsupported('parameter', 'union withsource of a table without a name');
        return () => name;
      }
      return cellOf(relation, column);
    });
    const shape = { ...relation, ingestion: carries ? (relation.ingestion ?? (() => null)) : undefined };
    return { relation, build: rowBuilder(cells, shape) };
  });
  return {
    ...arrayShape(columns, carries),
    rows: (run) =>
      builders.flatMap(({ relation, build }) => relation.rows(run).map((row) => build(row, run))),
  };
}

/** The column of that name and type; a name that has several types stands as `name_type`. */
function cellOf(relation: Relation, column: Column): Evaluate {
  const fits = ({ name, type }: Column): boolean =>
    type === column.type && (name === column.name || `${name}_${type}` === column.name);
  const exact = relation.columns.findIndex((own) => own.name === column.name && own.type === column.type);
  const at = exact >= 0 ? exact : relation.columns.findIndex(fits);
  return relation.readers[at] ?? (() => missing(column.type));
}
