import type { Baseline } from '../drift.ts';
import { formatRange } from '../ip-range.ts';

/** A baseline as the API shows it. */
export interface BaselineView extends Omit<
  Baseline,
  'ranges' | 'allRanges' | 'approvedAt' | 'approvedBy' | 'reason'
> {
  readonly ranges: readonly string[];
  readonly allRanges: readonly string[];
  /** Null: nobody has approved it yet. */
  readonly approvedAt: string | null;
  readonly approvedBy: string | null;
  readonly reason: string | null;
}

/** Ranges as people write them; what an approval would add is null until there is one. */
export function baselineView(baseline: Baseline): BaselineView {
  const { ranges, allRanges, approvedAt, approvedBy, reason } = baseline;
  return {
    ...baseline,
    ranges: ranges.map(formatRange),
    allRanges: allRanges.map(formatRange),
    approvedAt: approvedAt ?? null,
    approvedBy: approvedBy ?? null,
    reason: reason ?? null,
  };
}
