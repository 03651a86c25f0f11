import * as z from 'zod';
import { boundedName } from '../identity.ts';
import type { Family } from './define-family.ts';
import * as facet from './facets.ts';

const Access = z.object({
  properties: z.object({
    network: z
      .object({
        publicNetworkAccess: z.unknown().optional(),
        delegatedSubnetResourceId: z.string().nullish(),
      })
      .nullish(),
  }),
});
const Connections = z.object({
  properties: z.object({ privateEndpointConnections: z.array(z.unknown()).optional() }),
});
const State = z.object({ properties: z.object({ state: z.string() }) });
const Replicas = z.object({
  properties: z.object({
    replicationRole: z.string().nullish(),
    replica: z.object({ role: z.string().nullish() }).nullish(),
    sourceServerResourceId: z.string().nullish(),
  }),
});
const Sku = z.object({ sku: z.object({ tier: z.string() }) });

/** Where MySQL and PostgreSQL flexible servers, which share one layout, keep their facets. */
export const flexibleFacets: Family['facets'] = {
  publicAccess: {
    in: 'body',
    read: (body) => facet.publicAccess(Access.parse(body).properties.network?.publicNetworkAccess),
  },
  delegatedSubnetId: {
    in: 'body',
    read: (body) => facet.delegatedSubnet(Access.parse(body).properties.network?.delegatedSubnetResourceId),
  },
  firewallRules: { in: 'list', path: 'firewallRules', read: facet.firewallRules },
  virtualNetworkRules: { in: 'family', value: [] },
  endpointConnections: {
    in: 'body',
    read: (body, serverId) =>
      facet.endpointConnections(Connections.parse(body).properties.privateEndpointConnections, serverId),
  },
  state: { in: 'body', read: (body) => boundedName(State.parse(body).properties.state) },
  replication: {
    in: 'body',
    read: (body) => {
      const { replicationRole, replica, sourceServerResourceId } = Replicas.parse(body).properties;
      return facet.replication([replicationRole, replica?.role], sourceServerResourceId);
    },
  },
  tier: { in: 'body', read: (body) => boundedName(Sku.parse(body).sku.tier) },
};
