import { type Estate, type EstateResource, parseEstate } from '../../local/azure/index.ts';

export const SHOP = '11111111-1111-4111-8111-111111111111';
export const LAB = '22222222-2222-4222-8222-222222222222';
/** A subscription that exists nowhere: what happens there is out of scope. */
export const ELSEWHERE = '77777777-7777-4777-8777-777777777777';
const TENANT = '99999999-9999-4999-8999-999999999999';

export const MYSQL = 'Microsoft.DBforMySQL/flexibleServers';
export const POSTGRES = 'Microsoft.DBforPostgreSQL/flexibleServers';
export const MYSQL_SINGLE = 'Microsoft.DBforMySQL/servers';

export const GROUP = `/subscriptions/${SHOP}/resourceGroups/rg-data`;
export const SUBNET = `${GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-data/subnets/endpoints`;

/** The id of a server of this estate, as Azure writes it. */
export function serverId(name: string, type: string = MYSQL, group = GROUP): string {
  return `${group}/providers/${type}/${name}`;
}

export function endpointId(name: string): string {
  return `${GROUP}/providers/Microsoft.Network/privateEndpoints/${name}`;
}

type Rules = Readonly<Record<string, readonly [start: string, end: string]>>;

export const OFFICE: Rules = { office: ['203.0.113.1', '203.0.113.9'] };

/** A flexible server as a data file writes it; `access` is the switch of its public access. */
export function flexible(
  name: string,
  access: 'Enabled' | 'Disabled',
  rules: Rules = OFFICE,
  type: string = MYSQL,
  group = GROUP,
): object {
  return {
    id: serverId(name, type, group),
    location: 'westeurope',
    tags: { env: 'prod' },
    sku: { name: 'Standard_D2ds_v4', tier: 'GeneralPurpose' },
    properties: {
      state: 'Ready',
      replicationRole: type === MYSQL ? 'None' : 'Primary',
      network: { publicNetworkAccess: access },
    },
    children: { firewallRules: rulesOf(rules) },
  };
}

function rulesOf(rules: Rules): Record<string, object> {
  return Object.fromEntries(
    Object.entries(rules).map(([name, [start, end]]) => [name, { startIpAddress: start, endIpAddress: end }]),
  );
}

/** A MySQL single server with a rule for the subnet: the one family here with two lists of rules. */
export function single(name: string): object {
  return {
    id: serverId(name, MYSQL_SINGLE),
    location: 'westeurope',
    sku: { name: 'GP_Gen5_2', tier: 'GeneralPurpose' },
    properties: { userVisibleState: 'Ready', publicNetworkAccess: 'Enabled', replicationRole: 'None' },
    children: {
      firewallRules: rulesOf(OFFICE),
      virtualNetworkRules: { apps: { virtualNetworkSubnetId: SUBNET } },
    },
  };
}

/** A private endpoint and the connection that its server shows for it. */
export function endpointBody(server: string): object {
  return {
    location: 'westeurope',
    properties: {
      subnet: { id: SUBNET },
      privateLinkServiceConnections: [
        { name: 'database', properties: { privateLinkServiceId: server, groupIds: ['mysqlServer'] } },
      ],
    },
  };
}

/** A flexible server without rules, and the private endpoint through which alone it is reached. */
export function withEndpoint(name: string, access: 'Enabled' | 'Disabled'): readonly object[] {
  const endpoint = endpointId(`pe-${name}`);
  const state = { status: 'Approved', description: 'Auto-approved', actionsRequired: 'None' };
  const server = flexible(name, access, {}) as { id: string; properties: object };
  const connection = {
    id: `${server.id}/privateEndpointConnections/pe-${name}.1`,
    name: `pe-${name}.1`,
    type: `${MYSQL}/privateEndpointConnections`,
    properties: {
      provisioningState: 'Succeeded',
      privateEndpoint: { id: endpoint },
      groupIds: ['mysqlServer'],
      privateLinkServiceConnectionState: state,
    },
  };
  const target = {
    name: 'database',
    properties: {
      privateLinkServiceId: server.id,
      groupIds: ['mysqlServer'],
      privateLinkServiceConnectionState: state,
    },
  };
  return [
    { ...server, properties: { ...server.properties, privateEndpointConnections: [connection] } },
    {
      id: endpoint,
      location: 'westeurope',
      properties: {
        provisioningState: 'Succeeded',
        subnet: { id: SUBNET },
        privateLinkServiceConnections: [target],
      },
    },
  ];
}

const network = {
  id: SUBNET.split('/subnets/')[0],
  location: 'westeurope',
  properties: { addressSpace: { addressPrefixes: ['10.1.0.0/16'] } },
  children: { subnets: { endpoints: { addressPrefix: '10.1.2.0/24' } } },
};

/** Two subscriptions, a network, and the servers that a test names. */
export function estateOf(servers: readonly object[]): Estate {
  return parseEstate({
    subscriptions: [
      { subscriptionId: SHOP, displayName: 'Shop', tenantId: TENANT, managementGroup: 'mg-root' },
      { subscriptionId: LAB, displayName: 'Lab', tenantId: TENANT, managementGroup: 'mg-root' },
    ],
    managementGroups: [{ name: 'mg-root', parent: null }],
    resources: [network as EstateResource, ...(servers as readonly EstateResource[])],
  });
}
