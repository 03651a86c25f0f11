import type { Exposure } from '../exposure.ts';
import { countAddresses, formatRange, type IpRange, publicPart, subtractRanges } from '../ip-range.ts';
import type { ChangeOutcome } from './server-state.ts';

/** What the path in force admits, as far as it is known. */
interface Admission {
  readonly ranges: readonly IpRange[];
  /** Azure's services, subnets, endpoints. */
  readonly others: readonly string[];
}

function admissionOf(exposure: Exposure | undefined): Admission {
  const azure = exposure?.azureServices ? ['azure'] : [];
  const endpoints = exposure?.approvedConnections.map(({ id, endpointId }) => endpointId ?? id) ?? [];
  return {
    ranges: publicPart(exposure?.rangesInForce ?? []),
    others: [...azure, ...(exposure?.subnetsInForce ?? []), ...endpoints],
  };
}

/** Public ranges that a reading admits and the one before it did not, and the reverse. */
export function rangeChanges(
  before: Exposure | undefined,
  after: Exposure,
): { readonly added: readonly IpRange[]; readonly removed: readonly IpRange[] } {
  const previous = admissionOf(before).ranges;
  const now = admissionOf(after).ranges;
  return { added: subtractRanges(now, previous), removed: subtractRanges(previous, now) };
}

/** What an event led to: the path in force against that of the previous reading (`before` undefined: the first reading). */
export function outcomeOf(before: Exposure | undefined, after: Exposure): ChangeOutcome {
  if (after.publicPath === 'unknown' || after.privatePath === 'unknown') return 'Unreadable';
  if (!before) return after.reach === 'none' ? 'Unchanged' : 'Widened';
  const { added, removed } = rangeChanges(before, after);
  const previous = admissionOf(before).others;
  const now = admissionOf(after).others;
  if (added.length > 0 || now.some((path) => !previous.includes(path))) return 'Widened';
  if (removed.length > 0 || previous.some((path) => !now.includes(path))) return 'Narrowed';
  return 'Unchanged';
}

/** One sentence: from where to where the reach went. */
export function outcomeSummary(before: Exposure | undefined, after: Exposure): string {
  const { added, removed } = rangeChanges(before, after);
  const reach = !before || before.reach === after.reach ? after.reach : `${before.reach} -> ${after.reach}`;
  const [was, is] = [addressText(before), addressText(after)];
  const counts = before && was !== is ? `${was} -> ${is}` : is;
  const changes = [
    ...(added.length > 0 ? [`added ${listRanges(added)}`] : []),
    ...(removed.length > 0 ? [`removed ${listRanges(removed)}`] : []),
  ];
  const noun = counts === '1' ? 'public address' : 'public addresses';
  return [`Reach ${reach}`, `${counts} ${noun}`, ...changes].join(', ');
}

function addressText(exposure: Exposure | undefined): string {
  const count = exposure?.publicAddresses;
  return count === null || count === undefined ? 'unknown' : count.toLocaleString('en-US');
}

const LISTED = 50;

/** The first three ranges as text, and how many more there are. */
export function listRanges(ranges: readonly IpRange[]): string {
  const shown = ranges.slice(0, 3).map(formatRange).join(', ');
  return ranges.length > 3 ? `${shown} and ${ranges.length - 3} more` : shown;
}

/** Ranges as the dynamic columns of a row hold them: the first 50. */
export function rangeTexts(ranges: readonly IpRange[]): readonly string[] {
  return ranges.slice(0, LISTED).map(formatRange);
}

/** Whether the ranges of a finding grew, shrank, or neither. */
export function rangeTrend(
  before: readonly IpRange[],
  after: readonly IpRange[],
): 'Widened' | 'Narrowed' | '' {
  if (countAddresses(subtractRanges(after, before)) > 0) return 'Widened';
  return countAddresses(subtractRanges(before, after)) > 0 ? 'Narrowed' : '';
}
