import { parentOf, typeOf, type Address } from './address.ts';
import { findAction } from './actions.ts';
import { AzureError } from './azure-error.ts';
import { connectionRemoved, connectionWritten, mergedConnection, serverRemoved } from './endpoint-state.ts';
import { endpointRemoved, endpointWritten } from './endpoints.ts';
import type { Answer } from './http.ts';
import { isRecord, mergePatch, textAt, type Json } from './json.ts';
import type { Resources } from './resources.ts';
import { isServerType } from './resource-types.ts';
import { shapeOf } from './shapes.ts';
import { idOf, type Cause } from './store.ts';
import { checkParent, checkWrite } from './write-checks.ts';

/** What a write may lean on. */
export interface WriteParts {
  readonly resources: Resources;
  readonly refuseRulesWhileDisabled: boolean;
}

const isConnection = (type: string): boolean => type.endsWith('/privateendpointconnections');

const nameOf = (address: Address): string => address.steps.at(-1)?.name ?? '';

const store = (parts: WriteParts, address: Address, body: Json, cause: Cause): Answer => {
  const { resources } = parts;
  const type = typeOf(address).toLowerCase();
  const existing = resources.read(address);
  if (isConnection(type) && existing) {
    const written = resources.write(address, mergedConnection(existing, body), cause).body;
    connectionWritten(resources, address, written, cause);
    return { status: 200, body: written };
  }
  const shaped = shapeOf(type, nameOf(address), nameOf(parentOf(address)), body, existing);
  const { body: written, created } = resources.write(address, shaped, cause);
  const status = created ? 201 : 200;
  if (type !== 'microsoft.network/privateendpoints') return { status, body: written };
  return { status, body: endpointWritten(resources, address, existing, cause) };
};

/** PUT of a resource or child: 201 with the stored body when it is new, else 200. */
export const put = (parts: WriteParts, address: Address, body: unknown, cause: Cause): Answer =>
  store(parts, address, checkWrite(parts.resources, address, body, parts.refuseRulesWhileDisabled), cause);

/** PATCH of an existing resource: properties are merged, tags are replaced as a whole. */
export const patch = (parts: WriteParts, address: Address, body: unknown, cause: Cause): Answer => {
  const existing = parts.resources.read(address);
  if (!existing) {
    checkParent(parts.resources, address);
    throw notFound(parts.resources, address);
  }
  if (!isRecord(body))
    throw new AzureError(400, 'InvalidRequestContent', 'The request content is not a JSON object.');
  const merged = mergePatch(existing, body);
  const next = { ...(isRecord(merged) ? merged : {}), ...('tags' in body && { tags: body['tags'] }) };
  return store(
    parts,
    address,
    checkWrite(parts.resources, address, next, parts.refuseRulesWhileDisabled),
    cause,
  );
};

/** DELETE of a resource with its children: 200, or 204 where there was none. */
export const remove = (parts: WriteParts, address: Address, cause: Cause): Answer => {
  const { resources } = parts;
  const type = typeOf(address).toLowerCase();
  const existing = resources.read(address);
  if (!existing) return { status: 204 };
  resources.remove(address, cause);
  if (type === 'microsoft.network/privateendpoints') endpointRemoved(resources, existing, cause);
  if (isConnection(type)) connectionRemoved(resources, address, existing, cause);
  if (isServerType(type)) serverRemoved(resources, textAt(existing, 'id') ?? '', cause);
  return { status: 200 };
};

/** The action that a POST names, on the resource before it; 404 for what no server has. */
export const post = (parts: WriteParts, address: Address, body: unknown, cause: Cause): Answer => {
  const server = parentOf(address);
  const action = findAction(address.steps.at(-1)?.type ?? '');
  if (!parts.resources.read(server)) throw notFound(parts.resources, server);
  if (!action || !isServerType(typeOf(server)))
    throw new AzureError(
      404,
      'InvalidResourceType',
      `There is no action '${address.steps.at(-1)?.type ?? ''}'.`,
    );
  const done = action(parts.resources, server, isRecord(body) ? body : {}, cause);
  return done.body ? { status: 200, body: done.body } : { status: 200 };
};

/** Azure's 404 for a resource that is not there, or whose resource group is not. */
export const notFound = (resources: Resources, address: Address): AzureError => {
  const group = address.resourceGroup ?? '';
  const known = resources.store.groups.get(`${address.subscriptionId}/${group}`.toLowerCase());
  if (!known)
    return new AzureError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
  const names = address.steps.map((step) => step.name ?? '').join('/');
  return new AzureError(
    404,
    'ResourceNotFound',
    `The Resource '${typeOf(address)}/${names}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
};

/** The id of an address with the casing of what is stored, for events. */
export const storedId = (resources: Resources, address: Address): string | undefined => {
  const node = resources.store.find(address);
  return node ? idOf(node) : textAt(resources.read(address), 'id');
};
