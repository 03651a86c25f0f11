import type { Write } from './plan.ts';
import { SERVERS } from './world.ts';

/** The event that Azure sends of a write, in either schema. */
export function eventOf(write: Write): {
  readonly id: string;
  readonly resource: string;
  readonly event: unknown;
} {
  const resource = resourceOf(write);
  const id = `event-${write.id}`;
  const time = new Date(write.at).toISOString();
  const name = write.operation === 'delete' ? 'ResourceDeleteSuccess' : 'ResourceWriteSuccess';
  const type = `Microsoft.Resources.${name}`;
  const data = {
    resourceUri: resource,
    operationName: `Microsoft.Test/${write.about}/${write.operation}`,
    status: 'Succeeded',
    correlationId: `correlation-${write.id}`,
    claims: claimsOf(write),
  };
  const event =
    write.id % 2 === 0
      ? { id, subject: resource, eventType: type, eventTime: time, data, dataVersion: '2', topic: '' }
      : { id, subject: resource, type, time, data, specversion: '1.0', source: '/subscriptions' };
  return { id, resource, event };
}

function claimsOf(write: Write): Readonly<Record<string, string>> {
  return { 'http://schemas.microsoft.com/identity/claims/objectidentifier': personOf(write) };
}

/** Who made a write. */
export function personOf({ id }: Write): string {
  return `person-${id % 3}`;
}

/** An entry of the Activity Log, which tells of a write some minutes later. */
export interface Activity {
  readonly at: number;
  readonly visibleAt: number;
  readonly subscription: string;
  readonly entry: unknown;
}

export function activityOf(write: Write): Activity {
  const resourceId = resourceOf(write);
  return {
    at: write.at,
    visibleAt: write.at + (1 + (write.id % 15)) * 60_000,
    subscription: resourceId.split('/')[2] ?? '',
    entry: {
      eventDataId: `activity-${write.id}`,
      eventTimestamp: new Date(write.at).toISOString(),
      resourceId,
      operationName: { value: `Microsoft.Test/${write.about}/${write.operation}` },
      status: { value: 'Succeeded' },
      correlationId: `correlation-${write.id}`,
      claims: claimsOf(write),
    },
  };
}

/** What the event names: the server, something in it, or the endpoint beside it. */
function resourceOf({
  about,
  server,
  change,
  id,
  rule = change.rules?.at(-1)?.name ?? 'gone',
}: Write): string {
  const owner = SERVERS[server];
  if (!owner) throw new Error('a write to no server');
  if (about === 'endpoint') return owner.endpointId;
  if (about === 'rule') return `${owner.id}/firewallRules/${rule}`;
  if (about === 'connection') return `${owner.id}/privateEndpointConnections/link`;
  return id % 3 === 0 ? owner.id.toUpperCase() : owner.id;
}
