import { authorsWantedSince } from '../lifecycle/authors.ts';
import { activityOf } from '../azure/activity-log.ts';
import { readServer } from '../azure/read-server.ts';
import type { Asked, Batch } from './batch.ts';
import { recollect } from '../judging/context.ts';
import type { Environment } from '../environment.ts';
import { evaluate } from '../evaluate.ts';
import { exposureOf } from '../exposure.ts';
import { fingerprint } from '../families/fingerprint.ts';
import { familyOf } from '../families/index.ts';
import { compareGone } from '../lifecycle/gone.ts';
import { compare, type Comparison, type Occasion } from '../lifecycle.ts';
import { type AccessChange, SERVER_UNREAD, type Snapshot } from '../model.ts';
import { neighbourhoodOf } from '../judging/neighbourhood.ts';
import { isSteady } from '../lifecycle/renewal.ts';
import type { Ports } from '../ports.ts';
import { parseResourceId } from '../resource-id.ts';
import type { ServerState } from '../lifecycle/server-state.ts';
import type { ServerResult } from '../state/runs.ts';
import { isSuspicionFree, readQuickly } from './suspicion.ts';
import { later } from '../seconds.ts';
import { TransientError } from '../transient-error.ts';

/** A reading that was held against the stored state. */
export interface Judged {
  readonly comparison: Pick<
    Comparison,
    'state' | 'findings' | 'changes' | 'refreshes' | 'server' | 'asks' | 'outcome'
  >;
  readonly result: ServerResult;
}

/** Reads what has to be read and says what it means; `unchanged`: as stored, and nothing to write. */
export async function readAndJudge(
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
  if (isSuspicionFree(state, asked, occasion, switched, environment)) {
    const quick = await readQuickly(state, occasion.now, batch.last, ports);
    if (quick === 'unchanged') return 'unchanged';
    if (quick) {
      if (state.steady && environment.circumstances !== undefined) return 'unchanged';
      const judged = await judge(state, quick, occasion, switched, environment, ports);
      if (!judged.comparison.changed) return 'unchanged';
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

/** A body that could not be read tells no name and no place, and names no endpoint: those stay as known, but for what is gone. */
function keepKnown(snapshot: Snapshot, state: ServerState): Snapshot {
  const { server, network, surroundings } = snapshot;
  const list = network.endpointConnections;
  const before = list && 'unreadable' in list ? Object.entries(state.surroundings.endpoints) : [];
  const known = before.flatMap(([id, reading]) =>
    'value' in reading && reading.value === 'gone' ? [] : [id],
  );
  const unread = { unreadable: SERVER_UNREAD, at: snapshot.observedAt };
  const kept = Object.fromEntries(known.map((id) => [id, unread]));
  return {
    ...snapshot,
    server: server.location === '' ? state.server : server,
    surroundings: { endpoints: { ...kept, ...surroundings.endpoints } },
  };
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
  const since = authorsWantedSince(judged.comparison.state.findings);
  const resource = parseResourceId(state.server.id);
  if (occasion.reason !== 'sweep' || since === undefined || !resource) return judged;
  // By ARM's clock, as the log is, in whole seconds; what came after the reading was not seen in it.
  const until = later(snapshot.completedAt, 1);
  const authors = await activityOf(ports.arm, resource, { since, until }, environment.actorDetail);
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
    comparison: {
      ...comparison,
      state: {
        ...comparison.state,
        firstSeen,
        failures,
        baseline,
        bodyHash,
        judgedUnder: environment.circumstances ?? '',
        steady: isSteady(comparison.state.findings, snapshot.network, serverPolicy),
      },
    },
  };
}
