import { exposureOf } from '../exposure.ts';
import { hashOf } from '../identity.ts';
import { serverRef } from '../families/fingerprint.ts';
import type { Environment } from '../environment.ts';
import { driftOf } from '../drift.ts';
import type { Rule } from '../model.ts';
import type { Ports } from '../ports.ts';
import type { ResourceId } from '../resource-id.ts';
import type { ServerState } from '../server-state.ts';
import { readState } from '../state/store.ts';
import { stableJson } from '../text.ts';
import { changeViews, findingView, readingsView, serverView } from '../views.ts';

export interface ServerDetail {
  readonly body: Readonly<Record<string, unknown>>;
  readonly etag: string;
  readonly state: ServerState;
}

/** One server with everything that is known of it; undefined when it is out of scope or was never read. */
export async function serverDetail(
  resource: ResourceId,
  { environment, ports }: { readonly environment: Environment; readonly ports: Pick<Ports, 'table'> },
): Promise<ServerDetail | undefined> {
  if (!environment.scope.includes(resource.subscription)) return undefined;
  const { stored } = await readState(ports.table, serverRef(resource, undefined));
  const { state } = stored;
  if (state.observedAt === '') return undefined;
  const rules = new Map(environment.rules.map((rule: Rule) => [rule.id, rule]));
  const exposure = exposureOf(state.network, environment.policy.of(state.server));
  const body = {
    ...serverView(state, environment.policy),
    live: state.live,
    readings: readingsView(state),
    findings: state.findings
      .filter(({ state: lifecycle }) => lifecycle !== 'Resolved')
      .map((record) => findingView(record, state, rules)),
    baseline: state.baseline,
    drift: state.baseline && driftOf(state.baseline, exposure),
    changes: changeViews(state),
  };
  return { body, etag: exposureTag(state), state };
}

/** Names exactly the exposure that was seen: it changes when a facet does, and not with time. */
export function exposureTag(state: ServerState): string {
  const facets = Object.entries(state.network).map(([facet, reading]) => [
    facet,
    'value' in reading ? reading.value : 'unreadable',
  ]);
  return `"${hashOf(stableJson(facets)).slice(0, 32)}"`;
}
