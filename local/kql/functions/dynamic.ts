import { toDynamic, toText } from '../casts.ts';
import { keyOf } from '../keys.ts';
import { itemsOfArray } from '../cells.ts';
import { compareValues } from '../comparisons.ts';
import { isArray, isBag, unsupported } from '../values.ts';
import type { Value } from '../values.ts';
import { argument, atMost, expectType, ofAll, ofOne } from './build.ts';
import type { Build } from './build.ts';

const bagPack: Build = (args, name) => {
  if (args.length % 2 !== 0) throw unsupported('number of arguments', `${args.length} of ${name}`);
  return ofAll('dynamic', (values, types) =>
    Object.fromEntries(
      Array.from({ length: values.length / 2 }, (_, pair) => {
        const type = (offset: number) => types[pair * 2 + offset] ?? 'string';
        return [toText(values[pair * 2] ?? '', type(0)), toDynamic(values[pair * 2 + 1] ?? null, type(1))];
      }),
    ),
  )(args, name);
};

/** The leftmost bag wins where several have the key; nulls add nothing. */
function bagMerge(values: readonly Value[]): Value {
  const bags = values.filter((value) => value !== null);
  const entries = bags.toReversed().flatMap((bag) => {
    if (!isBag(bag)) throw unsupported('argument', 'of bag_merge that is no property bag');
    return Object.entries(bag);
  });
  return Object.fromEntries(entries);
}

function arrayConcat(values: readonly Value[]): Value {
  return values.flatMap((value) => {
    if (!isArray(value)) throw unsupported('argument', 'of array_concat that is no array');
    return value;
  });
}

const hasElement: Build = (args, name) => {
  atMost(args, 2, name);
  const set = expectType(argument(args, 0, name), ['dynamic'], name);
  const element = argument(args, 1, name);
  return {
    type: 'bool',
    evaluate: (row, run) => {
      const items = itemsOfArray(set.evaluate(row, run));
      if (!items) return null;
      const wanted = keyOf(toDynamic(element.evaluate(row, run), element.type));
      return items.some((item) => keyOf(item) === wanted);
    },
  };
};

/** Sorts one array of numbers or of texts; nulls stand last. */
const arraySort =
  (direction: 1 | -1): Build =>
  (args, name) => {
    // With several arrays the function sorts them all by the first one: not known here.
    atMost(args, 1, name);
    const array = expectType(argument(args, 0, name), ['dynamic'], name);
    return {
      type: 'dynamic',
      evaluate: (row, run) => {
        const items = itemsOfArray(array.evaluate(row, run));
        if (!items) return null;
        const given = items.filter((item) => item !== null);
        const [first] = given;
        if (given.some((item) => typeof item !== typeof first || !['string', 'number'].includes(typeof item)))
          throw unsupported('argument', `of ${name} that mixes or holds other types than numbers and texts`);
        const nulls = items.filter((item) => item === null);
        return [...given.toSorted((a, b) => direction * compareValues(a, b)), ...nulls];
      },
    };
  };

const strcatArray: Build = (args, name) => {
  atMost(args, 2, name);
  const array = expectType(argument(args, 0, name), ['dynamic'], name);
  const delimiter = argument(args, 1, name);
  return {
    type: 'string',
    evaluate: (row, run) =>
      (itemsOfArray(array.evaluate(row, run)) ?? [])
        .map((item) => toText(item, 'dynamic'))
        .join(toText(delimiter.evaluate(row, run), delimiter.type)),
  };
};

const hasKey: Build = (args, name) => {
  const bag = expectType(argument(args, 0, name), ['dynamic'], name);
  const key = expectType(argument(args, 1, name), ['string'], name);
  return {
    type: 'bool',
    evaluate: (row, run) => {
      const value = bag.evaluate(row, run);
      return isBag(value) ? Object.hasOwn(value, toText(key.evaluate(row, run), 'string')) : null;
    },
  };
};

export const dynamicFunctions: Readonly<Record<string, Build>> = {
  array_length: ofOne('long', (value) => (isArray(value) ? value.length : null)),
  array_concat: ofAll('dynamic', arrayConcat),
  array_sort_asc: arraySort(1),
  array_sort_desc: arraySort(-1),
  bag_has_key: hasKey,
  bag_keys: ofOne('dynamic', (value) => (isBag(value) ? Object.keys(value) : null)),
  bag_merge: ofAll('dynamic', bagMerge),
  bag_pack: bagPack,
  pack: bagPack,
  pack_array: ofAll('dynamic', (values, types) =>
    values.map((value, index) => toDynamic(value, types[index] ?? 'dynamic')),
  ),
  set_has_element: hasElement,
  strcat_array: strcatArray,
};
