import { exposureOf } from './exposure.ts';
import { changeRow } from './finding-rows.ts';
import { evaluate } from './evaluate.ts';
import { activityOf } from './azure/activity-log.ts';
import { authorsWantedSince } from './authors.ts';
import { readRulesOnly, readServer, type ServerReading } from './azure/read-server.ts';
import { recollect } from './context.ts';
import type { Environment } from './environment.ts';
import { familyOf } from './families/index.ts';
import { fingerprint } from './families/fingerprint.ts';
import { compareGone } from './gone.ts';
import { compare, type Comparison, isRenewalDue, type Occasion } from './lifecycle.ts';
import { type AccessChange, SERVER_UNREAD, type ServerRef, type Snapshot } from './model.ts';
import { neighbourhoodOf } from './neighbourhood.ts';
import type { Ports } from './ports.ts';
import { type Change, type Request } from './request.ts';
import { parseResourceId } from './resource-id.ts';
import { later, secondsBetween } from './seconds.ts';
import type { ServerState, StoredState } from './server-state.ts';
import { commit } from './state/commit.ts';
import { isInFirstListing } from './state/first-listing.ts';
import type { ServerResult } from './state/runs.ts';
import { insertWaiting, readState, readWaiting, type Surrounding, writeState } from './state/store.ts';
import { TransientError } from './transient-error.ts';

const MAX_RACES = 6;
/** An event that comes sooner after the last reading waits for the next one. */
const TOO_SOON_SECONDS = 5;
/** A reading that started so long after the request was made has seen what the request is about. */
const COVERED_SECONDS = 120;
/** A look that was asked for so long ago has been lost. */
const LOST_LOOK_SECONDS = 300;
const BODY_AGE_SECONDS = 6 * 3600;
const LATENT_RULES_AGE_SECONDS = 24 * 3600;

/** One server as a request names it. */
export interface Asked {
  readonly server: ServerRef;
  readonly graphHash: string | undefined;
}

/** What a message's servers share, read once. */
export interface Batch {
  readonly request: Request;
  readonly surrounding: Surrounding;
  readonly inventory: boolean;
  /** Give up on transient failures and say so. */
  readonly last: boolean;
  /** What was committed: its rows are published together at the end. */
  readonly committed: Pick<Comparison, 'findings' | 'changes' | 'refreshes' | 'server'>[];
}

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
    if (!(await commit(ports, claimed, after, waiting, now))) continue;
    batch.committed.push(comparison);
    return result;
  }
  throw new TransientError('the state changed on every attempt', 15);
}

/** Asked once in a server's life: at its first reading, whoever makes it. */
async function isInventory(
  { observedAt, server }: ServerState,
  { inventory }: Batch,
  { table }: Ports,
): Promise<boolean> {
  return observedAt === '' && (inventory || (await isInFirstListing(table, server)));
}

