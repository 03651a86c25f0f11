import { APP_VERSION } from '../app-version.ts';
import type { Sink } from '../ports.ts';
import { SCHEMA_VERSION, type TableName } from '../rows.ts';

/** Below the 1 MB of a call, compressed or not, with its brackets and commas. */
const MAX_CHUNK_BYTES = 900_000;

/** What became of rows, by their position. */
export interface Sent {
  readonly accepted: ReadonlySet<number>;
  /** Refused for what they hold, each alone: sending them again would not help. */
  readonly refused: ReadonlySet<number>;
}

/** Sends rows of one table in chunks; halves a chunk that is refused until the row is found that is to blame. */
export async function sendRows(
  sink: Sink,
  table: TableName,
  rows: readonly Readonly<Record<string, unknown>>[],
  now: string,
): Promise<Sent> {
  const texts = rows.map((row) => JSON.stringify(row));
  return sendTexts(sink, table, texts, now);
}

/** The same with rows that are texts already: JSON objects that are stamped with the time of sending and the app's version. */
export async function sendTexts(
  sink: Sink,
  table: TableName,
  rows: readonly string[],
  now: string,
): Promise<Sent> {
  const stamps = JSON.stringify({
    TimeGenerated: now,
    SchemaVersion: SCHEMA_VERSION,
    AppVersion: APP_VERSION,
  });
  const texts = rows.map((row) => plainText(`${stamps.slice(0, -1)},${row.slice(1)}`));
  const accepted = new Set<number>();
  const refused = new Set<number>();
  for (const chunk of chunksOf(texts)) {
    if (!(await sendChunk(chunk))) break;
  }
  return { accepted, refused };

  async function sendChunk(chunk: readonly number[]): Promise<boolean> {
    const delivery = await sink.send(
      table,
      chunk.map((index) => texts[index] ?? ''),
    );
    if (delivery.accepted) {
      for (const index of chunk) accepted.add(index);
      return true;
    }
    if (delivery.reason === 'later') return false;
    if (chunk.length > 1) {
      const middle = Math.ceil(chunk.length / 2);
      return (await sendChunk(chunk.slice(0, middle))) && sendChunk(chunk.slice(middle));
    }
    for (const index of chunk) refused.add(index);
    return true;
  }
}

const ODD = /\\(?:u00[01]|ud[89a-f]|[bfnrt])|[\u007f-\u009f]/i;

/** Halves of characters, which no column can hold, and controls, which move the text of whoever shows a row, are replaced. */
function plainText(json: string): string {
  if (!ODD.test(json)) return json;
  return JSON.stringify(JSON.parse(json), (_, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed().replace(/\p{Cc}/gu, '\ufffd') : value,
  );
}

function chunksOf(texts: readonly string[]): readonly (readonly number[])[] {
  const chunks: number[][] = [];
  let bytes = Infinity;
  for (const [index, text] of texts.entries()) {
    const size = Buffer.byteLength(text) + 1;
    if (bytes + size > MAX_CHUNK_BYTES) {
      chunks.push([]);
      bytes = 2;
    }
    chunks.at(-1)?.push(index);
    bytes += size;
  }
  return chunks;
}
