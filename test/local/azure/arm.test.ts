import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAzure, type EmbeddedAzure } from '../../../local/azure/index.ts';
import {
  call,
  lab,
  myVersion,
  netVersion,
  orders,
  pgVersion,
  rg,
  sealed,
  shop,
  stock,
  tenant,
  tinyEstate,
  vnet,
  zone,
} from './tiny-estate.ts';

let azure: EmbeddedAzure;
beforeEach(async () => {
  azure = await startAzure({ estate: tinyEstate() });
});
afterEach(() => azure.close());

const rule = (name: string): string => `${orders}/firewallRules/${name}?${myVersion}`;
const open = { properties: { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' } };

describe('reads', () => {
  test('a server by its id in any casing keeps the casing of its first write', async () => {
    const reply = await call(azure, 'GET', `${orders.toUpperCase()}?${myVersion}`);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      id: orders,
      name: 'orders',
      type: 'Microsoft.DBforMySQL/flexibleServers',
      location: 'westeurope',
      properties: { network: { publicNetworkAccess: 'Enabled' } },
    });
    expect(reply.body).not.toHaveProperty('properties.privateEndpointConnections');
    expect(reply.headers['x-ms-ratelimit-remaining-subscription-reads']).toBe('249');
    expect(reply.headers['x-ms-request-id']).toBeDefined();
    expect(Date.parse(String(reply.headers.date))).not.toBeNaN();
  });

  test('a list of rules has the shape of Azure', async () => {
    const reply = await call(azure, 'GET', `${orders}/firewallRules?${myVersion}`);
    expect(reply.body).toEqual({
      value: [
        {
          id: `${orders}/firewallRules/office`,
          name: 'office',
          type: 'Microsoft.DBforMySQL/flexibleServers/firewallRules',
          properties: { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' },
        },
        {
          id: `${orders}/firewallRules/vpn`,
          name: 'vpn',
          type: 'Microsoft.DBforMySQL/flexibleServers/firewallRules',
          properties: { startIpAddress: '198.51.100.1', endIpAddress: '198.51.100.1' },
        },
        {
          id: `${orders}/firewallRules/azure`,
          name: 'azure',
          type: 'Microsoft.DBforMySQL/flexibleServers/firewallRules',
          properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' },
        },
      ],
    });
  });

  test('a paged list has absolute links on the same host', async () => {
    azure.switches.pageSize = 2;
    const first: { value: { name: string }[]; nextLink: string } = (
      await call(azure, 'GET', `${orders}/firewallRules?${myVersion}`)
    ).body;
    expect(first.value.map((item) => item.name)).toEqual(['office', 'vpn']);
    expect(first.nextLink.startsWith(`${azure.url}/subscriptions/`)).toBe(true);
    const second = await call(azure, 'GET', first.nextLink);
    expect(second.body).toMatchObject({ value: [{ name: 'azure' }] });
    expect(second.body).not.toHaveProperty('nextLink');
  });

  test.each([
    { when: 'an empty collection', path: `${stock}/firewallRules?${pgVersion}`, names: [] },
    { when: 'subnets inside the network', path: `${vnet}/subnets?${netVersion}`, names: ['data'] },
    { when: 'A records', path: `${zone}/A?api-version=2024-06-01`, names: ['orders'] },
    { when: 'links of a zone', path: `${zone}/virtualNetworkLinks?api-version=2024-06-01`, names: ['data'] },
    {
      when: 'diagnostic settings',
      path: `${orders}/providers/Microsoft.Insights/diagnosticSettings?api-version=2021-05-01-preview`,
      names: ['audit'],
    },
    {
      when: 'a type in a subscription',
      path: `/subscriptions/${shop}/providers/Microsoft.DBforMySQL/flexibleServers?${myVersion}`,
      names: ['orders'],
    },
    {
      when: 'a type in a resource group',
      path: `${rg}/providers/Microsoft.DBforPostgreSQL/flexibleServers?${pgVersion}`,
      names: ['stock'],
    },
    {
      when: 'resource groups',
      path: `/subscriptions/${shop}/resourcegroups?api-version=2025-04-01`,
      names: ['rg-data'],
    },
  ])('$when', async ({ path, names }) => {
    const body: { value: { name: string }[] } = (await call(azure, 'GET', path)).body;
    expect(body.value.map((item) => item.name)).toEqual(names);
  });

  test('subscriptions leave out the unreadable one', async () => {
    const body: { value: { subscriptionId: string }[] } = (
      await call(azure, 'GET', '/subscriptions?api-version=2022-12-01')
    ).body;
    expect(body.value.map((item) => item.subscriptionId)).toEqual([shop, lab]);
    const one = await call(azure, 'GET', `/subscriptions/${shop}?api%2Dversion=2022-12-01`);
    expect(one.body).toMatchObject({ tenantId: tenant, displayName: 'Shop', state: 'Enabled' });
  });
});

describe('refusals', () => {
  const missing = '00000000-0000-4000-8000-000000000000';
  test.each([
    { when: 'no api-version', path: orders, status: 400, code: 'MissingApiVersionParameter' },
    {
      when: 'an unsupported api-version',
      path: `${orders}?api-version=2019-01-01`,
      status: 400,
      code: 'NoRegisteredProviderFound',
    },
    {
      when: 'connections before their version',
      path: `${orders}/privateEndpointConnections?api-version=2023-12-30`,
      status: 400,
      code: 'NoRegisteredProviderFound',
    },
    {
      when: 'an unknown type',
      path: `${rg}/providers/Microsoft.DBforMySQL/clusters/x?${myVersion}`,
      status: 404,
      code: 'InvalidResourceType',
    },
    {
      when: 'an unknown namespace',
      path: `${rg}/providers/Contoso.Db/servers/x?${myVersion}`,
      status: 404,
      code: 'InvalidResourceNamespace',
    },
    {
      when: 'an unknown subscription',
      path: `/subscriptions/${missing}?api-version=2022-12-01`,
      status: 404,
      code: 'SubscriptionNotFound',
    },
    { when: 'an unknown server', path: `${orders}2?${myVersion}`, status: 404, code: 'ResourceNotFound' },
    {
      when: 'an unknown rule',
      path: `${orders}/firewallRules/x?${myVersion}`,
      status: 404,
      code: 'ResourceNotFound',
    },
    {
      when: 'rules of an unknown server',
      path: `${orders}2/firewallRules?${myVersion}`,
      status: 404,
      code: 'ParentResourceNotFound',
    },
    {
      when: 'an unknown resource group',
      path: `${orders.replace('rg-data', 'rg-none')}?${myVersion}`,
      status: 404,
      code: 'ResourceGroupNotFound',
    },
    {
      when: 'a subscription without access',
      path: `/subscriptions/${sealed}?api-version=2022-12-01`,
      status: 403,
      code: 'AuthorizationFailed',
    },
    { when: 'a foreign path', path: '/nothing', status: 404, code: 'NotFound' },
  ])('$when', async ({ path, status, code }) => {
    const reply = await call(azure, 'GET', path);
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ error: { code, message: expect.any(String) as string } });
  });

  test('the supported versions and the forbidden action are named', async () => {
    const version = await call(azure, 'GET', `${orders}?api-version=2019-01-01`);
    expect(JSON.stringify(version.body)).toContain("'2024-12-30, 2023-12-30, 2023-06-30, 2021-05-01'");
    azure.switches.denied = ['/firewallRules'];
    const denied = await call(azure, 'GET', `${orders}/firewallRules?${myVersion}`);
    expect(denied.status).toBe(403);
    expect(JSON.stringify(denied.body)).toContain(
      "'Microsoft.DBforMySQL/flexibleServers/firewallRules/read'",
    );
  });

  test.each([
    { when: 'no token', token: () => undefined, code: 'AuthenticationFailed' },
    { when: 'garbage', token: () => 'abc', code: 'InvalidAuthenticationToken' },
    {
      when: 'a token that was changed',
      token: (at: EmbeddedAzure) =>
        at.mintToken({ aud: 'https://management.azure.com' }).replace(/\.[^.]*\./, '.e30.'),
      code: 'InvalidAuthenticationToken',
    },
    {
      when: 'an expired token',
      token: (at: EmbeddedAzure) => at.mintToken({ aud: 'https://management.azure.com', expiresIn: -5 }),
      code: 'ExpiredAuthenticationToken',
    },
    {
      when: 'a token for another service',
      token: (at: EmbeddedAzure) => at.mintToken({ aud: 'https://storage.azure.com' }),
      code: 'InvalidAuthenticationTokenAudience',
    },
  ])('a read with $when is a 401 with a challenge', async ({ token, code }) => {
    const reply = await call(azure, 'GET', `${orders}?${myVersion}`, { token: token(azure) });
    expect(reply.status).toBe(401);
    expect(reply.body).toMatchObject({ error: { code } });
    expect(reply.headers['www-authenticate']).toMatch(/^Bearer /);
  });
});

