/** What the embedded Azure knows of a resource type: its casing in Azure and its API versions, newest first. */
export interface ResourceType {
  readonly type: string;
  readonly versions: readonly string[];
}

const postgres = ['2025-08-01', '2024-08-01', '2022-12-01'];
const mysql = ['2024-12-30', '2023-12-30', '2023-06-30', '2021-05-01'];
const single = ['2017-12-01'];
const network = ['2025-09-01', '2025-05-01', '2024-05-01'];
const privateDns = ['2024-06-01', '2020-06-01', '2018-09-01'];
const sql = ['2025-01-01', '2023-08-01', '2021-11-01'];
const flexible = 'firewallRules configurations administrators advancedThreatProtectionSettings';
const singleChildren =
  'firewallRules virtualNetworkRules configurations administrators securityAlertPolicies';
const links = 'privateEndpointConnections privateLinkResources';
const records = 'A AAAA CNAME MX PTR SOA SRV TXT';

/** Type, its versions, its children, and the versions of the children where they differ from the type's. */
const families: readonly (readonly [string, readonly string[], string])[] = [
  ['Microsoft.DBforPostgreSQL/flexibleServers', postgres, `${flexible} ${links} virtualEndpoints databases`],
  ['Microsoft.DBforMySQL/flexibleServers', mysql, `${flexible} databases`],
  ['Microsoft.DBforMySQL/flexibleServers', ['2024-12-30'], links],
  ['Microsoft.DBforPostgreSQL/servers', single, singleChildren],
  ['Microsoft.DBforPostgreSQL/servers', ['2018-06-01'], links],
  ['Microsoft.DBforMySQL/servers', single, singleChildren],
  ['Microsoft.DBforMySQL/servers', ['2018-06-01'], links],
  ['Microsoft.DBforMariaDB/servers', ['2018-06-01'], `${singleChildren} ${links}`],
  [
    'Microsoft.DBforPostgreSQL/serverGroupsv2',
    ['2022-11-08'],
    `firewallRules ${links} coordinatorConfigurations nodeConfigurations servers`,
  ],
  [
    'Microsoft.Sql/servers',
    sql,
    `firewallRules ipv6FirewallRules virtualNetworkRules ${links} administrators outboundFirewallRules networkSecurityPerimeterConfigurations databases elasticPools`,
  ],
  ['Microsoft.Network/privateEndpoints', network, 'privateDnsZoneGroups'],
  ['Microsoft.Network/virtualNetworks', network, 'subnets virtualNetworkPeerings'],
  ['Microsoft.Network/networkSecurityGroups', network, 'securityRules defaultSecurityRules'],
  ['Microsoft.Network/networkInterfaces', network, ''],
  ['Microsoft.Network/routeTables', network, 'routes'],
  [
    'Microsoft.Network/networkSecurityPerimeters',
    network,
    'profiles profiles/accessRules resourceAssociations links',
  ],
  ['Microsoft.Network/privateDnsZones', privateDns, `${records} virtualNetworkLinks`],
  ['Microsoft.Insights/diagnosticSettings', ['2021-05-01-preview'], ''],
  ['Microsoft.Insights/eventtypes', ['2015-04-01', '2014-04-01'], 'values'],
  ['Microsoft.Insights/scheduledQueryRules', ['2026-03-01', '2023-12-01'], ''],
  ['Microsoft.Insights/dataCollectionRules', ['2024-03-11', '2023-03-11'], ''],
  ['Microsoft.EventGrid/systemTopics', ['2025-02-15', '2022-06-15'], 'eventSubscriptions'],
  ['Microsoft.ResourceGraph/resources', ['2024-04-01', '2022-10-01', '2021-03-01'], ''],
  [
    'Microsoft.Resources/subscriptions',
    ['2025-04-01', '2024-11-01', '2022-12-01', '2022-09-01', '2021-04-01', '2021-01-01', '2020-01-01'],
    'resourceGroups',
  ],
];

const known = new Map<string, ResourceType>();
for (const [type, versions, children] of families) {
  if (!known.has(type.toLowerCase())) known.set(type.toLowerCase(), { type, versions });
  for (const child of children.split(' ').filter(Boolean)) {
    known.set(`${type}/${child}`.toLowerCase(), { type: `${type}/${child}`, versions });
  }
}

/** The known facts of a type in any casing, or undefined for a type that the embedded Azure does not serve. */
export const resourceType = (type: string): ResourceType | undefined => known.get(type.toLowerCase());

/** A type in Azure's own casing; unknown types keep the casing they came with. */
export const canonicalType = (type: string): string => known.get(type.toLowerCase())?.type ?? type;

const namespaces = new Set([...known.keys()].map((type) => type.slice(0, type.indexOf('/'))));

/** Tells whether any type of a provider namespace is known. */
export const knownNamespace = (namespace: string): boolean => namespaces.has(namespace.toLowerCase());

const serverTypes = new Set([
  'microsoft.dbforpostgresql/flexibleservers',
  'microsoft.dbformysql/flexibleservers',
  'microsoft.dbforpostgresql/servers',
  'microsoft.dbformysql/servers',
  'microsoft.dbformariadb/servers',
  'microsoft.dbforpostgresql/servergroupsv2',
  'microsoft.sql/servers',
]);

/** Tells whether a type is a database server, the target of private endpoints. */
export const isServerType = (type: string): boolean => serverTypes.has(type.toLowerCase());

const insideParent = new Map([
  ['microsoft.network/virtualnetworks/subnets', 'subnets'],
  ['microsoft.network/virtualnetworks/virtualnetworkpeerings', 'virtualNetworkPeerings'],
  ['microsoft.network/networksecuritygroups/securityrules', 'securityRules'],
  ['microsoft.network/networksecuritygroups/defaultsecurityrules', 'defaultSecurityRules'],
  ['microsoft.network/routetables/routes', 'routes'],
  ...[...serverTypes].map(
    (type) => [`${type}/privateendpointconnections`, 'privateEndpointConnections'] as const,
  ),
]);

/** The key in the parent's `properties` whose list holds the children of this type, where Azure keeps them there. */
export const listInsideParent = (type: string): string | undefined => insideParent.get(type.toLowerCase());

/** The Resource Graph table of a type, undefined for children that no table has (firewall rules and the like). */
export const graphTable = (type: string): 'resources' | 'dnsresources' | 'networkresources' | undefined => {
  const lower = type.toLowerCase();
  const depth = lower.split('/').length;
  if (lower === 'microsoft.insights/diagnosticsettings') return undefined;
  if (depth === 2 || lower === 'microsoft.network/privatednszones/virtualnetworklinks') return 'resources';
  if (lower === 'microsoft.sql/servers/databases' || lower === 'microsoft.sql/servers/elasticpools')
    return 'resources';
  if (lower.startsWith('microsoft.network/privatednszones/')) return 'dnsresources';
  if (lower.startsWith('microsoft.network/networksecurityperimeters/')) return 'networkresources';
  return undefined;
};
