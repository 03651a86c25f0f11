import { QUERIES } from '../../shared/azure/queries.ts';
import type { Answer, Arm, Graph, GraphRows } from '../../shared/ports.ts';

export const TENANT = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const TYPE = 'microsoft.dbformysql/flexibleservers';

export interface ChurningServer {
  access: 'Enabled' | 'Disabled';
  readonly rules: Map<string, readonly [start: string, end: string]>;
  /** Endpoints that the server's own list shows; an endpoint may name a server that does not show it. */
  readonly shows: Set<string>;
}

/** What is true at this moment, by lower-cased id; whoever holds it changes it. */
export interface ChurningEstate {
  readonly servers: Map<string, ChurningServer>;
  /** Endpoint -> the server that it names. */
  readonly endpoints: Map<string, string>;
  /** Ids that answer 403. */
  readonly denied: Set<string>;
  /** Server -> when its public access was switched on, for the change table. */
  readonly switched: Map<string, string>;
}

export function serverId(subscription: string, name: string): string {
  return `/subscriptions/${subscription}/resourcegroups/rg/providers/${TYPE}/${name}`;
}

export function endpointId(subscription: string, name: string): string {
  return `/subscriptions/${subscription}/resourcegroups/rg/providers/microsoft.network/privateendpoints/${name}`;
}

function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function serverBody(id: string, { access, shows }: ChurningServer): Readonly<Record<string, unknown>> {
  const connections = [...shows].map((endpoint) => ({
    id: `${id}/privateEndpointConnections/${nameOf(endpoint)}`,
    name: nameOf(endpoint),
    properties: {
      privateEndpoint: { id: endpoint },
      groupIds: ['mysqlServer'],
      privateLinkServiceConnectionState: { status: 'Approved', description: '' },
    },
  }));
  return {
    id,
    name: nameOf(id),
    type: TYPE,
    location: 'westeurope',
    tags: { env: 'prod' },
    sku: { tier: 'GeneralPurpose' },
    properties: {
      state: 'Ready',
      network: { publicNetworkAccess: access },
      replicationRole: 'None',
      privateEndpointConnections: connections,
    },
  };
}

function endpointBody(id: string, target: string): Readonly<Record<string, unknown>> {
  const state = { status: 'Approved', description: '' };
  return {
    id,
    location: 'westeurope',
    properties: {
      // One that never gets ready: its age is remembered.
      provisioningState: 'Updating',
      subnet: null,
      privateLinkServiceConnections: [
        { properties: { privateLinkServiceId: target, privateLinkServiceConnectionState: state } },
      ],
    },
  };
}

/** ARM over the estate, faultless, by this clock. */
export function churningArm(estate: ChurningEstate, now: () => number): Arm {
  const date = (): string => new Date(Math.floor(now() / 1000) * 1000).toISOString();
  const ok = <Body>(body: Body): Answer<Body> => ({ outcome: 'ok', body, firstAt: date(), at: date() });
  const gone = (): Answer<never> => ({ outcome: 'gone', code: 'ResourceNotFound', at: date() });
  const denied = (): Answer<never> => ({ outcome: 'denied', reason: 'denied (403)', at: date() });
  const get = (path: string): Answer<unknown> => {
    if (estate.denied.has(path)) return denied();
    const server = estate.servers.get(path);
    if (server) return ok(serverBody(path, server));
    const target = estate.endpoints.get(path);
    if (target !== undefined) return ok(endpointBody(path, target));
    return path.split('/').length === 3 ? ok({ state: 'Enabled' }) : gone();
  };
  const list = (path: string): Answer<readonly unknown[]> => {
    if (path.endsWith(`/providers/${TYPE}`)) {
      const within = [...estate.servers].filter(([id]) => id.startsWith(path.slice(0, 52)));
      return ok(within.map(([id, server]) => serverBody(id, server)));
    }
    if (path.includes('/microsoft.insights/')) return ok([]);
    const server = estate.servers.get(path.slice(0, path.lastIndexOf('/')));
    if (!server) return gone();
    const rules = path.endsWith('/firewallRules') ? [...server.rules] : [];
    return ok(
      rules.map(([name, [startIpAddress, endIpAddress]]) => ({
        name,
        properties: { startIpAddress, endIpAddress },
      })),
    );
  };
  return { get: (path) => Promise.resolve(get(path)), list: (path) => Promise.resolve(list(path)) };
}

/** Resource Graph over the estate, without lag. */
export function churningGraph(estate: ChurningEstate): Graph {
  const rowsOf = (kql: string, subscriptions: readonly string[]): GraphRows => {
    const isIn = (id: string): boolean => subscriptions.includes(id.split('/')[2] ?? '');
    if (kql === QUERIES.subscriptions)
      return subscriptions.map((id) => ({
        id: `/subscriptions/${id}`,
        subscriptionId: id,
        tenantId: TENANT,
      }));
    if (kql === QUERIES.servers)
      return [...estate.servers].filter(([id]) => isIn(id)).map(([id, server]) => serverBody(id, server));
    if (kql === QUERIES.privateEndpoints)
      return [...estate.endpoints].filter(([id]) => isIn(id)).map(([id, target]) => endpointBody(id, target));
    return [...estate.switched]
      .filter(([id]) => isIn(id))
      .map(([targetResourceId, timestamp]) => ({
        id: `${targetResourceId}/changes/1`,
        properties: {
          targetResourceId,
          changeAttributes: { timestamp, changedBy: 'dana@contoso.example' },
          changes: { 'properties.network.publicNetworkAccess': { newValue: 'Enabled' } },
        },
      }));
  };
  return {
    query(kql, scope, page) {
      page(rowsOf(kql, scope.subscriptions ?? []));
      return Promise.resolve({ complete: true, problem: '' });
    },
  };
}
