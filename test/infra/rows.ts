import type { RunRow } from '../../shared/rows.ts';
import type { Row, Rows } from './queries.ts';

const START = Date.parse('2026-05-20T12:00:00.000Z');

/** Minutes after the noon at which the stories begin. */
export function minute(minutes: number): string {
  return new Date(START + minutes * 60_000).toISOString();
}

export const hour = (hours: number): string => minute(hours * 60);

/** A row as it lies in the workspace: sent at a time and ingested two minutes later, unless told otherwise. */
export function at(sent: string, row: Row, ingested = after(sent, 2)): Row {
  return { TimeGenerated: sent, SchemaVersion: 1, AppVersion: '0.1.0', ...row, $ingestionTime: ingested };
}

export function after(time: string, minutes: number): string {
  return new Date(Date.parse(time) + minutes * 60_000).toISOString();
}

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
