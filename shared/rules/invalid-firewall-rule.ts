import { deleteRules } from '../judging/az-command.ts';
import { cutText, escaped } from '../judging/evidence.ts';
import { parseAddress } from '../ip-range.ts';
import type { FirewallRule } from '../model.ts';
import { defineRule } from './define-rule.ts';

export const invalidFirewallRule = defineRule({
  id: 'invalid-firewall-rule',
  code: 'EXP-014',
  title: 'Firewall rule cannot be interpreted',
  severity: 'Medium',
  category: 'exposure',
  subject: 'firewall rule',
  fix: 'Delete the rule and create it again with a valid range.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-firewall-rules',
  standards: [],
  needs: ['firewallRules', 'exposure'],
  check({ firewallRules, exposure }) {
    const invalid = new Set(exposure.invalidRules);
    return firewallRules
      .filter((rule) => invalid.has(rule))
      .map((rule) => ({
        subject: rule.id,
        summary: `What the firewall rule admits cannot be told: ${reasonOf(rule)}.`,
        evidence: { start: escaped(rule.start), end: escaped(rule.end), reason: reasonOf(rule) },
        notes: { name: cutText(rule.name) },
      }));
  },
  command: (server, { subject }) => deleteRules(server, subject === undefined ? [] : [subject]),
});

function reasonOf({ start, end }: FirewallRule): string {
  if (start === null) return 'its start is missing';
  if (end === null) return 'its end is missing';
  if (parseAddress(start) === undefined) return 'its start is not an IPv4 address';
  if (parseAddress(end) === undefined) return 'its end is not an IPv4 address';
  return 'its start is after its end';
}
