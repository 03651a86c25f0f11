import type { Readings } from '../model.ts';
import { endOf } from '../policy/exempt.ts';
import type { ServerPolicy } from '../policy.ts';
import { later, secondsBetween } from '../seconds.ts';
import type { FindingRecord, ServerState } from './server-state.ts';

/** Rows of servers and findings are renewed after so long, and so is the reading of a body. */
export const RENEW_SECONDS = 6 * 3600;
/** Rules behind a closed switch are read daily. */
const LATENT_RULES_AGE_SECONDS = 24 * 3600;
const SLOW_REFRESH_SECONDS = 24 * 3600;

/** Whether rules have to be read that were read at `rulesAt` (empty: never); those that do nothing are read seldom. */
export function areRulesDue(isClosed: boolean, rulesAt: string, now: string): boolean {
  return !isClosed || rulesAt === '' || secondsBetween(rulesAt, now) >= LATENT_RULES_AGE_SECONDS;
}

export function isRefreshDue({ severity, refreshedAt }: FindingRecord, now: string): boolean {
  return secondsBetween(refreshedAt, now) >= refreshPeriod(severity);
}

function refreshPeriod(severity: FindingRecord['severity']): number {
  return severity === 'Low' || severity === 'Informational' ? SLOW_REFRESH_SECONDS : RENEW_SECONDS;
}

/**
 * Until when a reading that equals the stored one has nothing to say: then something is renewed, and a reading by ARM has to
 * confirm it. Undefined: something waits to be confirmed, told or read.
 */
export function calmUntil(state: ServerState): string | undefined {
  const { findings, firstSeen, network, serverRow, lookDueAt, observedAt } = state;
  if (!state.live || !serverRow || state.notFoundSince !== null) return undefined;
  if (findings.some(({ pending, unsigned }) => pending !== null || (unsigned?.asks ?? 0) > 0))
    return undefined;
  // What is pending, unfinished or at odds turns into a finding by its age alone.
  if (Object.keys(firstSeen).some((key) => key.includes('|'))) return undefined;
  if (Object.values(network).some((reading) => 'unreadable' in reading)) return undefined;
  const due = findings
    .filter((record) => record.state !== 'Resolved')
    .map(({ refreshedAt, severity }) => later(refreshedAt, refreshPeriod(severity)));
  const ends = findings.flatMap(({ exemption }) =>
    exemption ? [new Date(endOf(exemption.expires)).toISOString()] : [],
  );
  // A look may have come before the reading that it was to follow.
  const look = lookDueAt === null ? [] : [lookDueAt];
  return [
    later(observedAt, RENEW_SECONDS),
    later(serverRow.at, RENEW_SECONDS),
    ...due,
    ...ends,
    ...look,
  ].sort()[0];
}

/**
 * Equal facts give equal verdicts, whenever they are read. Not so where time or another server decides: exemptions end, temporary
 * rules grow old, a replica is held against its source.
 */
export function isSteady(
  findings: readonly FindingRecord[],
  { replication, firewallRules }: Readings,
  { settings }: ServerPolicy,
): boolean {
  if (findings.some(({ state }) => state === 'Exempted')) return false;
  if (!replication || !('value' in replication) || replication.value.isReplica) return false;
  const patterns = settings['stale-temporary-rule'].namePatterns.map((pattern) => new RegExp(pattern, 'i'));
  const names = firewallRules && 'value' in firewallRules ? firewallRules.value.map(({ name }) => name) : [];
  return !names.some((name) => patterns.some((pattern) => pattern.test(name)));
}
