import type { Subscription } from './estate.ts';
import type { Json } from './json.ts';
import type { ResourceGroup } from './store.ts';

/** A subscription as Azure Resource Manager answers it. */
export const subscriptionBody = (subscription: Subscription): Json => ({
  id: `/subscriptions/${subscription.subscriptionId}`,
  authorizationSource: 'RoleBased',
  managedByTenants: [],
  subscriptionId: subscription.subscriptionId,
  tenantId: subscription.tenantId,
  displayName: subscription.displayName,
  state: subscription.state,
  subscriptionPolicies: {
    locationPlacementId: 'Public_2014-09-01',
    quotaId: 'EnterpriseAgreement_2014-09-01',
    spendingLimit: 'Off',
  },
});

/** A resource group as Azure Resource Manager answers it. */
export const groupBody = (group: ResourceGroup): Json => ({
  id: `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`,
  name: group.name,
  type: 'Microsoft.Resources/resourceGroups',
  ...group.body,
});
