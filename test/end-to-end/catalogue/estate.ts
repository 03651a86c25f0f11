import { type Estate, type EstateResource, type Json, parseEstate } from '../../../local/azure/index.ts';
import { estateOf, GROUP, SHOP, SUBNET } from '../estate.ts';

/** In scope, and of another tenant that the identity can see. */
export const PARTNER = '33333333-3333-4333-8333-333333333333';
/** It exists, but the settings do not name it. */
export const STRANGER = '44444444-4444-4444-8444-444444444444';
const OTHER_TENANT = '88888888-8888-4888-8888-888888888888';

export const POSTGRES_SINGLE = 'Microsoft.DBforPostgreSQL/servers';

/** The estate of the end-to-end tests with two further subscriptions of another tenant. */
export function catalogueEstate(resources: readonly object[]): Estate {
  const estate = estateOf([]);
  return parseEstate({
    ...estate,
    subscriptions: [
      ...estate.subscriptions,
      { subscriptionId: PARTNER, displayName: 'Partner', tenantId: OTHER_TENANT },
      { subscriptionId: STRANGER, displayName: 'Stranger', tenantId: OTHER_TENANT },
    ],
    resources: [
      ...estate.resources,
      ...[PARTNER, STRANGER].map(networkOf),
      ...(resources as readonly EstateResource[]),
    ],
  });
}

/** Azure takes a private endpoint only where its resource group is. */
function networkOf(subscription: string): object {
  const group = GROUP.replace(SHOP, subscription);
  return { id: `${group}/providers/Microsoft.Network/virtualNetworks/vnet-data`, location: 'westeurope' };
}

/** A server inside a subnet, with some properties of `properties` replaced. */
export function injected(server: object): object {
  return withProperties(server, {
    network: { publicNetworkAccess: 'Disabled', delegatedSubnetResourceId: SUBNET },
  });
}

/** A resource with some of its properties replaced. */
export function withProperties(server: object, properties: Json): Json {
  const { properties: before } = server as { readonly properties: Json };
  return { ...server, properties: { ...before, ...properties } };
}

/** A single server as a PUT writes it. */
export function singleBody(tier: string): Json {
  return {
    location: 'westeurope',
    sku: { name: tier === 'Basic' ? 'B_Gen5_1' : 'GP_Gen5_2', tier },
    properties: { userVisibleState: 'Ready', publicNetworkAccess: 'Enabled', replicationRole: 'None' },
  };
}
