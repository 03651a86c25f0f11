import { epochSeqOf, findingIdOf } from '../identity.ts';
import type { Finding, Rule, ServerRef, Severity, Violation } from '../model.ts';
import { SEVERITIES } from '../model.ts';
import { rangeTrend } from './outcome.ts';
import { instant, secondsBetween } from '../seconds.ts';
import type { Change } from '../asking/request.ts';
import type { ExemptionNote, FindingRecord } from './server-state.ts';
import { cut, stableJson } from '../text.ts';

export type Transition = 'Opened' | 'Updated' | 'Exempted' | 'Resolved';

/** A record after one reading; `transition` when there is something to publish, `changed` when there is something to store. */
export interface Step {
  readonly record: FindingRecord;
  readonly transition?: Transition;
  readonly changed: boolean;
  /** The write behind the first of two readings that agree; null: nobody knows, or no write is behind it. Left out: ask this reading. */
  readonly cause?: Change | null;
}

/** Azure's and the storage service's times of the reading that a step rests on. */
export interface Times {
  readonly observedAt: string;
  readonly completedAt: string;
  readonly now: string;
}

/** Seconds between two readings that confirm each other: a point read may be stale for 60 s after a write. */
export const CONFIRM_SECONDS = 60;
/** A finding that was resolved less than this before does not open again on one reading. */
const REOPEN_GUARD_SECONDS = 180;

export type OpenFinding = Extract<Finding, { status: 'open' }>;

/** What an exemption says of an open finding; `ended`: why one that covered it does not any more. */
export interface Coverage {
  readonly exemption: ExemptionNote | null;
  readonly ended?: 'ExemptionEnded' | 'ExemptionOutgrown';
}

interface Opening {
  readonly server: ServerRef;
  readonly rule: Rule;
  readonly finding: OpenFinding;
  readonly coverage: Coverage;
  readonly times: Times;
  /** The server was there when its subscription was swept for the first time. */
  readonly inventory: boolean;
}

/** Opens a finding, or lets it wait for a second reading when it was resolved a moment ago. */
export function open(known: FindingRecord | undefined, opening: Opening): Step {
  const { server, rule, finding, coverage, times, inventory } = opening;
  if (known && mustConfirm(known, times)) {
    const since = known.pending?.since ?? times.completedAt;
    const record = { ...known, pending: { ...known.pending, to: 'open' as const, since, reason: '' } };
    return { record, changed: known.pending === null };
  }
  const subject = finding.subject ?? server.id;
  const { exemption } = coverage;
  const record: FindingRecord = {
    findingId: findingIdOf(server.id, rule.id, subject),
    ruleId: rule.id,
    subject,
    category: rule.category,
    state: exemption ? 'Exempted' : 'Open',
    reason: exemption ? exemptionText(exemption) : inventory ? 'FirstSeen' : '',
    seq: (known?.seq ?? 0) + 1,
    epoch: known?.epoch ?? Math.floor(instant(times.now) / 1000),
    openedAt: times.now,
    transitionAt: times.now,
    changedAt: null,
    lastSeen: times.observedAt,
    refreshedAt: times.now,
    actor: null,
    unsigned: null,
    exemption,
    resolvedAt: null,
    pending: null,
    ...contentOf(server, rule, finding),
  };
  const step = { record, transition: exemption ? ('Exempted' as const) : ('Opened' as const), changed: true };
  return known?.pending ? { ...step, cause: known.pending.cause ?? null } : step;
}

function mustConfirm(known: FindingRecord, times: Times): boolean {
  if (known.pending?.to === 'open') {
    return secondsBetween(known.pending.since, times.observedAt) < CONFIRM_SECONDS;
  }
  return known.resolvedAt !== null && secondsBetween(known.resolvedAt, times.now) < REOPEN_GUARD_SECONDS;
}

