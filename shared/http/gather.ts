import { APP_VERSION } from '../app-version.ts';
import type { ReportData } from '../report/report-data.ts';
import { scopeText } from '../report/words.ts';
import { readInventory } from '../state/inventory.ts';
import { readRuns } from '../state/runs.ts';
import { changeViews, findingView, serverView } from '../views.ts';
import type { Door } from './route.ts';

/** Everything that a report shows, from the state table. */
export async function gather({ settings, environment, ports }: Door): Promise<ReportData> {
  const states = await readInventory(ports.table, environment.scope, true);
  const live = states.filter(({ live: isLive, observedAt }) => isLive && observedAt !== '');
  const rules = new Map(environment.rules.map((rule) => [rule.id, rule]));
  const { runs, now } = await readRuns(ports.table);
  const sweeps = runs.map(({ run }) => run).filter(({ kind }) => kind === 'Sweep');
  const last = sweeps.findLast(({ finished }) => finished !== null);
  const finished = last?.finished;
  return {
    generatedAt: now,
    appVersion: APP_VERSION,
    scope: scopeText(settings.subscriptions, settings.managementGroups),
    lastSweep: finished ? { finishedAt: finished.finishedAt, partial: finished.partial } : null,
    servers: live.map((state) => serverView(state, environment.policy)),
    findings: states.flatMap((state) =>
      state.findings
        .filter((record) => record.state !== 'Resolved')
        .map((record) => findingView(record, state, rules)),
    ),
    changes: states
      .flatMap((state) => changeViews(state))
      .sort((a, b) => (a.eventTime < b.eventTime ? 1 : -1)),
    problems: [...(last?.problems ?? []), ...environment.notices],
  };
}
