import { countStatuses, interpretedConnections } from '../judging/connections.ts';
import { ids } from '../judging/evidence.ts';
import { defineRule } from './define-rule.ts';

export const privateEndpointMissing = defineRule({
  id: 'private-endpoint-missing',
  code: 'PE-001',
  title: 'No approved private endpoint',
  severity: 'Medium',
  category: 'private-endpoint',
  subject: 'server',
  fix: 'Create a private endpoint for the server and approve its connection.',
  documentation: 'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking-private-link',
  standards: [
    'MCSB NS-2',
    'Azure Policy 5375a5bb-22c6-46d7-8a43-83417cfb4460',
    'Azure Policy 7595c971-233d-4bcf-bd18-596129188c49',
    'Azure Policy 0564d078-92f5-4f97-8398-b9f58a51f70b',
  ],
  needs: ['endpointConnections', 'tier', 'exposure'],
  check(facts, { requirePrivatePath, profile }) {
    const { exposure } = facts;
    if (!requirePrivatePath || exposure.injected) return 'not-applicable';
    if (exposure.approvedConnections.length > 0) return [];
    const connections = interpretedConnections(facts);
    // Nobody reaches it: that is a finding of its own. The basic tier of the single servers has no private endpoints.
    if (exposure.reachability === 'UNREACHABLE' || facts.tier.toLowerCase() === 'basic')
      return 'not-applicable';
    return [
      {
        summary: `The profile "${profile}" asks for a private path, and none of ${connections.length} endpoint connections is approved.`,
        evidence: { profile, connections: ids(connections), statuses: countStatuses(connections) },
      },
    ];
  },
});
