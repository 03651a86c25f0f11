import { hashOf } from '../identity.ts';
import type { ServerRef } from '../model.ts';
import type { Operation, Row, Table } from '../ports.ts';
import { Change } from '../asking/request.ts';
import type { TableName } from '../rows.ts';
import { knownState, newerState, newState, type StoredState } from '../lifecycle/server-state.ts';
import { type KnownChanges, readAccessChanges } from './access-changes.ts';
import { columnsOf } from './columns.ts';
import * as keys from './keys.ts';
import { readSubscription } from './monitor.ts';

/** Rows for the workspace, committed with the state that they tell of. */
export interface OutboxRow {
  readonly table: TableName;
  /** One complete row but for what is stamped when it is sent. */
  readonly row: Readonly<Record<string, unknown>>;
}

export interface ColumnsRead {
  readonly columns: ReadonlyMap<string, Row['columns']>;
  /** The storage service's clock. */
  readonly now: string;
}

export interface StatesRead {
  readonly states: ReadonlyMap<string, StoredState>;
  /** The storage service's clock. */
  readonly now: string;
}

/** So few are read one by one: a range would bring the states of all that lie between. */
const FEW = 4;

/**
 * The states of servers of one subscription, in one range query; those that are not stored yet are new ones, and those that a
 * newer version of the app wrote are left out.
 */
export async function readStates(table: Table, servers: readonly ServerRef[]): Promise<StatesRead> {
  const answers =
    servers.length === 0 || servers.length > FEW
      ? [await rowsOf(table, servers)]
      : await Promise.all(servers.map((server) => rowsOf(table, [server])));
  const byRow = new Map(answers.flatMap(({ rows }) => rows.map((row) => [row.row, row] as const)));
  const states = servers.flatMap((server): [string, StoredState][] => {
    const row = byRow.get(keys.serverRow(server.id));
    if (!row) return [[server.id, { state: newState(server), etag: undefined }]];
    const state = knownState(row.text);
    return state ? [[server.id, { state, etag: row.etag }]] : [];
  });
  const [now = ''] = answers.map((answer) => answer.now).sort();
  return { states: new Map(states), now };
}

/** The columns of their rows alone, by server id. */
export async function readColumns(table: Table, servers: readonly ServerRef[]): Promise<ColumnsRead> {
  const { rows, now } = await rowsOf(table, servers, true);
  return { columns: new Map(rows.map(({ columns }) => [columns.serverId ?? '', columns])), now };
}

function rowsOf(
  table: Table,
  servers: readonly ServerRef[],
  columnsOnly = false,
): ReturnType<Table['query']> {
  const rows = servers.map(({ id }) => keys.serverRow(id)).sort();
  const [first, last] = [rows[0], rows.at(-1)];
  const partition = servers[0]?.subscription;
  if (first === undefined || last === undefined || partition === undefined)
    throw new Error('no server to read');
  return table.query(partition, first, `${last}~`, columnsOnly);
}

/** One server's state; throws `TransientError` when a newer version of the app wrote it. */
export async function readState(
  table: Table,
  server: ServerRef,
): Promise<{ readonly stored: StoredState; readonly now: string }> {
  const { states, now } = await readStates(table, [server]);
  const stored = states.get(server.id);
  if (!stored) throw newerState();
  return { stored, now };
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

/** Rows for the workspace in one row of the table; each a complete JSON object but for what is stamped when it is sent. */
export interface Pack {
  readonly partition: string;
  readonly row: string;
  readonly rows: readonly { readonly table: TableName; readonly text: string }[];
}

/** Outbox operations and what they store: a row of the table holds as many rows as 300,000 characters do. */
export function outboxOf(
  { id, subscription }: Pick<ServerRef, 'id' | 'subscription'>,
  rows: readonly OutboxRow[],
  now: string,
): { readonly operations: readonly Operation[]; readonly packs: readonly Pack[] } {
  const parts: Pack['rows'][number][][] = [];
  let size = Infinity;
  for (const { table, row } of rows) {
    const text = JSON.stringify(row);
    if (size + text.length > 300_000) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push({ table, text });
    size += text.length;
  }
  const operations: Operation[] = [];
  const packs = parts.map((part): Pack => {
    const text = `[${part.map(({ table, text: row }) => `{"table":"${table}","row":${row}}`).join(',')}]`;
    const row = `${keys.outboxPrefix(id)}${hashOf(text).slice(0, 32)}`;
    operations.push({ do: 'put', row, text, columns: { at: now, rows: String(part.length) } });
    return { partition: subscription, row, rows: part };
  });
  return { operations, packs };
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
  readonly accessChanges: KnownChanges;
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
