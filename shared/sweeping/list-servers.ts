import { QUERIES } from '../azure/queries.ts';
import { parseFacet } from '../families/define-family.ts';
import { bodyReadings, fingerprint, serverRef } from '../families/fingerprint.ts';
import { familyOf } from '../families/index.ts';
import type { PrivateEndpoint } from '../model.ts';
import { privateEndpoint } from '../network/private-endpoint.ts';
import type { Graph, GraphScope } from '../ports.ts';
import { parseResourceId } from '../resource-id.ts';

/** What Resource Graph says of the servers of a scope. */
export interface Listing {
  /** Lower-cased server id -> hash of its record and of the endpoints around it. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Server id -> ids of the endpoints that name it. */
  readonly namedBy: ReadonlyMap<string, readonly string[]>;
  readonly complete: boolean;
  readonly problems: readonly string[];
}

/** Servers first, then endpoints: a page of servers is old when its endpoints are read, never the reverse. */
export async function listServers(subscriptions: readonly string[], graph: Graph): Promise<Listing> {
  const bodies = new Map<string, unknown>();
  const endpoints = new Map<string, PrivateEndpoint>();
  const problems: string[] = [];
  const ask = async (kql: string, what: string, keep: (id: string, row: unknown) => void): Promise<void> => {
    for (let start = 0; start < subscriptions.length; start += 300) {
      const scope: GraphScope = { subscriptions: subscriptions.slice(start, start + 300) };
      const result = await graph.query(kql, scope, (rows) => {
        for (const row of rows) {
          const id = typeof row.id === 'string' ? parseResourceId(row.id)?.id : undefined;
          if (id === undefined) problems.push(`${what}: a row without a resource id.`);
          else keep(id, row);
        }
      });
      if (!result.complete) problems.push(`${what}: ${result.problem}.`);
    }
  };
  await ask(QUERIES.servers, 'Servers', (id, row) => bodies.set(id, row));
  await ask(QUERIES.privateEndpoints, 'Private endpoints', (id, row) => {
    const reading = parseFacet('', () => privateEndpoint(row, id));
    if ('value' in reading) endpoints.set(id, reading.value);
  });
  const namedBy = new Map<string, string[]>();
  for (const { id, targets } of endpoints.values()) {
    for (const { targetId } of targets) {
      const target = targetId === null ? undefined : parseResourceId(targetId);
      if (!target || !familyOf(target.type)) continue;
      namedBy.set(target.id, [...(namedBy.get(target.id) ?? []), id]);
    }
  }
  const hashes = new Map<string, string>();
  for (const [id, body] of bodies) hashes.set(id, hashOfRecord(id, body, namedBy.get(id) ?? [], endpoints));
  return { hashes, namedBy, complete: problems.length === 0, problems };
}

/** The same normal form as of a reading by ARM, so that equal facts give equal hashes. */
function hashOfRecord(
  id: string,
  body: unknown,
  namedBy: readonly string[],
  endpoints: ReadonlyMap<string, PrivateEndpoint>,
): string {
  const resource = parseResourceId(id);
  const family = resource && familyOf(resource.type);
  if (!family) return '';
  const network = bodyReadings(family, body, id, '');
  const connections = network.endpointConnections;
  const named = connections && 'value' in connections ? connections.value : [];
  const ids = new Set([...namedBy, ...named.flatMap(({ endpointId }) => endpointId ?? [])]);
  const around = [...ids].flatMap((endpointId) => endpoints.get(endpointId) ?? []);
  return fingerprint(serverRef(resource, body), network, {
    endpoints: Object.fromEntries(around.map((endpoint) => [endpoint.id, { value: endpoint, at: '' }])),
  });
}