/** What needs no reading: covered by another one, too soon, or a look that has nothing to look at. */
async function withoutReading(
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
  const written = await commit(ports, stored, covered, [], now);
  if (written) committed.push({ ...covered, refreshes: [], server: undefined });
  return written;
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

function look(server: ServerRef, reason: 'look' | 'second-look' | 'recheck', now: string): Request {
  return { resources: [{ id: server.id }], reason, requestedAt: now };
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

interface Judged {
  readonly comparison: Pick<
    Comparison,
    'state' | 'findings' | 'changes' | 'refreshes' | 'server' | 'asks' | 'outcome'
  >;
  readonly result: ServerResult;
}

async function readAndJudge(
  state: ServerState,
  asked: Asked,
  occasion: Occasion,
  batch: Batch,
  environment: Environment,
  ports: Ports,
): Promise<Judged | 'unchanged'> {
  const { namedBy, accessChanges } = batch.surrounding;
  const endpointIds = namedBy.get(state.server.id) ?? [];
  const switched = accessChanges.get(state.server.id) ?? [];
  if (isSuspicionFree(state, asked, occasion, switched)) {
    const quick = await readQuickly(state, occasion.now, ports);
    if (quick === 'unchanged') return 'unchanged';
    if (quick) {
      const judged = await judge(state, quick, occasion, switched, environment, ports);
      if (!judged.comparison.changed && sameRules(state, quick)) return 'unchanged';
    }
  }
  const resource = parseResourceId(state.server.id);
  const family = familyOf(state.server.family);
  if (!resource || !family) throw new Error('a request for what is no server');
  const reading = await readServer(ports.arm, family, resource, {
    endpointIds,
    inScope: (subscription) => environment.scope.includes(subscription),
    last: batch.last,
    now: occasion.now,
  });
  if (reading.outcome === 'transient') throw new TransientError(reading.reason, reading.retryAfterSeconds);
  if (reading.outcome === 'gone') {
    const comparison = await compareGone(
      state,
      reading.at,
      resource,
      occasion,
      environment,
      endpointIds,
      ports,
    );
    return { comparison, result: 'assessed' };
  }
  const unread = Object.values(reading.snapshot.network).some((facet) => 'unreadable' in facet);
  const seen = unread && state.observedAt !== '' ? keepKnown(reading.snapshot, state) : reading.snapshot;
  const judged = await judgeWithAuthors(state, seen, occasion, switched, environment, ports);
  return { comparison: judged.comparison, result: unread ? 'unreadable' : 'assessed' };
}

/** A body that could not be read tells no name and no place, and names no endpoint: those stay as known. */
function keepKnown(snapshot: Snapshot, state: ServerState): Snapshot {
  const { server, network, surroundings } = snapshot;
  const list = network.endpointConnections;
  const known = list && 'unreadable' in list ? Object.keys(state.surroundings.endpoints) : [];
  const unread = { unreadable: SERVER_UNREAD, at: snapshot.observedAt };
  const kept = Object.fromEntries(known.map((id) => [id, unread]));
  return {
    ...snapshot,
    server: server.location === '' ? state.server : server,
    surroundings: { endpoints: { ...kept, ...surroundings.endpoints } },
  };
}

/** A sweep whose record equals the stored reading, read a short time ago: its rules are enough. */
function isSuspicionFree(
  state: ServerState,
  { graphHash }: Asked,
  { reason, changes, now }: Occasion,
  switched: readonly AccessChange[],
): boolean {
  if (reason !== 'sweep' || changes.length > 0 || graphHash === undefined || !state.live) return false;
  if (state.findings.some(({ pending, authorAsks }) => pending !== null || authorAsks > 0)) return false;
  // What is pending, unfinished or at odds turns into a finding by its age alone.
  if (Object.keys(state.firstSeen).some((key) => key.includes('|'))) return false;
  // A 404 may have hidden what an event was about.
  if (state.notFoundSince !== null) return false;
  if (isRenewalDue(state, now) || switched.some(({ at }) => at > state.observedAt)) return false;
  const unread = Object.values(state.network).some((reading) => 'unreadable' in reading);
  return !unread && graphHash === state.bodyHash && secondsBetween(state.observedAt, now) < BODY_AGE_SECONDS;
}

/** The rules alone, or nothing where public access is off and they were read within the day. */
async function readQuickly(
  state: ServerState,
  now: string,
  ports: Ports,
): Promise<Snapshot | 'unchanged' | undefined> {
  const family = familyOf(state.server.family);
  const { publicAccess, delegatedSubnetId, firewallRules } = state.network;
  const off =
    (publicAccess && 'value' in publicAccess && publicAccess.value.switch === 'disabled') ||
    (delegatedSubnetId && 'value' in delegatedSubnetId && delegatedSubnetId.value !== null);
  if (off && firewallRules && secondsBetween(firewallRules.at, now) < LATENT_RULES_AGE_SECONDS)
    return 'unchanged';
  if (!family) return undefined;
  const reading: ServerReading = await readRulesOnly(ports.arm, family, state);
  if (reading.outcome === 'transient') throw new TransientError(reading.reason, reading.retryAfterSeconds);
  return reading.outcome === 'read' ? reading.snapshot : undefined;
}

function sameRules(state: ServerState, { network }: Snapshot): boolean {
  const before = [state.network.firewallRules, state.network.virtualNetworkRules];
  const after = [network.firewallRules, network.virtualNetworkRules];
  return before.every((reading, index) => {
    const other = after[index];
    if (!reading || !other) return reading === other;
    if (!('value' in reading) || !('value' in other)) return false;
    return JSON.stringify(reading.value) === JSON.stringify(other.value);
  });
}

/** What a sweep found without an event: the Activity Log may know who did it, now or at the next two sweeps. */
async function judgeWithAuthors(
  state: ServerState,
  snapshot: Snapshot,
  occasion: Occasion,
  switched: readonly AccessChange[],
  environment: Environment,
  ports: Ports,
): Promise<{ readonly comparison: Comparison }> {
  const judged = await judge(state, snapshot, occasion, switched, environment, ports);
  const since = authorsWantedSince(state, judged.comparison);
  const resource = parseResourceId(state.server.id);
  if (occasion.reason !== 'sweep' || since === undefined || !resource) return judged;
  const authors = await activityOf(ports.arm, resource, since, occasion.now, environment.actorDetail);
  return judge(state, snapshot, { ...occasion, authors: authors ?? [] }, switched, environment, ports);
}

async function judge(
  state: ServerState,
  snapshot: Snapshot,
  occasion: Occasion,
  switched: readonly AccessChange[],
  environment: Environment,
  ports: Ports,
): Promise<{ readonly comparison: Comparison }> {
  const { rules, policy, baselineMode } = environment;
  const serverPolicy = policy.of(snapshot.server);
  const exposure = exposureOf(snapshot.network, serverPolicy);
  const around = await neighbourhoodOf(snapshot, state, switched, environment, ports);
  const { context, firstSeen, failures, baseline } = recollect(
    state,
    snapshot,
    exposure,
    baselineMode,
    occasion.reason,
    occasion.changes,
    around,
  );
  const findings = evaluate(snapshot, context, rules, serverPolicy, exposure);
  const exempt = policy.exemptions(snapshot.server, occasion.now);
  const comparison = compare(state, snapshot, findings, rules, serverPolicy, exempt, occasion);
  const bodyHash = fingerprint(snapshot.server, snapshot.network, snapshot.surroundings);
  return {
    comparison: { ...comparison, state: { ...comparison.state, firstSeen, failures, baseline, bodyHash } },
  };
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

function rowsOf(
  state: ServerState,
  changes: readonly (Change & { outcome: Comparison['outcome']; summary: string })[],
): Comparison['changes'] {
  return changes.map((change) => changeRow(state.server.id, change));
}
