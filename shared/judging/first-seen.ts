import { joinedTarget } from './connections.ts';
import {
  type EndpointConnection,
  type EndpointTarget,
  OUTSIDE_SCOPE,
  type Reading,
  type Snapshot,
} from '../model.ts';
import { readable } from './public-access.ts';

/** States of a private endpoint in which it does not serve, or not yet. */
export const UNFINISHED_STATES: readonly string[] = [
  'creating',
  'updating',
  'deleting',
  'failed',
  'canceled',
];

/** What is remembered of a connection that waits for approval. */
export function pendingKey({ id }: EndpointConnection): string {
  return `${id}|pending`;
}

/** What is remembered of a connection of which server and endpoint tell different things. */
export function mismatchKey({ id, status }: EndpointConnection, target: EndpointTarget): string {
  return `${id}|mismatch|${status}|${target.status}`;
}

/** What is remembered of an endpoint that is not provisioned. */
export function stateKey(endpointId: string, provisioningState: string): string {
  return `${endpointId}|${provisioningState.toLowerCase()}`;
}

/** True where both statuses can be interpreted and differ. */
export function differs({ status }: EndpointConnection, target: EndpointTarget): boolean {
  return status !== 'unknown' && target.status !== 'unknown' && status !== target.status;
}

/** Everything of a snapshot whose age some rule judges: the state remembers since when each of them lasts. */
export function firstSeenKeys(snapshot: Snapshot): readonly string[] {
  const { network, surroundings, server } = snapshot;
  const rules = [
    ...(readable(network.firewallRules) ?? []),
    ...(readable(network.virtualNetworkRules) ?? []),
  ].map(({ id }) => id);
  const connections = readable(network.endpointConnections) ?? [];
  const pending = connections.filter(({ status }) => status === 'pending').map(pendingKey);
  const mismatches = connections.flatMap((connection) => {
    const target = joinedTarget(connection, surroundings, server.id);
    return target && differs(connection, target) ? [mismatchKey(connection, target)] : [];
  });
  const states = Object.entries(surroundings.endpoints).flatMap(([id, reading]) => {
    const endpoint = readable(reading);
    if (!endpoint || endpoint === 'gone') return [];
    const { provisioningState } = endpoint;
    return UNFINISHED_STATES.includes(provisioningState.toLowerCase())
      ? [stateKey(id, provisioningState)]
      : [];
  });
  return [...new Set([...rules, ...pending, ...mismatches, ...states])];
}

/**
 * True where the reading that would show what a key names failed. One reading that fails for good must not keep what the
 * others would show: names come and go, and a state would grow with each of them.
 */
export function couldNotShow(key: string, { network, surroundings }: Snapshot): boolean {
  const [id = ''] = key.split('|');
  if (id.includes('/firewallrules/')) return isUnread(network.firewallRules);
  if (id.includes('/virtualnetworkrules/')) return isUnread(network.virtualNetworkRules);
  if (!id.includes('/privateendpointconnections/')) return isUnread(surroundings.endpoints[id]);
  if (isUnread(network.endpointConnections)) return true;
  const connection = readable(network.endpointConnections)?.find((item) => item.id === id);
  const endpoint = surroundings.endpoints[connection?.endpointId ?? ''];
  return key.includes('|mismatch|') && isUnread(endpoint);
}

function isUnread(reading: Reading<unknown> | undefined): boolean {
  return reading !== undefined && 'unreadable' in reading && reading.unreadable !== OUTSIDE_SCOPE;
}