describe('writes', () => {
  test('a rule is created, replaced, read and deleted, without a token', async () => {
    const created = await call(azure, 'PUT', rule('All'), { body: open, token: undefined });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      id: `${orders}/firewallRules/All`,
      name: 'All',
      type: 'Microsoft.DBforMySQL/flexibleServers/firewallRules',
      ...open,
    });
    const again = await call(azure, 'PUT', rule('ALL'), { body: open });
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ name: 'All' });
    expect((await call(azure, 'DELETE', rule('all'))).status).toBe(200);
    expect((await call(azure, 'DELETE', rule('all'))).status).toBe(204);
    expect((await call(azure, 'GET', rule('all'))).status).toBe(404);
  });

  test('a list shows what was written after it was read', async () => {
    const list = `${orders}/firewallRules?${myVersion}`;
    await call(azure, 'GET', list);
    await call(azure, 'PUT', rule('new'), { body: open });
    expect(JSON.stringify((await call(azure, 'GET', list)).body)).toContain('firewallRules/new');
    await call(azure, 'PUT', rule('new'), {
      body: { properties: { startIpAddress: '1.1.1.1', endIpAddress: '1.1.1.1' } },
    });
    expect(JSON.stringify((await call(azure, 'GET', list)).body)).not.toContain('255.255.255.255');
  });

  test.each([
    {
      when: 'no parent',
      path: `${orders}2/firewallRules/x?${myVersion}`,
      body: open,
      status: 404,
      code: 'ParentResourceNotFound',
    },
    {
      when: 'no resource group',
      path: `${orders.replace('rg-data', 'rg-none')}?${myVersion}`,
      body: {},
      status: 404,
      code: 'ResourceGroupNotFound',
    },
    {
      when: 'no address',
      path: rule('x'),
      body: { properties: { startIpAddress: 'here', endIpAddress: '1.1.1.1' } },
      status: 400,
      code: 'InvalidParameterValue',
    },
    { when: 'no object', path: rule('x'), body: [], status: 400, code: 'InvalidRequestContent' },
  ])('a PUT with $when is refused', async ({ path, body, status, code }) => {
    const reply = await call(azure, 'PUT', path, { body });
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ error: { code } });
  });

  test('a rule of a MySQL server with public access off is refused only where the switch says so', async () => {
    await call(azure, 'PATCH', `${orders}?${myVersion}`, {
      body: { properties: { network: { publicNetworkAccess: 'Disabled' } } },
    });
    expect((await call(azure, 'PUT', rule('a'), { body: open })).status).toBe(201);
    azure.switches.refuseRulesWhileDisabled = true;
    expect((await call(azure, 'PUT', rule('b'), { body: open })).status).toBe(400);
  });

  test('PATCH merges properties, replaces tags and keeps the rest', async () => {
    const body = { tags: { owner: 'me' }, properties: { network: { publicNetworkAccess: 'Disabled' } } };
    const reply = await call(azure, 'PATCH', `${orders}?${myVersion}`, { body });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      tags: { owner: 'me' },
      location: 'westeurope',
      properties: { state: 'Ready', network: { publicNetworkAccess: 'Disabled' } },
    });
    expect(reply.body).not.toHaveProperty('tags.env');
    expect((await call(azure, 'PATCH', `${orders}2?${myVersion}`, { body })).status).toBe(404);
  });

  test('a new server has what Azure fills in and no password', async () => {
    const body = {
      location: 'westeurope',
      properties: { administratorLogin: 'a', administratorLoginPassword: 'secret', createMode: 'Create' },
    };
    const reply = await call(
      azure,
      'PUT',
      `${rg}/providers/microsoft.dbforpostgresql/FLEXIBLESERVERS/fresh?${pgVersion}`,
      { body },
    );
    expect(reply.body).toEqual({
      id: `${rg}/providers/Microsoft.DBforPostgreSQL/flexibleServers/fresh`,
      name: 'fresh',
      type: 'Microsoft.DBforPostgreSQL/flexibleServers',
      location: 'westeurope',
      properties: {
        state: 'Ready',
        fullyQualifiedDomainName: 'fresh.postgres.database.azure.com',
        administratorLogin: 'a',
        network: { publicNetworkAccess: 'Enabled' },
      },
    });
  });

  test('parameters keep their defaults, alone and in a batch', async () => {
    const path = `${orders}/configurations/require_secure_transport?${myVersion}`;
    const one = await call(azure, 'PUT', path, {
      body: { properties: { value: 'OFF', source: 'user-override' } },
    });
    expect(one.body).toMatchObject({
      properties: { value: 'OFF', currentValue: 'OFF', defaultValue: 'ON', source: 'user-override' },
    });
    const batch = { value: [{ name: 'require_secure_transport', properties: { value: 'ON' } }] };
    const many = await call(azure, 'POST', `${orders}/updateConfigurations?${myVersion}`, { body: batch });
    expect(many.body).toMatchObject({
      value: [
        {
          name: 'require_secure_transport',
          properties: { value: 'ON', currentValue: 'ON', defaultValue: 'ON' },
        },
      ],
    });
  });

  test('stop, start and detachVNet change the server', async () => {
    expect((await call(azure, 'POST', `${stock}/stop?${pgVersion}`)).status).toBe(200);
    expect(azure.estate.get(stock)).toMatchObject({ properties: { state: 'Stopped' } });
    expect((await call(azure, 'POST', `${stock}/start?${pgVersion}`)).status).toBe(200);
    expect(azure.estate.get(stock)).toMatchObject({ properties: { state: 'Ready' } });
    expect((await call(azure, 'POST', `${orders}/detachVNet?${myVersion}`, { body: {} })).status).toBe(400);
    azure.estate.put(orders, {
      location: 'westeurope',
      properties: {
        network: { delegatedSubnetResourceId: `${vnet}/subnets/data`, publicNetworkAccess: 'Disabled' },
      },
    });
    await call(azure, 'POST', `${orders}/detachVNet?${myVersion}`, {
      body: { publicNetworkAccess: 'Enabled' },
    });
    expect(azure.estate.get(orders)).toMatchObject({
      properties: { network: { publicNetworkAccess: 'Enabled' } },
    });
    expect(azure.estate.get(orders)).not.toHaveProperty('properties.network.delegatedSubnetResourceId');
    expect((await call(azure, 'POST', `${orders}/explode?${myVersion}`)).status).toBe(404);
  });

  test('a subnet is a part of its network', async () => {
    const body = { properties: { addressPrefix: '10.1.3.0/24' } };
    expect((await call(azure, 'PUT', `${vnet}/subnets/apps?${netVersion}`, { body })).status).toBe(201);
    expect(azure.estate.get(vnet)).toMatchObject({
      properties: {
        subnets: [
          { name: 'data' },
          {
            name: 'apps',
            id: `${vnet}/subnets/apps`,
            properties: { addressPrefix: '10.1.3.0/24', provisioningState: 'Succeeded' },
          },
        ],
      },
    });
    expect((await call(azure, 'DELETE', `${vnet}/subnets/DATA?${netVersion}`)).status).toBe(200);
    expect(azure.estate.list(`${vnet}/subnets`)).toHaveLength(1);
  });

  test('a deleted resource group takes its resources along', async () => {
    const group = `${rg}?api-version=2025-04-01`;
    expect((await call(azure, 'DELETE', group)).status).toBe(200);
    expect((await call(azure, 'GET', group)).status).toBe(404);
    expect(azure.estate.get(orders)).toBeUndefined();
    expect((await call(azure, 'PUT', group, { body: { location: 'westeurope' } })).status).toBe(201);
    expect((await call(azure, 'GET', group)).body).toMatchObject({ name: 'rg-data', location: 'westeurope' });
  });
});

