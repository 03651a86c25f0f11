import { convert } from './casts.ts';
import type { Evaluate, Scalar } from './compile.ts';
import { isNumeric, unsupported } from './values.ts';
import type { ColumnType, Value } from './values.ts';

/** The order of two values of one type that are not null: below, at or above zero; NaN when not ordered. */
export function compareValues(left: Value, right: Value): number {
  if (typeof left === 'number' && typeof right === 'number')
    return left < right ? -1 : left > right ? 1 : left === right ? 0 : Number.NaN;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === 'bigint' && typeof right === 'bigint') return left < right ? -1 : left > right ? 1 : 0;
  return Number.NaN;
}

/** A scalar as another type, by the rules of `to<type>()`. */
export function castTo(scalar: Scalar, target: ColumnType): Scalar {
  const { type, evaluate } = scalar;
  if (type === target) return scalar;
  return {
    type: target,
    constant: scalar.constant,
    evaluate: (row, run) => convert(evaluate(row, run), type, target),
  };
}

/** The type in which a dynamic is compared: a cast to long would cut the fraction of 5.5 and find it equal to 5. */
export const comparedAs = (type: ColumnType): ColumnType => (isNumeric(type) ? 'real' : type);

/**
 * Both sides as one type. A dynamic is compared as the other side's type; other mixed types are refused by
 * Kusto itself (it wants casts), although the binder lets them pass.
 */
export function sameType(left: Scalar, right: Scalar): readonly [Scalar, Scalar] {
  if (left.type === 'dynamic' && right.type !== 'dynamic')
    return [castTo(left, comparedAs(right.type)), right];
  if (right.type === 'dynamic' && left.type !== 'dynamic')
    return [left, castTo(right, comparedAs(left.type))];
  const comparable = left.type === right.type || (isNumeric(left.type) && isNumeric(right.type));
  if (!comparable || left.type === 'dynamic')
    throw unsupported('comparison', `${left.type} with ${right.type}`);
  return [left, right];
}

const tests: Readonly<Record<string, (order: number) => boolean>> = {
  LessThanExpression: (order) => order < 0,
  LessThanOrEqualExpression: (order) => order <= 0,
  GreaterThanExpression: (order) => order > 0,
  GreaterThanOrEqualExpression: (order) => order >= 0,
};

/** `== != < <= > >=`, or undefined when the kind of node is none of them. */
export function compileComparison(kind: string, left: Scalar, right: Scalar): Evaluate | undefined {
  const test = tests[kind];
  const equality = kind === 'EqualExpression' || kind === 'NotEqualExpression';
  if (!test && !equality) return undefined;
  const [first, second] = sameType(left, right);
  if (!test) return equals(first.evaluate, second.evaluate, kind === 'EqualExpression');
  return (row, run) => {
    const a = first.evaluate(row, run);
    const b = second.evaluate(row, run);
    return a === null || b === null ? null : test(compareValues(a, b));
  };
}

/** Two nulls give null; one null is different from everything else. */
function equals(left: Evaluate, right: Evaluate, wanted: boolean): Evaluate {
  return (row, run) => {
    const a = left(row, run);
    const b = right(row, run);
    return a === null && b === null ? null : (a === b) === wanted;
  };
}

/** `between (first .. last)`: both ends belong to it; after a datetime the end may be a timespan. */
export function compileBetween(value: Scalar, first: Scalar, last: Scalar, wanted: boolean): Evaluate {
  const end = first.type === 'datetime' && last.type === 'timespan' ? endAfter(first, last) : last;
  const above = compileComparison('GreaterThanOrEqualExpression', value, first);
  const below = compileComparison('LessThanOrEqualExpression', value, end);
  return (row, run) => {
    const inside = both(above?.(row, run) ?? null, below?.(row, run) ?? null);
    return inside === null ? null : inside === wanted;
  };
}

function endAfter(first: Scalar, span: Scalar): Scalar {
  return {
    type: 'datetime',
    constant: first.constant && span.constant,
    evaluate: (row, run) => {
      const start = first.evaluate(row, run);
      const length = span.evaluate(row, run);
      return typeof start === 'bigint' && typeof length === 'bigint' ? start + length : null;
    },
  };
}

/** `and` of two bools of which each may be null: one false is enough for false. */
export function both(left: Value, right: Value): boolean | null {
  if (left === false || right === false) return false;
  return left === null || right === null ? null : true;
}

/** `or` of two bools of which each may be null: one true is enough for true. */
export function either(left: Value, right: Value): boolean | null {
  if (left === true || right === true) return true;
  return left === null || right === null ? null : false;
}
