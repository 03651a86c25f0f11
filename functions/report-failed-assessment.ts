import { app as functions, type InvocationContext } from '@azure/functions';
import { app } from '../shared/app.ts';
import { logTo } from '../shared/log.ts';
import { reportFailure } from '../shared/asking/report-failure.ts';

/** Queue: keeps what a message that never succeeded was about, until the server is assessed again. */
export async function reportFailedAssessment(message: unknown, context: InvocationContext): Promise<void> {
  const { settings, ports: portsFor, environment } = app();
  const ports = portsFor(logTo(context));
  const { scope } = await environment(ports);
  await reportFailure(message, context.triggerMetadata?.insertionTime, scope, settings.actorDetail, ports);
}

functions.storageQueue('reportFailedAssessment', {
  handler: reportFailedAssessment,
  queueName: 'assessments-poison',
  connection: 'AzureWebJobsStorage',
});
