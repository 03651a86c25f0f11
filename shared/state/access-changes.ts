import * as z from 'zod';
import { hashOf } from '../identity.ts';
import type { AccessChange } from '../model.ts';
import type { Table } from '../ports.ts';
import { parseResourceId } from '../resource-id.ts';
import * as keys from './keys.ts';

const AccessChanges = z.array(
  z.object({ at: z.string(), to: z.enum(['enabled', 'disabled', 'unknown']), by: z.string() }),
);

/** Stands among the switches of every server while the change table may have more to tell than is known. */
export const UNTOLD: AccessChange = { at: '', to: 'unknown', by: '' };

/** Switches of public access by server id. */
export type KnownChanges = Pick<ReadonlyMap<string, readonly AccessChange[]>, 'get'>;

/** Is there while the last sweep could list the change table of the subscription in full. */
const IN_FULL = 'a|in-full';

interface Stored {
  readonly changes: ReadonlyMap<string, readonly AccessChange[]>;
  readonly isInFull: boolean;
}

async function readStored(table: Table, subscription: string): Promise<Stored> {
  const { rows } = await table.query(subscription, ...keys.rangeOf('a|'));
  const changes = rows
    .filter(({ row }) => row !== IN_FULL)
    .map(({ columns, text }) => [columns.serverId ?? '', AccessChanges.parse(JSON.parse(text))] as const);
  return { changes: new Map(changes), isInFull: changes.length < rows.length };
}

/** Switches of public access that the sweeps learnt, with `UNTOLD` where the last one could not learn all. */
export async function readAccessChanges(table: Table, subscription: string): Promise<KnownChanges> {
  const { changes, isInFull } = await readStored(table, subscription);
  if (isInFull) return changes;
  return { get: (serverId) => [...(changes.get(serverId) ?? []), UNTOLD] };
}

/**
 * Keeps what the change table tells of a subscription's servers, and forgets what it does not tell any more. Undefined: it
 * was not listed in full, and nothing is concluded from what it lacks.
 */
export async function writeAccessChanges(
  table: Table,
  subscription: string,
  changes: ReadonlyMap<string, readonly AccessChange[]> | undefined,
): Promise<void> {
  const { changes: known, isInFull } = await readStored(table, subscription);
  if (!changes) {
    if (isInFull) await table.transact(subscription, [{ do: 'delete', row: IN_FULL }]);
    return;
  }
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
  if (!isInFull) await table.transact(subscription, [{ do: 'put', row: IN_FULL, text: '[]' }]);
}
