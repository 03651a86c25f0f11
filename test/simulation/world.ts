import { type Family, parseFacet } from '../../shared/families/define-family.ts';
import { bodyReadings, serverRef } from '../../shared/families/fingerprint.ts';
import { familyOf } from '../../shared/families/index.ts';
import type { PrivateEndpoint, Reading, Readings, Snapshot } from '../../shared/model.ts';
import { privateEndpoint } from '../../shared/network/private-endpoint.ts';
import { parseResourceId, type ResourceId } from '../../shared/resource-id.ts';

export const SUBSCRIPTIONS = [
  '11111111-1111-1111-1111-111111111111',
  '22222222-2222-2222-2222-222222222222',
] as const;
export const TENANT = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa';
export const START = Date.parse('2026-05-20T06:00:00.000Z');

export interface Rule {
  readonly name: string;
  readonly start: string;
  readonly end: string;
}

/** What is true of one server and of the one private endpoint that may be around it. */
export interface Facts {
  readonly exists: boolean;
  readonly access: string;
  readonly rules: readonly Rule[];
  /** The server's own record of the endpoint; null: none. */
  readonly connection: string | null;
  /** The endpoint itself. */
  readonly endpoint: boolean;
}

export interface WorldServer {
  readonly id: string;
  readonly resource: ResourceId;
  readonly family: Family;
  readonly endpointId: string;
}

const TYPES = [
  'microsoft.dbformysql/flexibleservers',
  'microsoft.dbforpostgresql/flexibleservers',
  'microsoft.dbformysql/servers',
  'microsoft.dbforpostgresql/servers',
] as const;

/** Two servers of each family: five in the first subscription, three in the second. */
export const SERVERS: readonly WorldServer[] = Array.from({ length: 8 }, (_, index): WorldServer => {
  const subscription = SUBSCRIPTIONS[index < 5 ? 0 : 1];
  const group = `/subscriptions/${subscription}/resourcegroups/rg/providers`;
  const id = `${group}/${TYPES[index % 4] ?? TYPES[0]}/db${index}`;
  const resource = parseResourceId(id);
  const family = resource && familyOf(resource.type);
  if (!resource || !family) throw new Error('the world has a server that is none');
  return { id, resource, family, endpointId: `${group}/microsoft.network/privateendpoints/pe${index}` };
});

interface Version {
  readonly at: number;
  readonly facts: Facts;
}

/** The whole truth, over time. */
export interface World {
  write(server: WorldServer, at: number, change: Partial<Facts>): boolean;
  now(server: WorldServer): Facts;
  asOf(server: WorldServer, time: number): Facts;
  /** The last write at or before a time, and what was true before it. */
  lastWrite(server: WorldServer, time: number): { readonly at: number; readonly before: Facts } | undefined;
  versions(server: WorldServer): readonly Version[];
  /** Every version that held at some instant of [from, to]. */
  during(server: WorldServer, from: number, to: number): readonly Facts[];
}

export function world(initial: (index: number) => Facts, start: number): World {
  const history = new Map(
    SERVERS.map((server, index): [string, Version[]] => [
      server.id,
      [{ at: start - 86_400_000, facts: initial(index) }],
    ]),
  );
  const of = (server: WorldServer): Version[] => history.get(server.id) ?? [];
  const indexAt = (versions: readonly Version[], time: number): number => {
    let index = versions.length - 1;
    while (index > 0 && (versions[index]?.at ?? 0) > time) index -= 1;
    return index;
  };
  const factsAt = (versions: readonly Version[], index: number): Facts => {
    const found = versions[Math.max(0, index)];
    if (!found) throw new Error('a server without a history');
    return found.facts;
  };
  return {
    write(server, at, change) {
      const versions = of(server);
      const before = factsAt(versions, versions.length - 1);
      const facts = { ...before, ...change };
      if (JSON.stringify(facts) === JSON.stringify(before)) return false;
      versions.push({ at, facts });
      return true;
    },
    now: (server) => factsAt(of(server), of(server).length - 1),
    asOf: (server, time) => factsAt(of(server), indexAt(of(server), time)),
    lastWrite(server, time) {
      const versions = of(server);
      const index = indexAt(versions, time);
      return index === 0 ? undefined : { at: versions[index]?.at ?? 0, before: factsAt(versions, index - 1) };
    },
    versions: of,
    during(server, from, to) {
      const versions = of(server);
      return versions.slice(indexAt(versions, from), indexAt(versions, to) + 1).map(({ facts }) => facts);
    },
  };
}

