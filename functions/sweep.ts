import { app as functions, type InvocationContext } from '@azure/functions';
import { app } from '../shared/app.ts';
import { logTo } from '../shared/log.ts';
import { sweep } from '../shared/sweeping/sweep.ts';

/** Timer: asks for an assessment of every server in scope. Two sweeps at once do no harm. */
export async function sweepServers(_timer: unknown, context: InvocationContext): Promise<void> {
  const { settings, ports: portsFor, environment } = app();
  const ports = portsFor(logTo(context));
  await sweep(settings, await environment(ports), ports);
}

functions.timer('sweep', {
  handler: sweepServers,
  // An unset name would switch the timer off without a word.
  schedule: process.env.SWEEP_SCHEDULE ? '%SWEEP_SCHEDULE%' : '0 */15 * * * *',
});
