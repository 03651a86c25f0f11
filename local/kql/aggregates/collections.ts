import { toDynamic } from '../casts.ts';
import { keyOf } from '../keys.ts';
import type { Scalar } from '../compile.ts';
import { argument, atMost, expectType } from '../functions/build.ts';
import { isBag, unsupported } from '../values.ts';
import type { Value } from '../values.ts';
import { folded } from './build.ts';
import type { BuildAggregate } from './build.ts';

const mostElements = 1_048_576;

/** The wanted size of a list, which the query must give as a constant. */
function sizeOf(scalar: Scalar | undefined, name: string): number {
  if (!scalar) return mostElements;
  const size = scalar.literal;
  if (typeof size !== 'number') throw unsupported('size', `of ${name}`);
  return size;
}

/** All values in the order of the rows. */
const makeList: BuildAggregate = (args, name) => {
  atMost(args, 2, name);
  const scalar = argument(args, 0, name);
  const most = sizeOf(args[1], name);
  return folded(
    scalar,
    (): Value[] => [],
    (list, value) => {
      if (list.length < most) list.push(toDynamic(value, scalar.type));
      return list;
    },
    (list) => list,
  );
};

/** The distinct values in the order of their first rows. */
const makeSet: BuildAggregate = (args, name) => {
  atMost(args, 2, name);
  const scalar = argument(args, 0, name);
  const most = sizeOf(args[1], name);
  return folded(
    scalar,
    () => new Map<string, Value>(),
    (set, value) => {
      const item = toDynamic(value, scalar.type);
      const key = keyOf(item);
      if (!set.has(key) && set.size < most) set.set(key, item);
      return set;
    },
    (set) => [...set.values()],
  );
};

/** One bag of all bags; the first row wins where several have the key. */
const makeBag: BuildAggregate = (args, name) => {
  atMost(args, 2, name);
  const most = sizeOf(args[1], name);
  return folded(
    expectType(argument(args, 0, name), ['dynamic'], name),
    () => new Map<string, unknown>(),
    (slots, value) => {
      if (!isBag(value)) return slots;
      for (const [key, inner] of Object.entries(value))
        if (!slots.has(key) && slots.size < most) slots.set(key, inner);
      return slots;
    },
    (slots) => Object.fromEntries(slots),
  );
};

export const collections: Readonly<Record<string, BuildAggregate>> = {
  make_list: makeList,
  make_set: makeSet,
  make_bag: makeBag,
};
