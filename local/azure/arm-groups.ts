import { parseAddress, typeOf, type Address } from './address.ts';
import { groupBody } from './arm-subscriptions.ts';
import { AzureError } from './azure-error.ts';
import { serverRemoved } from './endpoint-state.ts';
import { endpointRemoved } from './endpoints.ts';
import type { Answer } from './http.ts';
import { isRecord, textAt, without } from './json.ts';
import type { Resources } from './resources.ts';
import { isServerType } from './resource-types.ts';
import { bodyOf, groupKey, type Cause, type Node, type Store } from './store.ts';

/** PUT of a resource group; what lies in it stays. */
export const putGroup = (store: Store, address: Address, body: unknown): Answer => {
  const name = address.resourceGroup ?? '';
  if (!isRecord(body) || typeof body['location'] !== 'string')
    throw new AzureError(400, 'LocationRequired', 'The location property is required for this definition.');
  const key = groupKey(address.subscriptionId, name);
  const found = store.groups.get(key);
  const group = {
    name: found?.name ?? name,
    subscriptionId: address.subscriptionId,
    body: { ...without(body, 'id', 'name', 'type'), properties: { provisioningState: 'Succeeded' } },
    members: found?.members ?? new Map<string, Node>(),
  };
  store.groups.set(key, group);
  return { status: found ? 200 : 201, body: groupBody(group) };
};

/** DELETE of a resource group with everything in it; as in Azure there is one event, the group's. */
export const removeGroup = (resources: Resources, address: Address, cause: Cause): Answer => {
  const key = groupKey(address.subscriptionId, address.resourceGroup ?? '');
  const group = resources.store.groups.get(key);
  if (!group) return { status: 204 };
  for (const node of [...group.members.values()]) {
    const body = bodyOf(node);
    const id = textAt(body, 'id') ?? '';
    const member = parseAddress(id);
    if (!member || !resources.remove(member, cause)) continue;
    if (typeOf(member) === 'Microsoft.Network/privateEndpoints') endpointRemoved(resources, body, cause);
    if (isServerType(typeOf(member))) serverRemoved(resources, id, cause);
  }
  resources.store.groups.delete(key);
  return { status: 200 };
};
