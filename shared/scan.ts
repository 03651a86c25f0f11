import { APP_VERSION } from './app-version.ts';
import { readServer } from './azure/read-server.ts';
import { recollect } from './judging/context.ts';
import { type Baseline, baselineOf } from './drift.ts';
import { evaluate } from './evaluate.ts';
import { exposureOf } from './exposure.ts';
import { serverRef } from './families/fingerprint.ts';
import { familyOf } from './families/index.ts';
import { compare } from './lifecycle.ts';
import { listServers } from './sweeping/list-servers.ts';
import type { Rule } from './model.ts';
import type { Policy } from './environment.ts';
import type { Arm, Graph } from './ports.ts';
import type { ReportData } from './report/report-data.ts';
import { scopeText } from './report/words.ts';
import { parseResourceId } from './resource-id.ts';
import { resolveScope } from './sweeping/scope.ts';
import { newState, type ServerState } from './lifecycle/server-state.ts';
import type { AzureSettings } from './settings.ts';
import { findingView, serverView } from './views.ts';

const CONCURRENT = 16;
const ATTEMPTS = 3;

export interface ScanOptions {
  readonly progress: (done: number, expected: number) => void;
  /** Ends the scan: what was read by then is reported as a part. */
  readonly signal: AbortSignal;
  /** Exposures to hold the present ones against, by server id. */
  readonly baselines: ReadonlyMap<string, Baseline>;
  readonly wanted: (serverId: string) => boolean;
}

/** One read-only pass over the scope, without storage: every server by ARM, judged as if seen for the first time. */
export async function scan(
  settings: Pick<AzureSettings, 'subscriptions' | 'managementGroups'>,
  ports: { readonly arm: Arm; readonly graph: Graph },
  rules: readonly Rule[],
  policy: Policy,
  options: ScanOptions,
): Promise<ReportData> {
  const scope = await resolveScope(settings, ports.graph, []);
  const listing = await listServers(scope.listable, ports.graph);
  const ids = [...listing.hashes.keys()].filter(options.wanted).sort();
  const states: ServerState[] = [];
  const problems = [...scope.problems, ...listing.problems];
  const queue = [...ids];
  const work = async (): Promise<void> => {
    while (!options.signal.aborted) {
      const id = queue.shift();
      if (id === undefined) return;
      const baseline = options.baselines.get(id) ?? null;
      const state = await readOne(
        id,
        baseline,
        listing.namedBy.get(id) ?? [],
        scope,
        ports.arm,
        rules,
        policy,
      );
      if (state) states.push(state);
      done += 1;
      options.progress(done, ids.length);
    }
  };
  let done = 0;
  options.progress(done, ids.length);
  await Promise.all(Array.from({ length: Math.min(CONCURRENT, ids.length) }, work));
  if (done < ids.length) problems.push(`Interrupted: ${done} of ${ids.length} servers were read.`);
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
  return {
    generatedAt: new Date().toISOString(),
    appVersion: APP_VERSION,
    scope: scopeText(settings.subscriptions, settings.managementGroups),
    isScan: true,
    lastSweep: null,
    servers: states.map((state) => ({
      ...serverView(state, policy),
      baseline: observedBaseline(state, policy),
    })),
    findings: states.flatMap((state) => state.findings.map((record) => findingView(record, state, ruleOf))),
    changes: [],
    problems,
  };
}

/** The exposure as it is now, in the form that `--baseline` takes; null where it is not completely known. */
function observedBaseline({ network, server, observedAt }: ServerState, policy: Policy): Baseline | null {
  return baselineOf(network, exposureOf(network, policy.of(server)), observedAt) ?? null;
}

async function readOne(
  id: string,
  baseline: Baseline | null,
  endpointIds: readonly string[],
  scope: Awaited<ReturnType<typeof resolveScope>>,
  arm: Arm,
  rules: readonly Rule[],
  policy: Policy,
): Promise<ServerState | undefined> {
  const resource = parseResourceId(id);
  const family = resource && familyOf(resource.type);
  if (!family) return undefined;
  const now = new Date().toISOString();
  const inScope = (subscription: string): boolean => scope.subscriptions.includes(subscription);
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === ATTEMPTS;
    const reading = await readServer(arm, family, resource, { endpointIds, inScope, last, now });
    if (reading.outcome === 'gone') return undefined;
    if (reading.outcome === 'transient') {
      const seconds = Math.min(10, reading.retryAfterSeconds ?? attempt);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      continue;
    }
    const { snapshot } = reading;
    const state = { ...newState(serverRef(resource, undefined)), baseline };
    const serverPolicy = policy.of(snapshot.server);
    const exposure = exposureOf(snapshot.network, serverPolicy);
    const at = snapshot.observedAt;
    const { context, firstSeen } = recollect(state, snapshot, exposure, 'first-seen', 'sweep', [], {
      tenants: scope.tenants,
      scope: scope.subscriptions,
      source: { unreadable: 'a scan compares no servers', at },
      accessChanges: { unreadable: 'a scan reads no change table', at },
      confirmedGone: [],
    });
    const findings = evaluate(snapshot, context, rules, serverPolicy, exposure);
    const exempt = policy.exemptions(snapshot.server, now);
    const occasion = { reason: 'sweep' as const, now, changes: [], runId: '', inventory: true };
    const compared = compare(state, snapshot, findings, rules, serverPolicy, exempt, occasion);
    return { ...compared.state, firstSeen };
  }
}
