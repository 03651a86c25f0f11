import { deleteRules } from '../judging/az-command.ts';
import { counted, ids, rangeTexts, textsOf } from '../judging/evidence.ts';
import { isPublicAccessOn, latentSeverity, readable } from '../judging/public-access.ts';
import { defineRule } from './define-rule.ts';

export const latentFirewallRules = defineRule({
  id: 'latent-firewall-rules',
  code: 'EXP-006',
  title: 'Firewall rules wait behind the switched-off public access',
  severity: 'Low',
  category: 'exposure',
  subject: 'server',
  fix: 'Delete the rules; where the service refuses changes while access is off, delete them at the next time that it is on.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-public',
  standards: [],
  needs: ['publicAccess', 'firewallRules', 'virtualNetworkRules', 'exposure', 'network'],
  check(facts) {
    const { exposure, network } = facts;
    if (exposure.injected) return 'not-applicable';
    if (exposure.switch === 'enabled' || exposure.switch === 'perimeter') return [];
    const addressRules = facts.firewallRules;
    const subnetRules =
      addressRules.length > 0 ? readable(network.virtualNetworkRules) : facts.virtualNetworkRules;
    const rules = [...addressRules, ...(subnetRules ?? [])];
    if (rules.length === 0 || isPublicAccessOn(facts)) return [];
    const { latentPath, ranges, public: addresses } = exposure;
    const wouldAdmit = counted(addresses, 'public address', 'public addresses');
    return [
      {
        severity: latentSeverity(latentPath, 'Low', 'Medium'),
        summary: `${counted(rules.length, 'rule')} would admit ${wouldAdmit}${exposure.azureRules.length > 0 ? ' and all of Azure' : ''} if public access were switched on.`,
        evidence: {
          latentPath,
          public: addresses,
          rules: ids(rules),
          firewallRules: addressRules.length,
          virtualNetworkRules: subnetRules?.length ?? null,
          ranges: rangeTexts(ranges),
        },
        ranges,
      },
    ];
  },
  command: (server, { evidence }) => deleteRules(server, textsOf(evidence['rules'])),
});
