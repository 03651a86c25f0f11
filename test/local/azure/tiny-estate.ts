import { request } from 'node:https';
import { parseEstate, type EmbeddedAzure, type Estate } from '../../../local/azure/index.ts';

export const shop = '11111111-1111-4111-8111-111111111111';
export const lab = '22222222-2222-4222-8222-222222222222';
export const sealed = '33333333-3333-4333-8333-333333333333';
export const tenant = '99999999-9999-4999-8999-999999999999';
export const rg = `/subscriptions/${shop}/resourceGroups/rg-data`;
export const orders = `${rg}/providers/Microsoft.DBforMySQL/flexibleServers/orders`;
export const stock = `${rg}/providers/Microsoft.DBforPostgreSQL/flexibleServers/stock`;
export const vnet = `${rg}/providers/Microsoft.Network/virtualNetworks/vnet-data`;
export const zone = `${rg}/providers/Microsoft.Network/privateDnsZones/privatelink.mysql.database.azure.com`;
export const myVersion = 'api-version=2024-12-30';
export const pgVersion = 'api-version=2025-08-01';
export const netVersion = 'api-version=2025-05-01';

const server = (id: string, more: object): object => ({
  id,
  location: 'westeurope',
  tags: { env: 'prod' },
  sku: { name: 'Standard_B1ms', tier: 'Burstable' },
  ...more,
});

/** Three subscriptions (one unreadable), a MySQL server with rules and parameters, a PostgreSQL server, network, DNS. */
export const tinyEstate = (): Estate =>
  parseEstate({
    subscriptions: [
      { subscriptionId: shop, displayName: 'Shop', tenantId: tenant, managementGroup: 'mg-shop' },
      { subscriptionId: lab, displayName: 'Lab', tenantId: tenant, managementGroup: 'mg-root' },
      {
        subscriptionId: sealed,
        displayName: 'Sealed',
        tenantId: tenant,
        managementGroup: 'mg-root',
        readable: false,
      },
    ],
    managementGroups: [
      { name: 'mg-root', parent: null },
      { name: 'mg-shop', parent: 'mg-root' },
    ],
    resources: [
      server(orders, {
        properties: {
          state: 'Ready',
          fullyQualifiedDomainName: 'orders.mysql.database.azure.com',
          network: { publicNetworkAccess: 'Enabled' },
        },
        children: {
          firewallRules: {
            office: { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' },
            vpn: { startIpAddress: '198.51.100.1', endIpAddress: '198.51.100.1' },
            azure: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' },
          },
          configurations: {
            require_secure_transport: {
              value: 'ON',
              currentValue: 'ON',
              defaultValue: 'ON',
              source: 'system-default',
            },
          },
          diagnosticSettings: { audit: { logs: [{ categoryGroup: 'audit', enabled: true }] } },
        },
      }),
      server(stock, {
        location: 'West Europe',
        properties: {
          state: 'Ready',
          fullyQualifiedDomainName: 'stock.postgres.database.azure.com',
          network: { publicNetworkAccess: 'Disabled' },
        },
      }),
      {
        id: vnet,
        location: 'westeurope',
        properties: { addressSpace: { addressPrefixes: ['10.1.0.0/16'] } },
        children: { subnets: { data: { addressPrefix: '10.1.2.0/24' } } },
      },
      {
        id: zone,
        location: 'global',
        children: {
          A: {
            orders: {
              ttl: 10,
              fqdn: 'orders.privatelink.mysql.database.azure.com.',
              aRecords: [{ ipv4Address: '10.1.2.4' }],
            },
          },
          virtualNetworkLinks: {
            data: { virtualNetwork: { id: vnet }, virtualNetworkLinkState: 'Completed' },
          },
        },
      },
      server(
        `/subscriptions/${lab}/resourceGroups/rg-lab/providers/Microsoft.DBforMySQL/flexibleServers/trial`,
        {},
      ),
      server(
        `/subscriptions/${sealed}/resourceGroups/rg-x/providers/Microsoft.DBforMySQL/flexibleServers/secret`,
        {},
      ),
    ],
  });

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: never;
}

/** Sends one request over TLS with a token of this Azure; `token: undefined` sends none. */
export const call = (
  azure: EmbeddedAzure,
  method: string,
  target: string,
  options: { body?: unknown; token?: string | undefined; headers?: Record<string, string> } = {},
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const token =
      'token' in options ? options.token : azure.mintToken({ aud: 'https://management.azure.com' });
    const url = target.startsWith('https:') ? target : `${azure.url}${target}`;
    const text = options.body === undefined ? undefined : JSON.stringify(options.body);
    const headers = {
      // Node frames the body of a DELETE only by its length.
      ...(text !== undefined && { 'content-length': Buffer.byteLength(text) }),
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...options.headers,
    };
    const sent = request(url, { method, ca: azure.certificate, agent: false, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const body = (text === '' ? undefined : JSON.parse(text)) as never;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
