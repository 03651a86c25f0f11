import { ResourceGraphClient } from '@azure/arm-resourcegraph';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateEstate, startAzure, type EmbeddedAzure } from '../../../local/azure/index.ts';
import {
  call,
  lab,
  myVersion,
  netVersion,
  orders,
  rg,
  sealed,
  shop,
  stock,
  tenant,
  tinyEstate,
  vnet,
  zone,
} from './tiny-estate.ts';

let clock = Date.parse('2026-09-01T12:00:00Z');
let azure: EmbeddedAzure;
beforeEach(async () => {
  azure = await startAzure({ estate: tinyEstate(), now: () => new Date(clock) });
});
afterEach(() => azure.close());

const clientOf = (of: EmbeddedAzure): ResourceGraphClient =>
  new ResourceGraphClient(of.credential, {
    endpoint: of.url,
    tlsOptions: { ca: of.certificate },
    retryOptions: { maxRetries: 0 },
  });
const ids = async (query: string, scope: object = {}): Promise<unknown[]> => {
  const answer = await clientOf(azure).resources({
    query,
    options: { resultFormat: 'objectArray' },
    ...scope,
  });
  return (answer.data as { id: string }[]).map((row) => row.id);
};
const disable = { properties: { network: { publicNetworkAccess: 'Disabled' } } };

describe('tables', () => {
  test('a server has the columns of Resource Graph', async () => {
    const answer = await clientOf(azure).resources({
      query:
        "Resources | where type == 'microsoft.dbforpostgresql/flexibleservers' | project id, name, type, tenantId, subscriptionId, resourceGroup, location, tags, sku, properties, apiVersion",
    });
    expect(answer).toMatchObject({ totalRecords: 1, count: 1, resultTruncated: 'false' });
    expect(answer.data).toEqual([
      {
        id: stock,
        name: 'stock',
        type: 'microsoft.dbforpostgresql/flexibleservers',
        tenantId: tenant,
        subscriptionId: shop,
        resourceGroup: 'rg-data',
        location: 'westeurope',
        tags: { env: 'prod' },
        sku: { name: 'Standard_B1ms', tier: 'Burstable' },
        properties: {
          state: 'Ready',
          fullyQualifiedDomainName: 'stock.postgres.database.azure.com',
          network: { publicNetworkAccess: 'Disabled' },
        },
        apiVersion: '2025-08-01',
      },
    ]);
  });

  test.each([
    {
      when: 'resources have links, no rules and no records',
      query:
        "resources | where subscriptionId == '11111111-1111-4111-8111-111111111111' | project id | order by id asc",
      expected: [orders, stock, zone, `${zone}/virtualNetworkLinks/data`, vnet],
    },
    {
      when: 'records have their own table',
      query: 'dnsresources | project id',
      expected: [`${zone}/A/orders`],
    },
    {
      when: 'groups',
      query:
        "resourcecontainers | where type == 'microsoft.resources/subscriptions/resourcegroups' and subscriptionId startswith '1' | project id",
      expected: [rg],
    },
    {
      when: 'management groups',
      query: "resourcecontainers | where type == 'microsoft.management/managementgroups' | project id",
      expected: [
        '/providers/Microsoft.Management/managementGroups/mg-root',
        '/providers/Microsoft.Management/managementGroups/mg-shop',
      ],
    },
    {
      when: 'subscriptions without the unreadable one',
      query: "resourcecontainers | where type == 'microsoft.resources/subscriptions' | project id",
      expected: [`/subscriptions/${shop}`, `/subscriptions/${lab}`],
    },
  ])('$when', async ({ query, expected }) => {
    expect(await ids(query)).toEqual(expected);
  });

  test('a subscription names its management groups', async () => {
    const answer = await clientOf(azure).resources({
      query:
        "resourcecontainers | where subscriptionId startswith '1' and type == 'microsoft.resources/subscriptions' | project chain = tostring(properties.managementGroupAncestorsChain)",
    });
    expect(JSON.stringify(answer.data)).toMatch(/mg-shop.*mg-root/);
  });
});

describe('scope', () => {
  const query =
    "resources | where type == 'microsoft.dbformysql/flexibleservers' | project id | order by id asc";
  const trial = `/subscriptions/${lab}/resourceGroups/rg-lab/providers/Microsoft.DBforMySQL/flexibleServers/trial`;
  test.each([
    { when: 'the tenant', scope: {}, expected: [orders, trial] },
    {
      when: 'a management group with all below it',
      scope: { managementGroups: ['mg-root'] },
      expected: [orders, trial],
    },
    { when: 'a lower management group', scope: { managementGroups: ['MG-shop'] }, expected: [orders] },
    {
      when: 'subscriptions, the unreadable one left out without a word',
      scope: { subscriptions: [lab, sealed] },
      expected: [trial],
    },
  ])('$when', async ({ scope, expected }) => {
    expect(await ids(query, scope)).toEqual(expected);
  });

  test.each([
    {
      when: 'no readable subscription',
      body: { query, subscriptions: [sealed] },
      status: 403,
      text: 'AccessDenied',
    },
    {
      when: 'an unsupported query',
      body: { query: 'resources | evaluate nonsense()' },
      status: 400,
      text: 'InvalidQuery',
    },
    { when: 'no query', body: {}, status: 400, text: 'query is missing' },
    { when: 'pages over 1,000 rows', body: { query, options: { $top: 1001 } }, status: 400, text: '$top' },
    {
      when: 'a foreign token for further pages',
      body: { query, options: { $skipToken: 'abc' } },
      status: 400,
      text: 'InvalidSkipToken',
    },
  ])('$when is refused', async ({ body, status, text }) => {
    const reply = await call(
      azure,
      'POST',
      '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01',
      { body },
    );
    expect(reply.status).toBe(status);
    expect(JSON.stringify(reply.body)).toContain(text);
  });

  test('a query without a token is refused although it is a POST', async () => {
    const reply = await call(
      azure,
      'POST',
      '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01',
      { body: { query }, token: undefined },
    );
    expect(reply.status).toBe(401);
  });
});

