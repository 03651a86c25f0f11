import { deleteRules } from '../judging/az-command.ts';
import { counted, cutText, ids, listed, textsOf } from '../judging/evidence.ts';
import { isPublicAccessOn } from '../judging/public-access.ts';
import { defineRule } from './define-rule.ts';

export const azureServicesAllowed = defineRule({
  id: 'azure-services-allowed',
  code: 'EXP-003',
  title: 'Any Azure service of any customer is admitted',
  severity: 'High',
  category: 'exposure',
  subject: 'server',
  fix: 'Delete the rule 0.0.0.0-0.0.0.0 and give the calling services a private endpoint or fixed outbound addresses.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-firewall-rules',
  standards: ['MCSB NS-2', 'CIS Azure 2.1 4.3.7', 'CIS Azure 3.0 5.2.5'],
  needs: ['publicAccess', 'firewallRules', 'exposure'],
  check(facts) {
    if (!isPublicAccessOn(facts)) return [];
    const { firewallRules, exposure } = facts;
    const { azureRules } = exposure;
    if (firewallRules.length === 0 || azureRules.length === 0) return [];
    return [
      {
        summary: `${counted(azureRules.length, 'firewall rule')} 0.0.0.0-0.0.0.0 admits every public address of Azure, those of other customers included.`,
        evidence: {
          rules: ids(azureRules),
          ruleCount: azureRules.length,
          admits: 'all of Azure, not only the own tenant',
        },
        notes: { names: listed(azureRules).map(({ name }) => cutText(name)) },
      },
    ];
  },
  command: (server, { evidence }) => deleteRules(server, textsOf(evidence['rules'])),
});
