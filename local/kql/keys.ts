import { isArray, isBag, jsonValue } from './values.ts';
import type { Value } from './values.ts';

/** A text that is equal for equal values of one column, and differs between null, texts and numbers. */
export function keyOf(value: Value): string {
  if (value === null) return '_';
  if (typeof value === 'string') return `s${value.length}:${value}`;
  if (typeof value === 'number') return `n${value};`;
  if (typeof value === 'bigint') return `t${value.toString()};`;
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  return `j${canonical(value)}`;
}

/** JSON with the keys of its bags in order, so that equal bags give equal text. */
function canonical(value: unknown): string {
  if (isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isBag(value)) return JSON.stringify(jsonValue(value));
  const slots = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${slots.join(',')}}`;
}
