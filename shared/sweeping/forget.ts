import { PRIVATE_ENDPOINT, privateEndpoint } from '../network/private-endpoint.ts';
import { parseFacet } from '../families/define-family.ts';
import { knownState, type ServerState } from '../lifecycle/server-state.ts';
import { type PrivateEndpoint, type Reading, SERVER_UNREAD } from '../model.ts';
import type { Ports, Row, Table } from '../ports.ts';
import { parseResourceId } from '../resource-id.ts';
import { secondsBetween } from '../seconds.ts';
import { deleteRows } from '../state/delete-rows.ts';
import { dependenciesOf, removeDependent, removeNamedBy } from '../state/dependents.ts';
import * as keys from '../state/keys.ts';
import type { Listing } from './list-servers.ts';

const KEEP_SECONDS = 30 * 86_400;

/** Deleted servers are kept for thirty days, longer only while something is open on what they left behind. */
export async function forgetServers(
  subscription: string,
  rows: readonly Row[],
  now: string,
  table: Table,
): Promise<void> {
  for (const { columns } of rows) {
    const { serverId = '', deletedAt = '', open } = columns;
    if (deletedAt === '' || open !== '0' || secondsBetween(deletedAt, now) < KEEP_SECONDS) continue;
    await forgetServer(subscription, serverId, table);
  }
}

/** Everything that is kept of a server, its state last: whoever dies on the way begins again. */
async function forgetServer(subscription: string, serverId: string, table: Table): Promise<void> {
  const own = keys.serverRow(serverId);
  const failed = keys.failedRow(serverId);
  const [states, named, waiting, failures] = await Promise.all([
    table.query(subscription, own, `${own}~`),
    table.query(subscription, ...keys.rangeOf(keys.namedByPrefix(serverId)), true),
    table.query(subscription, ...keys.rangeOf(keys.waitingPrefix(serverId)), true),
    table.query(subscription, failed, `${failed}~`, true),
  ]);
  const around = new Set(named.rows.map(({ columns }) => columns.id ?? ''));
  for (const { text } of states.rows) {
    const state = knownState(text);
    for (const id of state ? dependenciesOf(state) : []) around.add(id);
  }
  for (const id of around) await removeDependent(table, id, serverId);
  const rows = [named, waiting, failures, states].flatMap((found) => found.rows.map(({ row }) => row));
  await deleteRows(table, subscription, rows);
}

/**
 * Forgets endpoints that name a server no more: a complete listing lacks them, and Azure Resource Manager does not show them
 * naming it either, in the stored reading or, where that could not tell, now.
 */
export async function forgetEndpoints(
  subscription: string,
  named: ReadonlyMap<string, readonly string[]>,
  { namedBy, complete }: Pick<Listing, 'namedBy' | 'complete'>,
  listed: readonly string[],
  { table, arm }: Pick<Ports, 'table' | 'arm'>,
): Promise<void> {
  if (!complete) return;
  for (const [serverId, endpointIds] of named) {
    const missing = endpointIds.filter(
      (id) =>
        listed.includes(parseResourceId(id)?.subscription ?? '') && !namedBy.get(serverId)?.includes(id),
    );
    if (missing.length === 0) continue;
    const row = keys.serverRow(serverId);
    const { rows } = await table.query(subscription, row, `${row}~`);
    const state = rows[0] && knownState(rows[0].text);
    for (const id of missing) {
      if (await namesNoMore(id, serverId, state, arm)) await removeNamedBy(table, id, subscription, serverId);
    }
  }
}

async function namesNoMore(
  endpointId: string,
  serverId: string,
  state: ServerState | undefined,
  arm: Ports['arm'],
): Promise<boolean> {
  const stored = state?.surroundings.endpoints[endpointId];
  const isTold = stored && ('value' in stored || stored.unreadable !== SERVER_UNREAD);
  const reading = isTold ? stored : await readEndpoint(endpointId, arm);
  if (!reading || !('value' in reading)) return false;
  return reading.value === 'gone' || !reading.value.targets.some(({ targetId }) => targetId === serverId);
}

async function readEndpoint(
  id: string,
  arm: Ports['arm'],
): Promise<Reading<PrivateEndpoint | 'gone'> | undefined> {
  const answer = await arm.get(id, PRIVATE_ENDPOINT.apiVersion);
  if (answer.outcome === 'gone') return { value: 'gone', at: answer.at };
  return answer.outcome === 'ok' ? parseFacet(answer.at, () => privateEndpoint(answer.body, id)) : undefined;
}

/**
 * What is kept of a subscription that left the scope ends with its last server, but for when it was first swept and rows
 * that nobody has yet told or fetched.
 */
export async function forgetSubscription(subscription: string, table: Table): Promise<void> {
  const { rows, now } = await table.query(subscription, ...keys.ALL_SERVERS, true);
  await forgetServers(subscription, rows, now, table);
  // Nobody will assess its servers again.
  const failures = await table.query(subscription, ...keys.ALL_FAILED, true);
  await deleteRows(
    table,
    subscription,
    failures.rows.map(({ row }) => row),
  );
  const { rows: left } = await table.query(subscription, '!', '~', true);
  const names = left.map(({ row }) => row);
  if (names.some((row) => /^[sok]\|/.test(row))) return;
  await deleteRows(
    table,
    subscription,
    names.filter((row) => !/^[mi]\|/.test(row)),
  );
  await table.transact(keys.MONITOR, [{ do: 'delete', row: keys.partitionRow(subscription) }]);
}
