import { isItem, parentOf, parseAddress, typeOf, type Address } from './address.ts';
import type { Estate, Subscription } from './estate.ts';
import { isRecord, listAt, textAt, withProperties, without, type Json } from './json.ts';
import { listInsideParent } from './resource-types.ts';
import { bodyOf, createStore, idOf, type Cause, type Node, type Store } from './store.ts';

/**
 * The resources by address. Children that Azure keeps inside their parent's properties (subnets, endpoint
 * connections, security rules) are read and written there, so the two views never differ.
 */
export interface Resources {
  readonly store: Store;
  read: (address: Address) => Json | undefined;
  list: (address: Address) => readonly Json[] | undefined;
  write: (address: Address, body: Json, cause?: Cause) => { readonly body: Json; readonly created: boolean };
  remove: (address: Address, cause?: Cause) => boolean;
}

/** The name of an item in a parent's list; items of single servers have only an id. */
export const nameInList = (item: Json): string =>
  textAt(item, 'name') ?? textAt(item, 'id')?.split('/').at(-1) ?? '';

/** An item of a parent's list with the id, name and type of a resource of its own. */
const asChild = (parent: Node, type: string, item: Json): Json => {
  const segment = type.slice(type.lastIndexOf('/') + 1);
  return { id: `${idOf(parent)}/${segment}/${nameInList(item)}`, name: nameInList(item), type, ...item };
};

/** Makes the access to a store's resources. */
export const createResources = (store: Store): Resources => {
  const named = (address: Address): ((item: Json) => boolean) => {
    const name = address.steps.at(-1)?.name?.toLowerCase();
    return (item) => nameInList(item).toLowerCase() === name;
  };
  const setList = (
    parent: Node,
    address: Address,
    key: string,
    items: readonly Json[],
    cause?: Cause,
  ): void => {
    // Flexible servers without endpoint connections have no such key at all.
    const value = items.length === 0 && key === 'privateEndpointConnections' ? undefined : items;
    store.put(parentOf(address), withProperties(parent.body, { [key]: value }), cause);
  };

  return {
    store,
    read: (address) => {
      const key = listInsideParent(typeOf(address));
      if (key === undefined) {
        const node = store.find(address);
        return node && bodyOf(node);
      }
      const parent = store.find(parentOf(address));
      const item = parent && listAt(parent.body, 'properties', key).find(named(address));
      return item && asChild(parent, typeOf(address), item);
    },
    list: (address) => {
      const parent = store.find(parentOf(address));
      if (!parent) return undefined;
      const key = listInsideParent(typeOf(address));
      if (key !== undefined)
        return listAt(parent.body, 'properties', key).map((item) => asChild(parent, typeOf(address), item));
      return [...(store.collection(address)?.items.values() ?? [])].map(bodyOf);
    },
    write: (address, body, cause) => {
      const key = listInsideParent(typeOf(address));
      if (key === undefined) {
        const created = store.find(address) === undefined;
        return { body: bodyOf(store.put(address, without(body, 'id', 'name', 'type'), cause)), created };
      }
      const parent = store.find(parentOf(address));
      if (!parent) throw new Error('The parent does not exist.');
      const items = listAt(parent.body, 'properties', key);
      const old = items.find(named(address));
      const name = old ? nameInList(old) : (address.steps.at(-1)?.name ?? '');
      const item = asChild(parent, typeOf(address), { name, ...without(body, 'id', 'name', 'type') });
      const next = old ? items.map((other) => (other === old ? item : other)) : [...items, item];
      setList(parent, address, key, next, cause);
      return { body: item, created: old === undefined };
    },
    remove: (address, cause) => {
      const key = listInsideParent(typeOf(address));
      if (key === undefined) return store.remove(address, cause);
      const parent = store.find(parentOf(address));
      const items = listAt(parent?.body, 'properties', key);
      const left = items.filter((item) => !named(address)(item));
      if (!parent || left.length === items.length) return false;
      setList(parent, address, key, left, cause);
      return true;
    },
  };
};

/** The live estate for code in the same process: it changes resources as they are, with no event and no check. */
export interface LiveEstate {
  /** The resource or child with this id in any casing. */
  get: (id: string) => Json | undefined;
  /** Stores a body as it is (no event, no coupling to other resources) and returns what a GET answers. */
  put: (id: string, body: Json) => Json;
  /** Removes a resource with its children; false where there was none. */
  delete: (id: string) => boolean;
  /** The children of a collection id (`.../firewallRules`), empty where there are none. */
  list: (collectionId: string) => readonly Json[];
  /** The ids of all resources, without children. */
  ids: () => string[];
  /** The subscriptions by lower-cased id; changing an entry changes what Azure answers. */
  readonly subscriptions: Map<string, Subscription>;
}

const addressOf = (id: string, item: boolean): Address => {
  const address = parseAddress(id);
  if (!address || address.steps.length === 0 || isItem(address) !== item)
    throw new Error(`${id} is not the id of a ${item ? 'resource' : 'collection'}.`);
  return address;
};

/** The in-process view of resources by id. */
export const createLiveEstate = (resources: Resources): LiveEstate => ({
  get: (id) => resources.read(addressOf(id, true)),
  put: (id, body) => resources.write(addressOf(id, true), body).body,
  delete: (id) => resources.remove(addressOf(id, true)),
  list: (collectionId) => resources.list(addressOf(collectionId, false)) ?? [],
  ids: () => [...resources.store.nodes.values()].map(idOf),
  subscriptions: resources.store.subscriptions,
});

const childId = (parentId: string, type: string, name: string): string => {
  const extension = type.toLowerCase() === 'diagnosticsettings' ? 'providers/Microsoft.Insights/' : '';
  return `${parentId}/${extension}${type}/${name}`;
};

/** Fills a store with an estate; resources are kept as they are written, so that views may disagree on purpose. */
export const fillStore = (estate: Estate): Resources => {
  const store = createStore();
  const resources = createResources(store);
  for (const item of estate.subscriptions) {
    store.subscriptions.set(item.subscriptionId.toLowerCase(), { ...item });
  }
  for (const group of estate.managementGroups) store.managementGroups.set(group.name.toLowerCase(), group);
  const parentsFirst = [...estate.resources].sort((a, b) => a.id.split('/').length - b.id.split('/').length);
  for (const { id, children, ...body } of parentsFirst) {
    resources.write(addressOf(id, true), body);
    for (const [type, items] of Object.entries(children)) {
      for (const [name, properties] of Object.entries(items)) {
        resources.write(addressOf(childId(id, type, name), true), isRecord(properties) ? { properties } : {});
      }
    }
  }
  return resources;
};