test.each([
  { when: 'a list of subscriptions', method: 'PUT', path: '/subscriptions?api-version=2022-12-01' },
  { when: 'a subscription', method: 'DELETE', path: `/subscriptions/${shop}?api-version=2022-12-01` },
  { when: 'a collection', method: 'PUT', path: `${orders}/firewallRules?${myVersion}` },
  { when: 'a resource', method: 'POST', path: `${orders}?${myVersion}` },
  { when: 'a resource group', method: 'PATCH', path: `${rg}?api-version=2025-04-01` },
])('$method of $when is not allowed', async ({ method, path }) => {
  expect((await call(azure, method, path, { body: {} })).status).toBe(405);
});

test.each(['start', 'constructor'])('a GET of the action %s is not an empty list', async (name) => {
  expect((await call(azure, 'GET', `${orders}/${name}?${myVersion}`)).status).toBe(404);
  expect((await call(azure, 'POST', `${stock}/constructor?${pgVersion}`)).status).toBe(404);
});

test('the Activity Log tells each write with its caller, after the lag', async () => {
  const token = azure.mintToken({
    aud: 'https://management.azure.com/',
    oid: '12',
    upn: 'ann@contoso.example',
    name: 'Ann',
  });
  await call(azure, 'PUT', rule('x'), { body: open, token });
  const filter = encodeURIComponent(
    "eventTimestamp ge '2020-01-01T00:00:00Z' and resourceGroupName eq 'RG-DATA'",
  );
  const path = `/subscriptions/${shop}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01&$filter=${filter}`;
  const body: { value: object[] } = (await call(azure, 'GET', path)).body;
  expect(body.value).toHaveLength(2);
  expect(body.value[0]).toMatchObject({
    caller: 'ann@contoso.example',
    operationName: { value: 'Microsoft.DBforMySQL/flexibleServers/firewallRules/write' },
    status: { value: 'Succeeded' },
    resourceId: `${orders}/firewallRules/x`,
    claims: { name: 'Ann', 'http://schemas.microsoft.com/identity/claims/objectidentifier': '12' },
  });
  azure.switches.activityLogLagSeconds = 60;
  expect((await call(azure, 'GET', path)).body).toEqual({ value: [] });
  expect((await call(azure, 'GET', path.replace('eventTimestamp', 'level'))).status).toBe(400);
});
