import { cutText, isAzureRule, rangeOf, ruleText } from '../judging/evidence.ts';
import type { FirewallRule, Verdicts } from '../model.ts';
import { defineRule } from './define-rule.ts';

const CLAIMS_AZURE = /^(AllowAllWindowsAzureIps|AllowAllAzure)/i;
const CLAIMS_ONE_CLIENT = /^ClientIPAddress_/i;

export const misleadingRuleName = defineRule({
  id: 'misleading-rule-name',
  code: 'EXP-012',
  title: 'Firewall rule name contradicts its content',
  severity: 'Medium',
  category: 'exposure',
  subject: 'firewall rule',
  fix: 'Rename the rule to what it does, or correct the range.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-firewall-rules',
  standards: [],
  needs: ['firewallRules'],
  check({ firewallRules }) {
    return firewallRules.flatMap((rule): Verdicts => {
      const contradiction = contradictionOf(rule);
      if (!contradiction) return [];
      if (!rangeOf(rule))
        return [{ subject: rule.id, unknown: 'firewallRules: its range cannot be interpreted' }];
      return [
        {
          subject: rule.id,
          summary: `The name of the rule ${contradiction}: it admits ${ruleText(rule)}.`,
          evidence: { contradiction, range: ruleText(rule) },
          notes: { name: cutText(rule.name) },
        },
      ];
    });
  },
});

function contradictionOf(rule: FirewallRule): string | undefined {
  if (isAzureRule(rule))
    return /azure/i.test(rule.name) ? undefined : 'does not tell that all of Azure is admitted';
  if (CLAIMS_AZURE.test(rule.name)) return 'speaks of Azure services';
  const range = rangeOf(rule);
  const single = range !== undefined && range.first === range.last;
  return CLAIMS_ONE_CLIENT.test(rule.name) && !single ? 'speaks of one client address' : undefined;
}
