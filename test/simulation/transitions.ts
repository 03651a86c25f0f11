import type { Stored } from './memory-sink.ts';

/** One row of a finding, as it is judged. */
export interface Transition {
  readonly findingId: string;
  readonly epochSeq: number;
  readonly epoch: number;
  readonly seq: number;
  readonly change: string;
  readonly state: string;
  readonly reason: string;
  readonly ruleId: string;
  readonly subject: string;
  readonly severity: string;
  readonly serverId: string;
  readonly observedAt: number;
  readonly storedAt: number;
  readonly row: Readonly<Record<string, unknown>>;
}

/** The rows of each finding in the order of their numbers. */
export type ByFinding = ReadonlyMap<string, readonly Transition[]>;

export function inOrder(moves: readonly Transition[]): ByFinding {
  return Map.groupBy(
    moves.toSorted((a, b) => a.epochSeq - b.epochSeq),
    ({ findingId }) => findingId,
  );
}

export function transitionOf({ row, at }: Pick<Stored, 'row' | 'at'>): Transition {
  const text = (name: string): string => (typeof row[name] === 'string' ? row[name] : '');
  const epochSeq = Number(row.EpochSeq);
  return {
    findingId: text('FindingId'),
    epochSeq,
    epoch: Math.floor(epochSeq / 1_000_000),
    seq: epochSeq % 1_000_000,
    change: text('Change'),
    state: text('State'),
    reason: text('Reason'),
    ruleId: text('RuleId'),
    subject: text('Subject'),
    severity: text('Severity'),
    serverId: text('ServerId'),
    observedAt: Date.parse(text('ObservedAt')),
    storedAt: at,
    row,
  };
}

/** Once after dedup: the first copy of each (FindingId, EpochSeq). */
export function deduplicated(rows: readonly Transition[]): readonly Transition[] {
  const first = new Map<string, Transition>();
  for (const row of rows) {
    const key = `${row.findingId}|${row.epochSeq}`;
    if (!first.has(key)) first.set(key, row);
  }
  return [...first.values()];
}

/** Names a row in words. */
export function nameOf({ ruleId, subject, seq, change, row }: Transition): string {
  return `${ruleId} of ${subject.split('/').slice(-3).join('/')} #${seq} ${change}, observed ${String(row.ObservedAt)}`;
}
