import type { Scalar } from '../compile.ts';
import { dateOfTicks, floorDivide, inRange, ticksOfParts, ticksPer } from '../time.ts';
import { isNumeric, unsupported } from '../values.ts';
import type { Value } from '../values.ts';
import { argument, atMost, expectType, writtenText } from './build.ts';
import type { Build } from './build.ts';
import { formatDatetime } from './format.ts';

const ticksOf = (scalar: Scalar | undefined, name: string): Scalar['evaluate'] =>
  scalar ? expectType(scalar, ['timespan'], name).evaluate : () => 0n;

/** `now()` and `ago()`: the time of the run, moved by a timespan. */
const fromNow =
  (direction: bigint): Build =>
  (args, name) => {
    atMost(args, 1, name);
    if (direction < 0n) argument(args, 0, name);
    const move = ticksOf(args[0], name);
    return {
      type: 'datetime',
      evaluate: (row, run) => {
        const span = move(row, run);
        return typeof span === 'bigint' ? inRange(run.now + direction * span) : null;
      },
    };
  };

/** Days since 0001-01-01, a Monday. */
const dayNumber = (ticks: bigint): bigint => floorDivide(ticks, ticksPer.day);

/** The number of a week; Kusto's weeks start on Sunday. */
const weekNumber = (ticks: bigint): bigint => floorDivide(dayNumber(ticks) + 1n, 7n);

const startOfDay = (ticks: bigint): bigint => dayNumber(ticks) * ticksPer.day;

/** The start of the period around a time, `offset` periods later. */
const starts: Readonly<Record<string, (ticks: bigint, offset: number) => Value>> = {
  day: (ticks, offset) => inRange(startOfDay(ticks) + BigInt(offset) * ticksPer.day),
  week: (ticks, offset) => inRange((weekNumber(ticks) + BigInt(offset)) * ticksPer.week - ticksPer.day),
  month: (ticks, offset) => {
    const date = dateOfTicks(ticks);
    const month = date.getUTCFullYear() * 12 + date.getUTCMonth() + offset;
    return ticksOfParts(Math.floor(month / 12), (month % 12) + 1, 1);
  },
  year: (ticks, offset) => ticksOfParts(dateOfTicks(ticks).getUTCFullYear() + offset, 1, 1),
};

const startOf =
  (period: string): Build =>
  (args, name) => {
    atMost(args, 2, name);
    const time = expectType(argument(args, 0, name), ['datetime'], name);
    const offset = args[1];
    const start = starts[period];
    return {
      type: 'datetime',
      evaluate: (row, run) => {
        const ticks = time.evaluate(row, run);
        const moved = offset ? offset.evaluate(row, run) : 0;
        return start && typeof ticks === 'bigint' && typeof moved === 'number' ? start(ticks, moved) : null;
      },
    };
  };

const monthNumber = (ticks: bigint): bigint => {
  const date = dateOfTicks(ticks);
  return BigInt(date.getUTCFullYear() * 12 + date.getUTCMonth());
};

/** The number of the period in which a time lies: differences of these count the borders between two times. */
const periods: Readonly<Record<string, (ticks: bigint) => bigint>> = {
  year: (ticks) => monthNumber(ticks) / 12n,
  quarter: (ticks) => monthNumber(ticks) / 3n,
  month: monthNumber,
  week: weekNumber,
  day: dayNumber,
  hour: (ticks) => ticks / ticksPer.hour,
  minute: (ticks) => ticks / ticksPer.minute,
  second: (ticks) => ticks / ticksPer.second,
  millisecond: (ticks) => ticks / ticksPer.millisecond,
  microsecond: (ticks) => ticks / ticksPer.microsecond,
  nanosecond: (ticks) => ticks * 100n,
};

const datetimeDiff: Build = (args, name) => {
  const period = writtenText(argument(args, 0, name), 'period').toLowerCase();
  const number = Object.hasOwn(periods, period) ? periods[period] : undefined;
  if (!number) throw unsupported('period', period);
  const later = expectType(argument(args, 1, name), ['datetime'], name);
  const earlier = expectType(argument(args, 2, name), ['datetime'], name);
  return {
    type: 'long',
    evaluate: (row, run) => {
      const a = later.evaluate(row, run);
      const b = earlier.evaluate(row, run);
      return typeof a === 'bigint' && typeof b === 'bigint' ? Number(number(a) - number(b)) : null;
    },
  };
};

/** `make_datetime(year, month, day, hour, minute, second)`; a real second has a fraction. */
const makeDatetime: Build = (args, name) => {
  if (args.length !== 3 && args.length !== 5 && args.length !== 6)
    throw unsupported('number of arguments', `${args.length} of ${name}`);
  const odd = args.find((arg) => !isNumeric(arg.type));
  if (odd) throw unsupported('argument type', `${odd.type} of ${name}`);
  return {
    type: 'datetime',
    evaluate: (row, run) => {
      const numbers = args.map((arg) => arg.evaluate(row, run)).filter((value) => typeof value === 'number');
      const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers;
      if (numbers.length < args.length) return null;
      const whole = ticksOfParts(year, month, day, hour, minute, Math.floor(second));
      return whole === null ? null : whole + BigInt(Math.round((second % 1) * 1e7));
    },
  };
};

export const timeFunctions: Readonly<Record<string, Build>> = {
  now: fromNow(1n),
  ago: fromNow(-1n),
  startofday: startOf('day'),
  startofweek: startOf('week'),
  startofmonth: startOf('month'),
  startofyear: startOf('year'),
  datetime_diff: datetimeDiff,
  make_datetime: makeDatetime,
  format_datetime: formatDatetime,
};
