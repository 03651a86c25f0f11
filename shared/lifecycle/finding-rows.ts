import type { Exposure } from '../exposure.ts';
import type { Evidence, Json, Rule, ServerRef } from '../model.ts';
import { rangeChanges, rangeTexts } from './outcome.ts';
import type { Change } from '../asking/request.ts';
import type { ChangeRow, FindingRow, RefreshRow, ServerRow } from '../rows.ts';
import type { ChangeRecord, FindingRecord } from './server-state.ts';
import { cut, stableJson } from '../text.ts';
import { epochSeq, rankOf, type Transition } from './transitions.ts';

const MAX_EVIDENCE_BYTES = 8 * 1024;
/** Only names that nobody gives for a good reason lead to a row of this size. */
const MAX_ROW_BYTES = 32 * 1000;

/** What a row tells beside its finding: the reading that led to it. */
export interface Observation {
  readonly server: ServerRef;
  readonly before: Exposure | undefined;
  readonly after: Exposure | undefined;
  readonly source: 'event' | 'sweep' | 'http' | 'recheck';
  readonly observedAt: string;
  readonly change: Change | undefined;
}

/** The row of one transition. */
export function findingRow(
  record: FindingRecord,
  transition: Transition,
  rule: Rule | undefined,
  about: Observation,
): FindingRow {
  const { server, before, after, change } = about;
  const { evidence, truncated } = boundEvidence({ ...record.evidence, ...record.notes });
  const ranges = after ? rangeChanges(before, after) : { added: [], removed: [] };
  const actor = change?.actor;
  const row: FindingRow = {
    FindingId: record.findingId,
    EpochSeq: epochSeq(record),
    Change: transition,
    State: record.state,
    Reason: record.reason,
    RuleId: record.ruleId,
    RuleTitle: rule?.title ?? record.ruleId,
    Category: record.category,
    Severity: record.severity,
    ...serverColumns(server),
    ResourceGroup: cut(server.resourceGroup, 256),
    Location: cut(server.location, 256),
    Subject: cut(record.subject, 1024),
    Summary: record.summary,
    Remediation: record.remediation,
    Evidence: evidence,
    Reach: after?.reach ?? 'unknown',
    ReachBefore: before?.reach ?? '',
    PublicAddresses: after?.publicAddresses ?? null,
    PublicAddressesBefore: before?.publicAddresses ?? null,
    AddedRanges: rangeTexts(ranges.added),
    RemovedRanges: rangeTexts(ranges.removed),
    ActorName: actor?.name ?? '',
    ActorId: actor?.id ?? '',
    ActorType: actor?.type ?? '',
    ActorAddress: actor?.address ?? '',
    Operation: change?.operation ?? '',
    CorrelationId: change?.correlationId ?? '',
    ChangedAt: change?.time || null,
    Source: about.source,
    ObservedAt: about.observedAt,
    LastSeen: record.lastSeen,
    Truncated: truncated,
  };
  if (Buffer.byteLength(JSON.stringify(row)) < MAX_ROW_BYTES) return row;
  const [summary, remediation] = [cut(record.summary, 300), cut(record.remediation, 500)];
  return { ...row, Summary: summary, Remediation: remediation, Truncated: true };
}

/** The slim row that keeps an open finding known to the workspace. */
export function refreshRow(record: FindingRecord, server: ServerRef, reach: string): RefreshRow {
  return {
    FindingId: record.findingId,
    EpochSeq: epochSeq(record),
    Change: 'Refreshed',
    State: record.state,
    Reason: record.reason,
    RuleId: record.ruleId,
    Category: record.category,
    Severity: record.severity,
    ...serverColumns(server),
    Subject: cut(record.subject, 1024),
    Reach: reach,
    LastSeen: record.lastSeen,
  };
}

function serverColumns(
  server: ServerRef,
): Pick<FindingRow, 'ServerId' | 'ServerName' | 'ServerFamily' | 'SubscriptionRef'> {
  return {
    ServerId: server.id,
    ServerName: cut(server.name, 256),
    ServerFamily: server.family,
    SubscriptionRef: server.subscription,
  };
}

/** The row of a server as it was read. */
export function serverRow(
  server: ServerRef,
  exposure: Exposure,
  records: readonly FindingRecord[],
  unreadable: Readonly<Record<string, string>>,
  reading: { readonly observedAt: string; readonly runId: string },
): ServerRow {
  const open = records.filter(({ state }) => state === 'Open');
  const worst = [...open].sort((a, b) => rankOf(a.severity) - rankOf(b.severity))[0];
  return {
    ...serverColumns(server),
    ResourceGroup: cut(server.resourceGroup, 256),
    Location: cut(server.location, 256),
    Reach: exposure.reach,
    WorstSeverity: worst?.severity ?? '',
    RunId: reading.runId,
    PublicAddresses: exposure.publicAddresses,
    ApprovedEndpoints: exposure.approvedConnections.length,
    OpenFindings: open.length,
    AzureServices: exposure.azureServices,
    Complete: Object.keys(unreadable).length === 0,
    Unreadable: unreadable,
    ObservedAt: reading.observedAt,
  };
}

/** What of a server row is news when it changes: all but the times and the run. */
export function serverRowDigest(row: ServerRow): string {
  return stableJson({ ...row, RunId: '', ObservedAt: '' });
}

/** The row of an event and one server that it concerns. */
export function changeRow(serverId: string, change: ChangeRecord): ChangeRow {
  return {
    EventId: change.id,
    ServerId: serverId,
    Operation: change.operation,
    Status: change.status,
    ActorName: change.actor.name,
    ActorId: change.actor.id,
    ActorType: change.actor.type,
    ActorAddress: change.actor.address,
    CorrelationId: change.correlationId,
    Outcome: change.outcome,
    Summary: change.summary,
    EventTime: change.time || null,
  };
}

/** Evidence within 8 KB: long lists and texts are shortened first, then only what is single is kept. */
export function boundEvidence(evidence: Evidence): {
  readonly evidence: Evidence;
  readonly truncated: boolean;
} {
  const steps = [
    // Nothing is lost but halves of characters.
    (value: Json) => shorten(value, Infinity, Infinity),
    (value: Json) => shorten(value, 50, 256),
    (value: Json) => shorten(value, 10, 128),
    (value: Json) => (Array.isArray(value) || (typeof value === 'object' && value !== null) ? null : value),
  ];
  for (const [index, step] of steps.entries()) {
    const shorter = Object.fromEntries(Object.entries(evidence).map(([key, value]) => [key, step(value)]));
    if (Buffer.byteLength(JSON.stringify(shorter)) <= MAX_EVIDENCE_BYTES) {
      return { evidence: shorter, truncated: index > 0 };
    }
  }
  return { evidence: {}, truncated: true };
}

function shorten(value: Json, items: number, length: number): Json {
  if (typeof value === 'string') return cut(value, length);
  if (Array.isArray(value)) {
    return (value as readonly Json[]).slice(0, items).map((item) => shorten(item, items, length));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).slice(0, items);
  return Object.fromEntries(entries.map(([key, item]) => [cut(key, length), shorten(item, items, length)]));
}
