import type { EndpointConnection, Reading, Readings, Snapshot, Surroundings } from '../model.ts';
import type { ServerState } from './server-state.ts';

/** One thing that two readings tell differently. */
export interface Moved {
  /** The resources whose write explains it. */
  readonly ids: readonly string[];
  /** No deletion explains what is there. */
  readonly isThere: boolean;
}

/** What two readings tell differently. */
export interface Moves {
  /** The server itself, or nothing. */
  readonly server: readonly Moved[];
  readonly things: readonly Moved[];
  /** False: something could not be compared, and may have moved too. */
  readonly isAll: boolean;
}

/** What is written on the server itself; its state is left out, which Azure moves too. */
const OF_SERVER = ['publicAccess', 'delegatedSubnetId', 'replication', 'tier'] as const;

/**
 * What a reading shows that the stored one did not. At the first reading everything came, but for a server that was there already
 * (`inventory`): nobody knows since when it is what it is.
 */
export function movedSince(
  stored: ServerState,
  { server, network, surroundings }: Snapshot,
  inventory: boolean,
): Moves {
  const before: Readings = { ...stored.network, ...stored.lastKnown };
  const isFirst = stored.observedAt === '';
  const isServer = isFirst ? !inventory : OF_SERVER.some((facet) => differ(before[facet], network[facet]));
  const rules = [
    ...movedRules(before.firewallRules, network.firewallRules),
    ...movedRules(before.virtualNetworkRules, network.virtualNetworkRules),
  ];
  const connections = movedItems(before.endpointConnections, network.endpointConnections);
  const links = movedLinks(connections, stored.surroundings, surroundings, livingIn(network));
  return {
    server: isServer ? [{ ids: [server.id], isThere: true }] : [],
    things: [...rules, ...links],
    isAll: isFirst ? !inventory : isComparable(stored.network, network),
  };
}

function differ(before: Reading<unknown> | undefined, after: Reading<unknown> | undefined): boolean {
  return before !== undefined && after !== undefined && 'value' in before && 'value' in after
    ? JSON.stringify(before.value) !== JSON.stringify(after.value)
    : false;
}

/** Items that came, went or changed, in both forms; none where one side is unreadable. */
function movedItems<Item>(
  before: Reading<readonly Item[]> | undefined,
  after: Reading<readonly Item[]> | undefined,
): readonly Item[] {
  if (!after || 'unreadable' in after || (before && 'unreadable' in before)) return [];
  const sides = [before?.value ?? [], after.value].map(
    (items) => new Map(items.map((item) => [JSON.stringify(item), item])),
  );
  return sides.flatMap((side, index) =>
    [...side].flatMap(([text, item]) => (sides[1 - index]?.has(text) ? [] : [item])),
  );
}

function movedRules<Item extends { readonly id: string }>(
  before: Reading<readonly Item[]> | undefined,
  after: Reading<readonly Item[]> | undefined,
): readonly Moved[] {
  const now = after && 'value' in after ? after.value : [];
  const moved = new Set(movedItems(before, after).map(({ id }) => id));
  return [...moved].map((id) => ({ ids: [id], isThere: now.some((item) => item.id === id) }));
}

function movedEndpoints(before: Surroundings, after: Surroundings): readonly string[] {
  return Object.entries(after.endpoints).flatMap(([id, reading]) => {
    const known = before.endpoints[id] ?? { value: 'gone', at: '' };
    return differ(known, reading) ? [id] : [];
  });
}

/** An endpoint and its connections are told together: a write of either moves both. */
function movedLinks(
  connections: readonly EndpointConnection[],
  before: Surroundings,
  after: Surroundings,
  living: ReadonlySet<string>,
): readonly Moved[] {
  const ids = new Map(movedEndpoints(before, after).map((id) => [id, new Set([id])]));
  for (const { id, endpointId } of connections) {
    const link = ids.get(endpointId ?? id) ?? new Set(endpointId === null ? [] : [endpointId]);
    ids.set(endpointId ?? id, link.add(id));
  }
  return [...ids].map(([id, link]) => ({
    ids: [...link],
    isThere: living.has(id) || isThere(after.endpoints[id]),
  }));
}

/** Endpoints of which the server says that they are connected, or want to be. */
function livingIn({ endpointConnections }: Readings): ReadonlySet<string> {
  const list = endpointConnections && 'value' in endpointConnections ? endpointConnections.value : [];
  const living = list.filter(({ status }) => status !== 'disconnected');
  return new Set(living.map(({ id, endpointId }) => endpointId ?? id));
}

function isThere(endpoint: Surroundings['endpoints'][string] | undefined): boolean {
  return endpoint !== undefined && 'value' in endpoint && endpoint.value !== 'gone';
}

function isComparable(before: Readings, after: Readings): boolean {
  return Object.entries(after).every(([facet, reading]) => {
    const known = before[facet as keyof Readings];
    return 'unreadable' in reading || (known !== undefined && 'value' in known);
  });
}
