import type { Environment } from './environment.ts';
import type { Ports } from './ports.ts';
import { pendingRows } from './publishing/publish.ts';
import { longestPeriodSeconds } from './schedule.ts';
import { secondsBetween } from './seconds.ts';
import type { Settings } from './settings.ts';
import { readFailures } from './state/failures.ts';
import { readInventory } from './state/inventory.ts';
import { readRuns } from './state/runs.ts';

const OLDEST_ROW_SECONDS = 900;
const UNREADABLE_SECONDS = 3600;

export interface Health {
  readonly status: 'ok' | 'unhealthy';
  /** One sentence each; empty when all is well. */
  readonly reasons: readonly string[];
  readonly lastCompleteSweep: string | null;
  readonly oldestPendingSeconds: number;
  readonly pendingRows: number;
  readonly failedAssessments: number;
  readonly coverage: {
    readonly servers: number;
    readonly unreadableForAnHour: number;
    /** Subscriptions in scope that did not answer the last sweep. */
    readonly missingSubscriptions: readonly string[];
  };
}

/** Whether the monitor can be believed: what it has not covered, and since when. `startedAt` counts where no sweep ever was. */
export async function healthOf(
  settings: Pick<Settings, 'schedule'>,
  environment: Environment,
  ports: Ports,
  startedAt: string,
): Promise<Health> {
  const { runs, now } = await readRuns(ports.table);
  const sweeps = runs.map(({ run }) => run).filter(({ kind }) => kind === 'Sweep');
  const complete = sweeps.findLast(({ finished }) => finished !== null && !finished.partial);
  const lastCompleteSweep = complete?.finished?.finishedAt ?? null;
  const period = longestPeriodSeconds(settings.schedule, new Date(now));
  const pending = await pendingRows(ports.table);
  const failures = await readFailures(ports.table, environment.scope);
  const states = await readInventory(ports.table, environment.scope);
  const longUnread = states.filter(({ failures: groups }) =>
    Object.values(groups).some(({ since }) => secondsBetween(since, now) > UNREADABLE_SECONDS),
  ).length;
  const missing = sweeps.at(-1)?.missing ?? [];
  const reasons = [
    ...(secondsBetween(lastCompleteSweep ?? startedAt, now) > 2 * period
      ? [`No sweep was completed for two periods (${Math.round((2 * period) / 60)} minutes).`]
      : []),
    ...(pending.oldestSeconds > OLDEST_ROW_SECONDS
      ? [`The oldest row that Log Analytics has not accepted is ${pending.oldestSeconds} s old.`]
      : []),
    ...(failures.length > 0
      ? [`Failed assessments are stored: ${failures.length}; npm run redrive asks again.`]
      : []),
    ...(missing.length > 0
      ? [`Did not answer the last sweep: ${missing.map((id) => `subscription ${id}`).join(', ')}.`]
      : []),
    ...(longUnread > 0
      ? [`Unreadable for more than an hour: ${longUnread} of ${states.length} servers.`]
      : []),
    ...environment.problems,
  ];
  return {
    status: reasons.length === 0 ? 'ok' : 'unhealthy',
    reasons,
    lastCompleteSweep,
    oldestPendingSeconds: pending.oldestSeconds,
    pendingRows: pending.rows,
    failedAssessments: failures.length,
    coverage: { servers: states.length, unreadableForAnHour: longUnread, missingSubscriptions: missing },
  };
}
