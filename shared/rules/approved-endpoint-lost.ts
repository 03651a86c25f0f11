import { isSame, statusUnknown } from '../judging/connections.ts';
import { baselineKind } from '../judging/evidence.ts';
import type { Verdicts } from '../model.ts';
import { defineRule } from './define-rule.ts';

export const approvedEndpointLost = defineRule({
  id: 'approved-endpoint-lost',
  code: 'DRF-004',
  title: 'An approved private endpoint is gone',
  severity: 'Low',
  category: 'private-endpoint',
  subject: 'endpoint connection',
  fix: 'Recreate the endpoint, or approve the new state.',
  documentation: 'https://learn.microsoft.com/azure/private-link/manage-private-endpoint',
  standards: [],
  needs: ['baseline', 'endpointConnections', 'exposure'],
  supersededBy: ['last-endpoint-lost'],
  check({ baseline, endpointConnections, exposure }) {
    const { approvedConnections } = exposure;
    return baseline.approvedConnections.flatMap((lost): Verdicts => {
      const { id, endpointId } = lost;
      if (approvedConnections.some((connection) => isSame(connection, lost))) return [];
      const now = endpointConnections.find((connection) => isSame(connection, lost));
      if (now?.status === 'unknown') return [{ subject: id, unknown: statusUnknown(now) }];
      return [
        {
          subject: id,
          summary: `A private endpoint that was approved in the baseline is now ${now?.status ?? 'absent'}.`,
          evidence: { endpoint: endpointId, before: 'approved', now: now?.status ?? 'absent' },
          notes: { baseline: baselineKind(baseline) },
        },
      ];
    });
  },
});
