import { canonicalType } from './resource-types.ts';

/** One `type/name` pair of a path; a namespace where `/providers/{namespace}` stands before it. */
export interface Step {
  readonly namespace: string | undefined;
  readonly type: string;
  readonly name: string | undefined;
}

/** A path under `/subscriptions/{id}`; the last step of a collection or an action has no name. */
export interface Address {
  readonly subscriptionId: string;
  readonly resourceGroup: string | undefined;
  readonly steps: readonly Step[];
}

const parseSteps = (parts: readonly string[]): Step[] | undefined => {
  const steps: Step[] = [];
  let index = 0;
  while (index < parts.length) {
    let namespace: string | undefined;
    if (parts[index]?.toLowerCase() === 'providers') {
      namespace = parts[index + 1];
      index += 2;
      if (namespace === undefined) return undefined;
    }
    const type = parts[index];
    if (type === undefined || (steps.length === 0 && namespace === undefined)) return undefined;
    steps.push({ namespace, type, name: parts[index + 1] });
    index += 2;
  }
  return steps;
};

/** Reads a path of Azure Resource Manager in any casing; undefined for what lies not under a subscription. */
export const parseAddress = (path: string): Address | undefined => {
  const parts = path.split('/').filter((part) => part !== '');
  const subscriptionId = parts[1];
  if (parts[0]?.toLowerCase() !== 'subscriptions' || subscriptionId === undefined) return undefined;
  const inGroup = parts[2]?.toLowerCase() === 'resourcegroups';
  if (inGroup && parts[3] === undefined) return undefined;
  const steps = parseSteps(parts.slice(inGroup ? 4 : 2));
  return steps && { subscriptionId, resourceGroup: inGroup ? parts[3] : undefined, steps };
};

/** The resource type of an address in Azure's casing, without the names. */
export const typeOf = (address: Address): string => {
  const last = address.steps.findLastIndex((step) => step.namespace !== undefined);
  const types = address.steps.slice(last).map((step) => step.type);
  return canonicalType([address.steps[last]?.namespace, ...types].join('/'));
};

/** The address of what holds the last step: the parent resource, or the resource of an extension. */
export const parentOf = (address: Address): Address => ({ ...address, steps: address.steps.slice(0, -1) });

/** Tells whether the address is a resource's own and not a collection's. */
export const isItem = (address: Address): boolean => address.steps.at(-1)?.name !== undefined;

/** The text of an address as a resource id, in the casing of its parts. */
export const idOfAddress = (address: Address): string => {
  const group = address.resourceGroup === undefined ? '' : `/resourceGroups/${address.resourceGroup}`;
  const steps = address.steps.map(({ namespace, type, name }) => {
    const provider = namespace === undefined ? '' : `/providers/${namespace}`;
    return `${provider}/${type}${name === undefined ? '' : `/${name}`}`;
  });
  return `/subscriptions/${address.subscriptionId}${group}${steps.join('')}`;
};
