import { formatDatetime, parseDatetime } from './time.ts';
import { formatTimespan, parseTimespan } from './timespan.ts';
import { exactLong, missing, unsupported } from './values.ts';
import type { ColumnType, Value } from './values.ts';

const decimalText = /^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$|^[+-]?\.\d+$/;
const wholeText = /^[+-]?\d+$/;
const hexText = /^[+-]?0[xX][0-9a-fA-F]+$/;

/** `tostring()`: the text of a value of that type; null gives the empty string. */
export function toText(value: Value, type: ColumnType): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'bigint')
    return type === 'datetime' ? formatDatetime(value, true) : formatTimespan(value);
  if (typeof value !== 'number') return JSON.stringify(value);
  if (type === 'real') return realText(value);
  return String(value);
}

/** A real as text, which shows that it is no whole number type: `3.0`. */
function realText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  const size = Math.abs(value);
  // Beyond these Kusto changes to exponents whose form is not documented.
  if (!Number.isFinite(value) || size >= 1e15 || (size !== 0 && size < 1e-4))
    throw unsupported('text of a real', String(value));
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function numberOfText(text: string): number | null {
  const trimmed = text.trim();
  if (hexText.test(trimmed))
    return trimmed.startsWith('-') ? -Number(trimmed.slice(1)) : Number(trimmed.replace('+', ''));
  return decimalText.test(trimmed) ? Number(trimmed) : null;
}

function toReal(value: Value): Value {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' ? numberOfText(value) : null;
}

function toLong(value: Value): Value {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return Number.isFinite(value) ? exactLong(Math.trunc(value)) : null;
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  const number = numberOfText(trimmed);
  if (number === null) return null;
  if (wholeText.test(trimmed) || hexText.test(trimmed)) return exactLong(number);
  throw unsupported('whole number from the text', trimmed);
}

function toInt(value: Value): Value {
  const number = toLong(value);
  return typeof number === 'number' && Math.abs(number) <= 2_147_483_647 ? number : null;
}

function toBool(value: Value): Value {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value !== 'string') return null;
  const lower = value.trim().toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  if (numberOfText(lower) !== null) throw unsupported('bool from the text', value);
  return null;
}

function toTicks(value: Value, type: ColumnType, target: 'datetime' | 'timespan'): Value {
  if (typeof value === 'bigint' && type === target) return value;
  if (typeof value === 'string') return target === 'datetime' ? parseDatetime(value) : parseTimespan(value);
  if (value === null) return null;
  if (type === 'dynamic' && typeof value !== 'number') return null;
  throw unsupported('conversion', `${type} to ${target}`);
}

const guidText =
  /^\{?([0-9a-fA-F]{8})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{12})\}?$/;

/** A guid as lower-case text with hyphens, or null when the text is none. */
export function toGuid(value: Value): Value {
  const found = typeof value === 'string' ? guidText.exec(value.trim()) : null;
  return found ? found.slice(1).join('-').toLowerCase() : null;
}

/** `to<type>()`: the value of one type as another; what cannot be converted is null (a string: empty). */
export function convert(value: Value, type: ColumnType, target: ColumnType): Value {
  if (type === target) return value;
  switch (target) {
    case 'string':
      return toText(value, type);
    case 'int':
      return toInt(value);
    case 'long':
      return toLong(value);
    case 'real':
      return toReal(value);
    case 'bool':
      return toBool(value);
    case 'guid':
      return toGuid(value);
    case 'dynamic':
      return toDynamic(value, type);
    case 'datetime':
    case 'timespan':
      return toTicks(value, type, target);
  }
}

/** A value as the inside of a dynamic: times become text. */
export function toDynamic(value: Value, type: ColumnType): Value {
  return typeof value === 'bigint' ? toText(value, type) : value;
}

/** `mv-expand ... to typeof()`: an element that is of the type, else the missing value of the type. */
export function castElement(value: Value, target: ColumnType): Value {
  switch (target) {
    case 'dynamic':
      return value;
    case 'string':
      return typeof value === 'string' ? value : missing(target);
    case 'int':
      return typeof value === 'number' && Number.isInteger(value) ? toInt(value) : null;
    case 'long':
      return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
    case 'real':
      return typeof value === 'number' ? value : null;
    case 'bool':
      return typeof value === 'boolean' ? value : null;
    case 'guid':
      return toGuid(value);
    case 'datetime':
      return typeof value === 'string' ? parseDatetime(value) : null;
    case 'timespan':
      return typeof value === 'string' ? parseTimespan(value) : null;
  }
}
