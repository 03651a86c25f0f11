import { afterEach, beforeEach, expect, test } from 'vitest';
import { startAzure, type EmbeddedAzure } from '../../../local/azure/index.ts';
import { call, myVersion, netVersion, orders, rg, tinyEstate, vnet } from './tiny-estate.ts';

const endpoint = `${rg}/providers/Microsoft.Network/privateEndpoints/pe-orders`;
let azure: EmbeddedAzure;
beforeEach(async () => {
  azure = await startAzure({ estate: tinyEstate() });
});
afterEach(() => azure.close());

interface Connection {
  readonly id: string;
  readonly name: string;
}

const connections = (): readonly Connection[] =>
  (azure.estate.get(orders) as { properties: { privateEndpointConnections?: Connection[] } }).properties
    .privateEndpointConnections ?? [];

const create = (key: string): ReturnType<typeof call> =>
  call(azure, 'PUT', `${endpoint}?${netVersion}`, {
    body: {
      location: 'westeurope',
      properties: {
        subnet: { id: `${vnet}/subnets/data` },
        [key]: [{ name: 'c', properties: { privateLinkServiceId: orders, groupIds: ['mysqlServer'] } }],
      },
    },
  });

test('a new endpoint has an address, an interface and an approved connection on its server', async () => {
  const reply = await create('privateLinkServiceConnections');
  expect(reply.status).toBe(201);
  expect(reply.body).toMatchObject({
    properties: {
      provisioningState: 'Succeeded',
      privateLinkServiceConnections: [
        { properties: { privateLinkServiceConnectionState: { status: 'Approved' } } },
      ],
      manualPrivateLinkServiceConnections: [],
      customDnsConfigs: [{ fqdn: 'orders.mysql.database.azure.com', ipAddresses: ['10.1.2.4'] }],
    },
  });
  const nic =
    (reply.body as { properties: { networkInterfaces: { id: string }[] } }).properties.networkInterfaces[0]
      ?.id ?? '';
  expect(azure.estate.get(nic)).toMatchObject({
    properties: { ipConfigurations: [{ properties: { privateIPAddress: '10.1.2.4' } }] },
  });
  expect(connections()).toMatchObject([
    {
      name: expect.stringMatching(/^pe-orders\.[0-9a-f-]{36}$/) as string,
      type: 'Microsoft.DBforMySQL/flexibleServers/privateEndpointConnections',
      properties: {
        groupIds: ['mysqlServer'],
        privateEndpoint: { id: endpoint },
        privateLinkServiceConnectionState: {
          status: 'Approved',
          description: 'Auto-approved',
          actionsRequired: 'None',
        },
      },
    },
  ]);
  await create('privateLinkServiceConnections');
  expect(connections()).toHaveLength(1);
});

test('approval and rejection of a manual connection show on the server and at the endpoint', async () => {
  await create('manualPrivateLinkServiceConnections');
  const connection = connections()[0]?.id ?? '';
  expect(azure.estate.get(connection)).toMatchObject({
    properties: { privateLinkServiceConnectionState: { status: 'Pending' } },
  });
  for (const status of ['Approved', 'Rejected']) {
    const body = { properties: { privateLinkServiceConnectionState: { status, description: 'by Ann' } } };
    const reply = await call(azure, 'PUT', `${connection}?${myVersion}`, { body });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      ...body,
      properties: { ...body.properties, privateEndpoint: { id: endpoint } },
    });
    expect(connections()).toMatchObject([body]);
    expect(azure.estate.get(endpoint)).toMatchObject({
      properties: { manualPrivateLinkServiceConnections: [body] },
    });
  }
  const listed = await call(azure, 'GET', `${orders}/privateEndpointConnections?${myVersion}`);
  expect(listed.body).toMatchObject({ value: [{ id: connection }] });
});

test.each([
  { when: 'the connection is deleted', path: () => `${connections()[0]?.id ?? ''}?${myVersion}` },
  { when: 'the server is deleted', path: () => `${orders}?${myVersion}` },
])('the endpoint stays and shows Disconnected when $when', async ({ path }) => {
  await create('privateLinkServiceConnections');
  expect((await call(azure, 'DELETE', path())).status).toBe(200);
  expect(azure.estate.get(endpoint)).toMatchObject({
    properties: {
      privateLinkServiceConnections: [
        { properties: { privateLinkServiceConnectionState: { status: 'Disconnected' } } },
      ],
    },
  });
});

test('a deleted endpoint leaves no connection and no interface', async () => {
  await create('privateLinkServiceConnections');
  await call(azure, 'DELETE', `${endpoint}?${netVersion}`);
  expect(azure.estate.get(orders)).not.toHaveProperty('properties.privateEndpointConnections');
  expect(azure.estate.ids().filter((id) => id.includes('networkInterfaces'))).toEqual([]);
});

test('a deleted server takes its rules along', async () => {
  await call(azure, 'DELETE', `${orders}?${myVersion}`);
  expect(azure.estate.get(`${orders}/firewallRules/office`)).toBeUndefined();
});

test('an endpoint to a server that does not exist is refused', async () => {
  const connection = { name: 'c', properties: { privateLinkServiceId: `${orders}2` } };
  const reply = await call(azure, 'PUT', `${endpoint}?${netVersion}`, {
    body: { properties: { privateLinkServiceConnections: [connection] } },
  });
  expect(reply.body).toMatchObject({ error: { code: 'InvalidResourceReference' } });
});

test('a connection cannot be made without an endpoint', async () => {
  const reply = await call(azure, 'PUT', `${orders}/privateEndpointConnections/x?${myVersion}`, { body: {} });
  expect(reply.status).toBe(404);
});
