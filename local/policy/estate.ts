import { baselineOf } from '../../shared/drift.ts';
import { exposureOf } from '../../shared/exposure.ts';
import { parseFacet } from '../../shared/families/define-family.ts';
import { familyOf } from '../../shared/families/index.ts';
import { firstSeenKeys } from '../../shared/judging/first-seen.ts';
import type { Context, PrivateEndpoint, Reading, Readings, Snapshot } from '../../shared/model.ts';
import { privateEndpoint } from '../../shared/network/private-endpoint.ts';
import { DEFAULT_WIDTHS } from '../../shared/policy.ts';
import { readable } from '../../shared/judging/public-access.ts';
import { parseResourceId, type ResourceId } from '../../shared/resource-id.ts';
import { later } from '../../shared/seconds.ts';
import { type EstateResource, loadEstate } from '../azure/estate.ts';

/** One server of an estate with all that a rule may ask for. */
export interface Sample {
  readonly snapshot: Snapshot;
  readonly context: Context;
}

type Resource = EstateResource & { readonly at: ResourceId };

/** Every server of the estate in a folder as a second reading at `now` sees it, nothing having changed in between. */
export async function readSamples(folder: string, now: string): Promise<readonly Sample[]> {
  const { resources, subscriptions } = await loadEstate(folder);
  const known = resources.flatMap((resource): readonly Resource[] => {
    const at = parseResourceId(resource.id);
    return at ? [{ ...resource, at }] : [];
  });
  const servers = known.filter(({ at }) => familyOf(at.type));
  const networks = new Map(servers.map((server) => [server.at.id, readingsOf(server, now)]));
  const endpoints = new Map(
    known
      .filter(({ at }) => at.type === 'microsoft.network/privateendpoints')
      .map((resource) => [resource.at.id, privateEndpoint(resource, resource.at.id)]),
  );
  const scope = subscriptions.map(({ subscriptionId }) => subscriptionId.toLowerCase());
  const ids = new Set(known.map(({ at }) => at.id));
  const tenants = Object.fromEntries(
    subscriptions.map(({ subscriptionId, tenantId }) => [subscriptionId.toLowerCase(), tenantId]),
  );

  return servers.map((resource): Sample => {
    const network = networks.get(resource.at.id) ?? {};
    const surroundings = { endpoints: endpointsOf(resource.at.id, network, endpoints, scope, now) };
    const snapshot = snapshotOf(resource, network, surroundings, now);
    const { endpointConnections, replication } = network;
    const source = networks.get(readable(replication)?.sourceId ?? '');
    const earlier = later(now, -1800);
    const baseline = baselineOf(network, exposureOf(network, DEFAULT_WIDTHS), earlier);
    const named = (readable(endpointConnections) ?? []).flatMap(({ endpointId }) => endpointId ?? []);
    const targets = [...endpoints.values()].flatMap((endpoint) =>
      endpoint.targets.flatMap(({ targetId }) => targetId ?? []),
    );
    const context: Context = {
      firstSeen: Object.fromEntries(firstSeenKeys(snapshot).map((key) => [key, earlier])),
      baseline: baseline ? { value: baseline, at: now } : { unreadable: 'not complete', at: now },
      source: source
        ? { value: exposureOf(source, DEFAULT_WIDTHS), at: now }
        : { unreadable: 'no source', at: now },
      tenants,
      scope,
      failedReadings: [],
      accessChanges: { value: [], at: now },
      confirmedGone: [...named, ...targets].filter((id) => isIn(scope, id) && !ids.has(id)),
      approvers: {},
    };
    return { snapshot, context };
  });
}

function isIn(scope: readonly string[], id: string): boolean {
  return scope.includes(id.split('/')[2] ?? '');
}

function readingsOf({ at, children, ...body }: Resource, now: string): Readings {
  const entries = Object.entries(familyOf(at.type)?.facets ?? {}).map(([facet, source]) => {
    if (source.in === 'family') return [facet, { value: source.value, at: now }];
    if (source.in === 'body') return [facet, parseFacet(now, () => source.read(body, at.id))];
    const items = Object.entries(children[source.path] ?? {}).map(([name, properties]) => {
      return { id: `${body.id}/${source.path}/${name}`, name, properties };
    });
    return [facet, parseFacet(now, () => source.read(items, at.id))];
  });
  return Object.fromEntries(entries) as Readings;
}

/** The endpoints that the server names or that name it; those outside the scope cannot be read. */
function endpointsOf(
  serverId: string,
  network: Readings,
  endpoints: ReadonlyMap<string, PrivateEndpoint>,
  scope: readonly string[],
  now: string,
): Snapshot['surroundings']['endpoints'] {
  const named = (readable(network.endpointConnections) ?? []).flatMap(({ endpointId }) => endpointId ?? []);
  const naming = [...endpoints.values()]
    .filter(({ targets }) => targets.some(({ targetId }) => targetId === serverId))
    .map(({ id }) => id);
  const read = (id: string): Reading<PrivateEndpoint | 'gone'> =>
    isIn(scope, id)
      ? { value: endpoints.get(id) ?? 'gone', at: now }
      : { unreadable: 'out of scope', at: now };
  return Object.fromEntries([...named, ...naming].map((id) => [id, read(id)]));
}

function snapshotOf(
  { at, location = '', tags = {} }: Resource,
  network: Readings,
  surroundings: Snapshot['surroundings'],
  now: string,
): Snapshot {
  const { id, name, type: family, subscription, resourceGroup } = at;
  const server = { id, name, family, subscription, resourceGroup, location, tags };
  return { server, observedAt: now, completedAt: now, found: true, network, surroundings };
}
