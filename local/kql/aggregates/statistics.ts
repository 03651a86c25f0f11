import { keyOf } from '../keys.ts';
import { compareValues } from '../comparisons.ts';
import { argument, atMost, expectType } from '../functions/build.ts';
import { exactLong } from '../values.ts';
import type { ColumnType, Value } from '../values.ts';
import { folded } from './build.ts';
import type { BuildAggregate } from './build.ts';

const summable: readonly ColumnType[] = ['int', 'long', 'real', 'timespan'];

const count: BuildAggregate = (args, name) => {
  atMost(args, 0, name);
  return {
    width: 1,
    start: () => {
      let rows = 0;
      return {
        add: () => {
          rows++;
        },
        results: () => [rows],
      };
    },
  };
};

function addUp(sum: number | bigint, value: Value): number | bigint {
  if (typeof sum === 'bigint' && typeof value === 'bigint') return sum + value;
  return typeof sum === 'number' && typeof value === 'number' ? sum + value : sum;
}

const sum: BuildAggregate = (args, name) => {
  atMost(args, 1, name);
  const scalar = expectType(argument(args, 0, name), summable, name);
  const zero = (): number | bigint => (scalar.type === 'timespan' ? 0n : 0);
  return folded(scalar, zero, addUp, (total) =>
    typeof total === 'number' && scalar.type !== 'real' ? exactLong(total) : total,
  );
};

/** The mean of what is not null; null of nothing. */
const avg: BuildAggregate = (args, name) => {
  atMost(args, 1, name);
  const scalar = expectType(argument(args, 0, name), summable, name);
  const zero: number | bigint = scalar.type === 'timespan' ? 0n : 0;
  return folded(
    scalar,
    () => ({ total: zero, rows: 0 }),
    ({ total, rows }, value) => ({ total: addUp(total, value), rows: rows + 1 }),
    ({ total, rows }) => {
      if (rows === 0) return null;
      return typeof total === 'bigint' ? total / BigInt(rows) : total / rows;
    },
  );
};

const ordered: readonly ColumnType[] = ['string', 'int', 'long', 'real', 'bool', 'datetime', 'timespan'];

const extreme =
  (direction: 1 | -1): BuildAggregate =>
  (args, name) => {
    atMost(args, 1, name);
    return folded(
      expectType(argument(args, 0, name), ordered, name),
      (): Value => null,
      (best, value) => (best === null || direction * compareValues(value, best) > 0 ? value : best),
      (best) => best,
    );
  };

/** The exact number of distinct values; Kusto's is an estimate. */
const dcount: BuildAggregate = (args, name) => {
  atMost(args, 2, name);
  return folded(
    argument(args, 0, name),
    () => new Set<string>(),
    (seen, value) => seen.add(keyOf(value)),
    (seen) => seen.size,
  );
};

export const statistics: Readonly<Record<string, BuildAggregate>> = {
  count,
  sum,
  avg,
  min: extreme(-1),
  max: extreme(1),
  dcount,
  count_distinct: dcount,
};
