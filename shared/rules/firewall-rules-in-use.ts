import { deleteRules } from '../judging/az-command.ts';
import { counted, cutText, ids, listed, ruleText, textsOf } from '../judging/evidence.ts';
import { isPublicAccessOn, readable } from '../judging/public-access.ts';
import { defineRule } from './define-rule.ts';

export const firewallRulesInUse = defineRule({
  id: 'firewall-rules-in-use',
  code: 'EXP-022',
  title: 'Legacy firewall or service endpoint rules in use',
  severity: 'Low',
  category: 'exposure',
  subject: 'server',
  fix: 'Move the clients to a private endpoint or to VNet integration and delete the rules.',
  documentation: 'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking-private-link',
  standards: ['MCSB NS-2'],
  needs: ['publicAccess', 'firewallRules', 'virtualNetworkRules', 'exposure', 'network', 'firstSeen'],
  check(facts, { allowPublic }) {
    if (allowPublic) return 'not-applicable';
    if (!isPublicAccessOn(facts)) return [];
    const { firewallRules, firstSeen, network } = facts;
    const subnetRules =
      firewallRules.length > 0 ? (readable(network.virtualNetworkRules) ?? []) : facts.virtualNetworkRules;
    const rules = [...firewallRules, ...subnetRules];
    if (rules.length === 0) return [];
    return [
      {
        summary: `Clients reach the server by ${counted(firewallRules.length, 'firewall rule')} and ${counted(subnetRules.length, 'virtual network rule')}.`,
        evidence: {
          rules: ids(rules),
          ruleCount: rules.length,
          ranges: listed(firewallRules).map(ruleText),
          subnets: listed(subnetRules).map(({ subnetId }) => subnetId),
        },
        notes: {
          since: listed(rules).map(({ id, name }) => ({
            name: cutText(name),
            firstSeen: firstSeen[id] ?? null,
          })),
        },
      },
    ];
  },
  command: (server, { evidence }) => deleteRules(server, textsOf(evidence['rules'])),
});
