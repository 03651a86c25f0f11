import type { Asked, Batch } from './assessing/batch.ts';
import type { Environment } from './environment.ts';
import type { Occasion } from './lifecycle.ts';
import type { ServerRef } from './model.ts';
import type { Ports } from './ports.ts';
import { type Judged, readAndJudge } from './assessing/read-and-judge.ts';
import type { Request } from './asking/request.ts';
import type { ChangeOutcome, ServerState, StoredState } from './lifecycle/server-state.ts';
import { commit } from './state/commit.ts';
import { isInFirstListing } from './state/first-listing.ts';
import type { ServerResult } from './state/runs.ts';
import { readState, readWaiting, writeState } from './state/store.ts';
import { TransientError } from './transient-error.ts';
import { look, withoutReading } from './assessing/without-reading.ts';

const MAX_RACES = 6;

/**
 * One server, from its state to its committed rows; the order of the calls is part of the design (docs/architecture.md).
 * Undefined: nothing had to be read. Throws `TransientError` when it has to be asked for again.
 */
export async function assess(
  asked: Asked,
  batch: Batch,
  environment: Environment,
  ports: Ports,
  known?: { readonly stored: StoredState; readonly now: string },
): Promise<ServerResult> {
  const { server } = asked;
  const { request } = batch;
  let hasRead = false;
  for (let race = 0; race < MAX_RACES; race += 1) {
    const read = race === 0 && known ? known : await readState(ports.table, server);
    const { stored, now } = read;

    const settled = await withoutReading(stored, now, batch, hasRead, ports);
    if (settled === 'again') continue;
    if (settled) return settled;

    const claimed = await claim(stored, now, request, ports);
    if (!claimed) continue;
    const waiting = await waitingOf(claimed, request, ports);
    const changes = [...waiting.map(({ change }) => change), ...(request.changes ?? [])];
    const occasion: Occasion = {
      reason: request.reason,
      now,
      changes,
      runId: request.runId ?? '',
      inventory: await isInventory(claimed.state, batch, ports),
    };

    const judged = await readAndJudge(claimed.state, asked, occasion, batch, environment, ports);
    hasRead = true;
    if (judged === 'unchanged') return 'assessed';
    const { comparison, result } = judged;
    await ask(server, comparison, request, ports);
    const after = { ...comparison, state: finish(comparison, claimed.state, request, now) };
    const packs = await commit(ports, claimed, after, waiting, now);
    if (!packs) continue;
    batch.committed.push({ packs, refreshes: comparison.refreshes, server: comparison.server });
    if (isUnannounced(claimed.state, comparison.outcome, occasion)) batch.unannounced.push(server.id);
    return result;
  }
  throw new TransientError('the state changed on every attempt', 15);
}

/** An event that is late looks like one that is lost: the sweep names both. */
function isUnannounced(
  { observedAt, changes, lastReadStartedAt }: ServerState,
  outcome: ChangeOutcome,
  { reason, changes: events }: Occasion,
): boolean {
  if (reason !== 'sweep' || observedAt === '' || (outcome !== 'Widened' && outcome !== 'Narrowed'))
    return false;
  const isTold = changes.some(({ time }) => time > observedAt) || (lastReadStartedAt ?? '') > observedAt;
  return events.length === 0 && !isTold;
}

/** Asked once in a server's life: at its first reading, whoever makes it. */
async function isInventory(
  { observedAt, server }: ServerState,
  { inventory }: Batch,
  { table }: Ports,
): Promise<boolean> {
  return observedAt === '' && (inventory || (await isInFirstListing(table, server)));
}

/** Says that a reading starts, so that others wait for it; sweeps and rechecks do not, and cost no write. */
async function claim(
  stored: StoredState,
  now: string,
  { reason }: Request,
  ports: Ports,
): Promise<StoredState | undefined> {
  if (reason !== 'event' && reason !== 'look' && reason !== 'http') return stored;
  const state = { ...stored.state, lastReadStartedAt: now, nextLookAt: null };
  return writeState(ports.table, { state, etag: stored.etag });
}

async function waitingOf(
  { state, etag }: StoredState,
  { reason }: Request,
  ports: Ports,
): Promise<Awaited<ReturnType<typeof readWaiting>>> {
  if (etag === undefined) return [];
  if (reason === 'sweep' && state.nextLookAt === null) return [];
  return readWaiting(ports.table, state.server);
}

/** What a finished reading for an event, a look or an HTTP request leaves for those that it covers. */
function finish(
  { state, outcome, changes }: Judged['comparison'],
  claimed: ServerState,
  { reason }: Request,
  now: string,
): ServerState {
  if (reason !== 'event' && reason !== 'look' && reason !== 'http') return state;
  const summary = changes.at(-1)?.Summary ?? '';
  return { ...state, finished: { startedAt: claimed.lastReadStartedAt ?? now, outcome, summary } };
}

/** Before the commit: a reading too many is harmless, one that is lost waits for the sweep. */
async function ask(
  server: ServerRef,
  { asks }: Judged['comparison'],
  request: Request,
  ports: Ports,
): Promise<void> {
  for (const { reason, inSeconds } of asks) {
    await ports.queue.send(look(server, reason, request.requestedAt), inSeconds);
  }
}
