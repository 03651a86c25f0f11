import type { Occasion } from '../lifecycle.ts';
import type { Snapshot } from '../model.ts';
import type { Change } from '../asking/request.ts';
import { later } from '../seconds.ts';
import { type Moved, type Moves, movedSince } from './moved.ts';
import type { FindingRecord, ServerState } from './server-state.ts';
import type { Step } from './transitions.ts';

/** The Activity Log lags: a sweep asks when it finds a change, and so do the next two. */
const ASKS = 3;
/** A reading may show what was true a minute before. */
const STALE_SECONDS = 60;
/** What a server shows that is new was written since the last sweep. */
const NEW_SECONDS = 86_400;
/** A transition that rests on more of what moved waits for no author: the state stays small. */
const MAX_UNSIGNED = 10;

const NOTHING: Moves = { server: [], things: [], isAll: true };

export interface AuthoredStep extends Step {
  readonly change: Change | undefined;
}

/** What a reading shows to be different, and who may have written that. */
interface Background {
  readonly moves: Moves;
  readonly writes: readonly Change[];
  /** When it was written. */
  readonly since: string;
  readonly until: string;
}

/** Since when the Activity Log is to be asked for authors; undefined: nothing lacks one. */
export function authorsWantedSince(findings: readonly FindingRecord[]): string | undefined {
  return findings
    .flatMap(({ unsigned }) => (unsigned && unsigned.asks > 0 ? [unsigned.since] : []))
    .sort()[0];
}

/** Signs the transitions of a reading, and earlier ones whose author was not known until now. */
export function withAuthors(
  steps: readonly Step[],
  stored: ServerState,
  snapshot: Snapshot,
  occasion: Occasion,
  inventory: boolean,
): readonly AuthoredStep[] {
  const since = stored.observedAt || (stored.deletedAt ?? later(snapshot.observedAt, -NEW_SECONDS));
  const writes = writesBehind(stored, occasion, since);
  const isSigned = ({ transition, record }: Step): boolean =>
    transition ? writes.length > 0 || record.reason !== 'FirstSeen' : record.pending !== null;
  const moves = steps.some(isSigned) ? movedSince(stored, snapshot, inventory) : NOTHING;
  const until = later(snapshot.completedAt, 1);
  const background = { moves, writes, since, until };
  return steps.map((step) => {
    if (step.transition) return sign(step, background, occasion);
    if (step.changed && step.record.pending) return withCause(step, background);
    // Only a reading that shows the finding may tell of it again.
    return step.record.lastSeen === snapshot.observedAt
      ? signLate(step, stored, occasion)
      : { ...step, change: undefined };
  });
}

/** What may have led to a reading; not what an earlier one showed already, and not what a later write replaced. */
function writesBehind(
  stored: ServerState,
  { changes, authors = [] }: Occasion,
  since: string,
): readonly Change[] {
  const unseen = stored.changes.filter(
    ({ outcome, time }) => outcome === 'Unchanged' && secondsFrom(time, since) <= STALE_SECONDS,
  );
  const logged = authors.filter(({ time }) => secondsFrom(since, time) >= 0);
  const isShown = (time: string): boolean =>
    secondsFrom(stored.firstObservedAt, time) >= 0 && secondsFrom(time, since) > STALE_SECONDS;
  const isReplaced = ({ resource, time }: Change): boolean =>
    stored.changes.some((known) => known.resource === resource && secondsFrom(time, known.time) > 0);
  const isCopy = ({ id }: Change): boolean => stored.changes.some((known) => known.id === id);
  const fresh = changes.filter((change) => !isShown(change.time) && !isCopy(change));
  return [...unseen, ...fresh, ...logged].filter((change) => !isReplaced(change));
}

/** What moved of the things that a finding names, and the switch of the server, which bears on all of them; else everything. */
function causesOf({ subject, evidence }: FindingRecord, { server, things, isAll }: Moves): readonly Moved[] {
  if (things.length === 0) return isAll ? server : [];
  const text = JSON.stringify([subject, evidence]);
  const named = things.filter(({ ids }) => ids.some((id) => text.includes(JSON.stringify(id))));
  if (named.length > 0) return [...server, ...named];
  return isAll ? [...server, ...things] : [];
}

/** The last write where one person wrote every cause. It is never guessed: what only came at the same time is no cause. */
function writerOf(causes: readonly Moved[], writes: readonly Change[]): Change | undefined {
  const found = causes.map((cause) => writes.filter((write) => explains(write, cause)));
  if (found.some((list) => list.length === 0)) return undefined;
  const all = found.flat();
  const [last] = all.toSorted((a, b) => secondsFrom(a.time, b.time) || 0);
  return last && all.every((change) => isSamePerson(change, last)) ? last : undefined;
}

function explains({ resource, operation }: Change, { ids, isThere }: Moved): boolean {
  return ids.includes(resource) && !(isThere && /\/delete$/i.test(operation));
}

function isSamePerson({ actor: a }: Change, { actor: b }: Change): boolean {
  return a.id === b.id && a.name === b.name;
}

/** A transition with its author, or with what is to be asked about it. */
function sign(
  step: Step,
  { moves, writes, since, until }: Background,
  { reason, authors }: Pick<Occasion, 'reason' | 'authors'>,
): AuthoredStep {
  const { record, cause } = step;
  const causes = causesOf(record, moves);
  const change = cause === undefined ? writerOf(causes, writes) : (cause ?? undefined);
  if (change) return { ...step, change, record: signed(record, change) };
  const isAsked = cause === undefined && record.reason !== 'FirstSeen' && record.state !== 'Resolved';
  const isBounded = causes.length > 0 && causes.length <= MAX_UNSIGNED;
  const asks = reason === 'sweep' && authors ? ASKS - 1 : ASKS;
  const unsigned = isAsked && isBounded ? { moved: causes, since, until, asks } : null;
  return { ...step, change, record: { ...record, actor: null, changedAt: null, unsigned } };
}

/** The first of two readings remembers who made what the second one confirms. */
function withCause(step: Step, { moves, writes }: Background): AuthoredStep {
  const { record } = step;
  const cause = writerOf(causesOf(record, moves), writes);
  if (!cause || !record.pending) return { ...step, change: undefined };
  return { ...step, change: undefined, record: { ...record, pending: { ...record.pending, cause } } };
}

/** An event that comes late, or the Activity Log, may know who made a transition. */
function signLate(step: Step, stored: ServerState, { authors, changes, now }: Occasion): AuthoredStep {
  const { record } = step;
  const { unsigned } = record;
  if (!unsigned) return { ...step, change: undefined };
  const inTime = [...stored.changes, ...changes, ...(authors ?? [])].filter(
    ({ time }) => secondsFrom(unsigned.since, time) >= 0 && secondsFrom(time, unsigned.until) >= 0,
  );
  const change = writerOf(unsigned.moved, inTime);
  if (change) {
    const found = {
      ...signed(record, change),
      seq: record.seq + 1,
      reason: 'AuthorFound',
      transitionAt: now,
    };
    return { record: found, transition: 'Updated', changed: true, change };
  }
  if (!authors || unsigned.asks === 0) return { ...step, change };
  const asked = { ...record, unsigned: { ...unsigned, asks: unsigned.asks - 1 } };
  return { record: asked, changed: true, change };
}

function signed(record: FindingRecord, change: Change): FindingRecord {
  return { ...record, actor: change.actor, changedAt: change.time || null, unsigned: null };
}

/** The times of events are somebody else's text; NaN where one is no date. */
function secondsFrom(earlier: string, later: string): number {
  return (Date.parse(later) - Date.parse(earlier)) / 1000;
}
