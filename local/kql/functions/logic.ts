import type { Scalar } from '../compile.ts';
import { castTo } from '../comparisons.ts';
import { isNumeric, missing, unsupported } from '../values.ts';
import type { ColumnType, Value } from '../values.ts';
import { argument, expectType, ofOne } from './build.ts';
import type { Build } from './build.ts';

/** The type of several possible results; only numbers of different types may stand together. */
function sharedType(scalars: readonly Scalar[], name: string): ColumnType {
  const [first] = scalars;
  if (!first) throw unsupported('number of arguments', `0 of ${name}`);
  const odd = scalars.find((scalar) => scalar.type !== first.type);
  if (!odd) return first.type;
  if (!scalars.every((scalar) => isNumeric(scalar.type)))
    throw unsupported('mixed types', `${first.type} and ${odd.type} of ${name}`);
  return scalars.some((scalar) => scalar.type === 'real') ? 'real' : 'long';
}

const isMissing = (value: Value): boolean => value === null || value === '';

const iff: Build = (args, name) => {
  const test = expectType(argument(args, 0, name), ['bool'], name);
  const yes = argument(args, 1, name);
  const no = argument(args, 2, name);
  return {
    type: sharedType([yes, no], name),
    evaluate: (row, run) => (test.evaluate(row, run) === true ? yes : no).evaluate(row, run),
  };
};

const choose: Build = (args, name) => {
  const fallback = argument(args, args.length - 1, name);
  const pairs = Array.from({ length: Math.floor(args.length / 2) }, (_, index) => ({
    test: expectType(argument(args, index * 2, name), ['bool'], name),
    result: argument(args, index * 2 + 1, name),
  }));
  if (args.length % 2 === 0) throw unsupported('number of arguments', `${args.length} of ${name}`);
  return {
    type: sharedType([...pairs.map((pair) => pair.result), fallback], name),
    evaluate: (row, run) =>
      (pairs.find(({ test }) => test.evaluate(row, run) === true)?.result ?? fallback).evaluate(row, run),
  };
};

const coalesce: Build = (args, name) => {
  const type = sharedType(args, name);
  return {
    type,
    evaluate: (row, run) => {
      for (const { evaluate } of args) {
        const value = evaluate(row, run);
        // An empty text is no value among texts; inside of a dynamic it is one.
        if (value !== null && !(type === 'string' && value === '')) return value;
      }
      return missing(type);
    },
  };
};

const not: Build = (args, name) => {
  const { evaluate } = castTo(expectType(argument(args, 0, name), ['bool'], name), 'bool');
  return {
    type: 'bool',
    evaluate: (row, run) => {
      const value = evaluate(row, run);
      return value === null ? null : value === false;
    },
  };
};

export const logicFunctions: Readonly<Record<string, Build>> = {
  iff,
  iif: iff,
  case: choose,
  coalesce,
  not,
  isempty: ofOne('bool', isMissing),
  isnotempty: ofOne('bool', (value) => !isMissing(value)),
  // A string is never null.
  isnull: ofOne('bool', (value) => value === null),
  isnotnull: ofOne('bool', (value) => value !== null),
};
