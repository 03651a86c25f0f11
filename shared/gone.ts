import { isListed, readEndpointsAround } from './azure/read-server.ts';
import type { Environment } from './environment.ts';
import { evaluate } from './evaluate.ts';
import { changeRow, findingRow } from './finding-rows.ts';
import type { Comparison, Occasion } from './lifecycle.ts';
import type { PrivateEndpoint, Reading, Snapshot } from './model.ts';
import type { Ports } from './ports.ts';
import type { ResourceId } from './resource-id.ts';
import { secondsBetween } from './seconds.ts';
import type { ServerState } from './server-state.ts';
import { open, resolve, type Step } from './transitions.ts';

/** Two 404s so far apart, and absence from a complete list between them, prove that a server is gone. */
const CONFIRM_SECONDS = { least: 162, most: 720 };
const RECHECK_SECONDS = 180;
/** The one rule that judges what a server leaves behind. */
const ORPHANS = 'endpoint-orphaned';

type Gone = Omit<Comparison, 'changed'>;

/** What a 404 of the server itself means: a hint first, then its end. */
export async function compareGone(
  stored: ServerState,
  at: string,
  id: ResourceId,
  occasion: Occasion,
  environment: Environment,
  endpointIds: readonly string[],
  ports: Ports,
): Promise<Gone> {
  const waits = withChanges({ ...stored, notFoundSince: stored.notFoundSince ?? at }, occasion);
  const recheck = { ...waits, asks: [{ reason: 'recheck' as const, inSeconds: RECHECK_SECONDS }] };
  const nothingKnown = !stored.live && stored.findings.every(({ state }) => state === 'Resolved');
  const since = stored.notFoundSince;
  if (since === null) return nothingKnown && stored.deletedAt !== null ? waits : recheck;
  const seconds = secondsBetween(since, at);
  if (seconds > CONFIRM_SECONDS.most) {
    const restarted = { ...recheck, state: { ...recheck.state, notFoundSince: at } };
    return stored.deletedAt === null ? restarted : waits;
  }
  if (seconds < CONFIRM_SECONDS.least) return recheck;
  const listed = await isListed(ports.arm, id);
  return listed === false ? ended(stored, at, occasion, environment, endpointIds, ports) : waits;
}

function withChanges(state: ServerState, occasion: Occasion): Gone {
  const seen = new Set(state.changes.map(({ id }) => id));
  const summary = 'The server was not found.';
  const changes = occasion.changes
    .filter(({ id }) => !seen.has(id) && seen.add(id))
    .map((change) => ({ ...change, outcome: 'Unreadable' as const, summary }));
  return {
    state: { ...state, changes: [...state.changes, ...changes].slice(-20), lookDueAt: null },
    findings: [],
    changes: changes.map((change) => changeRow(state.server.id, change)),
    refreshes: [],
    server: undefined,
    outcome: 'Unreadable',
    asks: [],
  };
}

/** Every finding of a deleted server ends, but for what it leaves behind: endpoints that still point at it. */
async function ended(
  stored: ServerState,
  at: string,
  occasion: Occasion,
  environment: Environment,
  endpointIds: readonly string[],
  ports: Ports,
): Promise<Gone> {
  const { now } = occasion;
  const times = { observedAt: at, completedAt: at, now };
  const base = withChanges(stored, occasion);
  const snapshot: Snapshot = {
    server: stored.server,
    observedAt: at,
    completedAt: at,
    found: false,
    network: { endpointConnections: { value: [], at } },
    surroundings: { endpoints: await endpointsOf(stored, environment, endpointIds, ports) },
  };
  const rule = environment.rules.find(({ id }) => id === ORPHANS);
  const left = rule ? orphansOf(snapshot, rule, environment) : [];
  const kept = new Set(left.map(({ subject }) => subject));
  const steps: Step[] = stored.findings.map((record) =>
    record.state === 'Resolved' || (record.ruleId === ORPHANS && kept.has(record.subject))
      ? { record, changed: false }
      : resolve(record, 'Deleted', times, true),
  );
  for (const finding of left) {
    const known = steps.findIndex(
      ({ record }) => record.ruleId === ORPHANS && record.subject === finding.subject,
    );
    const record = steps[known]?.record;
    if (!rule || (record && record.state !== 'Resolved')) continue;
    const coverage = environment.policy.exemptions(stored.server, now)(finding, record);
    const step = open(record, { server: stored.server, rule, finding, coverage, times, inventory: false });
    if (known >= 0) steps[known] = step;
    else steps.push(step);
  }
  const rules = new Map(environment.rules.map((item) => [item.id, item]));
  const change = occasion.changes.at(-1);
  const observation = {
    server: stored.server,
    before: undefined,
    after: undefined,
    source:
      occasion.reason === 'look' || occasion.reason === 'second-look' ? ('event' as const) : occasion.reason,
    observedAt: at,
    change,
  };
  return {
    ...base,
    state: {
      ...base.state,
      live: false,
      deletedAt: now,
      notFoundSince: stored.notFoundSince ?? at,
      findings: steps.map(({ record }) => record),
    },
    findings: steps.flatMap(({ record, transition }) =>
      transition ? [findingRow(record, transition, rules.get(record.ruleId), observation)] : [],
    ),
  };
}

type Orphan = Extract<ReturnType<typeof evaluate>[number], { status: 'open' }>;

function orphansOf(
  snapshot: Snapshot,
  rule: Environment['rules'][number],
  environment: Environment,
): readonly Orphan[] {
  const unread = { unreadable: 'the server is gone', at: snapshot.observedAt };
  const context = {
    firstSeen: {},
    baseline: unread,
    source: unread,
    accessChanges: unread,
    tenants: environment.tenants,
    scope: environment.scope,
    failedReadings: [],
    approvers: {},
    confirmedGone: [snapshot.server.id],
  };
  const findings = evaluate(snapshot, context, [rule], environment.policy.of(snapshot.server));
  return findings.filter((finding): finding is Orphan => finding.status === 'open');
}

async function endpointsOf(
  stored: ServerState,
  environment: Environment,
  named: readonly string[],
  ports: Ports,
): Promise<Readonly<Record<string, Reading<PrivateEndpoint | 'gone'>>>> {
  const known = Object.keys(stored.surroundings.endpoints);
  const inScope = (subscription: string): boolean => environment.scope.includes(subscription);
  return readEndpointsAround(ports.arm, [...new Set([...known, ...named])].sort(), inScope);
}
