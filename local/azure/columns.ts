/** The column types of a stream declaration. */
export type StreamType = 'string' | 'int' | 'long' | 'real' | 'boolean' | 'datetime' | 'dynamic';

/** The columns of a table as the query runner takes them. */
export type Schema = Record<string, 'string' | 'int' | 'long' | 'real' | 'bool' | 'datetime' | 'dynamic'>;

// Log Analytics cuts a field at 64 KB.
const longestField = 65_536;

const number = (value: unknown): number | undefined => {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
};

const whole = (value: unknown): number | undefined => {
  const read = number(value);
  return Number.isSafeInteger(read) ? read : undefined;
};

const readers: Readonly<Record<StreamType, (value: unknown) => unknown>> = {
  string: (value) => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, longestField),
  int: whole,
  long: whole,
  real: number,
  boolean: (value) =>
    value === 'true' || value === 'false' ? value === 'true' : typeof value === 'boolean' ? value : undefined,
  datetime: (value) => {
    const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(time)) return undefined;
    return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(String(value)) ? value : new Date(time).toISOString();
  },
  dynamic: (value) => value,
};

/** A value as its column stores it: null where it does not fit the type. */
export const fitColumn = (type: StreamType, value: unknown): unknown =>
  value === undefined || value === null ? null : (readers[type](value) ?? null);

/** The type of a column for queries. */
export const queryType = (type: StreamType): Schema[string] => (type === 'boolean' ? 'bool' : type);

/** The type that undeclared values have; values of different types make a dynamic column. */
export const inferType = (values: readonly unknown[]): Schema[string] => {
  const kinds = new Set(
    values
      .filter((value) => value !== null && value !== undefined)
      .map((value) => (Number.isSafeInteger(value) ? 'long' : typeof value)),
  );
  if (kinds.size === 2 && kinds.has('long') && kinds.has('number')) return 'real';
  if (kinds.size > 1) return 'dynamic';
  const names: Readonly<Record<string, Schema[string]>> = {
    string: 'string',
    boolean: 'bool',
    number: 'real',
    long: 'long',
  };
  return names[[...kinds][0] ?? 'string'] ?? 'dynamic';
};
