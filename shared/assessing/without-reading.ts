import type { Batch } from './batch.ts';
import { changeRow } from '../lifecycle/finding-rows.ts';
import type { Comparison } from '../lifecycle.ts';
import type { ServerRef } from '../model.ts';
import type { Ports } from '../ports.ts';
import type { Change, Request } from '../asking/request.ts';
import { later, secondsBetween } from '../seconds.ts';
import type { ServerState, StoredState } from '../lifecycle/server-state.ts';
import { commit } from '../state/commit.ts';
import type { ServerResult } from '../state/runs.ts';
import { insertWaiting, readState, readWaiting, writeState } from '../state/store.ts';

/** An event that comes sooner after the last reading waits for the next one. */
const TOO_SOON_SECONDS = 5;
/** A reading that started so long after the request was made has seen what the request is about. */
const COVERED_SECONDS = 120;
/** A look that was asked for so long ago has been lost. */
const LOST_LOOK_SECONDS = 300;

/** What needs no reading: covered by another one, too soon, or a look that has nothing to look at. */
export async function withoutReading(
  stored: StoredState,
  now: string,
  batch: Batch,
  hasRead: boolean,
  ports: Ports,
): Promise<ServerResult | 'again' | undefined> {
  const { request } = batch;
  const { state } = stored;
  if (isCovered(state, request, now)) {
    return (await recordCovered(stored, batch, now, ports)) ? 'assessed' : 'again';
  }
  const sinceReading = state.lastReadStartedAt ? secondsBetween(state.lastReadStartedAt, now) : Infinity;
  if (request.reason === 'look' && state.lastReadStartedAt && request.requestedAt < state.lastReadStartedAt) {
    if ((await readWaiting(ports.table, state.server)).length === 0) return 'assessed';
    if (sinceReading >= TOO_SOON_SECONDS) return undefined;
    // The reading that came first takes the events along, unless it died: another look tells.
    await ports.queue.send(look(state.server, 'look', request.requestedAt), TOO_SOON_SECONDS);
    return 'assessed';
  }
  if (request.reason === 'second-look' && (state.lookDueAt === null || state.lookDueAt > later(now, 1))) {
    return 'assessed';
  }
  // Only a reading of its own that could not be committed may be repeated at once: who lost the claim waits.
  if (request.reason !== 'event' || hasRead || sinceReading >= TOO_SOON_SECONDS) return undefined;
  return postpone(stored, now, request, ports);
}

function isCovered(state: ServerState, request: Request, now: string): boolean {
  if (request.reason !== 'event' && request.reason !== 'http') return false;
  if (!state.finished || state.findings.some(({ pending }) => pending !== null)) return false;
  const { startedAt } = state.finished;
  return startedAt <= now && secondsBetween(request.requestedAt, startedAt) >= COVERED_SECONDS;
}

/** The event's row gets the outcome of the reading that covered it. */
async function recordCovered(
  stored: StoredState,
  { request, committed }: Batch,
  now: string,
  ports: Ports,
): Promise<boolean> {
  const { state } = stored;
  const seen = new Set(state.changes.map(({ id }) => id));
  const fresh = (request.changes ?? []).filter(({ id }) => !seen.has(id));
  if (fresh.length === 0 || !state.finished) return true;
  const { outcome, summary } = state.finished;
  const changes = fresh.map((change) => ({ ...change, outcome, summary }));
  const next = { ...state, changes: [...state.changes, ...changes].slice(-20) };
  const covered = { state: next, findings: [], changes: rowsOf(state, changes) };
  const packs = await commit(ports, stored, covered, [], now);
  if (packs) committed.push({ packs, refreshes: [], server: undefined });
  return packs !== undefined;
}

/** Stores the event for the look that will come 5 s after the last reading started; asks for that look once. */
async function postpone(
  stored: StoredState,
  now: string,
  request: Request,
  ports: Ports,
): Promise<ServerResult | 'again'> {
  const { state } = stored;
  const known = new Set(state.changes.map(({ id }) => id));
  for (const change of request.changes ?? []) {
    if (!known.has(change.id)) await insertWaiting(ports.table, state.server, change);
  }
  const lost = state.nextLookAt !== null && secondsBetween(state.nextLookAt, now) > LOST_LOOK_SECONDS;
  if (state.nextLookAt !== null && !lost) {
    const { stored: current } = await readState(ports.table, state.server);
    return current.state.lastReadStartedAt === state.lastReadStartedAt ? 'assessed' : 'again';
  }
  const nextLookAt = later(state.lastReadStartedAt ?? now, TOO_SOON_SECONDS);
  const delay = Math.max(1, Math.ceil(secondsBetween(now, nextLookAt)));
  await ports.queue.send(look(state.server, 'look', now), delay);
  const written = await writeState(ports.table, { state: { ...state, nextLookAt }, etag: stored.etag });
  return written ? 'assessed' : 'again';
}

/** A further reading of one server. */
export function look(server: ServerRef, reason: 'look' | 'second-look' | 'recheck', now: string): Request {
  return { resources: [{ id: server.id }], reason, requestedAt: now };
}

function rowsOf(
  state: ServerState,
  changes: readonly (Change & { outcome: Comparison['outcome']; summary: string })[],
): Comparison['changes'] {
  return changes.map((change) => changeRow(state.server.id, change));
}
