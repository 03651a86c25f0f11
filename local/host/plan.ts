import type { QueueServiceClient } from '@azure/storage-queue';
import { parseSchedule } from '../../shared/schedule.ts';
import type { Schedule } from '../../shared/schedule.ts';
import { resolveName, resolveText } from './app-settings.ts';
import type { AppSettings } from './app-settings.ts';
import type { HostSettings } from './host-json.ts';
import type { HostLog } from './log.ts';
import type { QueueListenerOptions } from './queue-listener.ts';
import { byPrecedence, parseRoute } from './routes.ts';
import type { Route } from './routes.ts';
import type { TimerOptions } from './timer.ts';
import type { HostFunction } from './triggers.ts';

/** Everything that is to be served, with the settings filled in. */
export interface Plan {
  /** In the order in which they are tried. */
  readonly routes: readonly Route[];
  /** HTTP functions that ask for a key. */
  readonly keyed: ReadonlySet<string>;
  readonly eventGrid: ReadonlySet<string>;
  readonly queues: readonly QueueListenerOptions[];
  readonly timers: readonly TimerOptions[];
}

/**
 * Fills the settings into the bindings of an app.
 * @throws Error with one line for a route, queue or connection that cannot be served; a wrong timer is only logged.
 */
export async function planFunctions(
  functions: readonly HostFunction[],
  hostSettings: HostSettings,
  settings: AppSettings,
  openAccount: (connection: string) => Promise<QueueServiceClient>,
  log: HostLog,
): Promise<Plan> {
  const routes: Route[] = [];
  const keyed = new Set<string>();
  const eventGrid = new Set<string>();
  const queues: QueueListenerOptions[] = [];
  const timers: TimerOptions[] = [];
  for (const { name, trigger } of functions) {
    switch (trigger.kind) {
      case 'http':
        routes.push(parseRoute(name, hostSettings.routePrefix, trigger.route, trigger.methods));
        if (trigger.authLevel !== 'anonymous') keyed.add(name);
        break;
      case 'eventGrid':
        eventGrid.add(name);
        break;
      case 'queue':
        queues.push({
          functionName: name,
          queueName: resolveName(name, trigger.queueName, settings),
          account: await openAccount(trigger.connection),
          settings: hostSettings.queues,
        });
        break;
      case 'timer': {
        const schedule = readSchedule(name, trigger.schedule, settings, log);
        timers.push({ functionName: name, schedule, runOnStartup: trigger.runOnStartup });
        break;
      }
    }
  }
  return { routes: byPrecedence(routes), keyed, eventGrid, queues, timers };
}

/** A schedule that cannot be read switches off that timer only; the host itself runs. */
function readSchedule(
  functionName: string,
  text: string,
  settings: AppSettings,
  log: HostLog,
): Schedule | undefined {
  const resolved = resolveText(text, settings);
  if (!('text' in resolved)) {
    const missing = resolved.missing.join(', ');
    log('error', `The timer is switched off: the setting ${missing} is not set.`, functionName);
    return undefined;
  }
  try {
    return parseSchedule(resolved.text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log('error', `The timer is switched off. ${reason}`, functionName);
    return undefined;
  }
}
