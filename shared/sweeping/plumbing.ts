import type { Arm, Ports } from '../ports.ts';
import { parseResourceId, type ResourceId } from '../resource-id.ts';
import { secondsBetween } from '../seconds.ts';
import type { OwnParts } from '../settings.ts';
import { readPlumbingCheck, writePlumbingCheck } from '../state/plumbing.ts';
import { eventProblems } from './plumbing-events.ts';
import { listParts, PLUMBING } from './plumbing-parts.ts';
import { bounded, shown, unsure } from './plumbing-sentences.ts';

/** An hour less what a timer may be late, so that the sweep of the next hour checks again. */
const PERIOD_SECONDS = 3600 - 60;

/**
 * What is wrong with the monitor's own plumbing, one sentence each, as a check within the last hour found it: `Plumbing: ` where
 * something is missing or switched off, `Plumbing could not be checked: ` where Azure did not say. Without `own`: no check.
 */
export async function plumbingProblems(
  own: OwnParts | undefined,
  subscriptions: readonly string[],
  now: string,
  ports: Pick<Ports, 'arm' | 'table' | 'process'>,
): Promise<readonly string[]> {
  const app = own && parseResourceId(own.appId);
  if (!app) return [];
  const last = await readPlumbingCheck(ports.table);
  if (last && secondsBetween(last.checkedAt, now) < PERIOD_SECONDS) return last.problems;
  const problems = bounded([
    ...(await alertProblems(app, ports.arm)),
    ...(await collectionProblems(app, own.logsRuleId, ports.arm)),
    ...(await eventProblems(subscriptions, app, own, ports)),
  ]);
  await writePlumbingCheck(ports.table, { checkedAt: now, problems });
  return problems;
}

function groupOf({ subscription, resourceGroup }: ResourceId): string {
  return `/subscriptions/${subscription}/resourcegroups/${resourceGroup}`;
}

async function alertProblems(app: ResourceId, arm: Arm): Promise<readonly string[]> {
  const rules = await listParts(PLUMBING.alertRules, groupOf(app), arm);
  if ('reason' in rules) return [unsure('the alert rules', rules.reason)];
  if (rules.items.length === 0) {
    return ["Plumbing: the monitor's resource group has no alert rule; deploy infra/main.bicep again."];
  }
  return rules.items
    .filter(({ properties }) => !properties.enabled)
    .map(({ name }) => `Plumbing: the alert rule ${shown(name)} is disabled; enable it.`);
}

async function collectionProblems(app: ResourceId, logsRuleId: string, arm: Arm): Promise<readonly string[]> {
  const rules = await listParts(PLUMBING.collectionRules, groupOf(app), arm);
  if ('reason' in rules) return [unsure('the data collection rule', rules.reason)];
  const ids = rules.items.map(({ properties }) => properties.immutableId?.toLowerCase());
  if (ids.includes(logsRuleId.toLowerCase())) return [];
  return [
    `Plumbing: the monitor's resource group has no data collection rule ${logsRuleId}; deploy infra/main.bicep again.`,
  ];
}
