import type { Comparison, Occasion } from '../lifecycle.ts';
import type { Change } from '../asking/request.ts';
import { secondsBetween } from '../seconds.ts';
import type { FindingRecord, ServerState } from './server-state.ts';
import type { Step } from './transitions.ts';

/** The Activity Log lags: a sweep asks when it finds a change, and so do the next two. */
const LATER_ASKS = 2;
/** A look that sees what its event's reading did not yet see takes the event from the server's last changes. */
const LATE_SECONDS = 600;

/** Since when the Activity Log is to be asked for authors; undefined: nothing lacks one. */
export function authorsWantedSince(
  stored: ServerState,
  after: Pick<Comparison, 'state'>,
): string | undefined {
  const since = after.state.findings.flatMap(({ authorAsks, authorSince }) =>
    authorAsks > 0 ? [authorSince] : [],
  );
  return stored.observedAt === '' ? undefined : since.sort()[0];
}

/**
 * The change that made a transition: one whose resource the finding names, else any, as long as all of them have one author.
 * Undefined: not known; it is never guessed.
 */
export function authorOf(record: FindingRecord, occasion: Occasion, stored: ServerState): Change | undefined {
  const looking = occasion.reason === 'look' || occasion.reason === 'second-look';
  const earlier = looking
    ? stored.changes.filter(({ outcome, time }) => outcome === 'Unchanged' && isRecent(time, occasion.now))
    : [];
  const candidates = [...earlier, ...occasion.changes, ...(occasion.authors ?? [])];
  const text = JSON.stringify(record.evidence);
  const named = candidates.filter(
    ({ resource }) => resource === record.subject || text.includes(`"${resource}"`),
  );
  const chosen = named.length > 0 ? named : candidates;
  const authors = new Set(chosen.map(({ actor }) => `${actor.id}|${actor.name}`));
  return authors.size === 1 ? chosen.at(-1) : undefined;
}

function isRecent(time: string, now: string): boolean {
  return !Number.isNaN(Date.parse(time)) && secondsBetween(time, now) < LATE_SECONDS;
}

export interface AuthoredStep extends Step {
  readonly change: Change | undefined;
}

/** A step with the author of its transition, or with how often the Activity Log is still to be asked for one. */
export function withAuthor(step: Step, occasion: Occasion, stored: ServerState, now: string): AuthoredStep {
  const { record, transition } = step;
  if (!transition) return lateAuthor(step, occasion, stored, now);
  const change = authorOf(record, occasion, stored) ?? step.cause;
  if (change) return { ...step, change, record: signed(record, change) };
  const wanted = occasion.reason === 'sweep' && record.reason !== 'FirstSeen' && record.state !== 'Resolved';
  const authorAsks = wanted ? LATER_ASKS + (occasion.authors ? 0 : 1) : 0;
  const unsigned = { ...record, actor: null, changedAt: null, authorAsks, authorSince: stored.observedAt };
  return { ...step, change, record: unsigned };
}

function lateAuthor(step: Step, occasion: Occasion, stored: ServerState, now: string): AuthoredStep {
  const { record } = step;
  if (step.changed && record.pending) {
    const cause = authorOf(record, occasion, stored);
    if (cause)
      return { ...step, change: undefined, record: { ...record, pending: { ...record.pending, cause } } };
  }
  if (record.authorAsks === 0 || !occasion.authors) return { ...step, change: undefined };
  const change = authorOf(record, { ...occasion, changes: [] }, stored);
  if (!change) {
    const asked = { ...record, authorAsks: record.authorAsks - 1 };
    return { record: asked, changed: true, change };
  }
  const found = { ...signed(record, change), seq: record.seq + 1, reason: 'AuthorFound', transitionAt: now };
  return { record: found, transition: 'Updated', changed: true, change };
}

function signed(record: FindingRecord, change: Change): FindingRecord {
  return { ...record, actor: change.actor, changedAt: change.time || null, authorAsks: 0 };
}
