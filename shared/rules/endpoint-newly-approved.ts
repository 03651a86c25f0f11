import { deleteConnection } from '../judging/az-command.ts';
import {
  endpointOf,
  endpointSubscription,
  isSame,
  judgeApproved,
  requestKind,
} from '../judging/connections.ts';
import { baselineKind, cutText } from '../judging/evidence.ts';
import { defineRule } from './define-rule.ts';

export const endpointNewlyApproved = defineRule({
  id: 'endpoint-newly-approved',
  code: 'PE-008',
  title: 'Newly approved private endpoint',
  severity: 'Medium',
  category: 'private-endpoint',
  subject: 'endpoint connection',
  fix: 'Approve it in the baseline, or delete the connection.',
  documentation: 'https://learn.microsoft.com/azure/private-link/manage-private-endpoint',
  standards: [],
  needs: ['baseline', 'endpointConnections', 'surroundings', 'server', 'scope', 'approvers'],
  check({ baseline, endpointConnections, surroundings, server, scope, approvers }, policy) {
    const allowed = [server.subscription, ...scope, ...policy.approvedSubscriptions];
    const listed = policy.settings['endpoint-newly-approved'].approvers.map((id) => id.toLowerCase());
    return judgeApproved(endpointConnections, (connection) => {
      const { id, endpointId, groupIds, description } = connection;
      if (baseline.approvedConnections.some((known) => isSame(connection, known))) return [];
      const approver = approvers[id]?.toLowerCase();
      const isStranger = listed.length > 0 && approver !== undefined && !listed.includes(approver);
      const subscription = endpointSubscription(connection);
      const request = requestKind(connection, surroundings, server.id);
      const isForeign = subscription === undefined || !allowed.includes(subscription);
      return [
        {
          subject: id,
          severity: isStranger || (request === 'manual' && isForeign) ? 'High' : 'Medium',
          summary: `A private endpoint was approved that is not in the baseline${isStranger ? ', by someone who is not listed as an approver' : ''}.`,
          evidence: { endpoint: endpointId, subscription: subscription ?? null, groupIds },
          notes: {
            baseline: baselineKind(baseline),
            request,
            subnet: endpointOf(connection, surroundings)?.subnetId ?? null,
            description: cutText(description),
          },
        },
      ];
    });
  },
  command: (_, { subject }) => (subject === undefined ? '' : deleteConnection(subject)),
});
