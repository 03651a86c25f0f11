import { countOf, interpretedRules, isPublicAccessOn } from '../judging/public-access.ts';
import { countStatuses, interpretedConnections } from '../judging/connections.ts';
import { defineRule } from './define-rule.ts';

export const lockoutNoPath = defineRule({
  id: 'lockout-no-path',
  code: 'PE-004',
  title: 'No way to reach the server is left',
  severity: 'High',
  category: 'private-endpoint',
  subject: 'server',
  fix: 'Approve or create a private endpoint, or admit the needed addresses.',
  documentation: 'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking-private-link',
  standards: [],
  needs: [
    'publicAccess',
    'endpointConnections',
    'firewallRules',
    'virtualNetworkRules',
    'exposure',
    'network',
  ],
  check(facts) {
    const { exposure, network } = facts;
    if (exposure.injected || exposure.approvedConnections.length > 0) return [];
    const isOn = isPublicAccessOn(facts);
    if (isOn) {
      if (exposure.public > 0 || exposure.azureRules.length > 0) return [];
      if (facts.virtualNetworkRules.length > 0) return [];
      interpretedRules(facts);
    }
    const connections = interpretedConnections(facts);
    const subnetRules = countOf(network.virtualNetworkRules);
    return [
      {
        severity: !isOn && subnetRules !== null && subnetRules > 0 ? 'Medium' : 'High',
        summary: isOn
          ? 'Public network access is on, but no rule admits anyone, and no private endpoint is approved.'
          : 'Public network access is off and no private endpoint is approved.',
        evidence: {
          switch: exposure.switch,
          connections: countStatuses(connections),
          firewallRules: countOf(network.firewallRules),
          virtualNetworkRules: subnetRules,
        },
      },
    ];
  },
});
