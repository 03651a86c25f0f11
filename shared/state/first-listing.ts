import { hashOf } from '../identity.ts';
import type { ServerRef } from '../model.ts';
import type { Table } from '../ports.ts';

const ROW = 'i|first-listing';
/** Enough to tell the servers of a subscription apart, and few enough for one row. */
const LENGTH = 12;

const nameOf = (serverId: string): string => hashOf(serverId).slice(0, LENGTH);

/** Keeps which servers were there when their subscription was swept for the first time. */
export async function writeFirstListing(
  table: Table,
  subscription: string,
  serverIds: readonly string[],
): Promise<void> {
  const text = JSON.stringify(serverIds.map(nameOf).sort());
  await table.transact(subscription, [{ do: 'put', row: ROW, text }]);
}

/** Whether a server is inventory, whichever request comes to read it first. */
export async function isInFirstListing(table: Table, { id, subscription }: ServerRef): Promise<boolean> {
  const { rows } = await table.query(subscription, ROW, `${ROW}~`);
  return rows[0]?.text.includes(`"${nameOf(id)}"`) ?? false;
}
