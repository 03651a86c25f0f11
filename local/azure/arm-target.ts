import { isItem, parentOf, parseAddress, typeOf, type Address } from './address.ts';
import { AzureError } from './azure-error.ts';
import type { Exchange } from './http.ts';

/** What a request to Azure Resource Manager is about, with the type whose API versions count. */
export type Target =
  | { readonly kind: 'root'; readonly type: string }
  | {
      readonly kind: 'subscription' | 'groups';
      readonly type: string;
      readonly subscriptionId: string;
      readonly operation: string;
    }
  | {
      readonly kind: 'resource';
      readonly type: string;
      readonly subscriptionId: string;
      readonly operation: string;
      readonly address: Address;
    };

export const subscriptionType = 'Microsoft.Resources/subscriptions';
const groupType = 'Microsoft.Resources/subscriptions/resourceGroups';

const notAllowed = (exchange: Exchange): AzureError =>
  new AzureError(405, 'MethodNotAllowed', `${exchange.method} is not allowed for '${exchange.path}'.`);

const typeOrGroup = (address: Address): string => (address.steps.length === 0 ? groupType : typeOf(address));

/** The operation of a request in Azure's casing, as authorization and events name it. */
export const operationName = (method: string, address: Address): string => {
  if (method === 'POST')
    return `${typeOrGroup(parentOf(address))}/${address.steps.at(-1)?.type ?? ''}/action`;
  const verb = method === 'DELETE' ? 'delete' : method === 'PUT' || method === 'PATCH' ? 'write' : 'read';
  return `${typeOrGroup(address)}/${verb}`;
};

/** GET goes everywhere, POST to actions, and the others to what has a name; groups are not patched. */
const isAllowed = (method: string, address: Address): boolean => {
  const named = address.steps.length === 0 || isItem(address);
  if (method === 'GET') return true;
  if (method === 'POST') return !named && address.steps.length > 1;
  if (method === 'PATCH') return isItem(address);
  return named && (method === 'PUT' || method === 'DELETE');
};

/** Reads what a path names; throws 404 for a path that names nothing and 405 for a method that it does not take. */
export const targetOf = (exchange: Exchange): Target => {
  const { method } = exchange;
  const [, subscriptionId, groups, ...rest] = exchange.path.split('/').filter((part) => part !== '');
  const all = groups?.toLowerCase() === 'resourcegroups' && rest.length === 0;
  if (groups === undefined || all) {
    if (method !== 'GET') throw notAllowed(exchange);
    if (subscriptionId === undefined) return { kind: 'root', type: subscriptionType };
    const type = all ? groupType : subscriptionType;
    return { kind: all ? 'groups' : 'subscription', type, subscriptionId, operation: `${type}/read` };
  }
  const address = parseAddress(exchange.path);
  if (!address)
    throw new AzureError(404, 'InvalidResourceId', `The path '${exchange.path}' is not a resource id.`);
  if (!isAllowed(method, address)) throw notAllowed(exchange);
  const type = typeOrGroup(method === 'POST' ? parentOf(address) : address);
  const operation = operationName(method, address);
  return { kind: 'resource', type, subscriptionId: address.subscriptionId, operation, address };
};
