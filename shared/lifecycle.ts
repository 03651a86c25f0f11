import { withAuthors } from './lifecycle/authors.ts';
import { unreadGroups } from './judging/context.ts';
import { exposureOf } from './exposure.ts';
import {
  changeRow,
  findingRow,
  type Observation,
  refreshRow,
  serverRow,
  serverRowDigest,
} from './lifecycle/finding-rows.ts';
import { fold, TOO_MANY_FINDINGS } from './lifecycle/fold.ts';
import type { Facet, Finding, Readings, Rule, ServerRef, Snapshot } from './model.ts';
import { outcomeOf, outcomeSummary } from './lifecycle/outcome.ts';
import type { ServerPolicy } from './policy.ts';
import type { Change, Request } from './asking/request.ts';
import type { ChangeRow, FindingRow, RefreshRow, ServerRow } from './rows.ts';
import { later, secondsBetween } from './seconds.ts';
import type { ChangeOutcome, ChangeRecord, FindingRecord, ServerState } from './lifecycle/server-state.ts';
import { cut } from './text.ts';
import { isRefreshDue, RENEW_SECONDS } from './lifecycle/renewal.ts';
import * as transition from './lifecycle/transitions.ts';

/** Why and when a server is compared. */
export interface Occasion {
  readonly reason: Request['reason'];
  /** The storage service's clock when the state was read. */
  readonly now: string;
  /** Events that led to this reading. */
  readonly changes: readonly Change[];
  /** Empty outside a sweep or scan. */
  readonly runId: string;
  readonly inventory: boolean;
  /** What the Activity Log tells, where it was asked. */
  readonly authors?: readonly Change[];
}

/** What a reading means beside what is stored. */
export interface Comparison {
  readonly state: ServerState;
  /** False: nothing that is stored changed, but for the times of the reading. */
  readonly changed: boolean;
  /** Transitions and changes: they cannot be observed again. */
  readonly findings: readonly FindingRow[];
  readonly changes: readonly ChangeRow[];
  /** Rows that the next ones replace. */
  readonly refreshes: readonly RefreshRow[];
  readonly server: ServerRow | undefined;
  readonly outcome: ChangeOutcome;
  /** Further readings that this one asks for, in seconds from now. */
  readonly asks: readonly { readonly reason: 'recheck' | 'second-look'; readonly inSeconds: number }[];
}

/** How an exemption of the policy covers an open finding; `known`: the record before this reading. */
export type Exempt = (
  finding: transition.OpenFinding,
  known: FindingRecord | undefined,
) => transition.Coverage;

const RECHECK_SECONDS = 70;
const SECOND_LOOK_SECONDS = 75;
const KEEP_SECONDS = 30 * 86_400;
const KEPT_CHANGES = 20;
const KEPT_RESOLVED = 300;

/**
 * Holds what a reading says against what is stored. Pure; `stored` is the state as read before ARM was. The rules of
 * opening, confirming and resolving are docs/architecture.md's.
 */
export function compare(
  stored: ServerState,
  snapshot: Snapshot,
  findings: readonly Finding[],
  rules: readonly Rule[],
  policy: ServerPolicy,
  exempt: Exempt,
  occasion: Occasion,
): Comparison {
  const { now } = occasion;
  const before =
    stored.observedAt === '' ? undefined : exposureOf({ ...stored.network, ...stored.lastKnown }, policy);
  const after = exposureOf(snapshot.network, policy);
  const times = { observedAt: snapshot.observedAt, completedAt: snapshot.completedAt, now };
  const isInventory = stored.observedAt === '' ? occasion.inventory : stored.inventory;
  const steps = stepsOf(stored, snapshot, findings, rules, exempt, {
    ...times,
    inventory: isInventory && neverRead(stored),
  });

  const outcome = outcomeOf(before, after);
  const changes = newChanges(stored, occasion.changes, outcome, outcomeSummary(before, after));
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
  const authored = withAuthors(steps, stored, snapshot, occasion, isInventory);
  const rowsOfFindings = authored.flatMap(({ record, transition: kind, change }) =>
    kind
      ? [
          findingRow(record, kind, ruleOf.get(record.ruleId), {
            server: snapshot.server,
            before,
            after,
            source: sourceOf(occasion.reason),
            observedAt: snapshot.observedAt,
            change,
          }),
        ]
      : [],
  );
  const records = purge(
    authored.map(({ record }) => record),
    now,
  );

  const { refreshed, rows } = refreshesOf(records, snapshot.server, after.reach, now);
  const row = serverRow(snapshot.server, after, refreshed, unreadableOf(snapshot), {
    observedAt: snapshot.observedAt,
    runId: occasion.runId,
  });
  const digest = serverRowDigest(row);
  const isNews = stored.serverRow?.digest !== digest;
  const isDue = !stored.serverRow || secondsBetween(stored.serverRow.at, now) >= RENEW_SECONDS;
  // Any reading may take events along that waited for the next one.
  const byEvent = occasion.reason === 'event' || occasion.reason === 'look' || occasion.changes.length > 0;
  const isLookDone =
    occasion.reason === 'second-look' || (stored.lookDueAt !== null && stored.lookDueAt <= now);
  const looks = isLookDone ? null : stored.lookDueAt;
  return {
    state: {
      ...stored,
      server: snapshot.server,
      inventory: isInventory,
      live: true,
      deletedAt: null,
      notFoundSince: null,
      observedAt: snapshot.observedAt,
      completedAt: snapshot.completedAt,
      firstObservedAt: stored.firstObservedAt || snapshot.observedAt,
      network: snapshot.network,
      lastKnown: lastKnownOf(stored, snapshot),
      surroundings: snapshot.surroundings,
      findings: refreshed,
      changes: keptChanges([...stored.changes, ...changes], now),
      lookDueAt: byEvent ? later(now, SECOND_LOOK_SECONDS) : looks,
      serverRow: isNews || isDue ? { digest, at: now } : stored.serverRow,
    },
    changed:
      authored.some(({ changed }) => changed) || changes.length > 0 || rows.length > 0 || isNews || isDue,
    findings: rowsOfFindings,
    changes: changes.map((change) => changeRow(snapshot.server.id, change)),
    refreshes: rows,
    server: isNews || isDue ? row : undefined,
    outcome,
    asks: asksOf(steps, stored, byEvent),
  };
}

