import { type Baseline, baselineOf } from '../drift.ts';
import type { Exposure } from '../exposure.ts';
import { couldNotShow, firstSeenKeys } from './first-seen.ts';
import {
  type AccessChange,
  type Context,
  type FailedReading,
  type FirstSeen,
  NOT_APPROVED,
  OUTSIDE_SCOPE,
  SERVER_UNREAD,
  type Reading,
  type Snapshot,
} from '../model.ts';
import type { Change, Request } from '../asking/request.ts';
import type { FailureRecord, ServerState } from '../lifecycle/server-state.ts';

export type BaselineMode = 'first-seen' | 'approval';

/** What is known beside the server's own reading and state. */
export interface Neighbourhood {
  readonly tenants: Readonly<Record<string, string>>;
  readonly scope: readonly string[];
  readonly source: Reading<Exposure>;
  readonly accessChanges: Reading<readonly AccessChange[]>;
  readonly confirmedGone: readonly string[];
}

/** What the rules are told beside the snapshot, and what of it the state remembers. */
export interface Recollection {
  readonly context: Context;
  readonly firstSeen: FirstSeen;
  readonly failures: Readonly<Record<string, FailureRecord>>;
  /** Stored as the provisional baseline when there was none. */
  readonly baseline: Baseline | null;
}

/** Joins a reading with what is remembered. Pure: the reading's own time is the time of first sights. */
export function recollect(
  stored: ServerState,
  snapshot: Snapshot,
  exposure: Exposure,
  mode: BaselineMode,
  reason: Request['reason'],
  changes: readonly Change[],
  neighbourhood: Neighbourhood,
): Recollection {
  const at = snapshot.observedAt;
  const firstSeen = sightings(stored.firstSeen, snapshot);
  const failures = failuresOf(stored.failures, snapshot, reason);
  const baseline = stored.baseline ?? baselineOf(snapshot.network, exposure, at) ?? null;
  const counts = baseline && (mode === 'first-seen' || baseline.approved) ? baseline : undefined;
  const context: Context = {
    ...neighbourhood,
    firstSeen,
    baseline: counts
      ? { value: counts, at: counts.observedAt }
      : { unreadable: baseline ? NOT_APPROVED : 'no complete reading yet', at },
    failedReadings: Object.entries(failures).map(([group, failure]): FailedReading => ({
      group,
      ...failure,
    })),
    approvers: approversOf([...stored.changes, ...changes]),
  };
  return { context, firstSeen, failures, baseline };
}

/** What was seen before of what could not be read now stays seen; what a reading could have shown and did not is forgotten. */
function sightings(known: FirstSeen, snapshot: Snapshot): FirstSeen {
  const kept = Object.entries(known).filter(([key]) => couldNotShow(key, snapshot));
  const now = firstSeenKeys(snapshot).map((key) => [key, known[key] ?? snapshot.observedAt] as const);
  return Object.fromEntries([...kept, ...now]);
}

/** Endpoints that nobody tried to read. */
const NO_FAILURES: readonly string[] = [OUTSIDE_SCOPE, SERVER_UNREAD];

interface Unread {
  readonly unreadable: string;
  readonly at: string;
}

/** Groups of readings that failed, with one of the reasons. */
export function unreadGroups({
  network,
  surroundings,
}: Pick<Snapshot, 'network' | 'surroundings'>): ReadonlyMap<string, Unread> {
  const groups = new Map<string, Unread>();
  const note = (group: string, reading: Reading<unknown>): void => {
    if ('unreadable' in reading && !NO_FAILURES.includes(reading.unreadable)) groups.set(group, reading);
  };
  for (const [facet, reading] of Object.entries(network)) {
    note(facet === 'firewallRules' || facet === 'virtualNetworkRules' ? facet : 'server', reading);
  }
  for (const reading of Object.values(surroundings.endpoints)) note('endpoints', reading);
  return groups;
}

/** Only sweeps are counted, one each, so that a burst of events is not "three times". */
function failuresOf(
  known: Readonly<Record<string, FailureRecord>>,
  snapshot: Snapshot,
  reason: Request['reason'],
): Readonly<Record<string, FailureRecord>> {
  const failures = [...unreadGroups(snapshot)].map(([group, { unreadable, at }]): [string, FailureRecord] => {
    const before = known[group];
    const sweeps = (before?.sweeps ?? 0) + (reason === 'sweep' ? 1 : 0);
    const denied = unreadable.startsWith('denied');
    return [group, { sweeps, since: before?.since ?? at, reason: unreadable, denied }];
  });
  return Object.fromEntries(failures);
}

/** Who wrote to which endpoint connection, as the events claim. */
function approversOf(changes: readonly Change[]): Readonly<Record<string, string>> {
  const writes = changes.filter(
    ({ resource, operation, actor }) =>
      resource.includes('/privateendpointconnections/') && /\/write$/i.test(operation) && actor.id !== '',
  );
  return Object.fromEntries(writes.map(({ resource, actor }) => [resource, actor.id]));
}
