import { formatRange, mergeRanges } from '../../shared/ip-range.ts';
import type { Rule } from '../../shared/model.ts';
import { contentOf } from '../../shared/policy.ts';
import { admitsAzure } from '../../shared/policy/exempt.ts';
import { later } from '../../shared/seconds.ts';
import { rangesOf, type SavedFinding } from './saved-scan.ts';

const DAYS = 30;

/** The exemption of one finding, to be pasted: it covers what is there now; a reason and an owner are still to be written. */
export function exemptionBlock(
  finding: SavedFinding,
  rules: readonly Rule[],
  now: string,
): Readonly<Record<string, unknown>> {
  const { ruleId, severity, serverId, subject } = finding;
  const rule = rules.find(({ id }) => id === ruleId);
  if (!rule) throw new Error(`The finding is of the rule ${ruleId}, which this version does not have.`);
  const content = contentOf(rule);
  return {
    rule: ruleId,
    server: serverId.toLowerCase(),
    ...(content === 'subject' ? { subject: subject.toLowerCase() } : {}),
    upTo: { ...(content === 'ranges' ? { ranges: rangeTexts(finding) } : {}), severity },
    reason: '<why this is accepted>',
    owner: '<who answers for it>',
    expires: later(now, DAYS * 86_400).slice(0, 10),
  };
}

function rangeTexts(finding: SavedFinding): readonly string[] {
  const ranges = rangesOf(finding);
  if (!ranges) {
    throw new Error('The finding does not hold all of its ranges: state them in "upTo.ranges" yourself.');
  }
  const azure = admitsAzure(finding.evidence) ? [{ first: 0, last: 0 }] : [];
  return mergeRanges([...azure, ...ranges]).map(formatRange);
}
