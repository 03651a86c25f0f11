import { generateEstate } from '../local/azure/index.ts';
import { recollect } from '../shared/judging/context.ts';
import { evaluate } from '../shared/evaluate.ts';
import { exposureOf } from '../shared/exposure.ts';
import { parseFacet } from '../shared/families/define-family.ts';
import { bodyReadings, serverRef } from '../shared/families/fingerprint.ts';
import { familyOf } from '../shared/families/index.ts';
import type { Context, Rule, Snapshot } from '../shared/model.ts';
import { serverPolicy } from '../shared/policy.ts';
import { parseResourceId } from '../shared/resource-id.ts';
import * as registry from '../shared/rules/index.ts';
import { newState } from '../shared/lifecycle/server-state.ts';
import { serve } from './child.ts';

/** What the process of the pure core can be asked. */
export type JudgeCommands = {
  /** Servers judged in a second of CPU by every rule; parsing and storing are not part of it. */
  readonly judge: {
    readonly given: { readonly servers: number; readonly rulesPerServer: number };
    readonly answer: number;
  };
};

const AT = '2026-01-01T00:00:00.000Z';
const LEAST_MS = 1000;
const policy = serverPolicy();

interface Read {
  readonly snapshot: Snapshot;
  readonly context: Context;
}

/** A server of the estate as a reading of ARM gives it, with what is remembered of it after its first sweep. */
function readOf(resource: ReturnType<typeof generateEstate>['resources'][number]): Read {
  const id = parseResourceId(resource.id);
  const family = id && familyOf(id.type);
  const list = family?.facets.firewallRules;
  if (!family || list?.in !== 'list') throw new Error('the estate holds what is no server');
  const rules = Object.entries(resource.children.firewallRules ?? {});
  const items = rules.map(([name, properties]) => ({ name, properties }));
  const snapshot: Snapshot = {
    server: serverRef(id, resource),
    observedAt: AT,
    completedAt: AT,
    found: true,
    network: {
      ...bodyReadings(family, resource, id.id, AT),
      firewallRules: parseFacet(AT, () => list.read(items, id.id)),
    },
    surroundings: { endpoints: {} },
  };
  const around = {
    tenants: {},
    scope: [id.subscription],
    source: { unreadable: 'the source is not watched', at: AT },
    accessChanges: { value: [], at: AT },
    confirmedGone: [],
  };
  const exposure = exposureOf(snapshot.network, policy);
  const state = newState(snapshot.server);
  const { context } = recollect(state, snapshot, exposure, 'first-seen', 'sweep', [], around);
  return { snapshot, context };
}

serve<JudgeCommands>({
  judge({ servers, rulesPerServer }) {
    const read = generateEstate({ servers, rulesPerServer, subscriptions: 1 }).resources.map(readOf);
    const rules: readonly Rule[] = Object.values(registry);
    const all = (): void => {
      for (const { snapshot, context } of read) {
        evaluate(snapshot, context, rules, policy, exposureOf(snapshot.network, policy));
      }
    };
    all();
    const startedAt = process.cpuUsage();
    let judged = 0;
    for (;;) {
      all();
      judged += read.length;
      const { user, system } = process.cpuUsage(startedAt);
      const milliseconds = (user + system) / 1000;
      if (milliseconds >= LEAST_MS) return (judged / milliseconds) * 1000;
    }
  },
});
