import * as z from 'zod';
import type { Environment } from '../environment.ts';
import { findingRow } from '../lifecycle/finding-rows.ts';
import type { Ports } from '../ports.ts';
import { forgetSubscription } from './forget.ts';
import type { ResolvedScope } from './scope.ts';
import { knownState, type StoredState } from '../lifecycle/server-state.ts';
import type { AzureSettings } from '../settings.ts';
import { commit, readPartitions } from '../state/commit.ts';
import * as keys from '../state/keys.ts';
import { readSubscription, writeSubscription } from '../state/monitor.ts';
import { resolve } from '../lifecycle/transitions.ts';

/**
 * Ends the findings of subscriptions that left the scope: at once where the settings no longer name one, after two sweeps
 * where the management groups' complete listing lacks it, or Azure says that it does not exist. One that merely stopped answering keeps its findings.
 */
export async function closeSubscriptions(
  settings: Pick<AzureSettings, 'subscriptions' | 'managementGroups'>,
  scope: ResolvedScope,
  environment: Pick<Environment, 'rules'>,
  ports: Ports,
  now: string,
): Promise<void> {
  for (const subscription of await readPartitions(ports.table)) {
    if (scope.answered.has(subscription)) continue;
    if (scope.subscriptions.includes(subscription) && !(await hasEnded(subscription, ports))) continue;
    const facts = await readSubscription(ports.table, subscription);
    const named = settings.subscriptions.includes(subscription);
    if (facts && (named || settings.managementGroups.length > 0)) {
      if (!named && !scope.complete) continue;
      const outSweeps = facts.outSweeps + 1;
      await writeSubscription(ports.table, subscription, { ...facts, outSweeps });
      if (outSweeps < 2) continue;
    }
    await close(subscription, environment, ports, now);
    await forgetSubscription(subscription, ports.table);
  }
}

const Subscription = z.object({ state: z.string() });

/** Azure itself says that a subscription in scope does not exist any more. */
async function hasEnded(subscription: string, { arm }: Ports): Promise<boolean> {
  const answer = await arm.get(`/subscriptions/${subscription}`, '2022-12-01');
  if (answer.outcome === 'gone') return answer.code === 'SubscriptionNotFound';
  const state = answer.outcome === 'ok' ? Subscription.safeParse(answer.body).data?.state : undefined;
  return state?.toLowerCase() === 'deleted';
}

async function close(
  subscription: string,
  { rules }: Pick<Environment, 'rules'>,
  ports: Ports,
  now: string,
): Promise<void> {
  const { rows } = await ports.table.query(subscription, ...keys.ALL_SERVERS);
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
  for (const { text, etag } of rows) {
    const known = knownState(text);
    // Written by a newer version, which closes it.
    if (!known) continue;
    const stored: StoredState = { state: known, etag };
    const { server, findings, observedAt, completedAt } = stored.state;
    const times = { observedAt: observedAt || now, completedAt: completedAt || now, now };
    const steps = findings.map((record) =>
      record.state === 'Resolved' ? { record, changed: false } : resolve(record, 'OutOfScope', times, true),
    );
    const moved = steps.filter(({ transition }) => transition !== undefined);
    if (moved.length === 0 && !stored.state.live && stored.state.deletedAt !== null) continue;
    const about = {
      server,
      before: undefined,
      after: undefined,
      source: 'sweep' as const,
      observedAt: times.observedAt,
      change: undefined,
    };
    const state = {
      ...stored.state,
      live: false,
      deletedAt: now,
      findings: steps.map(({ record }) => record),
    };
    await commit(
      ports,
      stored,
      {
        state,
        findings: moved.map(({ record }) => findingRow(record, 'Resolved', ruleOf.get(record.ruleId), about)),
        changes: [],
      },
      [],
      now,
    );
  }
}
