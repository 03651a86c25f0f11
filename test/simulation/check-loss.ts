import type { Run } from './run.ts';
import type { Loss } from './table-loss.ts';
import { type ByFinding, nameOf, type Transition, transitionOf } from './transitions.ts';

/** Transitions that were committed and went with the table. */
export function lostMoves({ at, outbox }: Loss): readonly Transition[] {
  return outbox.flatMap(({ table, row }) =>
    table === 'DatabaseExposureFindings_CL' ? [transitionOf({ row, at })] : [],
  );
}

/** A finding begins anew only after the loss of the table, and once. */
export function epochsGrow(run: Run, list: readonly Transition[]): readonly string[] {
  const epochs = new Set(list.map(({ epoch }) => epoch));
  if (epochs.size <= 1) return [];
  const wrong = list.find((item) => isAfterLoss(run, item) !== (item.epoch !== list[0]?.epoch));
  if (wrong) return [`${nameOf(wrong)} has the epoch of another time`];
  return epochs.size > 2 ? [`${epochs.size} epochs of one finding`] : [];
}

export function isAfterLoss(
  { loss, committed }: Run,
  { findingId, epochSeq, storedAt }: Transition,
): boolean {
  return loss !== undefined && (committed.get(`${findingId}|${epochSeq}`) ?? storedAt) >= loss.at;
}

/**
 * Findings whose record was made by a reading that began before the loss, when nothing was stored of the server, and was
 * committed after it: such a record is older than one of another reading that was lost.
 */
export function straddling(run: Run, byFinding: ByFinding): ReadonlySet<string> {
  const { loss } = run;
  if (!loss) return new Set();
  const isOlder = (item: Transition): boolean => item.epoch * 1000 < loss.at && isAfterLoss(run, item);
  const found = [...run.straddling].filter((findingId) => byFinding.get(findingId)?.some(isOlder));
  return new Set(found);
}

/** A time in which something was open. */
export interface Interval {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** The loss of the table ends an interval, and begins another. */
export function aroundLoss({ loss }: Run, interval: Interval): readonly Interval[] {
  if (!loss || loss.at <= interval.from || loss.at >= interval.to) return [interval];
  return [
    { ...interval, to: loss.at },
    { ...interval, from: loss.at },
  ];
}

/** The first copy was told before the table was lost, and another one came after. */
export function isToldAnew({ loss, committed }: Run, key: string): boolean {
  return loss !== undefined && (committed.get(key) ?? Infinity) < loss.at;
}
