import { deleteConnection } from '../judging/az-command.ts';
import { endpointSubscription, judgeApproved } from '../judging/connections.ts';
import { defineRule } from './define-rule.ts';

export const endpointForeignTenant = defineRule({
  id: 'endpoint-foreign-tenant',
  code: 'PE-007',
  title: 'Approved endpoint from another tenant',
  severity: 'Critical',
  category: 'private-endpoint',
  subject: 'endpoint connection',
  fix: 'Delete the connection unless a named owner confirms the other tenant.',
  documentation: 'https://learn.microsoft.com/azure/private-link/private-endpoint-overview',
  standards: [],
  needs: ['endpointConnections', 'server', 'tenants'],
  check({ endpointConnections, server, tenants }, { settings }) {
    const { trustedTenants, tenantListComplete } = settings['endpoint-foreign-tenant'];
    const own = tenants[server.subscription]?.toLowerCase();
    const trusted = trustedTenants.map((tenant) => tenant.toLowerCase());
    return judgeApproved(endpointConnections, (connection) => {
      const { id, endpointId } = connection;
      const unknown = (reason: string) => [{ subject: id, unknown: reason }];
      const subscription = endpointSubscription(connection);
      if (subscription === undefined) return unknown('endpointConnections: the endpoint is not named');
      if (subscription === server.subscription) return [];
      const tenant = tenants[subscription]?.toLowerCase();
      if (tenant !== undefined && (tenant === own || trusted.includes(tenant))) return [];
      if (tenant === undefined && !tenantListComplete)
        return unknown(`tenants: none known of ${subscription}`);
      if (tenant !== undefined && own === undefined) return unknown('tenants: the own one is not known');
      return [
        {
          subject: id,
          summary: `An approved private endpoint belongs to ${tenant === undefined ? 'a tenant that this one cannot see' : `the tenant ${tenant}`}.`,
          evidence: {
            endpoint: endpointId,
            endpointSubscription: subscription,
            tenant: tenant ?? null,
            resolved:
              tenant === undefined ? 'not among all subscriptions of the tenant' : 'list of subscriptions',
          },
        },
      ];
    });
  },
  command: (_, { subject }) => (subject === undefined ? '' : deleteConnection(subject)),
});
