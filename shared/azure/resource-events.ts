import { type EventGridEvent, isSystemEvent } from '@azure/eventgrid';

/** What Event Grid sends of ARM resources: successes, failures and cancellations alike may stand for a change. */
const TYPES = [
  'Microsoft.Resources.ResourceWriteSuccess',
  'Microsoft.Resources.ResourceWriteFailure',
  'Microsoft.Resources.ResourceWriteCancel',
  'Microsoft.Resources.ResourceDeleteSuccess',
  'Microsoft.Resources.ResourceDeleteFailure',
  'Microsoft.Resources.ResourceDeleteCancel',
  'Microsoft.Resources.ResourceActionSuccess',
  'Microsoft.Resources.ResourceActionFailure',
  'Microsoft.Resources.ResourceActionCancel',
  'Microsoft.ResourceNotifications.Resources.CreatedOrUpdated',
  'Microsoft.ResourceNotifications.Resources.Deleted',
] as const;

/** The type of an event of an ARM resource, in the Event Grid schema or as a CloudEvent; undefined: it tells of none. */
export function resourceEventType(event: object): string | undefined {
  return TYPES.find((type) => isSystemEvent(type, event as EventGridEvent<unknown>));
}
