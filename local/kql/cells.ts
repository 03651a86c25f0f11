import { toGuid } from './casts.ts';
import { formatDatetime, parseDatetime, ticksOfDate } from './time.ts';
import { formatTimespan, parseTimespan } from './timespan.ts';
import { isArray, isBag, jsonValue } from './values.ts';
import type { Bag, Column, Row, Value } from './values.ts';

export type Reader = (row: Row) => Value;

/** Reads one column of a table's own row, which is the only cell of the row that the runner passes around. */
export function cellReader(table: string, column: Column): Reader {
  const { name } = column;
  const read = converter(column);
  return (row) => {
    const cell = row[0];
    const value: unknown = isBag(cell ?? null) ? (cell as Bag)[name] : undefined;
    const result = value === undefined || value === null ? read.absent : read.convert(value);
    if (result !== undefined) return result;
    throw new Error(`KQL: ${table}.${name} holds ${JSON.stringify(value)}, which is no ${column.type}`);
  };
}

interface Converter {
  readonly absent: Value;
  /** The value of the runner, or undefined when the JSON value does not fit the column. */
  readonly convert: (value: unknown) => Value | undefined;
}

function converter({ type }: Column): Converter {
  switch (type) {
    case 'string':
      return { absent: '', convert: (value) => (typeof value === 'string' ? value : undefined) };
    case 'int':
    case 'long':
      return { absent: null, convert: wholeNumber };
    case 'real':
      return { absent: null, convert: realNumber };
    case 'bool':
      return { absent: null, convert: (value) => (typeof value === 'boolean' ? value : undefined) };
    case 'dynamic':
      return { absent: null, convert: jsonValue };
    case 'guid':
      return { absent: null, convert: (value) => fromText(value, toGuid) };
    case 'datetime':
      return {
        absent: null,
        convert: (value) => (value instanceof Date ? ticksOfDate(value) : fromText(value, parseDatetime)),
      };
    case 'timespan':
      return { absent: null, convert: (value) => fromText(value, parseTimespan) };
  }
}

function wholeNumber(value: unknown): Value | undefined {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

function realNumber(value: unknown): Value | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && specialReals.has(value) ? Number(value) : undefined;
}

/** What JSON cannot hold as a number is written as text, by Kusto too. */
const specialReals: ReadonlySet<string> = new Set(['NaN', 'Infinity', '-Infinity']);

function fromText(value: unknown, read: (text: string) => Value): Value | undefined {
  return typeof value === 'string' ? (read(value) ?? undefined) : undefined;
}

/** A value of a result as plain JSON. */
export function outputCell(value: Value, { type }: Column): unknown {
  if (typeof value === 'bigint') return type === 'datetime' ? formatDatetime(value) : formatTimespan(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value === null && type === 'string') return '';
  return value;
}

/** An array as a value: what the runner builds itself holds JSON only. */
export function itemsOfArray(value: Value): readonly Value[] | undefined {
  return isArray(value) ? value.map(jsonValue) : undefined;
}
