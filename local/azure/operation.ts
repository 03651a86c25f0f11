import { randomUUID } from 'node:crypto';
import type { Caller } from './caller.ts';
import type { Json } from './json.ts';

/** A write, delete or action that Azure Resource Manager carried out or refused: the source of events and log entries. */
export interface Operation {
  readonly kind: 'Write' | 'Delete' | 'Action';
  readonly succeeded: boolean;
  /** In Azure's casing: `Microsoft.DBforMySQL/flexibleServers/firewallRules/write`. */
  readonly name: string;
  readonly resourceId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly tenantId: string;
  readonly caller: Caller;
  readonly correlationId: string;
  readonly clientRequestId: string;
  readonly method: string;
  readonly url: string;
  readonly clientAddress: string;
  readonly at: Date;
}

/** A time with the seven decimals that Azure prints. */
export const azureTime = (at: Date): string => at.toISOString().replace('Z', '0000Z');

const authorizationOf = (operation: Operation): Json => ({
  scope: operation.resourceId,
  action: operation.name,
  evidence: {
    role: 'Contributor',
    roleAssignmentScope: `/subscriptions/${operation.subscriptionId}`,
    roleAssignmentId: '00000000000040008000000000000c01',
    roleDefinitionId: 'b24988ac618042a0ab8820f7382dd24c',
    principalId: operation.caller.objectId.replaceAll('-', ''),
    principalType: operation.caller.principalType,
  },
});

const requestOf = (operation: Operation): Json => ({
  clientRequestId: operation.clientRequestId,
  clientIpAddress: operation.clientAddress,
  method: operation.method,
  url: operation.url,
});

/** The event of an operation in the Event Grid schema. */
export const eventOf = (operation: Operation): Json => ({
  subject: operation.resourceId,
  eventType: `Microsoft.Resources.Resource${operation.kind}${operation.succeeded ? 'Success' : 'Failure'}`,
  eventTime: azureTime(operation.at),
  id: randomUUID(),
  data: {
    authorization: authorizationOf(operation),
    claims: operation.caller.claims,
    correlationId: operation.correlationId,
    resourceProvider: operation.name.split('/')[0],
    resourceUri: operation.resourceId,
    operationName: operation.name,
    status: operation.succeeded ? 'Succeeded' : 'Failed',
    subscriptionId: operation.subscriptionId,
    tenantId: operation.tenantId,
    httpRequest: requestOf(operation),
  },
  dataVersion: '2',
  metadataVersion: '1',
  topic: `/subscriptions/${operation.subscriptionId}`,
});

/** The same event as a CloudEvent 1.0. */
export const cloudEventOf = (event: Json): Json => ({
  source: event['topic'],
  subject: event['subject'],
  type: event['eventType'],
  time: event['eventTime'],
  id: event['id'],
  data: event['data'],
  specversion: '1.0',
});

const localized = (value: string): Json => ({ value, localizedValue: value });

/** The Activity Log entries of an operation, newest first: how it ended and that it started. */
export const logEntriesOf = (operation: Operation): readonly Json[] => {
  const ended = operation.succeeded ? 'Succeeded' : 'Failed';
  const entry = (status: string): Json => {
    const eventDataId = randomUUID();
    return {
      authorization: authorizationOf(operation),
      caller: operation.caller.name,
      channels: 'Operation',
      claims: operation.caller.claims,
      correlationId: operation.correlationId,
      description: '',
      eventDataId,
      eventName: localized(status === 'Started' ? 'BeginRequest' : 'EndRequest'),
      category: localized('Administrative'),
      eventTimestamp: azureTime(operation.at),
      httpRequest: { ...requestOf(operation), uri: operation.url },
      id: `${operation.resourceId}/events/${eventDataId}/ticks/${operation.at.getTime()}0000`,
      level: status === 'Failed' ? 'Error' : 'Informational',
      operationId: operation.correlationId,
      operationName: localized(operation.name),
      resourceGroupName: operation.resourceGroup,
      resourceProviderName: localized(operation.name.split('/')[0] ?? ''),
      resourceType: localized(operation.name.split('/').slice(0, -1).join('/')),
      resourceId: operation.resourceId,
      status: localized(status),
      subStatus: localized(''),
      submissionTimestamp: azureTime(operation.at),
      subscriptionId: operation.subscriptionId,
      tenantId: operation.tenantId,
    };
  };
  return [entry(ended), entry('Started')];
};
