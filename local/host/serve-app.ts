import { setTimeout as sleep } from 'node:timers/promises';
import { adminEvent } from './admin.ts';
import type { RunFunction } from './admin.ts';
import { answerRequest } from './answer.ts';
import type { Registrations } from './core-api.ts';
import { EVENT_GRID_PATH } from './event-grid.ts';
import type { HostSettings } from './host-json.ts';
import type { HostLog } from './log.ts';
import { planFunctions } from './plan.ts';
import type { Plan } from './plan.ts';
import { accountOpener } from './queue-account.ts';
import { startQueueListener } from './queue-listener.ts';
import { queueInput } from './queue-message.ts';
import { queueWriter } from './queue-output.ts';
import { listen } from './server.ts';
import { startTimer, timerLine } from './timer.ts';
import type { Timer } from './timer.ts';
import { readFunctions, readQueueOutputs } from './triggers.ts';
import { startWorker } from './worker.ts';
import type { Worker } from './worker.ts';

/** Where to listen; loopback asks for no keys. */
export interface Address {
  readonly port: number;
  readonly hostname: string;
  readonly loopback: boolean;
}

/** The functions of an app while they are served. */
export interface ServedApp {
  readonly url: string;
  readonly listing: readonly string[];
  readonly close: () => Promise<void>;
}

const STOP_DEADLINE_MS = 30_000;

/** Opens every door of the app; resolves when all of them are open. */
export async function serveApp(
  app: Registrations,
  hostSettings: HostSettings,
  { port, hostname, loopback }: Address,
  log: HostLog,
): Promise<ServedApp> {
  const settings = process.env;
  const openAccount = accountOpener(settings);
  const plan = await planFunctions(readFunctions(app), hostSettings, settings, openAccount, log);
  const { messageEncoding } = hostSettings.queues;
  const outputs = await queueWriter(readQueueOutputs(app), openAccount, settings, messageEncoding);
  const worker = startWorker(app, log, outputs);
  await worker.runAppHooks('appStart');

  const timers = new Map<string, Timer>();
  const doors = { ...plan, loopback, admin: adminFunctions(plan, timers, worker) };
  const server = await listen(port, hostname, (request) => answerRequest(request, doors, worker));
  const listeners = await Promise.all(plan.queues.map((queue) => startQueueListener(queue, worker, log)));
  for (const timer of plan.timers) timers.set(timer.functionName, startTimer(timer, worker));

  const finish = async (): Promise<void> => {
    await Promise.all([server.stop(), ...listeners.map((listener) => listener.stop())]);
    await worker.idle();
  };
  return {
    url: server.url,
    listing: listFunctions(plan, server.url),
    close: async () => {
      for (const timer of timers.values()) timer.stop();
      await Promise.race([finish(), sleep(STOP_DEADLINE_MS, undefined, { ref: false })]);
      server.dropConnections();
      if (worker.runningCount() > 0) {
        log('warning', `${worker.runningCount()} invocations still run after ${STOP_DEADLINE_MS / 1000} s.`);
      }
      await worker.runAppHooks('appTerminate');
    },
  };
}

/** What `POST /admin/functions/NAME` runs; HTTP functions are called by their routes. */
function adminFunctions(
  { eventGrid, queues, timers }: Plan,
  started: ReadonlyMap<string, Timer>,
  worker: Worker,
): ReadonlyMap<string, RunFunction> {
  const admin = new Map<string, RunFunction>();
  for (const name of eventGrid) admin.set(name, (input) => worker.invoke(name, adminEvent(name, input)));
  for (const { functionName: name } of queues) {
    admin.set(name, (input) => worker.invoke(name, queueInput(name, input)));
  }
  for (const { functionName: name } of timers) admin.set(name, async () => started.get(name)?.runNow());
  return admin;
}

function listFunctions({ routes, eventGrid, timers, queues }: Plan, url: string): readonly string[] {
  return [
    ...routes.map(
      ({ functionName, path, methods }) => `${functionName}: ${methods.join(' ')} ${url}/${path}`,
    ),
    ...[...eventGrid].map((name) => `${name}: Event Grid ${url}${EVENT_GRID_PATH}?functionName=${name}`),
    ...timers.map(({ functionName, schedule }) => `${functionName}: ${timerLine(schedule)}`),
    ...queues.map(({ functionName, queueName }) => `${functionName}: queue ${queueName}`),
  ];
}
