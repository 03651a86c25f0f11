import { idOfAddress, parentOf, typeOf, type Address } from './address.ts';
import { notFound } from './arm-write.ts';
import { AzureError } from './azure-error.ts';
import type { Answer, Exchange } from './http.ts';
import { page } from './paging.ts';
import { listInsideParent } from './resource-types.ts';
import type { Resources } from './resources.ts';
import { bodyOf, groupKey } from './store.ts';

const emptyList = '{"value":[]}';

const parentMissing = (address: Address): AzureError =>
  new AzureError(
    404,
    'ParentResourceNotFound',
    `Can not perform requested operation on nested resource. Parent resource '${idOfAddress(parentOf(address))}' not found.`,
  );

/** GET of one resource or child. */
export const readItem = (resources: Resources, address: Address): Answer => {
  const body = resources.read(address);
  if (body) return { status: 200, body };
  if (address.steps.length > 1 && !resources.read(parentOf(address))) throw parentMissing(address);
  throw notFound(resources, address);
};

/** List of the children of one resource; while nothing changes its text is made once. */
export const listCollection = (
  exchange: Exchange,
  resources: Resources,
  address: Address,
  pageSize: number,
): Answer => {
  const collection = resources.store.collection(address);
  if (!collection && !resources.read(parentOf(address))) throw parentMissing(address);
  if (listInsideParent(typeOf(address)) !== undefined || (collection?.items.size ?? 0) > pageSize)
    return page(exchange, resources.list(address) ?? [], pageSize);
  if (!collection) return { status: 200, json: emptyList };
  collection.json ??= JSON.stringify({ value: [...collection.items.values()].map(bodyOf) });
  return { status: 200, json: collection.json };
};

/** List of a type in a subscription or a resource group. */
export const listEverywhere = (
  exchange: Exchange,
  resources: Resources,
  address: Address,
  pageSize: number,
): Answer => {
  const { store } = resources;
  if (address.resourceGroup === undefined) {
    const nodes = [...store.ofType(address.subscriptionId, typeOf(address)).values()];
    return page(exchange, nodes.map(bodyOf), pageSize);
  }
  const group = store.groups.get(groupKey(address.subscriptionId, address.resourceGroup));
  if (!group) throw notFound(resources, address);
  const wanted = typeOf(address).toLowerCase();
  const nodes = [...group.members.values()].filter((node) => node.type.toLowerCase() === wanted);
  return page(exchange, nodes.map(bodyOf), pageSize);
};
