import { isListed, readEndpointsAround } from '../azure/read-server.ts';
import type { Environment } from '../environment.ts';
import { evaluate } from '../evaluate.ts';
import { changeRow, findingRow } from './finding-rows.ts';
import {
  type Comparison,
  keptChanges,
  type Occasion,
  purge,
  refreshesOf,
  waitsForConfirmation,
} from '../lifecycle.ts';
import type { PrivateEndpoint, Reading, Snapshot } from '../model.ts';
import type { Change } from '../asking/request.ts';
import type { Ports } from '../ports.ts';
import type { ResourceId } from '../resource-id.ts';
import { secondsBetween } from '../seconds.ts';
import { newState, type ServerState } from './server-state.ts';
import { keep, keepOpen, open, resolve, type Step } from './transitions.ts';

/** Two 404s so far apart, and absence from a complete list between them, prove that a server is gone. */
const CONFIRM_SECONDS = { least: 162, most: 720 };
const RECHECK_SECONDS = 180;
const CONFIRM_FIXED_SECONDS = 70;
/** A reading may show what was true a minute before. */
const STALE_MS = 60_000;
/** The one rule that judges what a server leaves behind. */
const ORPHANS = 'endpoint-orphaned';

type Gone = Omit<Comparison, 'changed'>;

/** What a 404 of the server itself means: a hint first, then its end. What stays open is told as often as ever. */
export async function compareGone(
  stored: ServerState,
  at: string,
  id: ResourceId,
  occasion: Occasion,
  environment: Environment,
  endpointIds: readonly string[],
  ports: Ports,
): Promise<Gone> {
  const { now } = occasion;
  const gone = await judgeGone(stored, at, id, occasion, environment, endpointIds, ports);
  const { refreshed, rows } = refreshesOf(purge(gone.state.findings, now), stored.server, 'unknown', now);
  const changes = keptChanges(gone.state.changes, now);
  return { ...gone, state: { ...gone.state, findings: refreshed, changes }, refreshes: rows };
}

async function judgeGone(
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
  if (stored.deletedAt !== null) return leftBehind(stored, at, occasion, environment, endpointIds, ports);
  const since = stored.notFoundSince;
  if (since === null) return recheck;
  const seconds = secondsBetween(since, at);
  if (seconds > CONFIRM_SECONDS.most) {
    return { ...recheck, state: { ...recheck.state, notFoundSince: at } };
  }
  if (seconds < CONFIRM_SECONDS.least) return recheck;
  const listed = await isListed(ports.arm, id);
  return listed === false ? leftBehind(stored, at, occasion, environment, endpointIds, ports) : waits;
}

function withChanges(state: ServerState, occasion: Occasion): Gone {
  const seen = new Set(state.changes.map(({ id }) => id));
  const summary = 'The server was not found.';
  const changes = occasion.changes
    .filter(({ id }) => !seen.has(id) && seen.add(id))
    .map((change) => ({ ...change, outcome: 'Unreadable' as const, summary }));
  return {
    state: { ...state, changes: [...state.changes, ...changes], lookDueAt: null },
    findings: [],
    changes: changes.map((change) => changeRow(state.server.id, change)),
    refreshes: [],
    server: undefined,
    outcome: 'Unreadable',
    asks: [],
  };
}

/**
 * Every finding of a deleted server ends, but for what it leaves behind: endpoints that still point at it. Asked again, only
 * these are judged again.
 */
async function leftBehind(
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
  const endpoints = await endpointsOf(stored, environment, endpointIds, ports);
  // What it left behind is judged at its end, or never: that waits until every endpoint has answered.
  if (!endpoints)
    return stored.deletedAt === null
      ? { ...base, asks: [{ reason: 'recheck', inSeconds: RECHECK_SECONDS }] }
      : base;
  const { live, observedAt, network, lastKnown, baseline, firstSeen } = newState(stored.server);
  const blank = { live, observedAt, network, lastKnown, baseline, firstSeen };
  const snapshot: Snapshot = {
    server: stored.server,
    observedAt: at,
    completedAt: at,
    found: false,
    network: { endpointConnections: { value: [], at } },
    surroundings: { endpoints },
  };
  const rule = environment.rules.find(({ id }) => id === ORPHANS);
  const results = rule ? orphansOf(snapshot, rule, environment) : [];
  const steps: Step[] = stored.findings.map((record) => {
    if (record.state === 'Resolved') return keep(record);
    if (record.ruleId !== ORPHANS) return resolve(record, 'Deleted', times, true);
    if (!rule) return resolve(record, 'RuleRetired', times, true);
    const result = results.find(({ subject }) => subject === record.subject || subject === undefined);
    if (result?.status === 'open') {
      const coverage = environment.policy.exemptions(stored.server, now)(result, record);
      return keepOpen(record, { server: stored.server, rule, finding: result, coverage, times });
    }
    return result?.status === 'unknown' ? keep(record) : resolve(record, 'Fixed', times, false);
  });
  for (const finding of results) {
    if (finding.status !== 'open') continue;
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
  const observation = {
    server: stored.server,
    before: undefined,
    after: undefined,
    source:
      occasion.reason === 'look' || occasion.reason === 'second-look' ? ('event' as const) : occasion.reason,
    observedAt: at,
  };
  return {
    ...base,
    state: {
      ...base.state,
      // Should it come back under its name, it is another server: nothing of the old one is its past.
      ...blank,
      deletedAt: stored.deletedAt ?? now,
      notFoundSince: stored.notFoundSince ?? at,
      surroundings: snapshot.surroundings,
      findings: steps.map(({ record }) => record),
    },
    asks: waitsForConfirmation(steps, stored)
      ? [{ reason: 'recheck', inSeconds: CONFIRM_FIXED_SECONDS }]
      : [],
    findings: steps.flatMap(({ record, transition }) =>
      transition
        ? [
            findingRow(record, transition, rules.get(record.ruleId), {
              ...observation,
              change: deletionOf(stored.deletedAt ? record.subject : stored.server.id, stored, occasion),
            }),
          ]
        : [],
    ),
  };
}

/** The last write of the resource, where it deleted it and the last reading that found it was none after that. */
function deletionOf(resource: string, stored: ServerState, { changes }: Occasion): Change | undefined {
  const last = [...stored.changes, ...changes].filter((change) => change.resource === resource).at(-1);
  if (!last || !/\/delete$/i.test(last.operation)) return undefined;
  const seen = Date.parse(stored.deletedAt ?? stored.observedAt);
  return Date.parse(last.time) >= seen - STALE_MS ? last : undefined;
}

function orphansOf(
  snapshot: Snapshot,
  rule: Environment['rules'][number],
  environment: Environment,
): ReturnType<typeof evaluate> {
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
  return evaluate(snapshot, context, [rule], environment.policy.of(snapshot.server));
}

async function endpointsOf(
  stored: ServerState,
  environment: Environment,
  named: readonly string[],
  ports: Ports,
): Promise<Readonly<Record<string, Reading<PrivateEndpoint | 'gone'>>> | undefined> {
  // One that is gone is asked for once more where that has to be confirmed.
  const known = Object.entries(stored.surroundings.endpoints).flatMap(([id, reading]) => {
    const isGone = 'value' in reading && reading.value === 'gone';
    const isOpen = stored.findings.some(({ subject, state }) => subject === id && state !== 'Resolved');
    return isGone && !isOpen ? [] : [id];
  });
  const inScope = (subscription: string): boolean => environment.scope.includes(subscription);
  return readEndpointsAround(ports.arm, [...new Set([...known, ...named])].sort(), inScope);
}
