import { z } from 'zod';
import { hashOf } from '../identity.ts';
import type { AccessChange, ServerRef } from '../model.ts';
import type { Table } from '../ports.ts';

const AccessChanges = z.array(
  z.object({ at: z.string(), to: z.enum(['enabled', 'disabled']), by: z.string() }),
);

const rowOf = (serverId: string): string => `a|${hashOf(serverId)}`;

/** Switches of public access that the change table of Resource Graph told the last sweep, oldest first. */
export async function readAccessChanges(table: Table, server: ServerRef): Promise<readonly AccessChange[]> {
  const row = rowOf(server.id);
  const { rows } = await table.query(server.subscription, row, `${row}~`);
  return rows[0] ? AccessChanges.parse(JSON.parse(rows[0].text)) : [];
}

/** Keeps what the change table tells of one server: it forgets after 14 days. */
export async function writeAccessChanges(
  table: Table,
  server: Pick<ServerRef, 'id' | 'subscription'>,
  changes: readonly AccessChange[],
): Promise<void> {
  const text = JSON.stringify(changes);
  await table.transact(server.subscription, [{ do: 'put', row: rowOf(server.id), text }]);
}
