import { app as functions, type InvocationContext, output } from '@azure/functions';
import { app } from '../shared/app.ts';
import { understand } from '../shared/asking/event.ts';
import { countEvent } from '../shared/asking/event-counts.ts';
import { logTo } from '../shared/log.ts';
import type { Request } from '../shared/asking/request.ts';
import { scopeForEvents } from '../shared/sweeping/scope.ts';

/** Event Grid: asks for an assessment of what the event names in scope; reads none of it itself, and never fails for an event. */
export async function onResourceChange(
  event: unknown,
  context: InvocationContext,
): Promise<string | undefined> {
  const { settings, ports: portsFor } = app();
  const ports = portsFor(logTo(context));
  const inScope = await scopeForEvents(settings, ports.table);
  const understood = understand(event, inScope, settings.actorDetail);
  if (understood.outcome !== 'concerns') {
    const { outcome, eventId, why } = understood;
    ports.log('event dropped', { eventId, outcome, why });
    void countEvent(outcome === 'malformed' ? 'malformed' : 'outOfScope', ports);
    return undefined;
  }
  const request: Request = {
    resources: [{ id: understood.resource.id }],
    reason: 'event',
    requestedAt: new Date().toISOString(),
    changes: [understood.change],
  };
  return Buffer.from(JSON.stringify(request)).toString('base64');
}

functions.eventGrid('onResourceChange', {
  handler: onResourceChange,
  return: output.storageQueue({ queueName: 'assessments', connection: 'AzureWebJobsStorage' }),
});
