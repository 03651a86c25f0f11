import { idOfAddress, typeOf, type Address } from './address.ts';
import type { ManagementGroup, Subscription } from './estate.ts';
import type { Json } from './json.ts';
import { idOf, type Collection, type Node } from './node.ts';

export { bodyOf, idOf, type Node } from './node.ts';

export interface ResourceGroup {
  readonly name: string;
  readonly subscriptionId: string;
  readonly body: Json;
  readonly members: Map<string, Node>;
}

/** Who made a change and by which operation, where that is known. */
export interface Cause {
  readonly changedBy: string;
  readonly changedByType: string;
  readonly operation: string;
  readonly correlationId: string;
}

export interface Change {
  readonly id: string;
  readonly type: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  readonly cause: Cause | undefined;
}

export interface Store {
  readonly subscriptions: Map<string, Subscription>;
  readonly managementGroups: Map<string, ManagementGroup>;
  readonly groups: Map<string, ResourceGroup>;
  readonly nodes: Map<string, Node>;
  readonly listeners: ((change: Change) => void)[];
  find: (address: Address) => Node | undefined;
  collection: (address: Address) => Collection | undefined;
  ofType: (subscriptionId: string, type: string) => ReadonlyMap<string, Node>;
  put: (address: Address, body: Json, cause?: Cause) => Node;
  remove: (address: Address, cause?: Cause) => boolean;
}

const nothing: ReadonlyMap<string, Node> = new Map();
const topKey = (address: Address): string =>
  idOfAddress({ ...address, steps: address.steps.slice(0, 1) }).toLowerCase();
const typeKey = (subscriptionId: string, type: string): string => `${subscriptionId}|${type}`.toLowerCase();
/** The key of a resource group: subscription and name in lower case. */
export const groupKey = (subscriptionId: string, name: string): string =>
  `${subscriptionId}/${name}`.toLowerCase();

const segmentOf = (step: Address['steps'][number], type: string): string =>
  step.namespace === undefined ? type.slice(type.lastIndexOf('/') + 1) : `providers/${type}`;

const collectionKey = (step: Address['steps'][number]): string =>
  (step.namespace === undefined ? step.type : `providers/${step.namespace}/${step.type}`).toLowerCase();

/** An empty store: resources by id in any casing, children under their parent, listeners told of every change. */
export const createStore = (): Store => {
  const nodes: Store['nodes'] = new Map();
  const groups: Store['groups'] = new Map();
  const types = new Map<string, Map<string, Node>>();
  const listeners: Store['listeners'] = [];

  const find = (address: Address): Node | undefined => {
    let node = nodes.get(topKey(address));
    for (const step of address.steps.slice(1)) {
      node = node?.children?.get(collectionKey(step))?.items.get(step.name?.toLowerCase() ?? '');
    }
    return node;
  };
  const holder = (address: Address): Node | undefined =>
    find({ ...address, steps: address.steps.slice(0, -1) });
  const collection = (address: Address): Collection | undefined => {
    const last = address.steps.at(-1);
    return last && holder(address)?.children?.get(collectionKey(last));
  };
  const tell = (node: Node, before: Json | undefined, after: Json | undefined, cause?: Cause): void => {
    if (listeners.length === 0) return;
    const identity = { id: idOf(node), name: node.name, type: node.type };
    for (const listener of listeners) {
      listener({
        id: identity.id,
        type: node.type,
        before: before && { ...identity, ...before },
        after: after && { ...identity, ...after },
        cause,
      });
    }
  };
  const group = (address: Address): ResourceGroup => {
    const name = address.resourceGroup ?? '';
    const key = groupKey(address.subscriptionId, name);
    const found = groups.get(key);
    if (found) return found;
    const body = { location: 'westeurope', properties: { provisioningState: 'Succeeded' } };
    const made = { name, subscriptionId: address.subscriptionId, body, members: new Map<string, Node>() };
    groups.set(key, made);
    return made;
  };
  const addTop = (address: Address, type: string, name: string, body: Json): Node => {
    const [namespace, ...segments] = type.split('/');
    const inGroup = group(address);
    const canonical = { ...address, resourceGroup: inGroup.name };
    const place = idOfAddress({ ...canonical, steps: [{ namespace, type: segments.join('/'), name }] });
    const node: Node = { name, type, segment: '', place, body };
    const key = topKey(address);
    nodes.set(key, node);
    inGroup.members.set(key, node);
    const index = typeKey(address.subscriptionId, type);
    const known = types.get(index) ?? new Map<string, Node>();
    types.set(index, known.set(key, node));
    return node;
  };
  const addChild = (parent: Node, step: Address['steps'][number], type: string, body: Json): Node => {
    const name = step.name ?? '';
    const node: Node = { name, type, segment: segmentOf(step, type), place: parent, body };
    parent.children ??= new Map();
    const items = parent.children.get(collectionKey(step))?.items ?? new Map<string, Node>();
    parent.children.set(collectionKey(step), { items: items.set(name.toLowerCase(), node) });
    return node;
  };

  return {
    subscriptions: new Map(),
    managementGroups: new Map(),
    groups,
    nodes,
    listeners,
    find,
    collection,
    ofType: (subscriptionId, type) => types.get(typeKey(subscriptionId, type)) ?? nothing,
    put: (address, body, cause) => {
      const found = find(address);
      if (found) {
        const before = found.body;
        found.body = body;
        const siblings = collection(address);
        if (siblings) delete siblings.json;
        tell(found, before, body, cause);
        return found;
      }
      const step = address.steps.at(-1);
      if (step?.name === undefined) throw new Error(`${idOfAddress(address)} is not the id of a resource.`);
      const parent = address.steps.length > 1 ? holder(address) : undefined;
      if (address.steps.length > 1 && !parent)
        throw new Error(`The parent of ${idOfAddress(address)} does not exist.`);
      const type = typeOf(address);
      const node = parent ? addChild(parent, step, type, body) : addTop(address, type, step.name, body);
      tell(node, undefined, body, cause);
      return node;
    },
    remove: (address, cause) => {
      const node = find(address);
      if (!node) return false;
      const siblings = collection(address);
      if (siblings) {
        delete siblings.json;
        siblings.items.delete(node.name.toLowerCase());
      } else {
        const key = topKey(address);
        nodes.delete(key);
        groups.get(groupKey(address.subscriptionId, address.resourceGroup ?? ''))?.members.delete(key);
        types.get(typeKey(address.subscriptionId, node.type))?.delete(key);
      }
      tell(node, node.body, undefined, cause);
      return true;
    },
  };
};
