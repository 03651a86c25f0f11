import { randomUUID } from 'node:crypto';
import { idOfAddress, typeOf, type Address } from './address.ts';
import { endpointAddresses } from './endpoint-addresses.ts';
import { connectionLists, endpointOf, itemAddress, sameId, targetsOf } from './endpoint-links.ts';
import { listAt, recordAt, textAt, withProperties, type Json } from './json.ts';
import { nameInList, type Resources } from './resources.ts';
import { isServerType } from './resource-types.ts';
import type { Cause } from './store.ts';

const state = (status: string, description: string): Json => ({
  status,
  description,
  actionsRequired: 'None',
});
const approved = state('Approved', 'Auto-approved');
const pending = state('Pending', '');

const connectionsOf = (server: Json | undefined): readonly Json[] =>
  listAt(server, 'properties', 'privateEndpointConnections');

const setConnections = (
  resources: Resources,
  server: Address,
  connections: readonly Json[],
  cause?: Cause,
): void => {
  const body = resources.read(server);
  const value = connections.length === 0 ? undefined : connections;
  if (body) resources.write(server, withProperties(body, { privateEndpointConnections: value }), cause);
};

/** Adds an endpoint's connection to its server, or finds the one that is there; the state of that connection. */
const connect = (
  resources: Resources,
  endpoint: Json,
  connection: Json,
  manual: boolean,
  cause?: Cause,
): Json => {
  const target = itemAddress(textAt(connection, 'properties', 'privateLinkServiceId'));
  const server = target && isServerType(typeOf(target)) ? resources.read(target) : undefined;
  if (!target || !server) return manual ? pending : approved;
  const endpointId = textAt(endpoint, 'id') ?? '';
  const found = connectionsOf(server).find((item) => sameId(endpointOf(item), endpointId));
  if (found) return recordAt(found, 'properties', 'privateLinkServiceConnectionState');
  const given = manual ? pending : approved;
  const name = `${textAt(endpoint, 'name') ?? ''}.${randomUUID()}`;
  const serverId = textAt(server, 'id') ?? idOfAddress(target);
  const made = {
    id: `${serverId}/privateEndpointConnections/${name}`,
    name,
    type: `${typeOf(target)}/privateEndpointConnections`,
    properties: {
      provisioningState: 'Succeeded',
      privateEndpoint: { id: endpointId },
      groupIds: listOfText(connection, 'groupIds'),
      privateLinkServiceConnectionState: given,
    },
  };
  setConnections(resources, target, [...connectionsOf(server), made], cause);
  return given;
};

const listOfText = (connection: Json, key: string): readonly unknown[] => {
  const value = recordAt(connection, 'properties')[key];
  return Array.isArray(value) ? value : [];
};

const goneTargets = (previous: Json | undefined, endpoint: Json): Set<string> => {
  const named = targetsOf(endpoint);
  return new Set([...targetsOf(previous)].filter((id) => !named.has(id)));
};

/** Carries a written endpoint over to its servers: their connections appear, its own states and interface are filled in. */
export const endpointWritten = (
  resources: Resources,
  address: Address,
  previous: Json | undefined,
  cause?: Cause,
): Json => {
  const endpoint = resources.read(address) ?? {};
  const id = textAt(endpoint, 'id') ?? '';
  const filled = connectionLists.map((key) => {
    const connections = listAt(endpoint, 'properties', key).map((connection) => ({
      ...connection,
      id: `${id}/${key}/${nameInList(connection)}`,
      properties: {
        ...recordAt(connection, 'properties'),
        privateLinkServiceConnectionState: connect(
          resources,
          endpoint,
          connection,
          key === connectionLists[1],
          cause,
        ),
        provisioningState: 'Succeeded',
      },
    }));
    return [key, connections] as const;
  });
  release(resources, id, goneTargets(previous, endpoint), cause);
  const addresses = endpointAddresses(resources, address, endpoint, previous, cause);
  const next = withProperties(endpoint, { ...Object.fromEntries(filled), ...addresses });
  return resources.write(address, next, cause).body;
};

/** Takes an endpoint's connection off servers that it does not name (any more). */
const release = (
  resources: Resources,
  endpointId: string,
  targets: ReadonlySet<string>,
  cause: Cause | undefined,
): void => {
  for (const id of targets) {
    const server = itemAddress(id);
    if (!server || !isServerType(typeOf(server))) continue;
    const connections = connectionsOf(resources.read(server));
    const left = connections.filter((item) => !sameId(endpointOf(item), endpointId));
    if (left.length < connections.length) setConnections(resources, server, left, cause);
  }
};

/** Carries a removed endpoint over: its connections and its network interfaces go. */
export const endpointRemoved = (resources: Resources, endpoint: Json, cause?: Cause): void => {
  release(resources, textAt(endpoint, 'id') ?? '', targetsOf(endpoint), cause);
  for (const nic of listAt(endpoint, 'properties', 'networkInterfaces')) {
    const address = itemAddress(textAt(nic, 'id'));
    if (address) resources.remove(address, cause);
  }
};
