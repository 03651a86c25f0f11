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
    claims: { 'http://schemas.microsoft.com/identity/claims/objectidentifier': `person-${write.id % 3}` },
  };
  const event =
    write.id % 2 === 0
      ? { id, subject: resource, eventType: type, eventTime: time, data, dataVersion: '2', topic: '' }
      : { id, subject: resource, type, time, data, specversion: '1.0', source: '/subscriptions' };
  return { id, resource, event };
}

/** What the event names: the server, something in it, or the endpoint beside it. */
function resourceOf({ about, server, change, id }: Write): string {
  const owner = SERVERS[server];
  if (!owner) throw new Error('a write to no server');
  if (about === 'endpoint') return owner.endpointId;
  if (about === 'rule') return `${owner.id}/firewallRules/${change.rules?.at(-1)?.name ?? 'gone'}`;
  if (about === 'connection') return `${owner.id}/privateEndpointConnections/link`;
  return id % 3 === 0 ? owner.id.toUpperCase() : owner.id;
}
