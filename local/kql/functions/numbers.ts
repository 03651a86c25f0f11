import { floorDivide } from '../time.ts';
import { isNumeric, unsupported } from '../values.ts';
import type { ColumnType, Value } from '../values.ts';
import { argument, atMost, expectType } from './build.ts';
import type { Build } from './build.ts';

/** The multiple of the size at or below the value; null for a null or a size that is not positive. */
function binOf(value: Value, size: Value): Value {
  if (typeof value === 'number' && typeof size === 'number')
    return size > 0 ? Math.floor(value / size) * size : null;
  if (typeof value === 'bigint' && typeof size === 'bigint')
    return size > 0n ? floorDivide(value, size) * size : null;
  return null;
}

const bin: Build = (args, name) => {
  atMost(args, 2, name);
  const value = argument(args, 0, name);
  const size = argument(args, 1, name);
  const times = (type: ColumnType): boolean => type === 'datetime' || type === 'timespan';
  const fits = isNumeric(value.type) ? isNumeric(size.type) : times(value.type) && size.type === 'timespan';
  if (!fits) throw unsupported('argument type', `${value.type} by ${size.type} of ${name}`);
  const real = value.type === 'real' || size.type === 'real';
  return {
    type: isNumeric(value.type) ? (real ? 'real' : 'long') : value.type,
    evaluate: (row, run) => binOf(value.evaluate(row, run), size.evaluate(row, run)),
  };
};

/** `round(x, digits)`; half goes away from zero. */
const round: Build = (args, name) => {
  atMost(args, 2, name);
  const value = expectType(argument(args, 0, name), ['real', 'long', 'int'], name);
  const digits = args[1];
  return {
    type: 'real',
    evaluate: (row, run) => {
      const number = value.evaluate(row, run);
      const places = digits ? digits.evaluate(row, run) : 0;
      if (typeof number !== 'number' || typeof places !== 'number') return null;
      const scale = 10 ** places;
      return (Math.sign(number) * Math.round(Math.abs(number) * scale)) / scale;
    },
  };
};

const numeric = (apply: (value: number) => number): Build => {
  const whole: Build = (args, name) => {
    const { type, evaluate } = expectType(argument(args, 0, name), ['real', 'long', 'int'], name);
    return {
      type: type === 'real' ? 'real' : 'long',
      evaluate: (row, run) => {
        const value = evaluate(row, run);
        return typeof value === 'number' ? apply(value) : null;
      },
    };
  };
  return whole;
};

export const numberFunctions: Readonly<Record<string, Build>> = {
  bin,
  floor: bin,
  round,
  abs: numeric(Math.abs),
};
