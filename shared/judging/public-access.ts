import { cutText } from './evidence.ts';
import type { Exposure } from '../exposure.ts';
import {
  type FirewallRule,
  type Network,
  type PublicAccess,
  type Reading,
  type Severity,
  Unknown,
} from '../model.ts';
import type { PublicPath } from '../exposure.ts';

/** Whether the public path is open. Throws `Unknown` where the switch could not be read or interpreted, or is a perimeter. */
export function isPublicAccessOn(facts: {
  readonly publicAccess: PublicAccess;
  readonly exposure: Exposure;
}): boolean {
  const { raw } = facts.publicAccess;
  const { exposure } = facts;
  if (exposure.switch === 'enabled') return true;
  if (exposure.switch === 'disabled') return false;
  if (exposure.switch === 'perimeter')
    throw new Unknown('publicAccess: what the perimeter admits is not read');
  if (exposure.injected === undefined) throw new Unknown('delegatedSubnetId: not read');
  throw new Unknown(`publicAccess: ${cutText(raw)} cannot be interpreted`);
}

/** The firewall rules, all of them valid. Throws `Unknown` where they could not be read, or one cannot be interpreted. */
export function interpretedRules(facts: {
  readonly firewallRules: readonly FirewallRule[];
  readonly exposure: Exposure;
}): readonly FirewallRule[] {
  const rules = facts.firewallRules;
  const { length } = facts.exposure.invalidRules;
  if (length > 0) throw new Unknown(`firewallRules: ${length} cannot be interpreted`);
  return rules;
}

/** What was read, undefined where it was not: for facts that a finding shows and does not depend on. */
export function readable<Value>(reading: Reading<Value> | undefined): Value | undefined {
  return reading && 'value' in reading ? reading.value : undefined;
}

/** How many were read; null: the list could not be read. */
export function countOf(
  reading: Reading<Network['firewallRules' | 'virtualNetworkRules']> | undefined,
): number | null {
  return readable(reading)?.length ?? null;
}

/** Severity of rules that act as soon as public access is on. */
export function latentSeverity(path: PublicPath, severity: Severity, wide: Severity): Severity {
  return path === 'internet' || path === 'azure' || path === 'wide' ? wide : severity;
}
