import { idOfAddress, parentOf, type Address } from './address.ts';
import { connectionLists, endpointOf, itemAddress, sameId, targetsOf } from './endpoint-links.ts';
import { listAt, recordAt, textAt, withProperties, without, type Json } from './json.ts';
import type { Resources } from './resources.ts';
import { idOf, type Cause } from './store.ts';

const disconnected: Json = {
  status: 'Disconnected',
  description: 'The target of the connection was removed.',
  actionsRequired: 'None',
};

/** Sets the state that an endpoint shows for its connection to a server. */
const setEndpointState = (
  resources: Resources,
  endpointId: string | undefined,
  serverId: string,
  next: Json,
  cause?: Cause,
): void => {
  const address = itemAddress(endpointId);
  const endpoint = address && resources.read(address);
  if (!endpoint) return;
  const changed = connectionLists.map((key) => {
    const connections = listAt(endpoint, 'properties', key).map((item) =>
      sameId(textAt(item, 'properties', 'privateLinkServiceId'), serverId)
        ? withProperties(item, { privateLinkServiceConnectionState: next })
        : item,
    );
    return [key, connections] as const;
  });
  resources.write(address, withProperties(endpoint, Object.fromEntries(changed)), cause);
};

/** Carries an approval or rejection on the server over to the endpoint. */
export const connectionWritten = (
  resources: Resources,
  address: Address,
  connection: Json,
  cause?: Cause,
): void => {
  const next = recordAt(connection, 'properties', 'privateLinkServiceConnectionState');
  setEndpointState(resources, endpointOf(connection), idOfAddress(parentOf(address)), next, cause);
};

/** Shows a connection that is gone from the server as Disconnected at its endpoint. */
export const connectionRemoved = (
  resources: Resources,
  address: Address,
  connection: Json,
  cause?: Cause,
): void => {
  setEndpointState(resources, endpointOf(connection), idOfAddress(parentOf(address)), disconnected, cause);
};

/** Shows every endpoint of a removed server as Disconnected; the endpoints themselves stay. */
export const serverRemoved = (resources: Resources, serverId: string, cause?: Cause): void => {
  for (const subscription of resources.store.subscriptions.keys()) {
    for (const node of resources.store.ofType(subscription, 'Microsoft.Network/privateEndpoints').values()) {
      if (!targetsOf(node.body).has(serverId.toLowerCase())) continue;
      setEndpointState(resources, idOf(node), serverId, disconnected, cause);
    }
  }
};

/** The state of a connection in a PUT, laid over the stored connection. */
export const mergedConnection = (stored: Json, given: Json): Json => {
  const next = {
    ...recordAt(stored, 'properties', 'privateLinkServiceConnectionState'),
    ...recordAt(given, 'properties', 'privateLinkServiceConnectionState'),
  };
  return withProperties(without(stored, 'id', 'name', 'type'), { privateLinkServiceConnectionState: next });
};