/** Every record, and every open finding that has none, after this reading. */
function stepsOf(
  stored: ServerState,
  snapshot: Snapshot,
  findings: readonly Finding[],
  rules: readonly Rule[],
  exempt: Exempt,
  times: transition.Times & { readonly inventory: boolean },
): readonly transition.Step[] {
  const server = snapshot.server;
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
  const folded = fold(findings, stored.findings, server.id, ruleOf.get(TOO_MANY_FINDINGS));
  const results = new Map(folded.findings.map((finding) => [keyOf(finding), finding]));
  const known = new Map(stored.findings.map((record) => [keyOf(record), record]));
  const judged = new Set(folded.findings.map(({ ruleId }) => ruleId));
  const state = snapshot.network.state;
  const dropping = state && 'value' in state && state.value.toLowerCase() === 'dropping';

  const unread = unreadGroups(snapshot);
  const steps = stored.findings.map((record): transition.Step => {
    const result = results.get(keyOf(record)) ?? results.get(keyOf({ ruleId: record.ruleId }));
    const rule = ruleOf.get(record.ruleId);
    if (record.state === 'Resolved') {
      if (result?.status === 'open' && rule && !dropping) {
        const coverage = exempt(result, record);
        return transition.open(record, { server, rule, finding: result, coverage, times, inventory: false });
      }
      return result?.status === 'unknown' ? transition.keep(record) : transition.keepResolved(record);
    }
    if (!rule) return transition.resolve(record, 'RuleRetired', times, true);
    if (folded.ids.has(record.findingId)) return transition.resolve(record, 'Superseded', times, true);
    if (result?.status === 'open') {
      // Less grave on half a reading: what could not be read may be what made it grave.
      const isLess = transition.rankOf(result.severity) > transition.rankOf(record.severity);
      const finding = isLess && isHalf(rule, unread) ? transition.asKnown(record) : result;
      const coverage = exempt(finding, record);
      return transition.keepOpen(record, { server, rule, finding, coverage, times });
    }
    if (result?.status === 'unknown' || isStillUnread(record, unread)) return transition.keep(record);
    return transition.resolve(record, reasonOf(result, judged.has(record.ruleId)), times, false);
  });
  const opened = folded.findings.flatMap((finding): transition.Step[] => {
    const rule = ruleOf.get(finding.ruleId);
    if (finding.status !== 'open' || !rule || dropping || known.has(keyOf(finding))) return [];
    const coverage = exempt(finding, undefined);
    return [
      transition.open(undefined, { server, rule, finding, coverage, times, inventory: times.inventory }),
    ];
  });
  return [...steps, ...opened];
}

/** Of the endpoints around a server only the rules that ask for them depend; of its own facets any may. */
function isHalf({ needs }: Rule, unread: ReadonlyMap<string, unknown>): boolean {
  return [...unread.keys()].some((group) => group !== 'endpoints' || needs.includes('surroundings'));
}

/** A reading that fails in another way, or not often enough, does not end what says that readings fail. */
function isStillUnread({ ruleId, subject }: FindingRecord, unread: ReadonlyMap<string, unknown>): boolean {
  return ruleId === 'server-unreadable' && unread.has(subject.split('|').at(-1) ?? '');
}

function keyOf({ ruleId, subject }: { readonly ruleId: string; readonly subject?: string }): string {
  return `${ruleId}|${subject ?? ''}`;
}

