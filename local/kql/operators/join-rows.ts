import { keyOf } from '../keys.ts';
import type { Reader } from '../cells.ts';
import { arrayShape } from '../compile.ts';
import type { Relation } from '../compile.ts';
import type { Node } from '../tree.ts';
import { missing, unsupported } from '../values.ts';
import type { Column, Row, Value } from '../values.ts';
import { outputColumns } from './columns.ts';

/** What a kind of join gives: matched pairs, and rows of a side without a match. */
export interface Flavour {
  readonly sides: 'both' | 'left' | 'right';
  readonly matched: boolean;
  readonly leftAlone: boolean;
  readonly rightAlone: boolean;
  readonly uniqueLeft?: boolean;
}

/** The columns, by their places, that must be equal. */
export interface Key {
  readonly left: number;
  readonly right: number;
}

/** The key of a row, or undefined with a null in it: null equals nothing. */
function keyReader(readers: readonly Reader[]): (row: Row) => string | undefined {
  return (row) => {
    let text = '';
    for (const read of readers) {
      const value = read(row);
      if (value === null) return undefined;
      text += keyOf(value);
    }
    return text;
  };
}

/** The rows of a join; those of the right side alone stand last. */
export function matchedRows(
  node: Node,
  left: Relation,
  right: Relation,
  keys: readonly Key[],
  flavour: Flavour,
  added: readonly number[],
): Relation {
  const columns = outputColumns(node);
  const leftReaders = flavour.sides === 'right' ? [] : left.readers;
  const rightReaders = flavour.sides === 'left' ? [] : pick(right.readers, added);
  if (columns.length !== leftReaders.length + rightReaders.length)
    throw unsupported('join columns', node.kind);
  const build = pairBuilder(leftReaders, rightReaders, columns, left.ingestion);
  const leftKey = keyReader(
    pick(
      left.readers,
      keys.map((each) => each.left),
    ),
  );
  const rightKey = keyReader(
    pick(
      right.readers,
      keys.map((each) => each.right),
    ),
  );
  return {
    ...arrayShape(columns, left.ingestion !== undefined),
    rows: (run) => {
      const rightRows = right.rows(run);
      const index = indexRows(rightRows, rightKey);
      const seen = new Set<string>();
      const matchedRight = new Set<Row>();
      const result: Row[] = [];
      for (const row of left.rows(run)) {
        const text = leftKey(row);
        const partners = text === undefined ? undefined : index.get(text);
        if (text === undefined || !partners) {
          if (flavour.leftAlone) result.push(build(row, undefined));
          continue;
        }
        if (flavour.uniqueLeft && seen.has(text)) continue;
        const again = seen.has(text);
        seen.add(text);
        if (!again) for (const partner of partners) matchedRight.add(partner);
        if (!flavour.matched || flavour.sides === 'right') continue;
        if (flavour.sides === 'left') result.push(build(row, undefined));
        else for (const partner of partners) result.push(build(row, partner));
      }
      if (flavour.sides === 'right' || flavour.rightAlone) {
        const wanted = flavour.sides === 'right' && flavour.matched;
        for (const row of rightRows) if (matchedRight.has(row) === wanted) result.push(build(undefined, row));
      }
      return result;
    },
  };
}

const pick = (readers: readonly Reader[], indexes: readonly number[]): readonly Reader[] =>
  indexes.flatMap((at) => readers[at] ?? []);

function indexRows(rows: readonly Row[], keyOfRow: (row: Row) => string | undefined): Map<string, Row[]> {
  const index = new Map<string, Row[]>();
  for (const row of rows) {
    const text = keyOfRow(row);
    if (text === undefined) continue;
    const found = index.get(text);
    if (found) found.push(row);
    else index.set(text, [row]);
  }
  return index;
}

/** Builds a row of both sides; the columns of an absent side are missing. */
function pairBuilder(
  left: readonly Reader[],
  right: readonly Reader[],
  columns: readonly Column[],
  ingestion: Reader | undefined,
): (leftRow: Row | undefined, rightRow: Row | undefined) => Row {
  const absent = columns.map(({ type }) => missing(type));
  return (leftRow, rightRow) => {
    const built: Value[] = [];
    for (const read of left) built.push(leftRow ? read(leftRow) : (absent[built.length] ?? null));
    for (const read of right) built.push(rightRow ? read(rightRow) : (absent[built.length] ?? null));
    if (ingestion) built.push(leftRow ? ingestion(leftRow) : null);
    return built;
  };
}
