import { parseState, type ServerState } from '../lifecycle/server-state.ts';
import type { Table } from '../ports.ts';
import * as keys from './keys.ts';

/** Every server of these subscriptions that was read and is still there. */
export async function readInventory(
  table: Table,
  subscriptions: readonly string[],
  includeDeleted = false,
): Promise<readonly ServerState[]> {
  const found = await Promise.all(
    subscriptions.map((subscription) => table.query(subscription, ...keys.ALL_SERVERS)),
  );
  const states = found.flatMap(({ rows }) => rows.map(({ text }) => parseState(text)));
  return states.filter(({ live, observedAt }) => includeDeleted || (live && observedAt !== ''));
}
