import { readRulesOnly, type ServerReading } from '../azure/read-server.ts';
import type { Asked } from './batch.ts';
import type { Environment } from '../environment.ts';
import { familyOf } from '../families/index.ts';
import { isRenewalDue, type Occasion } from '../lifecycle.ts';
import type { AccessChange, Snapshot } from '../model.ts';
import type { Ports } from '../ports.ts';
import { secondsBetween } from '../seconds.ts';
import type { ServerState } from '../lifecycle/server-state.ts';
import { TransientError } from '../transient-error.ts';

const BODY_AGE_SECONDS = 6 * 3600;
const LATENT_RULES_AGE_SECONDS = 24 * 3600;

/** A sweep whose record equals the stored reading, read a short time ago: its rules are enough. */
export function isSuspicionFree(
  state: ServerState,
  { graphHash }: Asked,
  { reason, changes, now }: Occasion,
  switched: readonly AccessChange[],
  { circumstances }: Pick<Environment, 'circumstances'>,
): boolean {
  if (reason !== 'sweep' || changes.length > 0 || graphHash === undefined || !state.live) return false;
  if (circumstances !== undefined && state.judgedUnder !== circumstances) return false;
  if (state.findings.some(({ pending, authorAsks }) => pending !== null || authorAsks > 0)) return false;
  // What is pending, unfinished or at odds turns into a finding by its age alone.
  if (Object.keys(state.firstSeen).some((key) => key.includes('|'))) return false;
  // A 404 may have hidden what an event was about; a look may have come before the reading that it was to follow.
  if (state.notFoundSince !== null || (state.lookDueAt !== null && state.lookDueAt <= now)) return false;
  if (isRenewalDue(state, now) || switched.some(({ at }) => at > state.observedAt)) return false;
  const unread = Object.values(state.network).some((reading) => 'unreadable' in reading);
  return !unread && graphHash === state.bodyHash && secondsBetween(state.observedAt, now) < BODY_AGE_SECONDS;
}

/** The rules alone, or nothing where public access is off and they were read within the day. */
export async function readQuickly(
  state: ServerState,
  now: string,
  ports: Ports,
): Promise<Snapshot | 'unchanged' | undefined> {
  const family = familyOf(state.server.family);
  const { publicAccess, delegatedSubnetId, firewallRules } = state.network;
  const off =
    (publicAccess && 'value' in publicAccess && publicAccess.value.switch === 'disabled') ||
    (delegatedSubnetId && 'value' in delegatedSubnetId && delegatedSubnetId.value !== null);
  if (off && firewallRules && secondsBetween(firewallRules.at, now) < LATENT_RULES_AGE_SECONDS)
    return 'unchanged';
  if (!family) return undefined;
  const reading: ServerReading = await readRulesOnly(ports.arm, family, state);
  if (reading.outcome === 'transient') throw new TransientError(reading.reason, reading.retryAfterSeconds);
  return reading.outcome === 'read' ? reading.snapshot : undefined;
}

export function sameRules(state: ServerState, { network }: Snapshot): boolean {
  const before = [state.network.firewallRules, state.network.virtualNetworkRules];
  const after = [network.firewallRules, network.virtualNetworkRules];
  return before.every((reading, index) => {
    const other = after[index];
    if (!reading || !other) return reading === other;
    if (!('value' in reading) || !('value' in other)) return false;
    return JSON.stringify(reading.value) === JSON.stringify(other.value);
  });
}

/**
 * Equal facts give equal verdicts under equal circumstances: nothing has to be judged again. Not so where time or another
 * server decides: exemptions end, temporary rules grow old, a replica is held against its source.
 */
export function isSettled(state: ServerState, { circumstances, policy }: Environment): boolean {
  if (circumstances === undefined || state.judgedUnder !== circumstances) return false;
  if (state.findings.some(({ state: lifecycle }) => lifecycle === 'Exempted')) return false;
  const { replication, firewallRules } = state.network;
  if (!replication || !('value' in replication) || replication.value.isReplica) return false;
  const { namePatterns } = policy.of(state.server).settings['stale-temporary-rule'];
  const patterns = namePatterns.map((pattern) => new RegExp(pattern, 'i'));
  const names = firewallRules && 'value' in firewallRules ? firewallRules.value.map(({ name }) => name) : [];
  return !names.some((name) => patterns.some((pattern) => pattern.test(name)));
}
