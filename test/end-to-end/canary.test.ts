import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { CHANGES, FINDINGS, RUNS, rowsOf, SERVERS, startCloud, sweepToEnd, until } from './cloud.ts';
import { estateOf, flexible, SHOP } from './estate.ts';

const CANARY = 'canary-7f3a91';
const SERVER = `/subscriptions/${SHOP}/resourceGroups/rg-shop/providers/Microsoft.DBforMySQL/flexibleServers/orders`;

/** An event with a canary wherever Azure puts something that is nobody's business, and the actor beside it. */
const event = {
  id: 'event-1',
  topic: `/subscriptions/${SHOP}`,
  subject: SERVER,
  eventType: 'Microsoft.Resources.ResourceWriteSuccess',
  eventTime: new Date().toISOString(),
  dataVersion: '2',
  metadataVersion: '1',
  data: {
    authorization: {
      scope: SERVER,
      action: CANARY,
      evidence: { role: CANARY, principalType: 'User', principalId: CANARY },
    },
    claims: {
      aud: CANARY,
      uti: CANARY,
      puid: CANARY,
      groups: CANARY,
      name: 'Dana Example',
      'http://schemas.microsoft.com/identity/claims/objectidentifier': 'dddddddd-dddd-4ddd-8ddd-dddddddddddd',
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'dana@contoso.example',
      ipaddr: '203.0.113.9',
    },
    correlationId: 'cccccccc-cccc-4ccc-8ccc-cccccccccccc',
    resourceProvider: CANARY,
    resourceUri: SERVER,
    operationName: 'Microsoft.DBforMySQL/flexibleServers/write',
    status: 'Succeeded',
    subscriptionId: SHOP,
    tenantId: CANARY,
    httpRequest: {
      clientRequestId: CANARY,
      clientIpAddress: '203.0.113.9',
      method: 'PATCH',
      url: `https://${CANARY}/?code=${CANARY}`,
    },
  },
};

const lines: string[] = [];
let stack: Stack;

beforeAll(async () => {
  stack = await startCloud(
    estateOf([flexible('orders', 'Enabled', { any: ['0.0.0.0', '255.255.255.255'] })]),
    {
      settings: { ACTOR_DETAIL: 'id' },
      log: (line) => lines.push(line),
    },
  );
});

afterAll(async () => {
  await stack.close();
});

/** Everything that leaves the process: its log, its rows, its answers. */
async function everything(): Promise<string> {
  const rows = [FINDINGS, SERVERS, CHANGES, RUNS].flatMap((table) => stack.azure.ingested(table));
  const routes = ['servers', 'findings?state=all', 'report', 'health', `servers${SERVER}`, 'servers/nothing'];
  const answers = await Promise.all(
    routes.map(async (route) => {
      const response = await fetch(`${stack.url}/api/${route}`);
      return `${JSON.stringify([...response.headers])} ${await response.text()}`;
    }),
  );
  return [...lines, JSON.stringify(rows), ...answers].join('\n');
}

test('no token, key, event body or more of a person than asked for leaves in logs, rows and answers', async () => {
  await sweepToEnd(stack);
  await stack.azure.sendEvents([event, { ...event, id: 'event-2', subject: `${CANARY}/x` }]);
  await until('the event has its row', () => rowsOf(stack, CHANGES, { EventId: 'event-1' }).length === 1);
  stack.azure.switches.denied = ['/orders'];
  await sweepToEnd(stack);
  const text = await everything();
  expect(text).toContain('dddddddd-dddd-4ddd-8ddd-dddddddddddd');
  expect(text).not.toContain(CANARY);
  expect(text).not.toContain('dana@contoso.example');
  expect(text).not.toContain('Dana Example');
  expect(text).not.toContain('203.0.113.9');
  const key = /AccountKey=([^;]+)/.exec(stack.azurite.connectionString)?.[1] ?? 'no key';
  expect(text).not.toContain(key);
  expect(text).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}\./);
  expect(text).not.toMatch(/Bearer |AccountKey=|sig=|SharedKey/);
});
