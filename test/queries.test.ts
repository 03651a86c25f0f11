import { describe, expect, test } from 'vitest';
import { startAzure } from '../local/azure/index.ts';
import { checkKql, type TableSchema } from '../local/kql/index.ts';
import { graphReader } from '../shared/azure/graph.ts';
import { QUERIES } from '../shared/azure/queries.ts';
import { tokenBucket } from '../shared/azure/token-bucket.ts';
import { FAMILIES } from '../shared/families/index.ts';
import { trust } from './azure/secure-server.ts';
import { lab, shop, tenant, tinyEstate } from './local/azure/tiny-estate.ts';

/** The columns of Resource Graph's tables, as Microsoft documents them. */
const RESOURCES: TableSchema = {
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
};
const SCHEMAS = { resources: RESOURCES, resourcecontainers: RESOURCES, resourcechanges: RESOURCES };

describe.each(Object.entries(QUERIES))('the query %s', (_, kql) => {
  const lines = kql.trim().split('\n');

  test('is what the Kusto language service accepts for the declared schema', () => {
    expect(checkKql(kql, SCHEMAS)).toEqual([]);
  });

  test('is single-table: where, project, order by id', () => {
    expect(lines[0]).toMatch(/^[a-z]+$/);
    expect(lines.slice(1).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      ...lines.slice(1, -2).map(() => '| where'),
      '| project',
      '| order',
    ]);
    expect(lines.at(-1)).toBe('| order by id asc');
    expect(lines.at(-2)).toMatch(/^\| project id, /);
    expect(kql).not.toMatch(/\b(limit|take|sample|top|join|union|mv-expand)\b/);
  });

  test('a column that is not there would be found', () => {
    expect(checkKql(kql.replace('project id', 'project identifier'), SCHEMAS)).not.toEqual([]);
  });
});

test('the servers of every family are asked for, and no others', () => {
  const named = [...QUERIES.servers.matchAll(/'([^']+)'/g)].map(([, type]) => type);
  expect(named.sort()).toEqual(FAMILIES.map(({ resourceType }) => resourceType).sort());
});

test('what they give of the embedded estate', async () => {
  const azure = await startAzure({ estate: tinyEstate() });
  try {
    trust(azure.certificate);
    const graph = graphReader({
      endpoint: azure.url,
      scope: 'https://management.azure.com/.default',
      credential: azure.credential,
      calls: { graph: 0, management: 0, throttled: 0 },
      bucket: tokenBucket(100, 100),
    });
    const rowsOf = async (kql: string): Promise<Readonly<Record<string, unknown>>[]> => {
      const rows: Readonly<Record<string, unknown>>[] = [];
      const result = await graph.query(kql, { subscriptions: [shop, lab] }, (page) => rows.push(...page));
      expect(result).toEqual({ complete: true, problem: '' });
      return rows;
    };
    const servers = await rowsOf(QUERIES.servers);
    expect(servers.map(({ name }) => name).sort()).toEqual(['orders', 'stock', 'trial']);
    const orders = servers.find(({ name }) => name === 'orders');
    expect(orders).toMatchObject({
      type: 'microsoft.dbformysql/flexibleservers',
      location: 'westeurope',
      tags: { env: 'prod' },
      sku: { tier: 'Burstable' },
      properties: { state: 'Ready', network: { publicNetworkAccess: 'Enabled' } },
    });
    expect(await rowsOf(QUERIES.privateEndpoints)).toEqual([]);
    const subscriptions = await rowsOf(QUERIES.subscriptions);
    expect(subscriptions.map(({ subscriptionId, tenantId }) => [subscriptionId, tenantId])).toEqual([
      [shop, tenant],
      [lab, tenant],
    ]);
  } finally {
    await azure.close();
  }
});