describe('pages', () => {
  test('2,500 servers come in three pages with quota headers', async () => {
    const large = await startAzure({
      estate: generateEstate({ servers: 2500, rulesPerServer: 0, subscriptions: 3 }),
    });
    const client = clientOf(large);
    const seen = new Set<string>();
    const quotas: (string | undefined)[] = [];
    let skipToken: string | undefined;
    do {
      const answer = await client.resources(
        {
          query: 'resources | project id, properties | order by id asc',
          options: { top: 1000, resultFormat: 'objectArray', ...(skipToken && { skipToken }) },
        },
        { onResponse: (raw) => quotas.push(raw.headers.get('x-ms-user-quota-remaining')) },
      );
      expect(answer.totalRecords).toBe(2500);
      for (const row of answer.data as { id: string }[]) seen.add(row.id);
      skipToken = answer.skipToken;
    } while (skipToken);
    expect(seen.size).toBe(2500);
    expect(quotas).toEqual(['14', '14', '14']);
    expect(large.counters.graphCalls).toBe(3);
    await large.close();
  });

  test.each([
    {
      when: 'a row limit in the query',
      query: 'resources | take 5 | project id',
      truncated: 'true',
      token: false,
    },
    { when: 'no plain column', query: 'resources | project properties', truncated: 'true', token: false },
    {
      when: 'plain columns',
      query: "resources | where name != ' | take 1' | project id",
      truncated: 'false',
      token: true,
    },
  ])('with $when', async ({ query, truncated, token }) => {
    const reply = await clientOf(azure).resources({
      query,
      options: { top: 2, resultFormat: 'objectArray' },
    });
    expect(reply.resultTruncated).toBe(truncated);
    expect(reply.skipToken !== undefined).toBe(token);
  });

  test('the table format has columns and rows', async () => {
    const reply = await clientOf(azure).resources({
      query: "resources | where name == 'orders' | project name",
      options: { resultFormat: 'table' },
    });
    expect(reply.data).toEqual({ columns: [{ name: 'name', type: 'string' }], rows: [['orders']] });
  });
});

describe('time', () => {
  const access = async (): Promise<unknown> => {
    const query =
      "resources | where name == 'orders' | project access = tostring(properties.network.publicNetworkAccess)";
    return (await clientOf(azure).resources({ query })).data;
  };

  test('stale rows are those of some seconds ago', async () => {
    azure.switches.graphStalenessSeconds = 30;
    clock += 100_000;
    await call(azure, 'PATCH', `${orders}?${myVersion}`, { body: disable });
    clock += 20_000;
    expect(await access()).toEqual([{ access: 'Enabled' }]);
    clock += 20_000;
    expect(await access()).toEqual([{ access: 'Disabled' }]);
    await call(azure, 'DELETE', `${orders}?${myVersion}`);
    expect(await access()).toHaveLength(1);
    azure.switches.graphStalenessSeconds = 0;
    expect(await access()).toEqual([]);
  });

  test('a change of a server has a change row, one of a rule has none', async () => {
    const token = azure.mintToken({ aud: 'https://management.azure.com', upn: 'ann@contoso.example' });
    await call(azure, 'PATCH', `${orders}?${myVersion}`, { body: disable, token });
    await call(azure, 'DELETE', `${orders}/firewallRules/vpn?${myVersion}`);
    await call(azure, 'PUT', `${vnet}?${netVersion}`, { body: { location: 'westeurope', properties: {} } });
    const answer = await clientOf(azure).resources({
      query:
        "resourcechanges | where properties.targetResourceType startswith 'microsoft.dbfor' | project properties",
    });
    expect(answer.data).toMatchObject([
      {
        properties: {
          targetResourceId: orders,
          targetResourceType: 'microsoft.dbformysql/flexibleservers',
          changeType: 'Update',
          changeAttributes: {
            changedBy: 'ann@contoso.example',
            changedByType: 'User',
            changesCount: 1,
            operation: 'microsoft.dbformysql/flexibleservers/write',
          },
          changes: {
            'properties.network.publicNetworkAccess': { previousValue: 'Enabled', newValue: 'Disabled' },
          },
        },
      },
    ]);
  });
});
