import * as z from 'zod';
import { hashOf } from '../identity.ts';
import type { AccessChange } from '../model.ts';
import type { Table } from '../ports.ts';
import { parseResourceId } from '../resource-id.ts';
import * as keys from './keys.ts';

const AccessChanges = z.array(
  z.object({ at: z.string(), to: z.enum(['enabled', 'disabled']), by: z.string() }),
);

/** Switches of public access that the last sweep learnt, by server id. */
export async function readAccessChanges(
  table: Table,
  subscription: string,
): Promise<ReadonlyMap<string, readonly AccessChange[]>> {
  const { rows } = await table.query(subscription, ...keys.rangeOf('a|'));
  return new Map(
    rows.map(({ columns, text }) => [columns.serverId ?? '', AccessChanges.parse(JSON.parse(text))]),
  );
}

/** Keeps what the change table tells of a subscription's servers, and forgets what it does not tell any more. */
export async function writeAccessChanges(
  table: Table,
  subscription: string,
  changes: ReadonlyMap<string, readonly AccessChange[]>,
): Promise<void> {
  const known = await readAccessChanges(table, subscription);
  const row = (serverId: string): string => `a|${hashOf(serverId)}`;
  for (const serverId of known.keys()) {
    if (!changes.has(serverId)) await table.transact(subscription, [{ do: 'delete', row: row(serverId) }]);
  }
  for (const [serverId, list] of changes) {
    if (parseResourceId(serverId)?.subscription !== subscription) continue;
    const text = JSON.stringify(list);
    if (text === JSON.stringify(known.get(serverId))) continue;
    await table.transact(subscription, [{ do: 'put', row: row(serverId), text, columns: { serverId } }]);
  }
}
