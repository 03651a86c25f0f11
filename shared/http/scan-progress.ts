import type { Table } from '../ports.ts';
import { readMarkers, readRun } from '../state/runs.ts';

/** How far a scan has come. */
export interface ScanProgress {
  readonly id: string;
  readonly expected: number;
  readonly assessed: number;
  readonly unreadable: number;
  /** Servers without a result when the scan's time was over. */
  readonly skipped: number;
  readonly startedAt: string;
  /** Every server has a result, or the scan's time is over. */
  readonly finished: boolean;
  /** When the run's final counts were committed: up to a minute after the last result. */
  readonly finishedAt: string | null;
  /** What the scan could not cover. */
  readonly problems: readonly string[];
}

/** Undefined: no such run, or older than 30 days. */
export async function scanProgress(table: Table, scanId: string): Promise<ScanProgress | undefined> {
  const stored = /^[0-9TZ]{8,32}-[0-9a-f]{8}$/.test(scanId) ? await readRun(table, scanId) : undefined;
  if (!stored) return undefined;
  const { runId: id, expected, startedAt, problems, finished } = stored.run;
  const markers = await readMarkers(table, scanId);
  const results = markers.flatMap((marker) => Object.values(marker.results));
  const assessed = results.filter((result) => result === 'assessed').length;
  return {
    id,
    expected,
    assessed: finished?.assessed ?? assessed,
    unreadable: finished?.unreadable ?? results.length - assessed,
    skipped: finished?.skipped ?? 0,
    startedAt,
    finished: finished !== null || results.length >= expected,
    finishedAt: finished?.finishedAt ?? null,
    problems,
  };
}
