import { interpretedConnections } from '../judging/connections.ts';
import { baselineKind, counted, listed } from '../judging/evidence.ts';
import { defineRule } from './define-rule.ts';

export const lastEndpointLost = defineRule({
  id: 'last-endpoint-lost',
  code: 'PE-005',
  title: 'Last approved private endpoint is gone',
  severity: 'High',
  category: 'private-endpoint',
  subject: 'server',
  fix: 'Recreate and approve the endpoint, or approve the new state.',
  documentation: 'https://learn.microsoft.com/azure/private-link/manage-private-endpoint',
  standards: [],
  needs: ['endpointConnections', 'baseline', 'exposure'],
  check(facts) {
    const { baseline, exposure } = facts;
    const lost = baseline.approvedConnections;
    if (lost.length === 0 || exposure.approvedConnections.length > 0) return [];
    const now = new Map(interpretedConnections(facts).map(({ id, status }) => [id, status]));
    const { reachability } = exposure;
    const lockedOut = reachability === 'UNREACHABLE';
    return [
      {
        severity: lockedOut ? 'Critical' : 'High',
        summary: `${counted(lost.length, 'approved private endpoint')} of the baseline ${lost.length === 1 ? 'is' : 'are'} gone and none is left${lockedOut ? ': the server cannot be reached' : ''}.`,
        evidence: {
          lost: listed(lost).map(({ id, endpointId }) => {
            return { connection: id, endpoint: endpointId, before: 'approved', now: now.get(id) ?? 'absent' };
          }),
          lostCount: lost.length,
          reachability,
        },
        notes: { baseline: baselineKind(baseline) },
      },
    ];
  },
});