/** Without a result of its own a subject is gone, unless its rule judged nothing at all. */
function reasonOf(result: Finding | undefined, judged: boolean): string {
  if (result?.status === 'superseded') return 'Superseded';
  return result?.status === 'not-applicable' || !judged ? 'NotApplicable' : 'Fixed';
}

function sourceOf(reason: Request['reason']): Observation['source'] {
  return reason === 'look' || reason === 'second-look' ? 'event' : reason;
}

/** Before the first reading that told anything, everything that shows is what was there. */
function neverRead({ observedAt, network, lastKnown }: ServerState): boolean {
  const { publicAccess } = { ...network, ...lastKnown };
  return observedAt === '' || !publicAccess || 'unreadable' in publicAccess;
}

/** Facet -> why it could not be read. */
export function unreadableOf(snapshot: Pick<Snapshot, 'network'>): Readonly<Record<string, string>> {
  const facets = Object.entries(snapshot.network).flatMap(([facet, reading]) =>
    'unreadable' in reading ? [[facet, reading.unreadable] as const] : [],
  );
  return Object.fromEntries(facets);
}

/** The last values of the facets that this reading could not read: what the next good one is held against. */
function lastKnownOf(stored: ServerState, snapshot: Snapshot): Readings {
  const known: Readings = { ...stored.network, ...stored.lastKnown };
  const entries = Object.entries(snapshot.network).flatMap(([facet, reading]) => {
    const last = known[facet as Facet];
    return 'unreadable' in reading && last && 'value' in last ? [[facet, last] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** An event is recorded once a server, whatever it led to the first time. */
function newChanges(
  stored: ServerState,
  changes: readonly Change[],
  outcome: ChangeOutcome,
  summary: string,
): readonly ChangeRecord[] {
  const seen = new Set(stored.changes.map(({ id }) => id));
  return changes
    .filter(({ id }) => !seen.has(id) && seen.add(id))
    .map((change) => ({ ...change, outcome, summary: cut(summary, 500) }));
}

/** The last 20 changes of the last thirty days. */
export function keptChanges(changes: readonly ChangeRecord[], now: string): readonly ChangeRecord[] {
  return changes.slice(-KEPT_CHANGES).filter(({ time }) => ageOf(time, now) < KEEP_SECONDS);
}

/** Event times are somebody else's text: one that is no date is taken for new. */
function ageOf(time: string, now: string): number {
  return Number.isNaN(Date.parse(time)) ? 0 : secondsBetween(time, now);
}

/** Records without those that were resolved more than thirty days ago, or before 300 others. */
export function purge(records: readonly FindingRecord[], now: string): readonly FindingRecord[] {
  const resolved = records
    .filter(({ resolvedAt }) => resolvedAt !== null)
    .sort((a, b) => ((a.resolvedAt ?? '') < (b.resolvedAt ?? '') ? 1 : -1))
    .slice(0, KEPT_RESOLVED);
  const kept = new Set(resolved.map(({ findingId }) => findingId));
  return records.filter(
    ({ state, findingId, resolvedAt }) =>
      state !== 'Resolved' ||
      (kept.has(findingId) && resolvedAt !== null && secondsBetween(resolvedAt, now) < KEEP_SECONDS),
  );
}

/** Rows that keep open findings known to the workspace, where they are due, and the records with their times. */
export function refreshesOf(
  records: readonly FindingRecord[],
  server: ServerRef,
  reach: string,
  now: string,
): { readonly refreshed: readonly FindingRecord[]; readonly rows: readonly RefreshRow[] } {
  const rows: RefreshRow[] = [];
  const refreshed = records.map((record) => {
    if (record.state === 'Resolved') return record;
    if (record.transitionAt === now) return { ...record, refreshedAt: now };
    if (!isRefreshDue(record, now)) return record;
    rows.push(refreshRow(record, server, reach));
    return { ...record, refreshedAt: now };
  });
  return { refreshed, rows };
}

/**
 * One look a burst: after an event's reading the second look confirms what is about to resolve. What this reading could not
 * tell waits for the next sweep: asked for again and again it would breed readings for as long as nothing can be told.
 */
function asksOf(
  steps: readonly transition.Step[],
  stored: ServerState,
  byEvent: boolean,
): Comparison['asks'] {
  if (byEvent) return [{ reason: 'second-look', inSeconds: SECOND_LOOK_SECONDS }];
  return waitsForConfirmation(steps, stored) ? [{ reason: 'recheck', inSeconds: RECHECK_SECONDS }] : [];
}

/** True when this reading, and not only an earlier one, says of a finding what a second has to confirm. */
export function waitsForConfirmation(
  steps: readonly transition.Step[],
  stored: Pick<ServerState, 'findings'>,
): boolean {
  return steps.some(({ record }) => record.pending !== null && !stored.findings.includes(record));
}
