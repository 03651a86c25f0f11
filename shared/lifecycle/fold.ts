import { findingIdOf } from '../identity.ts';
import type { Finding, Rule } from '../model.ts';
import type { FindingRecord } from './server-state.ts';
import { type OpenFinding, rankOf } from './transitions.ts';

export const TOO_MANY_FINDINGS = 'too-many-findings';

/** So many findings of one server are kept apart; with more of them the last place is taken by the folded rest. */
const MAX_FINDINGS = 200;

/** The findings with the least severe of more than 200 folded into one, and the ids of those folded. */
export function fold(
  findings: readonly Finding[],
  records: readonly FindingRecord[],
  serverId: string,
  rule: Rule | undefined,
): { readonly findings: readonly Finding[]; readonly ids: ReadonlySet<string> } {
  const others = findings.filter(({ ruleId }) => ruleId !== TOO_MANY_FINDINGS);
  const open = others.filter((finding) => finding.status === 'open');
  const unknown = records.filter(
    (record) =>
      record.state !== 'Resolved' &&
      !open.some((finding) => isOf(record, finding)) &&
      isUnknown(record, others),
  );
  const ranked = [
    ...open.map((finding) => ({
      id: findingIdOf(serverId, finding.ruleId, finding.subject ?? serverId),
      severity: finding.severity,
      ruleId: finding.ruleId,
    })),
    ...unknown.map(({ findingId, severity, ruleId }) => ({ id: findingId, severity, ruleId })),
  ];
  if (ranked.length <= MAX_FINDINGS || !rule) {
    return { findings: [...others, { ruleId: TOO_MANY_FINDINGS, status: 'pass' }], ids: new Set() };
  }
  ranked.sort((a, b) => rankOf(a.severity) - rankOf(b.severity) || (a.id < b.id ? -1 : 1));
  const rest = ranked.slice(MAX_FINDINGS - 1);
  const ids = new Set(rest.map(({ id }) => id));
  const kept = others.filter(
    (finding) =>
      finding.status !== 'open' ||
      !ids.has(findingIdOf(serverId, finding.ruleId, finding.subject ?? serverId)),
  );
  return { findings: [...kept, foldedFinding(rest, serverId, rule)], ids };
}

function isOf(record: FindingRecord, finding: OpenFinding): boolean {
  return record.ruleId === finding.ruleId && record.subject === finding.subject;
}

function isUnknown(record: FindingRecord, findings: readonly Finding[]): boolean {
  return findings.some(
    ({ ruleId, subject, status }) =>
      ruleId === record.ruleId &&
      status === 'unknown' &&
      (subject === undefined || subject === record.subject),
  );
}

function foldedFinding(
  rest: readonly Pick<FindingRecord, 'severity' | 'ruleId'>[],
  serverId: string,
  rule: Rule,
): OpenFinding {
  const byRule: Record<string, number> = {};
  for (const { ruleId } of rest) byRule[ruleId] = (byRule[ruleId] ?? 0) + 1;
  const severity = rest[0]?.severity ?? rule.severity;
  return {
    ruleId: TOO_MANY_FINDINGS,
    subject: serverId,
    status: 'open',
    severity,
    violation: {
      severity,
      summary: `${rest.length} findings of this server are folded into this one.`,
      evidence: { folded: rest.length, byRule },
    },
  };
}
