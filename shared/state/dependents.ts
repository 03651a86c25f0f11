import { hashOf } from '../identity.ts';
import type { ServerRef } from '../model.ts';
import type { Table } from '../ports.ts';
import { ancestor, parseResourceId } from '../resource-id.ts';
import type { ServerState } from '../lifecycle/server-state.ts';
import * as keys from './keys.ts';

/** Ids of what a server's last reading depended on: endpoints, subnets and their networks, the source of a replica. */
export function dependenciesOf({ network, surroundings }: ServerState): readonly string[] {
  const ids = new Set(Object.keys(surroundings.endpoints));
  const { delegatedSubnetId, virtualNetworkRules, replication } = network;
  const subnets = [
    ...(delegatedSubnetId && 'value' in delegatedSubnetId ? [delegatedSubnetId.value] : []),
    ...(virtualNetworkRules && 'value' in virtualNetworkRules
      ? virtualNetworkRules.value.map(({ subnetId }) => subnetId)
      : []),
  ];
  for (const subnet of subnets) {
    const resource = subnet === null ? undefined : parseResourceId(subnet);
    if (!resource) continue;
    ids.add(resource.id);
    ids.add(ancestor(resource, 1).id);
  }
  if (replication && 'value' in replication && replication.value.sourceId)
    ids.add(replication.value.sourceId);
  return [...ids].sort();
}

/** Servers that depend on a resource. */
export async function dependentsOf(table: Table, resourceId: string): Promise<readonly string[]> {
  const { rows } = await table.query(keys.dependentsPartition(resourceId), 's|', 's}');
  return rows.map(({ columns }) => columns.serverId ?? '').filter((id) => id !== '');
}

/** Before a commit: whatever the new state depends on leads to the server. */
export async function addDependencies(table: Table, before: ServerState, after: ServerState): Promise<void> {
  const known = new Set(dependenciesOf(before));
  const added = dependenciesOf(after).filter((id) => !known.has(id));
  await Promise.all(added.map((id) => addDependent(table, id, after.server.id)));
}

/** After a commit: what it does not depend on any more does not lead to it. */
export async function removeDependencies(
  table: Table,
  before: ServerState,
  after: ServerState,
): Promise<void> {
  const needed = new Set(dependenciesOf(after));
  const removed = dependenciesOf(before).filter((id) => !needed.has(id));
  await Promise.all(removed.map((id) => removeDependent(table, id, after.server.id)));
}

/** Does nothing where the resource does not lead to the server. */
export async function removeDependent(table: Table, resourceId: string, serverId: string): Promise<void> {
  const row = keys.serverRow(serverId);
  await table.transact(keys.dependentsPartition(resourceId), [{ do: 'delete', row }]);
}

async function addDependent(table: Table, resourceId: string, serverId: string): Promise<void> {
  const columns = { serverId };
  const row = keys.serverRow(serverId);
  await table.transact(keys.dependentsPartition(resourceId), [{ do: 'put', row, text: '', columns }]);
}

/** Remembers both ways that an endpoint names a server: the server's own list may not show it. */
export async function addNamedBy(table: Table, endpointId: string, server: ServerRef): Promise<void> {
  const row = keys.namedByPrefix(server.id) + hashOf(endpointId);
  await addDependent(table, endpointId, server.id);
  await table.transact(server.subscription, [
    { do: 'put', row, text: '', columns: { id: endpointId, serverId: server.id } },
  ]);
}

/** Forgets both ways that an endpoint names a server. */
export async function removeNamedBy(
  table: Table,
  endpointId: string,
  subscription: string,
  serverId: string,
): Promise<void> {
  await removeDependent(table, endpointId, serverId);
  const row = keys.namedByPrefix(serverId) + hashOf(endpointId);
  await table.transact(subscription, [{ do: 'delete', row }]);
}
