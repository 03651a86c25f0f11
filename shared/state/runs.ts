import type { Row, Table } from '../ports.ts';
import { secondsBetween } from '../seconds.ts';
import { deleteRows } from './delete-rows.ts';
import * as keys from './keys.ts';

/** A sweep or a scan: stored before its first message. */
export interface Run {
  readonly runId: string;
  readonly kind: 'Sweep' | 'Scan';
  readonly startedAt: string;
  readonly expected: number;
  readonly batches: number;
  /** When the last of its batches becomes visible: fifteen minutes later it is over. */
  readonly lastDueAt: string;
  readonly graphCalls: number;
  readonly throttled: number;
  /** What the listing itself could not cover. */
  readonly problems: readonly string[];
  /** What is no gap, and wants somebody's eye. */
  readonly notices: readonly string[];
  /** Subscriptions in scope that did not answer. */
  readonly missing: readonly string[];
  /** Filled once, when the run is over. */
  readonly finished: RunResult | null;
  /** The final row was accepted by the workspace. */
  readonly published: boolean;
}

export interface RunResult {
  readonly finishedAt: string;
  readonly assessed: number;
  readonly unreadable: number;
  readonly skipped: number;
  readonly managementCalls: number;
  readonly graphCalls: number;
  readonly throttled: number;
  readonly partial: boolean;
  /** Servers that changed without an event, as the markers name them. */
  readonly unannounced: readonly string[];
}

export type ServerResult = 'assessed' | 'unreadable';

/** What has become of the servers of one batch; a server that is asked for again adds its result later. */
export interface Marker {
  readonly results: Readonly<Record<string, ServerResult>>;
  /** Ids of servers that changed without an event. */
  readonly unannounced: readonly string[];
  readonly managementCalls: number;
  readonly graphCalls: number;
  readonly throttled: number;
}

const runRow = (runId: string): string => `r|${runId}`;
const markerPrefix = (runId: string): string => `b|${runId}|`;

/** Stores a run before its first message. */
export async function createRun(table: Table, run: Run): Promise<void> {
  await table.transact(keys.RUNS, [{ do: 'put', ...runContent(run) }]);
}

function runContent(run: Run): { row: string; text: string; columns: Row['columns'] } {
  const columns = { startedAt: run.startedAt, done: run.published ? 'yes' : '', kind: run.kind };
  return { row: runRow(run.runId), text: JSON.stringify(run), columns };
}

export interface StoredRun {
  readonly run: Run;
  readonly etag: string;
}

/** Every run of the last thirty days, oldest first. */
export async function readRuns(
  table: Table,
): Promise<{ readonly runs: readonly StoredRun[]; readonly now: string }> {
  const { rows, now } = await table.query(keys.RUNS, 'r|', 'r}');
  const runs = rows.map(({ etag, text }) => ({ etag, run: JSON.parse(text) as Run }));
  return { runs: runs.sort((a, b) => (a.run.startedAt < b.run.startedAt ? -1 : 1)), now };
}

/** Runs whose row is still to be sent, and those that are older than they are kept. */
export async function readUnfinishedRuns(
  table: Table,
  keepSeconds: number,
): Promise<{ readonly runs: readonly StoredRun[]; readonly now: string }> {
  const { rows, now } = await table.query(keys.RUNS, 'r|', 'r}', true);
  const due = rows.filter(
    ({ columns }) => columns.done !== 'yes' || secondsBetween(columns.startedAt ?? now, now) > keepSeconds,
  );
  const runs = await Promise.all(due.map(({ row }) => readRun(table, row.slice(2))));
  return { runs: runs.filter((run) => run !== undefined), now };
}

export async function readRun(table: Table, runId: string): Promise<StoredRun | undefined> {
  const { rows } = await table.query(keys.RUNS, runRow(runId), `${runRow(runId)}~`);
  const [row] = rows;
  return row && { etag: row.etag, run: JSON.parse(row.text) as Run };
}

/** False: somebody else changed the run since it was read. */
export async function writeRun(table: Table, { run, etag }: StoredRun): Promise<boolean> {
  return (await table.transact(keys.RUNS, [{ do: 'replace', etag, ...runContent(run) }])) !== 'conflict';
}

export async function readMarkers(table: Table, runId: string): Promise<readonly Marker[]> {
  const { rows } = await table.query(keys.RUNS, ...keys.rangeOf(markerPrefix(runId)));
  return rows.map(({ text }) => JSON.parse(text) as Marker);
}

/** Adds results to a batch's marker; a server that has one keeps the better: a late copy of a message changes nothing. */
export async function addResults(table: Table, runId: string, batch: number, added: Marker): Promise<void> {
  const row = markerPrefix(runId) + String(batch).padStart(6, '0');
  for (;;) {
    const { rows } = await table.query(keys.RUNS, row, `${row}~`);
    const [stored] = rows;
    const known: Marker = stored
      ? (JSON.parse(stored.text) as Marker)
      : { results: {}, unannounced: [], managementCalls: 0, graphCalls: 0, throttled: 0 };
    const text = JSON.stringify({
      results: better(known.results, added.results),
      unannounced: [...new Set([...known.unannounced, ...added.unannounced])],
      managementCalls: known.managementCalls + added.managementCalls,
      graphCalls: known.graphCalls + added.graphCalls,
      throttled: known.throttled + added.throttled,
    } satisfies Marker);
    const written = await table.transact(keys.RUNS, [
      stored ? { do: 'replace', row, text, etag: stored.etag } : { do: 'insert', row, text },
    ]);
    if (written !== 'conflict') return;
  }
}

function better(known: Marker['results'], added: Marker['results']): Marker['results'] {
  const assessed = Object.entries(known).filter(([, result]) => result === 'assessed');
  return { ...known, ...added, ...Object.fromEntries(assessed) };
}

/** Deletes a run with its markers, and what late messages left of older ones: ids sort by time. */
export async function deleteRun(table: Table, runId: string): Promise<void> {
  const { rows } = await table.query(keys.RUNS, 'b|', `${markerPrefix(runId)}~`, true);
  await deleteRows(table, keys.RUNS, [...rows.map(({ row }) => row), runRow(runId)]);
}
