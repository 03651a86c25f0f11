import { compileAggregate, isAggregate } from '../aggregates/index.ts';
import type { Aggregate } from '../aggregates/build.ts';
import { keyOf } from '../keys.ts';
import { arrayShape } from '../compile.ts';
import type { Evaluate, Relation, Rows, Run, Scope } from '../compile.ts';
import { itemsOf, operatorParameters, part } from '../tree.ts';
import type { Node } from '../tree.ts';
import { columnType, unsupported } from '../values.ts';
import type { Row, Value } from '../values.ts';
import { compileList, outputColumns } from './columns.ts';

/** `summarize`: the `by` columns, then the aggregates, of which some give several columns. */
export function compileSummarize(node: Node, input: Relation, scope: Scope): Relation {
  operatorParameters(node, []);
  const columns = outputColumns(node);
  const by = node.parts.get('ByClause');
  const byItems = by ? itemsOf(by, 'Expressions') : [];
  const keys = compileList(byItems, columns.slice(0, byItems.length), scope, input).map(
    (scalar) => scalar.evaluate,
  );
  const aggregates: Aggregate[] = [];
  const cells = itemsOf(node, 'Aggregates').flatMap((item) => compileItem(item, input, scope, aggregates));
  if (keys.length + cells.length !== columns.length) throw unsupported('aggregate', 'with other columns');
  const group = grouper(keys, aggregates);
  return {
    ...arrayShape(columns, false),
    rows: (run) => {
      const groups = group(input.rows(run), run);
      // Without `by` there is one row, even of nothing.
      const all = groups.length === 0 && !by ? [{ keys: [], states: startAll(aggregates) }] : groups;
      return all.map((each) => {
        const results = each.states.flatMap((state) => state.results());
        return [...each.keys, ...cells.map((cell) => cell(results, run))];
      });
    },
  };
}

/** One aggregate item: an aggregate, or an expression over aggregates, each read from the results of a group. */
function compileItem(
  item: Node,
  input: Relation,
  scope: Scope,
  aggregates: Aggregate[],
): readonly Evaluate[] {
  const named = item.kind === 'SimpleNamedExpression' || item.kind === 'CompoundNamedExpression';
  const expression = named ? part(item, 'Expression') : item;
  const register = (call: Node): readonly Evaluate[] => {
    const aggregate = compileAggregate(call, input, scope);
    const at = aggregates.reduce((width, each) => width + each.width, 0);
    aggregates.push(aggregate);
    return Array.from({ length: aggregate.width }, (_, offset) => (row: Row) => row[at + offset] ?? null);
  };
  if (isAggregate(expression)) return register(expression);
  const rows: Rows = {
    ...arrayShape([], false),
    aggregate: (call) => {
      if (!isAggregate(call)) return undefined;
      const [evaluate, ...others] = register(call);
      if (!evaluate || others.length > 0) throw unsupported('aggregate', `${part(call, 'Name').name} inside`);
      return { type: columnType(call.type), constant: false, evaluate };
    },
  };
  return [scope.compileScalar(expression, scope, rows).evaluate];
}

type States = ReturnType<typeof startAll>;

const startAll = (aggregates: readonly Aggregate[]) => aggregates.map((aggregate) => aggregate.start());

interface Group {
  readonly keys: readonly Value[];
  readonly states: States;
}

function grouper(
  keys: readonly Evaluate[],
  aggregates: readonly Aggregate[],
): (rows: readonly Row[], run: Run) => readonly Group[] {
  return (rows, run) => {
    const groups = new Map<string, Group>();
    for (const row of rows) {
      const values = keys.map((key) => key(row, run));
      let text = '';
      for (const value of values) text += keyOf(value);
      let group = groups.get(text);
      if (!group) {
        group = { keys: values, states: startAll(aggregates) };
        groups.set(text, group);
      }
      for (const state of group.states) state.add(row, run);
    }
    return [...groups.values()];
  };
}
