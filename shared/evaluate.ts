import { exposureOf, type Exposure } from './exposure.ts';
import {
  type Context,
  type Fact,
  type Facts,
  type Finding,
  type Network,
  NOT_APPROVED,
  type Reading,
  type Rule,
  SEVERITIES,
  type Snapshot,
  Unknown,
} from './model.ts';
import type { ServerPolicy } from './policy.ts';

/**
 * What every rule says of a snapshot. A rule that cannot tell is `unknown`, with no subject when that holds for all
 * its subjects; a rule whose facets the family does not have is left out.
 */
export function evaluate(
  snapshot: Snapshot,
  context: Context,
  rules: readonly Rule[],
  policy: ServerPolicy,
  exposure: Exposure = exposureOf(snapshot.network, policy),
): readonly Finding[] {
  const facts = factsOf(snapshot, context, exposure);
  const findings = rules.flatMap((rule) =>
    rule.needs.every((fact) => fact in facts) ? judge(rule, facts, policy) : [],
  );
  return supersede(findings, rules, snapshot.server.id);
}

/** One view a server; a getter that is touched without a value ends the check as `unknown`. */
function factsOf(snapshot: Snapshot, context: Context, exposure: Exposure): Facts {
  const { network } = snapshot;
  const facts = {
    server: snapshot.server,
    network,
    exposure,
    baselineMissing: 'unreadable' in context.baseline && context.baseline.unreadable === NOT_APPROVED,
    surroundings: snapshot.surroundings,
    observedAt: snapshot.observedAt,
    firstSeen: context.firstSeen,
    tenants: context.tenants,
    scope: context.scope,
    failedReadings: context.failedReadings,
    confirmedGone: context.confirmedGone,
    approvers: context.approvers,
    get baseline() {
      return take('baseline', context.baseline);
    },
    get source() {
      return take('source', context.source);
    },
    get accessChanges() {
      return take('accessChanges', context.accessChanges);
    },
  };
  for (const facet of Object.keys(network) as (keyof Network)[]) {
    const reading = network[facet];
    if (!reading) continue;
    const descriptor =
      'value' in reading ? { value: reading.value } : { get: () => take<unknown>(facet, reading) };
    Object.defineProperty(facts, facet, { ...descriptor, enumerable: true });
  }
  return facts as unknown as Facts;
}

function take<Value>(fact: Fact, reading: Reading<Value>): Value {
  if ('value' in reading) return reading.value;
  throw new Unknown(`${fact}: ${reading.unreadable}`);
}

/** Only a completed check passes: what it could not read, and what it chokes on, is `unknown`. */
function judge(rule: Rule, facts: Facts, policy: ServerPolicy): readonly Finding[] {
  const ruleId = rule.id;
  try {
    const outcome = rule.check(facts, policy);
    if (outcome === 'not-applicable') return [{ ruleId, status: 'not-applicable' }];
    if (outcome.length === 0) return [{ ruleId, status: 'pass' }];
    return mostSevere(
      outcome.map((verdict): Finding => {
        if ('unknown' in verdict) {
          return { ruleId, subject: verdict.subject, status: 'unknown', reason: verdict.unknown };
        }
        const subject = verdict.subject ?? facts.server.id;
        const severity = verdict.severity ?? rule.severity;
        return { ruleId, subject, status: 'open', severity, violation: verdict };
      }),
    );
  } catch (error) {
    const reason = error instanceof Unknown ? error.message : 'the rule could not judge what was read';
    return [{ ruleId, status: 'unknown', reason }];
  }
}

/** Two results of one subject (a list with two items of one name) are one finding: the graver. */
function mostSevere(findings: readonly Finding[]): readonly Finding[] {
  const bySubject = new Map<string | undefined, Finding>();
  for (const finding of findings) {
    const known = bySubject.get(finding.subject);
    if (!known || rank(finding) < rank(known)) bySubject.set(finding.subject, finding);
  }
  return [...bySubject.values()];
}

function rank(finding: Finding): number {
  return finding.status === 'open' ? SEVERITIES.indexOf(finding.severity) : SEVERITIES.length;
}

/** By what this reading says, not by what is open in the state. */
function supersede(
  findings: readonly Finding[],
  rules: readonly Rule[],
  serverId: string,
): readonly Finding[] {
  const open = new Set(
    findings.flatMap(({ status, ruleId, subject }) =>
      status === 'open' ? [`${ruleId}|${subject ?? ''}`] : [],
    ),
  );
  const stronger = strongerRules(rules);
  return findings.map((finding) => {
    const rivals = finding.status === 'open' ? stronger.get(finding.ruleId) : undefined;
    if (!rivals) return finding;
    const { ruleId, subject } = finding;
    const by = rivals.find((id) => open.has(`${id}|${subject ?? ''}`) || open.has(`${id}|${serverId}`));
    return by ? { ruleId, ...(subject === undefined ? {} : { subject }), status: 'superseded', by } : finding;
  });
}

const strongerOf = new WeakMap<readonly Rule[], ReadonlyMap<string, readonly string[]>>();

/** Rule id -> ids of the rules that supersede it; worked out once a list of rules, not once a server. */
function strongerRules(rules: readonly Rule[]): ReadonlyMap<string, readonly string[]> {
  const known = strongerOf.get(rules);
  if (known) return known;
  const stronger = new Map(
    rules.flatMap(({ id, supersededBy }) => (supersededBy ? [[id, supersededBy] as const] : [])),
  );
  strongerOf.set(rules, stronger);
  return stronger;
}
