import type { Reader } from '../cells.ts';
import { compareValues } from '../comparisons.ts';
import type { Evaluate, Relation, Run, Scope } from '../compile.ts';
import { readerOf } from '../operators/columns.ts';
import type { Node } from '../tree.ts';
import { columnType, missing, unsupported } from '../values.ts';
import type { Row, Value } from '../values.ts';
import type { Aggregate } from './build.ts';

/** The cells that a record aggregate returns: its arguments, where `*` stands for the columns of the binder. */
function cellsOf(nodes: readonly Node[], call: Node, input: Relation, scope: Scope): readonly Evaluate[] {
  const star = nodes.findIndex((node) => node.kind === 'StarExpression');
  if (star < 0) return nodes.map((node) => scope.compileScalar(node, scope, input).evaluate);
  if (star !== nodes.length - 1) throw unsupported('argument', 'after *');
  const before = nodes.slice(0, star).map((node) => scope.compileScalar(node, scope, input).evaluate);
  const rest = (call.columns ?? []).slice(before.length).map(({ name }): Reader => {
    const reader = readerOf(input, name);
    if (!reader) throw unsupported('column', name);
    return reader;
  });
  return [...before, ...rest];
}

function missingCells(call: Node, width: number): readonly Value[] {
  const types = call.columns?.map((column) => column.type) ?? [call.type];
  if (types.length !== width) throw unsupported('aggregate', 'with other columns');
  return types.map((type) => missing(columnType(type)));
}

/**
 * `arg_max` and `arg_min`: the row with the largest or smallest value, of equal ones the first. Rows with a
 * null value count only where there is no other.
 */
export function compileArg(
  nodes: readonly Node[],
  largest: boolean,
  call: Node,
  input: Relation,
  scope: Scope,
): Aggregate {
  const cells = cellsOf(nodes, call, input, scope);
  const [rank] = cells;
  if (!rank) throw unsupported('number of arguments', '0 of arg_max');
  const absent = missingCells(call, cells.length);
  const direction = largest ? 1 : -1;
  return {
    width: cells.length,
    start: () => {
      let best: { readonly row: Row; readonly run: Run; readonly value: Value } | undefined;
      const isBetter = (value: Value): boolean =>
        !best ||
        (value !== null && (best.value === null || direction * compareValues(value, best.value) > 0));
      return {
        add: (row, run) => {
          const value = rank(row, run);
          if (isBetter(value)) best = { row, run, value };
        },
        results: () => {
          const found = best;
          return found ? cells.map((cell) => cell(found.row, found.run)) : absent;
        },
      };
    },
  };
}

/** `take_any`: a single value that is not missing, if there is one; of several columns the first row. */
export function compileTakeAny(nodes: readonly Node[], call: Node, input: Relation, scope: Scope): Aggregate {
  const cells = cellsOf(nodes, call, input, scope);
  const absent = missingCells(call, cells.length);
  return {
    width: cells.length,
    start: () => {
      let taken: readonly Value[] | undefined;
      const isOpen = (): boolean => !taken || (cells.length === 1 && (taken[0] === null || taken[0] === ''));
      return {
        add: (row, run) => {
          if (isOpen()) taken = cells.map((cell) => cell(row, run));
        },
        results: () => taken ?? absent,
      };
    },
  };
}
