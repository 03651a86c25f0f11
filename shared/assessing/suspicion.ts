import { readRules } from '../azure/read-server.ts';
import type { Environment } from '../environment.ts';
import { familyOf } from '../families/index.ts';
import { rulesHashOf } from '../families/fingerprint.ts';
import { areRulesDue, calmUntil } from '../lifecycle/renewal.ts';
import type { Occasion } from '../lifecycle.ts';
import type { ServerState } from '../lifecycle/server-state.ts';
import type { AccessChange, Snapshot } from '../model.ts';
import type { Ports } from '../ports.ts';
import { isClosed } from '../state/columns.ts';
import { TransientError } from '../transient-error.ts';
import type { Asked } from './batch.ts';

/** A sweep whose record equals the stored reading, read a short time ago: its rules are enough. */
export function isSuspicionFree(
  state: ServerState,
  { graphHash }: Asked,
  { reason, changes, now }: Occasion,
  switched: readonly AccessChange[],
  { circumstances }: Pick<Environment, 'circumstances'>,
): boolean {
  if (reason !== 'sweep' || changes.length > 0 || graphHash === undefined) return false;
  if (graphHash !== state.bodyHash || switched.some(({ at }) => at > state.observedAt)) return false;
  if (circumstances !== undefined && state.judgedUnder !== circumstances) return false;
  return now < (calmUntil(state) ?? '');
}

/** The stored snapshot with rules read anew where they are due; undefined: what was read is not as stored. */
export async function readQuickly(
  state: ServerState,
  now: string,
  last: boolean,
  ports: Ports,
): Promise<Snapshot | 'unchanged' | undefined> {
  const { server, network, surroundings } = state;
  if (!areRulesDue(isClosed(network), network.firewallRules?.at ?? '', now)) return 'unchanged';
  const family = familyOf(server.family);
  if (!family) return undefined;
  const lists = await readRules(ports.arm, family, server.id);
  if (lists.transient && !last)
    throw new TransientError(lists.transient.reason, lists.transient.retryAfterSeconds);
  // Rules that differ lead to a reading of the whole server, and only that is judged.
  const seen = rulesHashOf(lists.readings);
  if (seen === undefined || seen !== rulesHashOf(network)) return undefined;
  const times = [...lists.times].sort();
  return {
    server,
    observedAt: times[0] ?? state.observedAt,
    completedAt: times.at(-1) ?? state.completedAt,
    found: true,
    network: { ...network, ...lists.readings },
    surroundings,
  };
}
