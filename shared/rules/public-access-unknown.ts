import { latentSeverity } from '../judging/public-access.ts';
import { Unknown } from '../model.ts';
import { defineRule } from './define-rule.ts';

export const publicAccessUnknown = defineRule({
  id: 'public-access-unknown',
  code: 'EXP-021',
  title: 'Public network access cannot be determined',
  severity: 'Medium',
  category: 'exposure',
  subject: 'server',
  fix: 'Read the server in the portal or with the Azure CLI; if the value is new, add it to the family of the server.',
  documentation: 'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking-public',
  standards: [],
  needs: ['publicAccess', 'exposure'],
  check({ publicAccess, exposure }) {
    if (exposure.injected === undefined) throw new Unknown('delegatedSubnetId: not read');
    if (exposure.switch !== 'unknown') return [];
    const { latentPath, injected } = exposure;
    return [
      {
        severity: latentSeverity(latentPath, 'Medium', 'High'),
        summary: `The value of public network access is ${publicAccess.raw}${injected ? ' on a server inside a subnet' : ''}: neither open nor closed can be claimed.`,
        evidence: { value: publicAccess.raw, injected, latentPath },
      },
    ];
  },
});
