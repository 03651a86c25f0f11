import { QUERIES } from '../azure/queries.ts';
import { parseFacet } from '../families/define-family.ts';
import { namedEndpoints } from '../azure/read-server.ts';
import { bodyFingerprint, bodyReadings, serverRef, withEndpoints } from '../families/fingerprint.ts';
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
  const bodies = new Map<string, Body>();
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
  await ask(QUERIES.servers, 'Servers', (id, row) => bodies.set(id, bodyOf(id, row)));
  await ask(QUERIES.privateEndpoints, 'Private endpoints', (id, row) => {
    const reading = parseFacet('', () => privateEndpoint(row, id));
    if ('value' in reading) endpoints.set(id, reading.value);
    else problems.push('Private endpoints: a row that is not as documented.');
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
  for (const [id, { hash, endpointIds }] of bodies) {
    const around = new Set([...(namedBy.get(id) ?? []), ...endpointIds]);
    const readings = [...around].flatMap((endpointId) => endpoints.get(endpointId) ?? []);
    const known = readings.map((value) => ({ value, at: '' }));
    hashes.set(id, hash === '' ? '' : withEndpoints(hash, known));
  }
  return { hashes, namedBy, complete: problems.length === 0, problems };
}

/** What is kept of a server's record: pages come and go. */
interface Body {
  /** Empty: of no family that the monitor knows. */
  readonly hash: string;
  readonly endpointIds: readonly string[];
}

/** The same normal form as of a reading by ARM, so that equal facts give equal hashes. */
function bodyOf(id: string, row: unknown): Body {
  const resource = parseResourceId(id);
  const family = resource && familyOf(resource.type);
  if (!family) return { hash: '', endpointIds: [] };
  const network = bodyReadings(family, row, id, '');
  return { hash: bodyFingerprint(serverRef(resource, row), network), endpointIds: namedEndpoints(network) };
}
