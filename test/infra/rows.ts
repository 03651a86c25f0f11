import type { FindingRow, RunRow } from '../../shared/rows.ts';
import type { Row, Rows } from './queries.ts';

const START = Date.parse('2026-05-20T12:00:00.000Z');

/** Minutes after the noon at which the stories begin. */
export function minute(minutes: number): string {
  return new Date(START + minutes * 60_000).toISOString();
}

export const hour = (hours: number): string => minute(hours * 60);

export function serverId(name: string): string {
  return `/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/rg/providers/microsoft.dbformysql/flexibleservers/${name}`;
}

/** A row as it lies in the workspace: sent at a time and ingested two minutes later, unless told otherwise. */
export function at(sent: string, row: Row, ingested = after(sent, 2)): Row {
  return { TimeGenerated: sent, SchemaVersion: 1, AppVersion: '0.1.0', ...row, $ingestionTime: ingested };
}

export function after(time: string, minutes: number): string {
  return new Date(Date.parse(time) + minutes * 60_000).toISOString();
}

/** A transition: server `orders` opened to the internet by Alice, unless told otherwise. */
export function transition(more: Partial<FindingRow> = {}, server = 'orders'): Partial<FindingRow> {
  const row: Partial<FindingRow> = {
    FindingId: `f1_${server}`,
    EpochSeq: 1_779_278_400_000_001,
    Change: 'Opened',
    State: 'Open',
    Reason: '',
    RuleId: 'internet-reachable',
    RuleTitle: 'Reachable from the internet',
    Category: 'exposure',
    Severity: 'Critical',
    ServerId: serverId(server),
    ServerName: server,
    ServerFamily: 'microsoft.dbformysql/flexibleservers',
    SubscriptionRef: '11111111-1111-1111-1111-111111111111',
    Subject: serverId(server),
    Summary: 'Anybody on the internet can reach it.',
    Reach: 'internet',
    ReachBefore: 'private',
    ActorName: 'alice@example.com',
    ActorId: '00000000-0000-0000-0000-0000000000aa',
    ObservedAt: minute(0),
    LastSeen: minute(0),
  };
  return { ...row, ...more };
}

/** The slim row of an open finding. */
export function refresh(of: Partial<FindingRow>, lastSeen: string): Partial<FindingRow> {
  const { FindingId, EpochSeq, State, Reason, RuleId, Category, Severity, ServerId, ServerName } = of;
  const { ServerFamily, SubscriptionRef, Subject, Reach } = of;
  const kept = {
    ...{ FindingId, EpochSeq, State, Reason, RuleId, Category, Severity, ServerId, ServerName },
    ...{ ServerFamily, SubscriptionRef, Subject, Reach },
  };
  const given = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  return { ...given, Change: 'Refreshed', LastSeen: lastSeen };
}

/** Step `seq` of the same finding. */
export function step(seq: number, more: Partial<FindingRow>, server = 'orders'): Partial<FindingRow> {
  return transition({ EpochSeq: 1_779_278_400_000_000 + seq, ...more }, server);
}

export const findings = (...rows: readonly Row[]): Rows => ({ DatabaseExposureFindings_CL: rows });
export const runs = (...rows: readonly Row[]): Rows => ({ DatabaseExposureRuns_CL: rows });

/** The row of a sweep that started at a time and ended two minutes later. */
export function sweep(started: string, more: Partial<RunRow> = {}): Row {
  const row: Partial<RunRow> = {
    RunId: started.replace(/[-:.]/g, ''),
    Kind: 'Sweep',
    StartedAt: started,
    FinishedAt: after(started, 2),
    Expected: 10,
    Assessed: 10,
    Unreadable: 0,
    Skipped: 0,
    Partial: false,
    Problems: [],
  };
  return at(after(started, 2), { ...row, ...more });
}

export function heartbeat(sent: string, more: Partial<RunRow> = {}): Row {
  const row: Partial<RunRow> = {
    RunId: '',
    Kind: 'Heartbeat',
    EventsOutOfScope: 0,
    EventsMalformed: 0,
    PendingRows: 0,
    OldestPendingSeconds: 0,
    FailedAssessments: 0,
    DeadLetters: 0,
  };
  return at(sent, { ...row, ...more });
}

/** Sweeps every 15 minutes and heartbeats every 5, from one minute to another. */
export function calm(from: number, to: number): readonly Row[] {
  const times = Array.from({ length: Math.floor((to - from) / 5) + 1 }, (_, index) => from + index * 5);
  return times.flatMap((time) => [
    heartbeat(minute(time)),
    ...((time - from) % 15 === 0 ? [sweep(minute(time))] : []),
  ]);
}
