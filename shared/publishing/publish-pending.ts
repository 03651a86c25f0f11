import type { Environment } from '../environment.ts';
import { exposureOf } from '../exposure.ts';
import { refreshRow } from '../lifecycle/finding-rows.ts';
import type { Ports } from '../ports.ts';
import { pendingRows, publishPartition } from './publish.ts';
import { sendRows } from './send.ts';
import type { RunRow } from '../rows.ts';
import { later, secondsBetween } from '../seconds.ts';
import { boundedList } from '../text.ts';
import { knownState } from '../lifecycle/server-state.ts';
import { readPartitions } from '../state/commit.ts';
import { readFailures } from '../state/failures.ts';
import * as keys from '../state/keys.ts';
import * as monitor from '../state/monitor.ts';
import {
  deleteRun,
  type Marker,
  readMarkers,
  readRun,
  readUnfinishedRuns,
  type Run,
  type StoredRun,
  writeRun,
} from '../state/runs.ts';
import { RUN_DEADLINE_SECONDS } from '../sweeping/sweep.ts';

/** Rows that wait longer have been held up: the workspace may have missed refreshes too. */
const OUTAGE_SECONDS = 900;
const BEAT_SECONDS = 300;
const KEEP_SECONDS = 30 * 86_400;

/** Everything that is not an assessment's own: late rows, ends of runs, heartbeats, retention. May overlap with itself. */
export async function publishPending(environment: Environment, ports: Ports): Promise<void> {
  await publishOutbox(environment, ports);
  await finishRuns(ports);
  await beat(environment, ports);
}

async function publishOutbox(environment: Environment, ports: Ports): Promise<void> {
  const { oldestSeconds, partitions } = await pendingRows(ports.table);
  if (oldestSeconds > OUTAGE_SECONDS) await monitor.markOutage(ports.table);
  let left = 0;
  for (const partition of partitions) left += await publishPartition(ports, partition);
  if (left === 0 && (await monitor.isOutage(ports.table)) && (await monitor.endOutage(ports.table))) {
    await refreshAll(environment, ports);
  }
}

/** Tells every open finding again, once after an outage of the sink. */
async function refreshAll({ policy }: Environment, ports: Ports): Promise<void> {
  for (const partition of await readPartitions(ports.table)) {
    const { rows, now } = await ports.table.query(partition, ...keys.ALL_SERVERS);
    const refreshes = rows.flatMap(({ text }) => {
      const state = knownState(text);
      // What a newer version of the app wrote is told again when its period is over.
      if (!state) return [];
      const { server, network, findings } = state;
      const { reach } = exposureOf(network, policy.of(server));
      return findings.flatMap((record) =>
        record.state === 'Resolved' ? [] : [refreshRow(record, server, reach)],
      );
    });
    await sendRows(ports.sink, 'DatabaseExposureFindings_CL', refreshes, now);
  }
}

async function finishRuns(ports: Ports): Promise<void> {
  const { runs, now } = await readUnfinishedRuns(ports.table, KEEP_SECONDS);
  for (const stored of runs) {
    const { run } = stored;
    if (secondsBetween(run.startedAt, now) > KEEP_SECONDS) await deleteRun(ports.table, run.runId);
    else if (!run.published) await finishRun(stored, now, ports);
  }
}

/** First the final counts are stored, once; then they are sent until accepted: a run's row has one content. */
async function finishRun(stored: StoredRun, now: string, ports: Ports): Promise<void> {
  const { run, etag } = stored;
  if (!run.finished) {
    const markers = await readMarkers(ports.table, run.runId);
    const results = markers.reduce((sum, marker) => sum + Object.keys(marker.results).length, 0);
    const overdue = secondsBetween(later(run.lastDueAt, RUN_DEADLINE_SECONDS), now) >= 0;
    if (results < run.expected && !overdue) return;
    await writeRun(ports.table, { run: { ...run, finished: resultOf(run, markers, now) }, etag });
    const again = await readRun(ports.table, run.runId);
    if (again?.run.finished) await finishRun(again, now, ports);
    return;
  }
  const { accepted } = await sendRows(
    ports.sink,
    'DatabaseExposureRuns_CL',
    [runRow(run, run.finished)],
    now,
  );
  if (accepted.size === 1) await writeRun(ports.table, { run: { ...run, published: true }, etag });
}

const MOST_NAMED = 20;
/** A row holds 32 KiB. */
const PROBLEMS_BYTES = 28_000;

/** One sentence that names the servers: their events were lost, or are still on their way. */
function unannouncedText(ids: readonly string[]): readonly string[] {
  if (ids.length === 0) return [];
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : '';
  return [`No event told of changes that the sweep found: ${ids.slice(0, MOST_NAMED).join(', ')}${more}.`];
}

function resultOf(run: Run, markers: readonly Marker[], now: string): Run['finished'] {
  const results = markers.flatMap((marker) => Object.values(marker.results));
  const sum = (pick: (marker: Marker) => number): number =>
    markers.reduce((total, marker) => total + pick(marker), 0);
  const assessed = results.filter((result) => result === 'assessed').length;
  const unreadable = results.length - assessed;
  const skipped = Math.max(0, run.expected - results.length);
  return {
    // Two clocks, and the storage service's tells whole seconds.
    finishedAt: now < run.startedAt ? run.startedAt : now,
    assessed,
    unreadable,
    skipped,
    managementCalls: sum((marker) => marker.managementCalls),
    graphCalls: run.graphCalls + sum((marker) => marker.graphCalls),
    throttled: run.throttled + sum((marker) => marker.throttled),
    partial: skipped > 0 || run.problems.length > 0,
    unannounced: markers.flatMap((marker) => marker.unannounced),
  };
}

function runRow(run: Run, result: NonNullable<Run['finished']>): Partial<RunRow> {
  return {
    RunId: run.runId,
    Kind: run.kind,
    StartedAt: run.startedAt,
    FinishedAt: result.finishedAt,
    Expected: run.expected,
    Assessed: result.assessed,
    Unreadable: result.unreadable,
    Skipped: result.skipped,
    GraphCalls: result.graphCalls,
    ManagementCalls: result.managementCalls,
    Throttled: result.throttled,
    Partial: result.partial,
    Problems: boundedList(
      [...run.problems, ...run.notices, ...unannouncedText(result.unannounced)],
      PROBLEMS_BYTES,
    ),
  };
}

/** A heartbeat row every five minutes, from whichever instance comes first. */
async function beat(environment: Environment, ports: Ports): Promise<void> {
  const { beat: last, etag } = await monitor.readHeartbeat(ports.table);
  const { now } = await ports.table.query(keys.MONITOR, 'heartbeat', 'heartbeat~');
  if (last && secondsBetween(last.at, now) < BEAT_SECONDS - 5) return;
  const pending = await pendingRows(ports.table);
  const counts = await monitor.readEventCounts(ports.table);
  if (!(await monitor.writeHeartbeat(ports.table, { at: now, ...counts }, etag))) return;
  const failures = await readFailures(ports.table, environment.scope);
  const row: Partial<RunRow> = {
    RunId: '',
    Kind: 'Heartbeat',
    EventsOutOfScope: counts.outOfScope - (last?.outOfScope ?? 0),
    EventsMalformed: counts.malformed - (last?.malformed ?? 0),
    PendingRows: pending.rows + pending.parked,
    OldestPendingSeconds: pending.oldestSeconds,
    FailedAssessments: failures.length,
    DeadLetters: await ports.deadLetters(),
  };
  await sendRows(ports.sink, 'DatabaseExposureRuns_CL', [row], now);
}
