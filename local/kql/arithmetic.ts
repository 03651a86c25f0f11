import type { Evaluate, Scalar } from './compile.ts';
import { inRange } from './time.ts';
import { scaleTicks } from './timespan.ts';
import { exactLong, isNumeric, unsupported } from './values.ts';
import type { ColumnType, Value } from './values.ts';

type Apply = (left: Value, right: Value) => Value;

const symbols: Readonly<Record<string, string>> = {
  AddExpression: '+',
  SubtractExpression: '-',
  MultiplyExpression: '*',
  DivideExpression: '/',
  ModuloExpression: '%',
};

const ofReals: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': positiveRest,
};

const ofLongs: typeof ofReals = {
  ...ofReals,
  '/': (left, right) => Math.trunc(left / nonZero(right)),
  '%': (left, right) => positiveRest(left, nonZero(right)),
};

const ofTicks: Readonly<Record<string, (left: bigint, right: bigint) => bigint>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
};

function nonZero(divisor: number): number {
  if (divisor === 0) throw new Error('KQL: a whole number is divided by zero');
  return divisor;
}

/** Kusto's modulo is never negative. */
function positiveRest(left: number, right: number): number {
  const size = Math.abs(right);
  return ((left % size) + size) % size;
}

const numbers =
  (apply: (left: number, right: number) => number): Apply =>
  (left, right) =>
    typeof left === 'number' && typeof right === 'number' ? apply(left, right) : null;

const ticks =
  (apply: (left: bigint, right: bigint) => Value): Apply =>
  (left, right) =>
    typeof left === 'bigint' && typeof right === 'bigint' ? apply(left, right) : null;

const scaled: Apply = (left, right) => {
  if (typeof left === 'bigint' && typeof right === 'number') return scaleTicks(left, right);
  return typeof left === 'number' && typeof right === 'bigint' ? scaleTicks(right, left) : null;
};

/** The operation for the types of both sides, or undefined when the runner does not know it. */
function operation(symbol: string, left: ColumnType, right: ColumnType): Apply | undefined {
  if (isNumeric(left) && isNumeric(right)) {
    if (left === 'real' || right === 'real') return numbers(ofReals[symbol] ?? notFinite);
    const apply = ofLongs[symbol] ?? notFinite;
    return numbers((a, b) => exactLong(apply(a, b)));
  }
  const plusMinus = ofTicks[symbol];
  const sides = `${left} ${right}`;
  if (plusMinus && sides === 'timespan timespan') return ticks(plusMinus);
  if (plusMinus && (sides === 'datetime timespan' || (symbol === '+' && sides === 'timespan datetime')))
    return ticks((a, b) => inRange(plusMinus(a, b)));
  if (symbol === '-' && sides === 'datetime datetime') return ticks((a, b) => a - b);
  if (symbol === '/' && sides === 'timespan timespan') return ticks((a, b) => Number(a) / Number(b));
  if (symbol === '*' && (left === 'timespan' ? isNumeric(right) : right === 'timespan' && isNumeric(left)))
    return scaled;
  return undefined;
}

const notFinite = (): number => Number.NaN;

/** `+ - * / %`, or undefined when the kind of node is none of them. */
export function compileArithmetic(kind: string, left: Scalar, right: Scalar): Evaluate | undefined {
  const symbol = symbols[kind];
  if (symbol === undefined) return undefined;
  const apply = operation(symbol, left.type, right.type);
  if (!apply) throw unsupported('arithmetic', `${left.type} ${symbol} ${right.type}`);
  return (row, run) => apply(left.evaluate(row, run), right.evaluate(row, run));
}

/** `-x` of a number or a timespan. */
export function compileMinus(operand: Scalar): Evaluate {
  if (!isNumeric(operand.type) && operand.type !== 'timespan')
    throw unsupported('arithmetic', `- ${operand.type}`);
  return (row, run) => {
    const value = operand.evaluate(row, run);
    if (typeof value === 'bigint') return -value;
    // Adding zero keeps a whole zero from turning into -0.
    return typeof value === 'number' ? -value + 0 : null;
  };
}
