import { randomUUID } from 'node:crypto';
import type { ActivityLog } from './activity-log.ts';
import { parentOf, type Address } from './address.ts';
import { putGroup, removeGroup } from './arm-groups.ts';
import { operationName } from './arm-target.ts';
import { patch, post, put, remove, storedId } from './arm-write.ts';
import { AzureError } from './azure-error.ts';
import type { Caller } from './caller.ts';
import type { Counters } from './counters.ts';
import { header, type Answer, type Exchange } from './http.ts';
import type { Operation } from './operation.ts';
import type { Resources } from './resources.ts';
import type { Switches } from './switches.ts';
import type { Throttle } from './throttle.ts';
import type { Tokens } from './tokens.ts';

export interface ArmParts {
  readonly resources: Resources;
  readonly tokens: Tokens;
  readonly throttle: Throttle;
  readonly switches: Switches;
  readonly counters: Counters;
  readonly activityLog: ActivityLog;
  readonly tenantId: string;
  readonly now: () => Date;
  readonly publish: (operation: Operation) => void;
}

const parseBody = (exchange: Exchange): unknown => {
  if (exchange.body.length === 0) return {};
  try {
    return JSON.parse(exchange.body.toString());
  } catch {
    throw new AzureError(
      400,
      'InvalidRequestContent',
      'The request content was invalid and could not be parsed.',
    );
  }
};

/** Carries out writes, deletes and actions, and tells each, done or refused, to the Activity Log and Event Grid. */
export const createChanges = (
  parts: ArmParts,
): ((exchange: Exchange, address: Address, caller: Caller, tenantId: string) => Answer) => {
  const { resources, switches } = parts;
  const { store } = resources;

  const record = (
    exchange: Exchange,
    address: Address,
    caller: Caller,
    tenantId: string,
    id: string,
  ): Operation => {
    const url = `https://${header(exchange, 'host') ?? 'localhost'}${exchange.target}`;
    const name = operationName(exchange.method, address);
    const kinds: Readonly<Record<string, Operation['kind']>> = { DELETE: 'Delete', POST: 'Action' };
    return {
      kind: kinds[exchange.method] ?? 'Write',
      succeeded: true,
      name,
      resourceId: id,
      subscriptionId: address.subscriptionId,
      resourceGroup: address.resourceGroup ?? '',
      tenantId,
      caller,
      correlationId: header(exchange, 'x-ms-correlation-request-id') ?? randomUUID(),
      clientRequestId: header(exchange, 'x-ms-client-request-id') ?? randomUUID(),
      method: exchange.method,
      url,
      clientAddress: exchange.remoteAddress,
      at: parts.now(),
    };
  };

  const carryOut = (exchange: Exchange, address: Address, body: unknown, operation: Operation): Answer => {
    const cause = {
      changedBy: operation.caller.name,
      changedByType: operation.caller.principalType === 'User' ? 'User' : 'Application',
      operation: operation.name.toLowerCase(),
      correlationId: operation.correlationId,
    };
    const write = { resources, refuseRulesWhileDisabled: switches.refuseRulesWhileDisabled };
    if (address.steps.length === 0)
      return exchange.method === 'DELETE'
        ? removeGroup(resources, address, cause)
        : putGroup(store, address, body);
    if (exchange.method === 'POST') return post(write, address, body, cause);
    if (exchange.method === 'DELETE') return remove(write, address, cause);
    return exchange.method === 'PATCH'
      ? patch(write, address, body, cause)
      : put(write, address, body, cause);
  };

  const tell = (operation: Operation): void => {
    parts.activityLog.add(operation);
    parts.publish(operation);
  };

  return (exchange, address, caller, tenantId) => {
    const target = exchange.method === 'POST' ? parentOf(address) : address;
    const before = storedId(resources, target);
    const operation = record(exchange, address, caller, tenantId, before ?? exchange.path);
    try {
      const answer = carryOut(exchange, address, parseBody(exchange), operation);
      const id = before ?? storedId(resources, target) ?? exchange.path;
      if (answer.status !== 204) tell({ ...operation, resourceId: id });
      return { ...answer, headers: { 'x-ms-correlation-request-id': operation.correlationId } };
    } catch (error) {
      if (error instanceof AzureError) tell({ ...operation, succeeded: false });
      throw error;
    }
  };
};
