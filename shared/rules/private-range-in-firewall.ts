import { deleteRules } from '../judging/az-command.ts';
import { cutText, isAzureRule, rangeOf } from '../judging/evidence.ts';
import { formatRange, publicPart, RESERVED } from '../ip-range.ts';
import { defineRule } from './define-rule.ts';

export const privateRangeInFirewall = defineRule({
  id: 'private-range-in-firewall',
  code: 'EXP-009',
  title: 'Private or reserved addresses in a public firewall rule',
  severity: 'Informational',
  category: 'exposure',
  subject: 'firewall rule',
  fix: 'Delete the rule: such sources never arrive at the public endpoint, use a private endpoint or VNet integration instead.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-firewall-rules',
  standards: [],
  needs: ['firewallRules'],
  check({ firewallRules }) {
    return firewallRules.flatMap((rule) => {
      const range = rangeOf(rule);
      if (!range || isAzureRule(rule) || publicPart([range]).length > 0) return [];
      const block = RESERVED.find(({ first, last }) => first <= range.first && range.last <= last);
      return [
        {
          subject: rule.id,
          summary: `The firewall rule admits ${formatRange(range)}, which holds no public address.`,
          evidence: { range: formatRange(range), reserved: block ? formatRange(block) : null },
          notes: { name: cutText(rule.name) },
        },
      ];
    });
  },
  command: (server, { subject }) => deleteRules(server, subject === undefined ? [] : [subject]),
});
