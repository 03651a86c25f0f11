import { disablePublicAccess } from '../judging/az-command.ts';
import { counted, ids } from '../judging/evidence.ts';
import { interpretedConnections } from '../judging/connections.ts';
import { isPublicAccessOn } from '../judging/public-access.ts';
import { defineRule } from './define-rule.ts';

export const publicAccessBesideEndpoint = defineRule({
  id: 'public-access-beside-endpoint',
  code: 'EXP-005',
  title: 'Public access on although an approved private endpoint exists',
  severity: 'Medium',
  category: 'exposure',
  subject: 'server',
  fix: 'Check that all clients resolve to the endpoint, then set public network access to Disabled.',
  documentation:
    'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private-link',
  standards: ['MCSB NS-2'],
  needs: ['publicAccess', 'endpointConnections', 'exposure'],
  check(facts) {
    if (!isPublicAccessOn(facts)) return [];
    const { approvedConnections, publicPath, publicAddresses } = facts.exposure;
    if (approvedConnections.length === 0) {
      interpretedConnections(facts);
      return [];
    }
    return [
      {
        summary: `Public network access is on beside ${counted(approvedConnections.length, 'approved private endpoint')}, which does not restrict it.`,
        evidence: {
          connections: ids(approvedConnections),
          connectionCount: approvedConnections.length,
          publicPath,
          public: publicAddresses,
        },
      },
    ];
  },
  command: disablePublicAccess,
});
