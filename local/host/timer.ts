import { nextRun } from '../../shared/schedule.ts';
import type { Schedule } from '../../shared/schedule.ts';
import type { TriggerInput, Worker } from './worker.ts';

/** One timer function while the host serves. */
export interface Timer {
  /** Runs it as soon as no run of it is under way; resolves after that run, whatever its result. */
  readonly runNow: () => Promise<void>;
  readonly stop: () => void;
}

/** What is fixed of a timer; without a schedule it runs on request only. */
export interface TimerOptions {
  readonly functionName: string;
  readonly schedule: Schedule | undefined;
  readonly runOnStartup: boolean;
}

interface Status {
  readonly last: Date | undefined;
  readonly lastUpdated: Date | undefined;
}

/** Node's timers hold 31 bits of milliseconds. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;
/** A run that begins this much after its time is past due. */
const PAST_DUE_MS = 60_000;
const NEVER = '0001-01-01T00:00:00+00:00';

/** Starts a timer function; two runs of it never overlap, and a time that comes during a run is left out. */
export function startTimer({ functionName, schedule, runOnStartup }: TimerOptions, worker: Worker): Timer {
  let wait: NodeJS.Timeout | undefined;
  let stopped = false;
  let status: Status = { last: undefined, lastUpdated: undefined };
  let latest = Promise.resolve();

  const run = async (isPastDue: boolean): Promise<void> => {
    if (stopped) return;
    const started = new Date();
    const input = timerInput(schedule, status, started, isPastDue);
    status = { last: started, lastUpdated: started };
    // The worker has logged the failure; the schedule goes on.
    await worker.invoke(functionName, input).catch(() => undefined);
  };
  const enqueue = (isPastDue: boolean): Promise<void> => {
    latest = latest.then(() => run(isPastDue));
    return latest;
  };
  const sleepUntil = (due: Date): void => {
    if (stopped) return;
    const rest = due.getTime() - Date.now();
    wait = setTimeout(() => void arrive(due), Math.max(0, Math.min(rest, LONGEST_WAIT_MS)));
  };
  const arrive = async (due: Date): Promise<void> => {
    const late = Date.now() - due.getTime();
    if (late < 0) {
      sleepUntil(due);
      return;
    }
    await enqueue(late > PAST_DUE_MS);
    scheduleNext();
  };
  const scheduleNext = (): void => {
    if (schedule !== undefined) sleepUntil(nextRun(schedule, new Date()));
  };

  if (runOnStartup) void enqueue(false);
  scheduleNext();
  return {
    runNow: () => enqueue(false),
    stop: () => {
      stopped = true;
      clearTimeout(wait);
    },
  };
}

/** Says when a timer runs next, for the list of functions. */
export function timerLine(schedule: Schedule | undefined): string {
  if (schedule === undefined) return 'timer, switched off';
  return `timer ${schedule.text}, next run ${nextRun(schedule, new Date()).toISOString()}`;
}

function timerInput(
  schedule: Schedule | undefined,
  { last, lastUpdated }: Status,
  now: Date,
  isPastDue: boolean,
): TriggerInput {
  const next = schedule && nextRun(schedule, now);
  const timer = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: { Last: hostTime(last), LastUpdated: hostTime(lastUpdated), Next: hostTime(next) },
    IsPastDue: isPastDue,
  };
  const json = JSON.stringify(timer);
  return { data: { json }, triggerMetadata: { TimerTrigger: { json } } };
}

function hostTime(time: Date | undefined): string {
  return time === undefined ? NEVER : time.toISOString().replace(/\.000Z$|Z$/, '+00:00');
}
