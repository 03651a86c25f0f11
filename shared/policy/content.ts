import type { Rule } from '../model.ts';

/** Rules whose findings are about address ranges: an exemption of one states the ranges that it covers. */
export const RANGE_RULES: readonly string[] = [
  'internet-reachable',
  'wide-public-range',
  'range-not-approved',
  'latent-firewall-rules',
  'exposure-widened',
  'latent-rules-changed',
  'replica-more-exposed',
];

/** What an exemption of the rule has to state. */
export function contentOf({ id, subject }: Pick<Rule, 'id' | 'subject'>): 'ranges' | 'subject' | 'severity' {
  if (RANGE_RULES.includes(id)) return 'ranges';
  return subject === 'server' ? 'severity' : 'subject';
}
