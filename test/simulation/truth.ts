import { recollect } from '../../shared/judging/context.ts';
import { evaluate } from '../../shared/evaluate.ts';
import { exposureOf } from '../../shared/exposure.ts';
import { findingIdOf } from '../../shared/identity.ts';
import type { Exempt } from '../../shared/lifecycle.ts';
import type { Context, Evidence, Finding } from '../../shared/model.ts';
import { serverPolicy } from '../../shared/policy.ts';
import { parseState, type ServerState } from '../../shared/lifecycle/server-state.ts';
import * as keys from '../../shared/state/keys.ts';
import { policyAt } from './policies.ts';
import { RULES } from './rules.ts';
import type { Run } from './run.ts';
import { readable, rulesOf } from './versions.ts';
import { type Facts, type Mix, snapshotOf, SUBSCRIPTIONS, TENANT, type WorldServer } from './world.ts';

const POLICY = serverPolicy();
const SCOPE: readonly string[] = SUBSCRIPTIONS;
const TENANTS = Object.fromEntries(SUBSCRIPTIONS.map((id) => [id, TENANT]));

/** Rules that need no memory, and the facts that their verdict depends on: true at an instant or not. */
export const INSTANT: Readonly<Record<string, 'body' | 'all'>> = {
  'internet-reachable': 'all',
  'wide-public-range': 'all',
  'azure-services-allowed': 'all',
  'public-access-enabled': 'body',
  'public-access-beside-endpoint': 'body',
  'latent-firewall-rules': 'all',
  'lockout-no-path': 'all',
  'endpoint-rejected': 'body',
};
const INSTANT_RULES = RULES.filter(({ id }) => id in INSTANT);

type Open = ReadonlyMap<string, string>;

const numbers = new WeakMap<Facts, number>();
let given = 0;
function numberOf(facts: Facts): number {
  const known = numbers.get(facts);
  if (known !== undefined) return known;
  given += 1;
  numbers.set(facts, given);
  return given;
}

const judged = new WeakMap<Facts, Map<string, Open>>();

/** `rule|subject` -> severity of what is open when these facts are read together. */
export function openIn(server: WorldServer, mix: Mix): Open {
  const known = judged.get(mix.body) ?? new Map<string, Open>();
  judged.set(mix.body, known);
  const key = `${server.id}|${numberOf(mix.rules)}|${numberOf(mix.endpoint)}`;
  const cached = known.get(key);
  if (cached) return cached;
  const open = mix.body.exists ? judgeMix(server, mix) : new Map<string, string>();
  known.set(key, open);
  return open;
}

function judgeMix(server: WorldServer, mix: Mix): Open {
  const at = '2026-05-20T12:00:00.000Z';
  const unread = { unreadable: 'not remembered', at };
  const context: Context = {
    firstSeen: {},
    baseline: unread,
    source: unread,
    accessChanges: { value: [], at },
    tenants: TENANTS,
    scope: SCOPE,
    failedReadings: [],
    confirmedGone: [],
    approvers: {},
  };
  const findings = evaluate(snapshotOf(server, mix, at), context, INSTANT_RULES, POLICY);
  return new Map(
    findings.flatMap((finding) =>
      finding.status === 'open'
        ? [[`${finding.ruleId}|${finding.subject ?? server.id}`, finding.severity] as const]
        : [],
    ),
  );
}

export interface Expected {
  readonly ruleId: string;
  readonly subject: string;
  readonly severity: string;
  readonly evidence: Evidence;
  readonly exempted: boolean;
}

export function stateOf({ table }: Run, server: WorldServer): ServerState | undefined {
  const row = keys.serverRow(server.id);
  const [found] = table.peek(server.resource.subscription, row, `${row}~`);
  return found && parseState(readable(found.text));
}

/** What has to be open of a server at the end, by finding id: the rules on the world itself, with what is remembered. */
export function expectedOf(run: Run, server: WorldServer): ReadonlyMap<string, Expected> {
  const facts = run.world.now(server);
  const stored = stateOf(run, server);
  if (!facts.exists) return orphanOf(server, facts);
  if (!stored) return new Map();
  const at = new Date(run.clock.now()).toISOString();
  const snapshot = snapshotOf(server, { body: facts, rules: facts, endpoint: facts }, at);
  const exposure = exposureOf(snapshot.network, POLICY);
  const gone = Object.entries(snapshot.surroundings.endpoints).flatMap(([id, reading]) =>
    'value' in reading && reading.value === 'gone' ? [id] : [],
  );
  const { context } = recollect(stored, snapshot, exposure, 'first-seen', 'sweep', [], {
    scope: SCOPE,
    tenants: TENANTS,
    source: { unreadable: 'not watched', at },
    accessChanges: { value: [], at },
    confirmedGone: gone,
  });
  const rules = rulesOf(run.story.upgrade ? 'new' : 'old');
  const findings = evaluate(snapshot, context, rules, POLICY, exposure);
  const exempt = policyAt(run.story.policies, run.clock.now()).policy.exemptions(snapshot.server, at);
  return new Map(findings.flatMap((finding) => expectedFinding(server, finding, exempt)));
}

function expectedFinding(server: WorldServer, finding: Finding, exempt: Exempt): [string, Expected][] {
  if (finding.status !== 'open') return [];
  const { ruleId, subject = server.id, severity, violation } = finding;
  const exempted = exempt(finding, undefined).exemption !== null;
  const expected = { ruleId, subject, severity, evidence: violation.evidence, exempted };
  return [[findingIdOf(server.id, ruleId, subject), expected]];
}

/** A server that is gone has nothing open but the endpoint that it left behind. */
function orphanOf(server: WorldServer, { endpoint }: Facts): ReadonlyMap<string, Expected> {
  const rule = RULES.find(({ id }) => id === 'endpoint-orphaned');
  if (!endpoint || !rule) return new Map();
  const expected: Expected = {
    ruleId: rule.id,
    subject: server.endpointId,
    severity: rule.severity,
    exempted: false,
    evidence: { case: 'server gone', endpoint: server.endpointId, server: server.id },
  };
  return new Map([[findingIdOf(server.id, rule.id, server.endpointId), expected]]);
}