/** A finding that is open and stays so: updated when its content or its exemption changed. */
export function keepOpen(known: FindingRecord, opening: Omit<Opening, 'inventory'>): Step {
  const { server, rule, finding, coverage, times } = opening;
  const same = materialOf(known) === materialOf(factsOf(finding));
  // The remedy follows from the same facts: it is built anew only where they changed.
  const content = same
    ? { ...textOf(finding), remediation: known.remediation }
    : contentOf(server, rule, finding);
  const seen = { ...known, ...content, lastSeen: times.observedAt, pending: null };
  const { exemption } = coverage;
  const next = { seq: known.seq + 1, transitionAt: times.now, exemption };
  if (exemption && known.state === 'Open') {
    const record = { ...seen, ...next, state: 'Exempted' as const, reason: exemptionText(exemption) };
    return { record, transition: 'Exempted', changed: true, cause: null };
  }
  if (!exemption && known.state === 'Exempted') {
    const reason = coverage.ended ?? 'ExemptionEnded';
    const step = { record: { ...seen, ...next, state: 'Open' as const, reason }, changed: true };
    const isOutgrown = reason === 'ExemptionOutgrown';
    return { ...step, transition: 'Updated', ...(isOutgrown ? {} : { cause: null }) };
  }
  if (exemption && stableJson(exemption) !== stableJson(known.exemption)) {
    const record = { ...seen, ...next, reason: exemptionText(exemption) };
    return { record, transition: 'Exempted', changed: true, cause: null };
  }
  if (same) return { record: seen, changed: known.pending !== null };
  const reason = exemption ? known.reason : trendOf(known, seen);
  return { record: { ...seen, ...next, reason }, transition: 'Updated', changed: true };
}

/** The finding of a record, as it was told last. */
export function asKnown({ ruleId, subject, severity, ...known }: FindingRecord): OpenFinding {
  const { summary, evidence, notes, ranges } = known;
  const violation = { subject, severity, summary, evidence, notes, ...(ranges ? { ranges } : {}) };
  return { ruleId, subject, severity, status: 'open', violation };
}

/** Resolves after a second reading that agrees; `atOnce` where one reading, or none, settles it. */
export function resolve(known: FindingRecord, reason: string, times: Times, atOnce: boolean): Step {
  const since = known.pending?.to === 'resolve' ? known.pending.since : undefined;
  const confirmed = since !== undefined && secondsBetween(since, times.observedAt) >= CONFIRM_SECONDS;
  if (!atOnce && !confirmed) {
    const first = since === undefined ? {} : known.pending;
    const pending = { ...first, to: 'resolve' as const, since: since ?? times.completedAt, reason };
    return { record: { ...known, pending }, changed: since === undefined };
  }
  const record: FindingRecord = {
    ...known,
    state: 'Resolved',
    reason,
    seq: known.seq + 1,
    transitionAt: times.now,
    resolvedAt: times.now,
    exemption: null,
    pending: null,
  };
  return {
    record,
    transition: 'Resolved',
    changed: true,
    cause: (atOnce ? null : known.pending?.cause) ?? null,
  };
}

/** What a reading that could not tell leaves: the record as it was. */
export function keep(known: FindingRecord): Step {
  return { record: known, changed: false };
}

/** A resolved finding that does not show: a pending reopening is dropped. */
export function keepResolved(known: FindingRecord): Step {
  return known.pending ? { record: { ...known, pending: null }, changed: true } : keep(known);
}

/** Sortable number of the record's last transition. */
export function epochSeq(record: FindingRecord): number {
  return epochSeqOf(record.epoch, record.seq);
}

type Material = Pick<FindingRecord, 'severity' | 'evidence' | 'ranges'>;
type Content = Material & Pick<FindingRecord, 'summary' | 'remediation' | 'notes'>;

function contentOf(server: ServerRef, rule: Rule, finding: OpenFinding): Content {
  const remediation = cut(remediationOf(server, rule, finding.violation), 4000);
  return { ...factsOf(finding), ...textOf(finding), remediation };
}

function factsOf({ severity, violation }: OpenFinding): Material {
  return { severity, evidence: violation.evidence, ranges: violation.ranges ?? null };
}

function textOf({ violation }: OpenFinding): Pick<FindingRecord, 'summary' | 'notes'> {
  return { summary: cut(violation.summary, 1000), notes: violation.notes ?? {} };
}

function remediationOf(server: ServerRef, rule: Rule, violation: Violation): string {
  const command = rule.command?.(server, violation);
  return command ? `${rule.fix} ${command}` : rule.fix;
}

/** Severity, ranges, counts, ids and statuses: what an update is about. Never ages, times or texts. */
function materialOf({ severity, ranges, evidence }: Material): string {
  return stableJson([severity, ranges, evidence]);
}

function trendOf(before: Material, after: Material): string {
  if (before.ranges && after.ranges) return rangeTrend(before.ranges, after.ranges);
  const rise = rankOf(before.severity) - rankOf(after.severity);
  return rise > 0 ? 'Widened' : rise < 0 ? 'Narrowed' : '';
}

/** 0 for the gravest. */
export function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

function exemptionText({ reason, expires }: ExemptionNote): string {
  return cut(`${reason} (until ${expires})`, 500);
}
