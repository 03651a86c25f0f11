export type JsonPath = readonly (string | number)[];

/** A JSON value that knows the line of each of its parts. */
export interface JsonText {
  readonly value: unknown;
  /** The line, from 1, of a key or an item; undefined when there is none at the path. */
  readonly lineOf: (path: JsonPath) => number | undefined;
}

const MAX_DEPTH = 32;
const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

class JsonFault extends Error {
  override readonly name = 'JsonFault';
}

/** Reads JSON (RFC 8259) more strictly than JSON.parse: a key that stands twice in one object is an error. */
export function readJsonText(text: string): JsonText | { readonly fault: string; readonly line: number } {
  const places = new Map<string, number>();
  let at = text.startsWith('\ufeff') ? 1 : 0;

  const fail = (reason: string): never => {
    throw new JsonFault(reason);
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const take = (mark: string): boolean => {
    match(SPACE);
    if (text[at] !== mark) return false;
    at += 1;
    return true;
  };
  const readString = (what: string): string => {
    match(SPACE);
    const found = match(STRING);
    return found === undefined
      ? fail(`${what} is expected, in double quotes`)
      : (JSON.parse(found) as string);
  };
  const readObject = (path: JsonPath): unknown => {
    const entries = new Map<string, unknown>();
    if (take('}')) return {};
    do {
      match(SPACE);
      const start = at;
      const key = readString('a key');
      if (entries.has(key) || key === '__proto__') {
        at = start;
        fail(
          `the key ${JSON.stringify(key.slice(0, 60))} ${entries.has(key) ? 'stands twice' : 'is not allowed'}`,
        );
      }
      places.set(JSON.stringify([...path, key]), start);
      if (!take(':')) fail('":" is expected after a key');
      entries.set(key, readValue([...path, key]));
    } while (take(','));
    if (!take('}')) fail('"," or "}" is expected');
    return Object.fromEntries(entries);
  };
  const readArray = (path: JsonPath): unknown => {
    const items: unknown[] = [];
    if (take(']')) return items;
    do {
      match(SPACE);
      const inside = [...path, items.length];
      places.set(JSON.stringify(inside), at);
      items.push(readValue(inside));
    } while (take(','));
    if (!take(']')) fail('"," or "]" is expected');
    return items;
  };
  const readValue = (path: JsonPath): unknown => {
    if (path.length > MAX_DEPTH) fail(`objects and lists stand more than ${MAX_DEPTH} deep in each other`);
    if (take('{')) return readObject(path);
    if (take('[')) return readArray(path);
    if (text[at] === '"') return readString('a text');
    const found = match(NUMBER) ?? match(WORD) ?? fail('a JSON value is expected');
    return JSON.parse(found) as unknown;
  };

  try {
    match(SPACE);
    places.set('[]', at);
    const value = readValue([]);
    match(SPACE);
    if (at < text.length) fail('nothing more is expected');
    const lineOf = (path: JsonPath): number | undefined => {
      const place = places.get(JSON.stringify(path));
      return place === undefined ? undefined : lineAt(text, place);
    };
    return { value, lineOf };
  } catch (error) {
    if (error instanceof JsonFault) return { fault: error.message, line: lineAt(text, at) };
    throw error;
  }
}

function lineAt(text: string, place: number): number {
  return text.slice(0, place).split('\n').length;
}
