import { convert } from '../casts.ts';
import { isBag, isArray, jsonValue } from '../values.ts';
import type { ColumnType, Value } from '../values.ts';
import { atMost, argument, ofOne } from './build.ts';
import type { Build } from './build.ts';

const to = (target: ColumnType): Build => ofOne(target, (value, type) => convert(value, type, target));

/** The dynamic of a JSON text; a text that is no JSON is the dynamic of the text itself. */
function parseJson(value: Value, type: ColumnType): Value {
  if (type !== 'string' || typeof value !== 'string') return convert(value, type, 'dynamic');
  if (value === '') return null;
  try {
    const parsed: unknown = JSON.parse(value);
    return isBag(parsed) || isArray(parsed) ? parsed : jsonValue(parsed);
  } catch {
    return value;
  }
}

const parse: Build = (args, name) => {
  atMost(args, 1, name);
  const { type, evaluate } = argument(args, 0, name);
  return { type: 'dynamic', evaluate: (row, run) => parseJson(evaluate(row, run), type) };
};

export const conversionFunctions: Readonly<Record<string, Build>> = {
  tostring: to('string'),
  toint: to('int'),
  tolong: to('long'),
  todouble: to('real'),
  toreal: to('real'),
  tobool: to('bool'),
  toboolean: to('bool'),
  todatetime: to('datetime'),
  totimespan: to('timespan'),
  toguid: to('guid'),
  parse_json: parse,
  parsejson: parse,
  todynamic: parse,
  toobject: parse,
};
