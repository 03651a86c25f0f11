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

/** Whether an event, in the Event Grid schema or as a CloudEvent, tells of an ARM resource. */
export function isResourceEvent(event: object): boolean {
  return TYPES.some((type) => isSystemEvent(type, event as EventGridEvent<unknown>));
}
