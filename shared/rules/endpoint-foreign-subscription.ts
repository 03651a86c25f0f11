import { deleteConnection } from '../judging/az-command.ts';
import { endpointSubscription, judgeApproved, requestKind } from '../judging/connections.ts';
import { cutText } from '../judging/evidence.ts';
import { defineRule } from './define-rule.ts';

export const endpointForeignSubscription = defineRule({
  id: 'endpoint-foreign-subscription',
  code: 'PE-006',
  title: 'Approved endpoint from a subscription outside the allow list',
  severity: 'High',
  category: 'private-endpoint',
  subject: 'endpoint connection',
  fix: 'Confirm the owner of the endpoint and add its subscription to the allow list, or delete the connection.',
  documentation: 'https://learn.microsoft.com/azure/private-link/private-endpoint-overview',
  standards: [],
  needs: ['endpointConnections', 'server', 'scope', 'tenants', 'surroundings'],
  supersededBy: ['endpoint-foreign-tenant'],
  check({ endpointConnections, server, scope, tenants, surroundings }, { approvedSubscriptions }) {
    const allowed = [server.subscription, ...scope, ...approvedSubscriptions].map((id) => id.toLowerCase());
    return judgeApproved(endpointConnections, (connection) => {
      const { id, endpointId, groupIds, description } = connection;
      const subscription = endpointSubscription(connection);
      if (subscription === undefined) {
        return [{ subject: id, unknown: 'endpointConnections: the endpoint is not named' }];
      }
      if (allowed.includes(subscription)) return [];
      const tenant = tenants[subscription] ?? 'unresolved';
      return [
        {
          subject: id,
          summary: `An approved private endpoint belongs to the subscription ${subscription}, which is not on the allow list${tenant === 'unresolved' ? '; its tenant is unresolved' : ''}.`,
          evidence: {
            endpoint: endpointId,
            endpointSubscription: subscription,
            serverSubscription: server.subscription,
            tenant,
            groupIds,
          },
          notes: {
            description: cutText(description),
            request: requestKind(connection, surroundings, server.id),
          },
        },
      ];
    });
  },
  command: (_, { subject }) => (subject === undefined ? '' : deleteConnection(subject)),
});
