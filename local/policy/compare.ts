import { evaluate } from '../../shared/evaluate.ts';
import { fold } from '../../shared/lifecycle/fold.ts';
import type { Finding, Rule, ServerRef, Severity } from '../../shared/model.ts';
import { type ParsedPolicy, policyOf } from '../../shared/policy.ts';
import type { OpenFinding } from '../../shared/lifecycle/transitions.ts';
import type { Sample } from './estate.ts';
import { rejudge, REJUDGED, serverOf } from './rejudge.ts';
import { rangesOf, type SavedFinding, type SavedScan } from './saved-scan.ts';

export const KINDS = ['opens', 'closes', 'exempted', 'reported again', 'severity'] as const;

export interface Difference {
  readonly kind: (typeof KINDS)[number];
  readonly ruleId: string;
  readonly server: string;
  readonly subject: string;
  readonly severity: Severity;
}

export interface Effect {
  readonly differences: readonly Difference[];
  readonly unchanged: number;
  /** What could not be judged, in sentences. */
  readonly notes: readonly string[];
}

interface Standing {
  readonly server: ServerRef;
  readonly finding: OpenFinding;
  readonly exempted: boolean;
}
type Standings = ReadonlyMap<string, Standing>;

/** What a policy changes on an estate against the built-in defaults. */
export function effectOnEstate(
  samples: readonly Sample[],
  rules: readonly Rule[],
  parsed: ParsedPolicy,
  now: string,
): Effect {
  const under = (policy: ParsedPolicy | undefined): Standings => {
    const live = policyOf(policy);
    const enabled = live.enabledRules(rules);
    const folding = enabled.find(({ id }) => id === 'too-many-findings');
    const all = samples.flatMap(({ snapshot, context }) => {
      const { server } = snapshot;
      const findings = evaluate(snapshot, context, enabled, live.of(server));
      const exempt = live.exemptions(server, now);
      return openOf(fold(findings, [], server.id, folding).findings).map((finding): Standing => {
        return { server, finding, exempted: exempt(finding, undefined).exemption !== null };
      });
    });
    return byKey(all);
  };
  return { ...differencesOf(under(undefined), under(parsed)), notes: [] };
}

/** What a policy changes on the findings of a saved scan, as far as the scan tells. */
export function effectOnScan(
  scan: SavedScan,
  rules: readonly Rule[],
  parsed: ParsedPolicy,
  now: string,
): Effect {
  const live = policyOf(parsed);
  const enabled = live.enabledRules(rules);
  const servers = new Map(scan.servers.map((server) => [server.serverId.toLowerCase(), server]));
  const before = scan.findings.flatMap((saved): Standing[] => {
    const known = servers.get(saved.serverId.toLowerCase());
    if (saved.state === 'Resolved' || !known) return [];
    return [{ server: serverOf(known), finding: findingOf(saved), exempted: saved.state === 'Exempted' }];
  });
  const byTags = parsed.servers.some(({ match }) => match.tags);
  const verdicts = new Map<string, Finding>();
  for (const server of byTags ? [] : scan.servers) {
    for (const finding of rejudge(server, enabled, live.of(serverOf(server)))) {
      verdicts.set(`${serverOf(server).id}|${finding.ruleId}`, finding);
    }
  }
  const isSettled = (key: string): boolean => (verdicts.get(key)?.status ?? 'unknown') !== 'unknown';
  const kept = before.filter(({ server, finding }) => {
    if (!enabled.some(({ id }) => id === finding.ruleId)) return false;
    return !(REJUDGED.includes(finding.ruleId) && isSettled(`${server.id}|${finding.ruleId}`));
  });
  const judged = scan.servers.map(serverOf).flatMap((server) =>
    openOf(REJUDGED.flatMap((rule) => verdicts.get(`${server.id}|${rule}`) ?? [])).map((finding) => {
      return { server, finding };
    }),
  );
  const after = [...kept, ...judged].map(({ server, finding }): Standing => {
    const { exemption } = live.exemptions(server, now)(finding, undefined);
    return { server, finding, exempted: exemption !== null };
  });
  const orphans = scan.findings.filter(({ serverId }) => !servers.has(serverId.toLowerCase())).length;
  return {
    ...differencesOf(byKey(before), byKey(after)),
    notes: [
      `A saved scan lets only ${REJUDGED.join(', ')} be judged again; of other rules it shows what is switched off or exempted.`,
      ...(byTags
        ? [
            'It holds no tags, and the policy has entries of "servers" that ask for some: no rule was judged again.',
          ]
        : []),
      ...(orphans > 0
        ? [`${orphans} of its findings belong to servers that it does not list: left out.`]
        : []),
    ],
  };
}

function openOf(findings: readonly Finding[]): readonly OpenFinding[] {
  return findings.filter((finding) => finding.status === 'open');
}

function findingOf(saved: SavedFinding): OpenFinding {
  const { ruleId, severity, summary, evidence } = saved;
  const ranges = rangesOf(saved);
  return {
    ruleId,
    subject: saved.subject,
    status: 'open',
    severity,
    violation: { summary, evidence, ...(ranges ? { ranges } : {}) },
  };
}

function byKey(standings: readonly Standing[]): Standings {
  return new Map(
    standings.map((standing) => {
      const { server, finding } = standing;
      return [`${server.id}|${finding.ruleId}|${finding.subject ?? server.id}`.toLowerCase(), standing];
    }),
  );
}

function differencesOf(before: Standings, after: Standings): Omit<Effect, 'notes'> {
  const differences: Difference[] = [];
  let unchanged = 0;
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [was, is] = [before.get(key), after.get(key)];
    const shown = is ?? was;
    const kind = kindOf(was, is);
    if (!kind || !shown) unchanged += 1;
    else {
      const { server, finding } = shown;
      const { ruleId, severity, subject = server.id } = finding;
      differences.push({ kind, ruleId, severity, server: server.id, subject });
    }
  }
  return { differences, unchanged };
}

function kindOf(was: Standing | undefined, is: Standing | undefined): Difference['kind'] | undefined {
  if (!is) return 'closes';
  if (is.exempted) return was?.exempted ? undefined : 'exempted';
  if (!was) return 'opens';
  if (was.exempted) return 'reported again';
  return was.finding.severity === is.finding.severity ? undefined : 'severity';
}
