import { APP_VERSION } from '../app-version.ts';
import type { Comparison } from '../lifecycle.ts';
import type { Ports, Row, Sink, Table } from '../ports.ts';
import { SCHEMA_VERSION, type TableName } from '../rows.ts';
import { secondsBetween } from '../seconds.ts';
import { hashOf } from '../identity.ts';
import { readPartitions } from '../state/commit.ts';
import * as keys from '../state/keys.ts';
import type { OutboxRow } from '../state/store.ts';

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
  const stamps = { TimeGenerated: now, SchemaVersion: SCHEMA_VERSION, AppVersion: APP_VERSION };
  const texts = rows.map((row) => JSON.stringify({ ...stamps, ...row }, wellFormed));
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

/** Halves of characters would go as escapes, which no column can hold. */
function wellFormed(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
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

interface Pack {
  readonly partition: string;
  readonly row: string;
  readonly rows: readonly OutboxRow[];
}

/** Publishes committed rows of a partition and removes those that were accepted; how many rows are left. */
export async function publishPartition(
  ports: Ports,
  partition: string,
  range: readonly [string, string] = keys.ALL_OUTBOX,
): Promise<number> {
  const { rows, now } = await ports.table.query(partition, ...range);
  const packs = rows.map((row) => packOf(partition, row));
  return publishPacks(ports, packs, now);
}

function packOf(partition: string, { row, text }: Row): Pack {
  return { partition, row, rows: JSON.parse(text) as OutboxRow[] };
}

/** Sends packs table by table; a pack goes when every row of it was accepted, or was parked as refused. */
async function publishPacks(ports: Ports, packs: readonly Pack[], now: string): Promise<number> {
  const items = packs.flatMap((pack) => pack.rows.map((row) => ({ pack, row })));
  const done = new Map<Pack, number>();
  for (const table of new Set(items.map(({ row }) => row.table))) {
    const part = items.filter(({ row }) => row.table === table);
    const { accepted, refused } = await sendRows(
      ports.sink,
      table,
      part.map(({ row }) => row.row),
      now,
    );
    for (const index of refused) {
      const item = part[index];
      if (item) await park(ports.table, item.pack.partition, item.row);
    }
    for (const index of [...accepted, ...refused]) {
      const pack = part[index]?.pack;
      if (pack) done.set(pack, (done.get(pack) ?? 0) + 1);
    }
  }
  const finished = packs.filter((pack) => done.get(pack) === pack.rows.length);
  await remove(ports.table, finished);
  return items.length - finished.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** Keeps a row that the workspace refuses for what it holds: it is counted, and stands in nobody's way. */
async function park(table: Table, partition: string, row: OutboxRow): Promise<void> {
  const text = JSON.stringify(row);
  await table.transact(partition, [{ do: 'put', row: `k|${hashOf(text)}`, text }]);
}

async function remove(table: Table, packs: readonly Pack[]): Promise<void> {
  const byPartition = Map.groupBy(packs, ({ partition }) => partition);
  for (const [partition, part] of byPartition) {
    for (let start = 0; start < part.length; start += 100) {
      const rows = part.slice(start, start + 100).map(({ row }) => ({ do: 'delete' as const, row }));
      if ((await table.transact(partition, rows)) !== 'conflict') continue;
      // Another run removed some of them: one by one, what is gone is gone.
      for (const row of rows) await table.transact(partition, [row]);
    }
  }
}

/** Rows that the next ones replace: sent once, and lost without harm. */
export async function publishTransient(
  ports: Ports,
  comparisons: readonly Pick<Comparison, 'refreshes' | 'server'>[],
  now: string,
): Promise<void> {
  const servers = comparisons.flatMap(({ server }) => (server ? [server] : []));
  const refreshes = comparisons.flatMap((comparison) => comparison.refreshes);
  if (servers.length > 0) await sendRows(ports.sink, 'DatabaseExposureServers_CL', servers, now);
  if (refreshes.length > 0) await sendRows(ports.sink, 'DatabaseExposureFindings_CL', refreshes, now);
}

/** What waits to be published, over all subscriptions that ever had something. */
export async function pendingRows(table: Table): Promise<{
  readonly rows: number;
  readonly oldestSeconds: number;
  readonly parked: number;
  /** Subscriptions with rows that wait. */
  readonly partitions: readonly string[];
}> {
  const partitions: string[] = [];
  let rows = 0;
  let parked = 0;
  let oldestSeconds = 0;
  for (const partition of await readPartitions(table)) {
    const outbox = await table.query(partition, ...keys.ALL_OUTBOX, true);
    if (outbox.rows.length > 0) partitions.push(partition);
    for (const { columns } of outbox.rows) {
      rows += Number(columns.rows ?? '1');
      if (columns.at) oldestSeconds = Math.max(oldestSeconds, secondsBetween(columns.at, outbox.now));
    }
    parked += (await table.query(partition, 'k|', 'k}', true)).rows.length;
  }
  return { rows, oldestSeconds: Math.round(oldestSeconds), parked, partitions };
}
