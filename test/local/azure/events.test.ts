import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAzure, type EmbeddedAzure, type EventSubscription } from '../../../local/azure/index.ts';
import { call, myVersion, orders, rg, shop, tenant, tinyEstate } from './tiny-estate.ts';

interface Delivery {
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

let azure: EmbeddedAzure;
let webhook: Server;
let endpoint: string;
let deliveries: Delivery[];
let statuses: number[];
let handshakes: string[];

beforeEach(async () => {
  deliveries = [];
  statuses = [];
  handshakes = [];
  webhook = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'OPTIONS') {
        handshakes.push(String(request.headers['webhook-request-origin']));
        response.writeHead(200, { 'webhook-allowed-origin': '*' }).end();
        return;
      }
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      if (request.headers['aeg-event-type'] === 'SubscriptionValidation') {
        handshakes.push('validation');
        const [event] = body as { data: { validationCode: string } }[];
        response.end(JSON.stringify({ validationResponse: event?.data.validationCode }));
        return;
      }
      deliveries.push({ headers: request.headers, body });
      response.writeHead(statuses.shift() ?? 202).end();
    });
  });
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/hook?functionName=f`;
  azure = await startAzure({ estate: tinyEstate(), eventRetryDelaysMs: [5, 5] });
});
afterEach(async () => {
  await azure.close();
  webhook.closeAllConnections();
  webhook.close();
});

const open = { properties: { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' } };
const subscribe = (schema: EventSubscription['schema'], more: object = {}): Promise<void> =>
  azure.addEventSubscription({ endpoint, schema, ...more });
const write = (name: string, options: Parameters<typeof call>[3] = {}): ReturnType<typeof call> =>
  call(
    azure,
    'PUT',
    `${orders.replace('resourceGroups', 'resourcegroups')}/firewallrules/${name}?${myVersion}`,
    { body: open, ...options },
  );
const types = (): unknown[] =>
  deliveries.flatMap(({ body }) => (body as { eventType: string }[]).map((event) => event.eventType));

test('a write sends the event of Azure in the Event Grid schema, after the handshake', async () => {
  await subscribe('EventGridSchema');
  const token = azure.mintToken({
    aud: 'https://management.azure.com',
    oid: 'o-1',
    name: 'Ann',
    upn: 'ann@contoso.example',
    appid: 'app-1',
  });
  await write('all', { token, headers: { 'x-ms-correlation-request-id': 'c-1' } });
  await azure.eventsIdle();
  expect(handshakes).toEqual(['validation']);
  expect(deliveries[0]?.headers).toMatchObject({
    'aeg-event-type': 'Notification',
    'content-type': 'application/json; charset=utf-8',
  });
  const id = `${orders}/firewallRules/all`;
  const action = 'Microsoft.DBforMySQL/flexibleServers/firewallRules/write';
  expect(deliveries[0]?.body).toEqual([
    {
      id: expect.any(String) as string,
      topic: `/subscriptions/${shop}`,
      subject: id,
      eventType: 'Microsoft.Resources.ResourceWriteSuccess',
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/) as string,
      dataVersion: '2',
      metadataVersion: '1',
      data: {
        authorization: {
          scope: id,
          action,
          evidence: expect.objectContaining({ role: 'Contributor', principalType: 'User' }) as object,
        },
        claims: expect.objectContaining({
          name: 'Ann',
          appid: 'app-1',
          ipaddr: '127.0.0.1',
          aud: 'https://management.azure.com',
          'http://schemas.microsoft.com/identity/claims/objectidentifier': 'o-1',
          'http://schemas.microsoft.com/identity/claims/tenantid': tenant,
          'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'ann@contoso.example',
        }) as object,
        correlationId: 'c-1',
        resourceProvider: 'Microsoft.DBforMySQL',
        resourceUri: id,
        operationName: action,
        status: 'Succeeded',
        subscriptionId: shop,
        tenantId: tenant,
        httpRequest: {
          clientRequestId: expect.any(String) as string,
          clientIpAddress: '127.0.0.1',
          method: 'PUT',
          url: expect.stringContaining('/firewallrules/all?api-version=2024-12-30') as string,
        },
      },
    },
  ]);
});

test('a CloudEvents subscription gets one object, a write without a token is the local operator’s', async () => {
  await subscribe('CloudEventSchemaV1_0');
  await write('all', { token: undefined });
  await azure.eventsIdle();
  expect(handshakes).toEqual(['eventgrid.azure.net']);
  expect(deliveries[0]?.body).toMatchObject({
    specversion: '1.0',
    type: 'Microsoft.Resources.ResourceWriteSuccess',
    source: `/subscriptions/${shop}`,
    subject: `${orders}/firewallRules/all`,
    data: { claims: { name: 'Local Operator' }, status: 'Succeeded' },
  });
});

test.each([
  {
    when: 'a delete',
    method: 'DELETE',
    path: `${orders}/firewallRules/vpn?${myVersion}`,
    type: 'Microsoft.Resources.ResourceDeleteSuccess',
  },
  {
    when: 'a batch of parameters',
    method: 'POST',
    path: `${orders}/updateConfigurations?${myVersion}`,
    type: 'Microsoft.Resources.ResourceActionSuccess',
  },
  {
    when: 'a refused write',
    method: 'PUT',
    path: `${orders}2/firewallRules/x?${myVersion}`,
    type: 'Microsoft.Resources.ResourceWriteFailure',
  },
  {
    when: 'the delete of a whole group',
    method: 'DELETE',
    path: `${rg}?api-version=2025-04-01`,
    type: 'Microsoft.Resources.ResourceDeleteSuccess',
  },
])('$when is one event', async ({ method, path, type }) => {
  await subscribe('EventGridSchema');
  await call(azure, method, path, { body: {} });
  await azure.eventsIdle();
  expect(types()).toEqual([type]);
});

test('reads, changes in process and filtered types send nothing', async () => {
  await subscribe('EventGridSchema', { includedEventTypes: ['Microsoft.Resources.ResourceDeleteSuccess'] });
  await call(azure, 'GET', `${orders}?${myVersion}`);
  azure.estate.put(`${orders}/firewallRules/quiet`, open);
  await write('x');
  await azure.eventsIdle();
  expect(deliveries).toEqual([]);
});

describe('delivery', () => {
  test.each([
    { when: 'the first try fails', answers: [500], tries: 2, delivered: 1, dropped: 0 },
    { when: 'every try fails', answers: [500, 503, 500], tries: 3, delivered: 0, dropped: 1 },
    { when: 'the endpoint refuses for good', answers: [400], tries: 1, delivered: 0, dropped: 1 },
  ])('$when', async ({ answers, tries, delivered, dropped }) => {
    await subscribe('EventGridSchema');
    statuses = [...answers];
    await write('x');
    await azure.eventsIdle();
    expect(deliveries).toHaveLength(tries);
    expect(azure.counters.events).toMatchObject({ delivered, dropped, retried: tries - 1 });
  });

  test('duplicates carry the same id', async () => {
    await subscribe('EventGridSchema');
    azure.switches.events.duplicates = 2;
    await write('x');
    await azure.eventsIdle();
    const ids = deliveries.map(({ body }) => (body as { id: string }[])[0]?.id);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  test('a lost event is counted and never sent', async () => {
    await subscribe('EventGridSchema');
    azure.switches.events.lossRate = 1;
    await write('x');
    await azure.eventsIdle();
    expect(deliveries).toEqual([]);
    expect(azure.counters.events.lost).toBe(1);
  });

  test('disorder turns the order of events around', async () => {
    await subscribe('EventGridSchema');
    azure.switches.events.disorder = 2;
    for (const name of ['a', 'b']) await write(name);
    await azure.eventsIdle();
    const subjects = deliveries.map(({ body }) => (body as { subject: string }[])[0]?.subject.at(-1));
    expect(subjects).toEqual(['b', 'a']);
  });

  test('a payload of one’s own is sent as it is', async () => {
    await subscribe('EventGridSchema');
    expect(await azure.sendEvents([{ id: 'mine' }])).toEqual([202]);
    expect(deliveries[0]?.body).toEqual([{ id: 'mine' }]);
  });
});
