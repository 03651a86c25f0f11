import * as z from 'zod';
import type { ServerRef } from '../model.ts';
import type { Table } from '../ports.ts';
import { Request } from '../asking/request.ts';
import { secondsBetween } from '../seconds.ts';
import { readPartitions } from './commit.ts';
import * as keys from './keys.ts';

const KEEP_SECONDS = 30 * 86_400;

const Failed = z.object({
  serverId: z.string(),
  reason: z.string(),
  at: z.string(),
  request: Request.nullable(),
});

/** A server whose message never succeeded. */
export type FailedAssessment = z.infer<typeof Failed>;

export async function recordFailure(
  table: Table,
  server: Pick<ServerRef, 'id' | 'subscription'>,
  failure: FailedAssessment,
): Promise<void> {
  const text = JSON.stringify(failure);
  await table.transact(server.subscription, [{ do: 'put', row: keys.failedRow(server.id), text }]);
}

/** After a good assessment; nothing to delete is fine. */
export async function clearFailure(
  table: Table,
  server: Pick<ServerRef, 'id' | 'subscription'>,
): Promise<void> {
  const row = keys.failedRow(server.id);
  const { rows } = await table.query(server.subscription, row, `${row}~`, true);
  if (rows.length > 0) await table.transact(server.subscription, [{ do: 'delete', row }]);
}

/** Messages that named nothing have no assessment to end them: their records are kept for thirty days. */
export async function forgetMessages(table: Table, now: string): Promise<void> {
  await dropMessages(table, ({ at }) => secondsBetween(at, now) >= KEEP_SECONDS);
}

/** Deletes records of messages that named nothing; how many. */
export async function dropMessages(
  table: Table,
  isWanted: (failed: FailedAssessment) => boolean = () => true,
): Promise<number> {
  const { rows } = await table.query(keys.MONITOR, ...keys.ALL_FAILED);
  const wanted = rows.filter(({ text }) => isWanted(Failed.parse(JSON.parse(text))));
  for (const { row } of wanted) await table.transact(keys.MONITOR, [{ do: 'delete', row }]);
  return wanted.length;
}

/** Failed assessments of every subscription that was ever seen, and those that name no server. */
export async function readFailures(
  table: Table,
  subscriptions: readonly string[],
): Promise<readonly FailedAssessment[]> {
  const partitions = new Set([...subscriptions, ...(await readPartitions(table)), keys.MONITOR]);
  const found = await Promise.all(
    [...partitions].map((partition) => table.query(partition, ...keys.ALL_FAILED)),
  );
  return found.flatMap(({ rows }) => rows.map(({ text }) => Failed.parse(JSON.parse(text))));
}
