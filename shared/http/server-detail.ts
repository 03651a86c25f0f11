import { driftOf } from '../drift.ts';
import type { Environment } from '../environment.ts';
import { exposureOf } from '../exposure.ts';
import { serverRef } from '../families/fingerprint.ts';
import { familyOf } from '../families/index.ts';
import type { Ports } from '../ports.ts';
import { parseResourceId, type ResourceId } from '../resource-id.ts';
import type { ServerState } from '../lifecycle/server-state.ts';
import { readState } from '../state/store.ts';
import { changeViews, findingView, readingsView, serverView } from '../views.ts';
import { baselineView } from './baseline-view.ts';
import { exposureTag } from './exposure-tag.ts';

export interface ServerDetail {
  readonly body: Readonly<Record<string, unknown>>;
  readonly etag: string;
}

/** The database server that a caller's text names, with or without its leading slash; undefined: none. */
export function serverIdOf(text: string): ResourceId | undefined {
  const resource = parseResourceId(`/${text.replace(/^\/+/, '').replace(/\/+$/, '')}`);
  return resource && familyOf(resource.type) ? resource : undefined;
}

/** One server with everything that is known of it; undefined when it is out of scope or was never read. */
export async function serverDetail(
  resource: ResourceId,
  { environment, ports }: { readonly environment: Environment; readonly ports: Pick<Ports, 'table'> },
): Promise<ServerDetail | undefined> {
  if (!environment.scope.includes(resource.subscription)) return undefined;
  const { stored } = await readState(ports.table, serverRef(resource, undefined));
  return stored.state.observedAt === '' ? undefined : detailOf(stored.state, environment);
}

function detailOf(state: ServerState, { rules, policy }: Environment): ServerDetail {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const exposure = exposureOf(state.network, policy.of(state.server));
  const { baseline, live, notFoundSince } = state;
  const body = {
    ...serverView(state, policy),
    live,
    notFoundSince,
    readings: readingsView(state),
    findings: state.findings
      .filter(({ state: lifecycle }) => lifecycle !== 'Resolved')
      .map((record) => findingView(record, state, byId)),
    baseline: baseline && baselineView(baseline),
    drift: baseline && driftOf(baseline, exposure),
    changes: changeViews(state),
  };
  return { body, etag: exposureTag(state) };
}
