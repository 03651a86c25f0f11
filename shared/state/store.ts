import { hashOf } from '../identity.ts';
import type { AccessChange, ServerRef } from '../model.ts';
import type { Operation, Row, Table } from '../ports.ts';
import { Change } from '../asking/request.ts';
import type { TableName } from '../rows.ts';
import { newState, parseState, type ServerState, type StoredState } from '../lifecycle/server-state.ts';
import { readAccessChanges } from './access-changes.ts';
import * as keys from './keys.ts';
import { readSubscription } from './monitor.ts';

/** Rows for the workspace, committed with the state that they tell of. */
export interface OutboxRow {
  readonly table: TableName;
  /** One complete row but for what is stamped when it is sent. */
  readonly row: Readonly<Record<string, unknown>>;
}

export interface StatesRead {
  readonly states: ReadonlyMap<string, StoredState>;
  /** The storage service's clock. */
  readonly now: string;
}

/** The states of servers of one subscription, in one range query; those that are not stored yet are new ones. */
export async function readStates(table: Table, servers: readonly ServerRef[]): Promise<StatesRead> {
  const rows = servers.map(({ id }) => keys.serverRow(id)).sort();
  const [first, last] = [rows[0], rows.at(-1)];
  const partition = servers[0]?.subscription;
  if (first === undefined || last === undefined || partition === undefined)
    throw new Error('no server to read');
  const { rows: found, now } = await table.query(partition, first, `${last}~`);
  const byRow = new Map(found.map((row) => [row.row, row]));
  const states = servers.map((server): [string, StoredState] => {
    const row = byRow.get(keys.serverRow(server.id));
    if (!row) return [server.id, { state: newState(server), etag: undefined }];
    return [server.id, { state: parseState(row.text), etag: row.etag }];
  });
  return { states: new Map(states), now };
}

/** One server's state. */
export async function readState(
  table: Table,
  server: ServerRef,
): Promise<{ readonly stored: StoredState; readonly now: string }> {
  const { states, now } = await readStates(table, [server]);
  const stored = states.get(server.id);
  if (!stored) throw new Error('a state that was asked for is missing');
  return { stored, now };
}

/** What a sweep reads of every state without its text. */
function columnsOf(state: ServerState): Row['columns'] {
  const rules = state.network.firewallRules;
  const access = state.network.publicAccess;
  return {
    serverId: state.server.id,
    bodyHash: state.bodyHash,
    readAt: state.observedAt,
    rulesAt: rules && 'value' in rules ? rules.at : '',
    publicAccess: access && 'value' in access ? access.value.switch : 'unknown',
    live: state.live ? 'yes' : '',
    deletedAt: state.deletedAt ?? '',
    open: String(state.findings.filter(({ state: lifecycle }) => lifecycle !== 'Resolved').length),
  };
}

export function stateOperation({ state, etag }: StoredState): Operation {
  const row = keys.serverRow(state.server.id);
  const content = { row, text: JSON.stringify(state), columns: columnsOf(state) };
  return etag === undefined ? { do: 'insert', ...content } : { do: 'replace', ...content, etag };
}

/** Writes a state with the ETag that was read; undefined: another one wrote first. */
export async function writeState(table: Table, stored: StoredState): Promise<StoredState | undefined> {
  const etags = await table.transact(stored.state.server.subscription, [stateOperation(stored)]);
  if (etags === 'conflict') return undefined;
  return { state: stored.state, etag: etags.get(keys.serverRow(stored.state.server.id)) };
}

/** Outbox operations: a row of the table holds as many rows for the workspace as 300,000 characters do. */
export function outboxOperations(
  serverId: string,
  rows: readonly OutboxRow[],
  now: string,
): readonly Operation[] {
  const packs: OutboxRow[][] = [];
  let size = Infinity;
  for (const row of rows) {
    const length = JSON.stringify(row).length;
    if (size + length > 300_000) {
      packs.push([]);
      size = 0;
    }
    packs.at(-1)?.push(row);
    size += length;
  }
  return packs.map((pack): Operation => {
    const text = JSON.stringify(pack);
    const columns = { at: now, rows: String(pack.length) };
    return { do: 'put', row: `${keys.outboxPrefix(serverId)}${hashOf(text).slice(0, 32)}`, text, columns };
  });
}

/** Stores an event of a server that was read a moment ago; an event that waits already is left as it is. */
export async function insertWaiting(table: Table, server: ServerRef, change: Change): Promise<void> {
  const row = keys.waitingPrefix(server.id) + hashOf(change.id);
  await table.transact(server.subscription, [{ do: 'insert', row, text: JSON.stringify(change) }]);
}

export interface Waiting {
  readonly row: string;
  readonly change: Change;
}

/** Events of a server that wait for its next reading. */
export async function readWaiting(table: Table, server: ServerRef): Promise<readonly Waiting[]> {
  const { rows } = await table.query(server.subscription, ...keys.rangeOf(keys.waitingPrefix(server.id)));
  return rows.map(({ row, text }) => ({ row, change: Change.parse(JSON.parse(text)) }));
}

/** What the table knows around the servers of a subscription: few rows, read once a message. */
export interface Surrounding {
  /** Undefined: no sweep has seen the subscription yet. */
  readonly firstRunId: string | undefined;
  /** Server id -> ids of endpoints that name it, learnt from events and sweeps. */
  readonly namedBy: ReadonlyMap<string, readonly string[]>;
  /** Server id -> switches of public access that the change table told. */
  readonly accessChanges: ReadonlyMap<string, readonly AccessChange[]>;
}

export async function readSurrounding(table: Table, subscription: string): Promise<Surrounding> {
  const [facts, namedBy, accessChanges] = await Promise.all([
    readSubscription(table, subscription),
    readNamedBy(table, subscription),
    readAccessChanges(table, subscription),
  ]);
  return { firstRunId: facts?.firstRunId, namedBy, accessChanges };
}

/** Server id -> ids of endpoints that name it, learnt from events and sweeps. */
export async function readNamedBy(table: Table, subscription: string): Promise<Surrounding['namedBy']> {
  const { rows } = await table.query(subscription, ...keys.rangeOf('n|'), true);
  const pairs = rows.map(({ columns }) => ({ id: columns.id ?? '', serverId: columns.serverId ?? '' }));
  const byServer = Map.groupBy(pairs, ({ serverId }) => serverId);
  return new Map([...byServer].map(([serverId, list]) => [serverId, list.map(({ id }) => id)]));
}
