import { endpointReading, judgeApproved } from '../judging/connections.ts';
import { defineRule } from './define-rule.ts';

export const endpointOtherRegion = defineRule({
  id: 'endpoint-other-region',
  code: 'PE-015',
  title: 'Approved endpoint in another region',
  severity: 'Informational',
  category: 'private-endpoint',
  subject: 'endpoint connection',
  fix: 'Confirm that clients of the other region are meant to reach the database.',
  documentation: 'https://learn.microsoft.com/azure/private-link/private-endpoint-overview',
  standards: [],
  needs: ['endpointConnections', 'surroundings', 'server'],
  check({ endpointConnections, surroundings, server }) {
    return judgeApproved(endpointConnections, ({ id, endpointId }) => {
      const endpoint = endpointReading(endpointId, surroundings);
      if (endpoint === 'gone') return [];
      if ('unknown' in endpoint) return [{ subject: id, unknown: endpoint.unknown }];
      const there = normalised(endpoint.location);
      const here = normalised(server.location);
      if (there === '' || here === '') return [{ subject: id, unknown: 'location: absent' }];
      if (there === here) return [];
      return [
        {
          subject: id,
          summary: `The server is in ${here}, its private endpoint in ${there}.`,
          evidence: { server: here, endpoint: there, endpointId },
          notes: { subnet: endpoint.subnetId },
        },
      ];
    });
  },
});

/** "West Europe" and "westeurope" are one place. */
function normalised(location: string): string {
  return location.toLowerCase().replaceAll(' ', '').slice(0, 64);
}
