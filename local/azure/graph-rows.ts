import type { Schema } from './columns.ts';
import type { ManagementGroup, Subscription } from './estate.ts';
import { textAt, type Json } from './json.ts';
import { resourceType } from './resource-types.ts';
import type { ResourceGroup } from './store.ts';

/** The columns of a Resource Graph table. */
export const graphSchema: Schema = {
  id: 'string',
  name: 'string',
  type: 'string',
  tenantId: 'string',
  kind: 'string',
  location: 'string',
  resourceGroup: 'string',
  subscriptionId: 'string',
  managedBy: 'string',
  sku: 'dynamic',
  plan: 'dynamic',
  properties: 'dynamic',
  tags: 'dynamic',
  identity: 'dynamic',
  zones: 'dynamic',
  extendedLocation: 'dynamic',
  apiVersion: 'string',
};

const groupOf = /^\/subscriptions\/[^/]+\/resourcegroups\/([^/]+)/i;

/** A resource as Resource Graph tells it: type and resource group in lower case, the id in the provider's casing. */
export const resourceRow = (body: Json, subscriptionId: string, tenantId: string): Json => {
  const id = textAt(body, 'id') ?? '';
  const type = textAt(body, 'type') ?? '';
  return {
    id,
    name: textAt(body, 'name') ?? '',
    type: type.toLowerCase(),
    tenantId,
    kind: textAt(body, 'kind') ?? '',
    // Resource Graph gives the short name of a region.
    location: (textAt(body, 'location') ?? '').toLowerCase().replaceAll(' ', ''),
    resourceGroup: groupOf.exec(id)?.[1]?.toLowerCase() ?? '',
    subscriptionId,
    managedBy: textAt(body, 'managedBy') ?? '',
    sku: body['sku'] ?? null,
    properties: body['properties'] ?? {},
    tags: body['tags'] ?? null,
    identity: body['identity'] ?? null,
    zones: body['zones'] ?? null,
    apiVersion: resourceType(type)?.versions[0] ?? '',
  };
};

/** The management groups above a subscription, the nearest first. */
export const ancestors = (
  groups: ReadonlyMap<string, ManagementGroup>,
  name: string | null | undefined,
): readonly ManagementGroup[] => {
  const found: ManagementGroup[] = [];
  let at = groups.get(name?.toLowerCase() ?? '');
  while (at && !found.includes(at)) {
    found.push(at);
    at = groups.get(at.parent?.toLowerCase() ?? '');
  }
  return found;
};

const chain = (
  groups: ReadonlyMap<string, ManagementGroup>,
  name: string | null | undefined,
): readonly Json[] =>
  ancestors(groups, name).map((group) => ({
    name: group.name,
    displayName: group.displayName ?? group.name,
  }));

const container = (row: Json): Json => ({
  kind: '',
  location: '',
  resourceGroup: '',
  subscriptionId: '',
  managedBy: '',
  tags: null,
  ...row,
});

/** A subscription as row of `resourcecontainers`. */
export const subscriptionRow = (item: Subscription, groups: ReadonlyMap<string, ManagementGroup>): Json =>
  container({
    id: `/subscriptions/${item.subscriptionId}`,
    name: item.displayName,
    type: 'microsoft.resources/subscriptions',
    tenantId: item.tenantId,
    subscriptionId: item.subscriptionId.toLowerCase(),
    properties: {
      state: item.state,
      managementGroupAncestorsChain: chain(groups, item.managementGroup),
      subscriptionPolicies: { quotaId: 'EnterpriseAgreement_2014-09-01', spendingLimit: 'Off' },
    },
  });

/** A management group as row of `resourcecontainers`. */
export const managementGroupRow = (
  group: ManagementGroup,
  groups: ReadonlyMap<string, ManagementGroup>,
  tenantId: string,
): Json => {
  const above = ancestors(groups, group.parent);
  const parent = above[0];
  return container({
    id: `/providers/Microsoft.Management/managementGroups/${group.name}`,
    name: group.name,
    type: 'microsoft.management/managementgroups',
    tenantId,
    properties: {
      displayName: group.displayName ?? group.name,
      tenantId,
      details: {
        parent: parent && { name: parent.name, displayName: parent.displayName ?? parent.name },
        managementGroupAncestorsChain: chain(groups, group.parent),
      },
    },
  });
};

/** A resource group as row of `resourcecontainers`. */
export const groupRow = (group: ResourceGroup, tenantId: string): Json =>
  container({
    id: `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`,
    name: group.name,
    type: 'microsoft.resources/subscriptions/resourcegroups',
    tenantId,
    location: textAt(group.body, 'location') ?? '',
    resourceGroup: group.name.toLowerCase(),
    subscriptionId: group.subscriptionId.toLowerCase(),
    tags: group.body['tags'] ?? null,
    properties: group.body['properties'] ?? {},
  });
