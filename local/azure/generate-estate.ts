import type { Estate, EstateResource } from './estate.ts';

const tenantId = '00000000-0000-4000-8000-00000000fffe';

const subscriptionIdAt = (index: number): string =>
  `00000000-0000-4000-8000-${(index + 1).toString(16).padStart(12, '0')}`;

/** Spreads rule addresses over documentation and test ranges and a few wide ones, the same in every run. */
const ruleAt = (server: number, rule: number): Record<string, string> => {
  if (rule === 0 && server % 20 === 0) return { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' };
  if (rule === 1 && server % 10 === 0) return { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' };
  const block = `${20 + (server % 100)}.${(server * 7) % 256}.${(rule * 13) % 256}`;
  return { startIpAddress: `${block}.0`, endIpAddress: `${block}.${(rule % 4) * 8 + 7}` };
};

const serverAt = (index: number, rules: number, subscriptions: number): EstateResource => {
  const mysql = index % 2 === 0;
  const type = mysql ? 'Microsoft.DBforMySQL/flexibleServers' : 'Microsoft.DBforPostgreSQL/flexibleServers';
  const name = `db${index.toString().padStart(6, '0')}`;
  const scope = `/subscriptions/${subscriptionIdAt(index % subscriptions)}/resourceGroups/rg-${index % 50}`;
  const names = Array.from({ length: rules }, (_, rule) => [`rule${rule}`, ruleAt(index, rule)] as const);
  const domain = mysql ? 'mysql.database.azure.com' : 'postgres.database.azure.com';
  return {
    id: `${scope}/providers/${type}/${name}`,
    location: 'westeurope',
    tags: { env: index % 3 === 0 ? 'dev' : 'prod' },
    sku: { name: 'Standard_D4ds_v5', tier: 'GeneralPurpose' },
    properties: {
      administratorLogin: 'dbadmin',
      version: mysql ? '8.0.21' : '16',
      state: 'Ready',
      fullyQualifiedDomainName: `${name}.${domain}`,
      network: { publicNetworkAccess: index % 5 === 4 ? 'Disabled' : 'Enabled' },
      replicationRole: mysql ? 'None' : 'Primary',
      ...(mysql && { databasePort: 3306 }),
    },
    children: { firewallRules: Object.fromEntries(names) },
  };
};

/**
 * Makes an estate of flexible servers for benchmarks, the same for the same numbers: half MySQL and half PostgreSQL,
 * every fifth with public access off, every twentieth open to the internet, every tenth to all of Azure.
 */
export const generateEstate = (size: {
  readonly servers: number;
  readonly rulesPerServer: number;
  readonly subscriptions: number;
}): Estate => ({
  subscriptions: Array.from({ length: size.subscriptions }, (_, index) => ({
    subscriptionId: subscriptionIdAt(index),
    displayName: `Subscription ${index + 1}`,
    tenantId,
    managementGroup: 'mg-root',
    readable: true,
    state: 'Enabled' as const,
  })),
  managementGroups: [{ name: 'mg-root', parent: null }],
  resources: Array.from({ length: size.servers }, (_, index) =>
    serverAt(index, size.rulesPerServer, size.subscriptions),
  ),
});
