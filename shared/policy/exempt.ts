import { type IpRange, mergeRanges, subtractRanges } from '../ip-range.ts';
import { type Evidence, SEVERITIES } from '../model.ts';
import type { FindingRecord } from '../lifecycle/server-state.ts';
import type { Coverage, OpenFinding } from '../lifecycle/transitions.ts';
import { RANGE_RULES } from './content.ts';
import type { Exemption } from './parsed-policy.ts';

/**
 * How the exemptions that match a server cover an open finding of it. `now` is in milliseconds since 1970; `known` is the
 * finding's record before this reading.
 */
export function coverageBy(
  exemptions: readonly Exemption[],
  finding: OpenFinding,
  known: Pick<FindingRecord, 'state'> | undefined,
  now: number,
): Coverage {
  const live = exemptions.filter((exemption) => now < exemption.endsAt && isAbout(exemption, finding));
  const covering = live.find((exemption) => holds(exemption, finding));
  if (covering) {
    const { reason, owner, expires } = covering;
    return { exemption: { reason, owner, expires } };
  }
  if (known?.state !== 'Exempted') return { exemption: null };
  return { exemption: null, ended: live.length > 0 ? 'ExemptionOutgrown' : 'ExemptionEnded' };
}

const DAY = 86_400_000;

/** When an exemption ends, in milliseconds since 1970: at its time, or when the day after its day begins. */
export function endOf(expires: string): number {
  return Date.parse(expires) + (expires.includes('T') ? 0 : DAY);
}

function isAbout({ rule, subject }: Exemption, finding: OpenFinding): boolean {
  return rule === finding.ruleId && (subject === null || subject === finding.subject?.toLowerCase());
}

/** Whether the finding's content is within what was accepted. What is not known is not. */
function holds({ rule, ranges, severity }: Exemption, finding: OpenFinding): boolean {
  if (severity !== null && SEVERITIES.indexOf(finding.severity) < SEVERITIES.indexOf(severity)) return false;
  if (!RANGE_RULES.includes(rule)) return true;
  const { violation } = finding;
  if (ranges === null || violation.ranges === undefined) return false;
  if (admitsAzure(violation.evidence) && !hasAddressZero(ranges)) return false;
  return subtractRanges(mergeRanges(violation.ranges), ranges).length === 0;
}

/** A rule 0.0.0.0-0.0.0.0 is in no list of ranges, and is more than any of them: an exemption has to name it. */
export function admitsAzure(evidence: Evidence): boolean {
  const { azureServicesAdded, path, latentPath, sourcePath } = evidence;
  if (typeof azureServicesAdded === 'boolean') return azureServicesAdded;
  return latentPath === 'azure' || (path === 'azure' && sourcePath !== 'azure');
}

function hasAddressZero(ranges: readonly IpRange[]): boolean {
  return ranges[0]?.first === 0;
}
