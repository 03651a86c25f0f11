/** The scalar types that the runner knows; `decimal` is refused. */
export type ColumnType =
  'string' | 'int' | 'long' | 'real' | 'bool' | 'datetime' | 'dynamic' | 'guid' | 'timespan';

/** The columns of a table, in their order. */
export type TableSchema = Readonly<Record<string, ColumnType>>;

export type Bag = Readonly<Record<string, unknown>>;

/**
 * A value inside the runner. A datetime is a bigint of 100 ns ticks since 0001-01-01, a timespan a bigint of
 * ticks, a guid lower-case text; a dynamic is JSON, in which datetimes and timespans are text.
 */
export type Value = string | number | bigint | boolean | null | readonly unknown[] | Bag;

export type Row = readonly Value[];

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

const types: ReadonlySet<string> = new Set<ColumnType>([
  'string',
  'int',
  'long',
  'real',
  'bool',
  'datetime',
  'dynamic',
  'guid',
  'timespan',
]);

const isColumnType = (name: string): name is ColumnType => types.has(name);

/** The column type of that name; throws for the types that the runner does not know. */
export function columnType(name: string): ColumnType {
  if (isColumnType(name)) return name;
  throw unsupported('type', name);
}

/** The error for a part of KQL that the runner does not know. */
export function unsupported(what: string, name: string): Error {
  return new Error(`KQL: unsupported ${what} "${name}"`);
}

/** The value of a type where nothing is given: strings are never null. */
export function missing(type: ColumnType): Value {
  return type === 'string' ? '' : null;
}

export const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);

export const isBag = (value: unknown): value is Bag =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A JSON value as a value of the runner; undefined is null. */
export function jsonValue(value: unknown): Value {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (isArray(value) || isBag(value)) return value;
  throw new Error(`KQL: a dynamic value holds a ${typeof value}, which is not JSON`);
}

export const isNumeric = (type: ColumnType): boolean => type === 'int' || type === 'long' || type === 'real';

/** A whole number that JavaScript holds exactly; throws beyond 2^53 instead of rounding. */
export function exactLong(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new Error(`KQL: the long ${value} is not exact in this runner (beyond 2^53)`);
}
