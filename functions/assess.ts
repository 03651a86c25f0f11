import { app as functions, type InvocationContext } from '@azure/functions';
import { app } from '../shared/app.ts';
import { logTo } from '../shared/log.ts';
import { assessRequest } from '../shared/assessing/message.ts';
import { toRequest } from '../shared/asking/to-request.ts';

/** Queue: assesses each server that a request, or a raw Event Grid event, concerns. */
export async function assessServers(message: unknown, context: InvocationContext): Promise<void> {
  const { settings, ports: portsFor, environment } = app();
  const ports = portsFor(logTo(context));
  const known = await environment(ports);
  const insertedAt = context.triggerMetadata?.insertionTime;
  const request = toRequest(message, insertedAt, known.scope, settings.actorDetail);
  if (!request) {
    ports.log('message dropped', { why: 'neither a request nor an event in scope' });
    return;
  }
  await assessRequest(request, known, ports);
}

functions.storageQueue('assess', {
  handler: assessServers,
  queueName: 'assessments',
  connection: 'AzureWebJobsStorage',
});