/** What ARM and Resource Graph answer for a server. */
export function bodyOf(server: WorldServer, facts: Facts): Readonly<Record<string, unknown>> {
  const { id, resource } = server;
  const state = facts.connection;
  const privateEndpointConnections =
    state === null
      ? []
      : [
          {
            id: `${id}/privateEndpointConnections/link`,
            name: 'link',
            properties: {
              privateEndpoint: { id: server.endpointId },
              groupIds: ['server'],
              privateLinkServiceConnectionState: { status: state, description: '' },
            },
          },
        ];
  const place = { id, name: resource.name, type: resource.type, location: 'westeurope', tags: {} };
  if (resource.type.endsWith('/flexibleservers')) {
    return {
      ...place,
      sku: { tier: 'GeneralPurpose' },
      properties: {
        state: 'Ready',
        network: { publicNetworkAccess: facts.access },
        replicationRole: 'None',
        privateEndpointConnections,
      },
    };
  }
  return {
    ...place,
    sku: { tier: 'GeneralPurpose' },
    properties: {
      userVisibleState: 'Ready',
      publicNetworkAccess: facts.access,
      replicationRole: 'None',
      privateEndpointConnections,
    },
  };
}

export function ruleItems(server: WorldServer, { rules }: Facts): readonly unknown[] {
  return rules.map(({ name, start, end }) => ({
    id: `${server.id}/firewallRules/${name}`,
    name,
    properties: { startIpAddress: start, endIpAddress: end },
  }));
}

export function endpointBody(server: WorldServer, facts: Facts): Readonly<Record<string, unknown>> {
  const status = facts.connection ?? 'Disconnected';
  return {
    id: server.endpointId,
    location: 'westeurope',
    properties: {
      provisioningState: 'Succeeded',
      subnet: {
        id: `/subscriptions/${server.resource.subscription}/resourcegroups/rg/providers/microsoft.network/virtualnetworks/hub/subnets/db`,
      },
      privateLinkServiceConnections: [],
      manualPrivateLinkServiceConnections: [
        {
          properties: {
            privateLinkServiceId: server.id,
            privateLinkServiceConnectionState: { status, description: '' },
          },
        },
      ],
    },
  };
}

/** The facts of one reading; its body, its rules and its endpoint may be of different moments. */
export interface Mix {
  readonly body: Facts;
  readonly rules: Facts;
  readonly endpoint: Facts;
}

/** The snapshot of a server as a faultless reading would have it. */
export function snapshotOf(server: WorldServer, { body, rules, endpoint }: Mix, at: string): Snapshot {
  const raw = bodyOf(server, body);
  const lists: Readings = {
    firewallRules: listReading(server, 'firewallRules', ruleItems(server, rules), at),
    ...(server.family.facets.virtualNetworkRules?.in === 'list'
      ? { virtualNetworkRules: { value: [], at } }
      : {}),
  };
  const endpoints: Record<string, Reading<PrivateEndpoint | 'gone'>> = {};
  if (endpoint.endpoint) {
    endpoints[server.endpointId] = parseFacet<PrivateEndpoint | 'gone'>(at, () =>
      privateEndpoint(endpointBody(server, endpoint), server.endpointId),
    );
  } else if (body.connection !== null) endpoints[server.endpointId] = { value: 'gone', at };
  return {
    server: serverRef(server.resource, raw),
    observedAt: at,
    completedAt: at,
    found: true,
    network: { ...bodyReadings(server.family, raw, server.id, at), ...lists },
    surroundings: { endpoints },
  };
}

function listReading(
  server: WorldServer,
  facet: 'firewallRules',
  items: readonly unknown[],
  at: string,
): NonNullable<Readings['firewallRules']> {
  const source = server.family.facets[facet];
  if (source?.in !== 'list') throw new Error('a family without firewall rules');
  return parseFacet(at, () => source.read(items, server.id));
}
