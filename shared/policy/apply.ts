import type { Policy } from '../environment.ts';
import type { Rule, ServerRef } from '../model.ts';
import { instant } from '../seconds.ts';
import { coverageBy } from './exempt.ts';
import { matchesGlob } from './glob.ts';
import type { Defaults, ParsedPolicy, ServerEntry } from './parsed-policy.ts';
import { serverPolicy, type ServerPolicy } from './server-policy.ts';

/** A policy in force. */
export interface LivePolicy extends Policy {
  /** The rules that the policy has not switched off. */
  readonly enabledRules: (rules: readonly Rule[]) => readonly Rule[];
}

/** What a policy file means; without one the built-in defaults and no exemptions. */
export function policyOf(parsed: ParsedPolicy | undefined): LivePolicy {
  if (!parsed) {
    const policy = serverPolicy();
    return {
      of: () => policy,
      exemptions: () => () => ({ exemption: null }),
      enabledRules: (rules) => rules,
    };
  }
  const settled = (sets: Defaults): ServerPolicy => ({
    ...serverPolicy(sets.profile, sets),
    approvedRanges: parsed.approvedRanges,
    approvedSubscriptions: parsed.approvedSubscriptions,
    settings: parsed.settings,
  });
  const entries = parsed.servers.map(({ match, sets }) => ({ match, policy: settled(sets) }));
  const otherwise = settled(parsed.defaults);
  return {
    of: (server) => entries.find(({ match }) => isMatch(match, server))?.policy ?? otherwise,
    exemptions(server, now) {
      const own = parsed.exemptions.filter((exemption) => matchesGlob(exemption.server, server.id));
      const time = instant(now);
      return (finding, known) => coverageBy(own, finding, known, time);
    },
    enabledRules: (rules) => rules.filter(({ id }) => !parsed.disabledRules.includes(id)),
  };
}

/** Every key that is given matches. */
function isMatch(
  { id, tags, subscription, resourceGroup }: ServerEntry['match'],
  server: ServerRef,
): boolean {
  if (id !== undefined && !matchesGlob(id, server.id)) return false;
  if (subscription !== undefined && subscription !== server.subscription.toLowerCase()) return false;
  if (resourceGroup !== undefined && resourceGroup !== server.resourceGroup.toLowerCase()) return false;
  return tags === undefined || hasTags(server.tags, tags);
}

/** Azure compares the names of tags without case, their values with it. */
function hasTags(has: ServerRef['tags'], wanted: ServerRef['tags']): boolean {
  const values = new Map(Object.entries(has).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.entries(wanted).every(([name, value]) => values.get(name.toLowerCase()) === value);
}
