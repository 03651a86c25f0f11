import { counted, listed } from '../judging/evidence.ts';
import { defineRule } from './define-rule.ts';

export const endpointOnInjectedServer = defineRule({
  id: 'endpoint-on-injected-server',
  code: 'PE-013',
  title: 'VNet-integrated server lists endpoint connections',
  severity: 'Informational',
  category: 'private-endpoint',
  subject: 'server',
  fix: 'Check the server by hand; do not plan a private endpoint for a VNet-integrated server.',
  documentation: 'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking-vnet',
  standards: [],
  needs: ['delegatedSubnetId', 'endpointConnections'],
  check(facts) {
    const { delegatedSubnetId } = facts;
    if (delegatedSubnetId === null) return 'not-applicable';
    const { endpointConnections } = facts;
    if (endpointConnections.length === 0) return [];
    return [
      {
        summary: `The server is inside a subnet and yet lists ${counted(endpointConnections.length, 'endpoint connection')}.`,
        evidence: {
          subnet: delegatedSubnetId,
          connections: listed(endpointConnections).map(({ id, status }) => ({ id, status })),
          connectionCount: endpointConnections.length,
        },
      },
    ];
  },
});
