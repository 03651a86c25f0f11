import { hashOf } from '../identity.ts';
import type { Network, Reading } from '../model.ts';
import type { ServerState } from '../lifecycle/server-state.ts';
import { stableJson } from '../text.ts';

/**
 * Names exactly the exposure that was seen: it changes when a rule, an endpoint connection, the switch or the subnet
 * does, or cannot be read any more; not with time, the order of Azure's lists, or what nobody is reached by.
 */
export function exposureTag({ network, live, notFoundSince }: ServerState): string {
  const { publicAccess, delegatedSubnetId, firewallRules, virtualNetworkRules, endpointConnections } =
    network;
  const seen = [
    live && notFoundSince === null,
    seenOf(publicAccess, (access) => access.switch),
    seenOf(delegatedSubnetId, (subnet) => subnet),
    seenOf(firewallRules, (rules) => sorted(rules.map(({ id, start, end }) => [id, start, end]))),
    seenOf(virtualNetworkRules, (rules) => sorted(rules.map(({ id, subnetId }) => [id, subnetId]))),
    seenOf(endpointConnections, (connections) => sorted(connections.map(connectionOf))),
  ];
  return `"${hashOf(stableJson(seen)).slice(0, 32)}"`;
}

function connectionOf({ id, status, endpointId }: Network['endpointConnections'][number]): unknown {
  return [id, status, endpointId];
}

function seenOf<Value>(reading: Reading<Value> | undefined, of: (value: Value) => unknown): unknown {
  if (!reading) return 'none';
  return 'value' in reading ? { value: of(reading.value) } : 'unreadable';
}

function sorted(items: readonly unknown[]): readonly string[] {
  return items.map((item) => JSON.stringify(item)).sort();
}

/** The ETags of an `If-Match` header; weak ones match nothing, and `*` names no exposure. */
export function tagsOf(header: string | null): readonly string[] {
  const tags = (header ?? '').matchAll(/(W\/)?("[^"]*")/g);
  return [...tags].flatMap(([, weak, tag]) => (weak === undefined && tag !== undefined ? [tag] : []));
}
