import * as z from 'zod';
import { boundedName } from '../identity.ts';
import type { Family } from './define-family.ts';
import * as facet from './facets.ts';

const Access = z.object({ properties: z.object({ publicNetworkAccess: z.unknown().optional() }) });
const Connections = z.object({
  properties: z.object({ privateEndpointConnections: z.array(z.unknown()).optional() }),
});
const State = z.object({ properties: z.object({ userVisibleState: z.string() }) });
const Replicas = z.object({
  properties: z.object({ replicationRole: z.string().nullish(), masterServerId: z.string().nullish() }),
});
const Sku = z.object({ sku: z.object({ tier: z.string() }) });

/** Where MySQL and PostgreSQL single servers, which share one layout, keep their facets. They are never injected. */
export const singleFacets: Family['facets'] = {
  publicAccess: {
    in: 'body',
    read: (body) => facet.publicAccess(Access.parse(body).properties.publicNetworkAccess),
  },
  delegatedSubnetId: { in: 'family', value: null },
  firewallRules: { in: 'list', path: 'firewallRules', read: facet.firewallRules },
  virtualNetworkRules: { in: 'list', path: 'virtualNetworkRules', read: facet.virtualNetworkRules },
  endpointConnections: {
    in: 'body',
    read: (body, serverId) =>
      facet.endpointConnections(Connections.parse(body).properties.privateEndpointConnections, serverId),
  },
  state: { in: 'body', read: (body) => boundedName(State.parse(body).properties.userVisibleState) },
  replication: {
    in: 'body',
    read: (body) => {
      const { replicationRole, masterServerId } = Replicas.parse(body).properties;
      return facet.replication([replicationRole], masterServerId);
    },
  },
  tier: { in: 'body', read: (body) => boundedName(Sku.parse(body).sku.tier) },
};
