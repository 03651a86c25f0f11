import { app as functions, type InvocationContext } from '@azure/functions';
import { app } from '../shared/app.ts';
import { logTo } from '../shared/log.ts';
import { publishPending } from '../shared/publishing/publish-pending.ts';

/** Timer: publishes what was committed and not yet accepted, finishes runs, beats the heart. */
export async function publishWhatWaits(_timer: unknown, context: InvocationContext): Promise<void> {
  const { ports: portsFor, environment } = app();
  const ports = portsFor(logTo(context));
  await publishPending(await environment(ports), ports);
}

functions.timer('publishPending', { handler: publishWhatWaits, schedule: '0 * * * * *' });
