import { convert, toText } from './casts.ts';
import { keyOf } from './keys.ts';
import { itemsOfArray } from './cells.ts';
import { oncePerRun } from './compile.ts';
import type { Evaluate, Relation, Run, Scalar } from './compile.ts';
import { castTo, comparedAs } from './comparisons.ts';
import { isNumeric, unsupported } from './values.ts';
import type { ColumnType, Row, Value } from './values.ts';

/** What stands in the list of `in`, `has_any` and `has_all`. */
export type Members =
  | { readonly kind: 'scalars'; readonly scalars: readonly Scalar[] }
  | { readonly kind: 'rows'; readonly of: Relation };

interface Member {
  readonly value: Value;
  readonly type: ColumnType;
}

/** The members of a list for a row: scalars, the elements of dynamic arrays, or a table's first column. */
function membersOf(members: Members): (row: Row, run: Run) => readonly Member[] {
  if (members.kind === 'rows') {
    const [read] = members.of.readers;
    const type = members.of.columns[0]?.type;
    if (!read || !type || type === 'dynamic') throw unsupported('subquery in a list', type ?? 'no column');
    return (_, run) => members.of.rows(run).map((row) => ({ value: read(row), type }));
  }
  return (row, run) =>
    members.scalars.flatMap(({ type, evaluate }): readonly Member[] => {
      const value = evaluate(row, run);
      const items = type === 'dynamic' ? itemsOfArray(value) : undefined;
      return items ? items.map((item) => ({ value: item, type })) : [{ value, type }];
    });
}

const isConstant = (members: Members): boolean =>
  members.kind === 'rows' || members.scalars.every((scalar) => scalar.constant);

/** The texts of a list for `has_any` and `has_all`, in lower case. */
export function needlesOf(members: Members): (row: Row, run: Run) => readonly string[] {
  const list = membersOf(members);
  const needles = (row: Row, run: Run): readonly string[] =>
    list(row, run).map(({ value, type }) => {
      if (type !== 'string' && typeof value !== 'string') throw unsupported('operand', `${type} of has_any`);
      return toText(value, type).toLowerCase();
    });
  if (!isConstant(members)) return needles;
  const once = oncePerRun((run) => needles([], run));
  return (_, run) => once(run);
}

/** The type in which a list is compared with the left side. */
function comparedType(left: ColumnType, members: Members): ColumnType {
  const types =
    members.kind === 'rows'
      ? members.of.columns.slice(0, 1).map(({ type }) => type)
      : members.scalars.map((s) => s.type);
  const scalars = types.filter((type) => type !== 'dynamic');
  const target = left === 'dynamic' ? (scalars[0] ?? 'dynamic') : left;
  const fits = (type: ColumnType): boolean => type === target || (isNumeric(type) && isNumeric(target));
  const odd = scalars.find((type) => !fits(type));
  if (odd) throw unsupported('comparison', `${target} in a list of ${odd}`);
  if (types.includes('dynamic') && (target === 'datetime' || target === 'timespan'))
    throw unsupported('comparison', `${target} in a dynamic list`);
  return target;
}

/** `in`, `in~` and their negations: an or of equalities, with its rules for null. */
export function compileIn(left: Scalar, members: Members, ignoreCase: boolean, wanted: boolean): Evaluate {
  const target = comparedType(left.type, members);
  if (ignoreCase && target !== 'string' && target !== 'dynamic')
    throw unsupported('comparison', `${target} with in~`);
  const value = left.type === 'dynamic' ? castTo(left, comparedAs(target)) : castTo(left, target);
  const fold = (item: Value): Value => (ignoreCase && typeof item === 'string' ? item.toLowerCase() : item);
  const list = membersOf(members);
  const setOf = (row: Row, run: Run): ReadonlySet<Value> =>
    new Set(list(row, run).flatMap((member) => memberKey(fold(member.value), member.type, target)));
  const once = oncePerRun((run) => setOf([], run));
  const constant = isConstant(members);
  return (row, run) => {
    const set = constant ? once(run) : setOf(row, run);
    const item = fold(value.evaluate(row, run));
    if (item === null) return set.has(null) ? null : !wanted;
    return set.has(target === 'dynamic' ? keyOf(item) : item) === wanted;
  };
}

/** The form of a member in the set, if it can be equal to anything: an array or a bag never equals a scalar. */
function memberKey(value: Value, type: ColumnType, target: ColumnType): readonly Value[] {
  if (value === null) return [null];
  if (target === 'dynamic') return [keyOf(value)];
  if (target === 'guid') return [convert(value, type, 'guid')];
  return typeof value === 'object' ? [] : [value];
}
