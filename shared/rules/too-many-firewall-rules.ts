import { counted } from '../judging/evidence.ts';
import { defineRule } from './define-rule.ts';

export const tooManyFirewallRules = defineRule({
  id: 'too-many-firewall-rules',
  code: 'EXP-020',
  title: 'Too many firewall rules to review',
  severity: 'Informational',
  category: 'exposure',
  subject: 'server',
  fix: 'Merge or delete rules, or move the clients to private endpoints.',
  documentation: 'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking-public',
  standards: [],
  needs: ['firewallRules', 'exposure'],
  check({ firewallRules, exposure }, { settings }) {
    const { maxCount } = settings['too-many-firewall-rules'];
    const { length } = firewallRules;
    if (length <= maxCount) return [];
    return [
      {
        summary: `The server has ${counted(length, 'firewall rule')}; more than ${maxCount} are hard to review.`,
        evidence: { count: length, maxCount, public: exposure.public },
      },
    ];
  },
});
