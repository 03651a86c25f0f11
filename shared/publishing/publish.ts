import type { Committed } from '../assessing/batch.ts';
import type { Ports, Row, Table } from '../ports.ts';
import { secondsBetween } from '../seconds.ts';
import { hashOf } from '../identity.ts';
import { readPartitions } from '../state/commit.ts';
import { deleteRows } from '../state/delete-rows.ts';
import * as keys from '../state/keys.ts';
import type { OutboxRow, Pack } from '../state/store.ts';
import { sendRows, sendTexts } from './send.ts';

/** Publishes what a message has just committed; what is not accepted waits for `publishPending`. */
export async function publishCommitted(
  ports: Ports,
  committed: readonly Committed[],
  now: string,
): Promise<void> {
  await publishPacks(
    ports,
    committed.flatMap(({ packs }) => packs),
    now,
  );
  await publishTransient(ports, committed, now);
}

/** Publishes rows that wait in a partition and removes those that were accepted; how many rows are left. */
export async function publishPartition(ports: Ports, partition: string): Promise<number> {
  const { rows, now } = await ports.table.query(partition, ...keys.ALL_OUTBOX);
  const packs = rows.map((row) => packOf(partition, row));
  return publishPacks(ports, packs, now);
}

function packOf(partition: string, { row, text }: Row): Pack {
  const rows = JSON.parse(text) as OutboxRow[];
  return {
    partition,
    row,
    rows: rows.map(({ table, row: content }) => ({ table, text: JSON.stringify(content) })),
  };
}

/** Sends packs table by table; a pack goes when every row of it was accepted, or was parked as refused. */
async function publishPacks(ports: Ports, packs: readonly Pack[], now: string): Promise<number> {
  const items = packs.flatMap((pack) => pack.rows.map((row) => ({ pack, row })));
  const done = new Map<Pack, number>();
  for (const table of new Set(items.map(({ row }) => row.table))) {
    const part = items.filter(({ row }) => row.table === table);
    const { accepted, refused } = await sendTexts(
      ports.sink,
      table,
      part.map(({ row }) => row.text),
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
async function park(table: Table, partition: string, row: Pack['rows'][number]): Promise<void> {
  const text = `{"table":"${row.table}","row":${row.text}}`;
  await table.transact(partition, [{ do: 'put', row: `k|${hashOf(text)}`, text }]);
}

async function remove(table: Table, packs: readonly Pack[]): Promise<void> {
  for (const [partition, part] of Map.groupBy(packs, (pack) => pack.partition)) {
    await deleteRows(
      table,
      partition,
      part.map(({ row }) => row),
    );
  }
}

/** Rows that the next ones replace: sent once, and lost without harm. */
async function publishTransient(
  ports: Ports,
  comparisons: readonly Pick<Committed, 'refreshes' | 'server'>[],
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
