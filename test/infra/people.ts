/** Somebody who changes a server, as the claims of an event tell. */
export interface Person {
  readonly name: string;
  readonly id: string;
}

export const ALICE: Person = { name: 'alice@example.com', id: '00000000-0000-0000-0000-0000000000aa' };
export const BOB: Person = { name: 'bob@example.com', id: '00000000-0000-0000-0000-0000000000bb' };

const CLAIMS = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
const UPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';
const OPERATION = 'Microsoft.DBforMySQL/flexibleServers/firewallRules/write';

let events = 0;

/** The event of a resource that somebody wrote, in the Event Grid schema. */
export function eventOf(resource: string, time: string, { name, id }: Person): unknown {
  events += 1;
  return {
    id: `event-${events}`,
    topic: `/subscriptions/${resource.split('/')[2] ?? ''}`,
    subject: resource,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: time,
    dataVersion: '2',
    data: {
      resourceUri: resource,
      operationName: OPERATION,
      status: 'Succeeded',
      correlationId: `00000000-0000-0000-0000-${String(events).padStart(12, '0')}`,
      authorization: { evidence: { principalType: 'User' } },
      claims: { [CLAIMS]: id, [UPN]: name },
      httpRequest: { clientIpAddress: '203.0.113.9' },
    },
  };
}

/** The same change as the Activity Log tells it, some minutes later. */
export function activityOf(serverId: string, time: string, { name, id }: Person): unknown {
  events += 1;
  return {
    eventDataId: `activity-${events}`,
    eventTimestamp: time,
    resourceId: `${serverId}/firewallRules/everything`,
    operationName: { value: OPERATION },
    status: { value: 'Succeeded' },
    correlationId: `00000000-0000-0000-0000-${String(events).padStart(12, '0')}`,
    claims: { [CLAIMS]: id, [UPN]: name },
    httpRequest: { clientIpAddress: '203.0.113.9' },
  };
}
