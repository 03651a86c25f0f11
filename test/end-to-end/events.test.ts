import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getJson, runNow } from '../../local/api-client.ts';
import { resetCounters } from '../../local/azure/index.ts';
import { buildApp } from '../../local/build.ts';
import type { Stack } from '../../local/stack.ts';
import { readEventCounts, writeHeartbeat } from '../../shared/state/monitor.ts';
import * as keys from '../../shared/state/keys.ts';
import {
  CHANGES,
  FINDINGS,
  putRule,
  RUNS,
  rowsOf,
  SERVERS,
  startCloud,
  stateOf,
  sweepToEnd,
  until,
  write,
} from './cloud.ts';
import {
  ELSEWHERE,
  endpointBody,
  endpointId,
  estateOf,
  flexible,
  MYSQL,
  POSTGRES,
  serverId,
  SHOP,
  withEndpoint,
} from './estate.ts';

const ROOT = join(import.meta.dirname, '..', '..');

let folder: string;
let stack: Stack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exposure-app-'));
  const app = join(folder, 'app');
  await buildApp({ root: ROOT, entry: join(ROOT, 'functions', 'index.ts'), outFolder: app });
  const estate = estateOf([
    flexible('orders', 'Enabled'),
    flexible('stock', 'Enabled'),
    flexible('blink', 'Enabled'),
    flexible('burst', 'Enabled', undefined, POSTGRES),
    flexible('target', 'Disabled'),
    ...withEndpoint('left', 'Disabled'),
    ...withEndpoint('refused', 'Disabled'),
  ]);
  stack = await startCloud(estate, { app });
  await sweepToEnd(stack);
});

afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

/** An event as Azure sends it, in both of its schemas; each names its own rule, time and correlation. */
function eventOf(server: string, rule: string): { grid: object; cloud: object; id: string } {
  const id = randomUUID();
  const resourceUri = `${serverId(server)}/firewallRules/${rule}`;
  const type = 'Microsoft.Resources.ResourceWriteSuccess';
  const time = '2026-05-20T12:00:00.1234567Z';
  const topic = `/subscriptions/${SHOP}`;
  const data = {
    resourceUri,
    operationName: `${MYSQL}/firewallRules/write`,
    status: 'Succeeded',
    correlationId: 'cccccccc-cccc-4ccc-8ccc-cccccccccccc',
    claims: {
      'http://schemas.microsoft.com/identity/claims/objectidentifier': 'dddddddd-dddd-4ddd-8ddd-dddddddddddd',
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'dana@contoso.example',
      ipaddr: '203.0.113.77',
    },
    authorization: { evidence: { principalType: 'User' } },
  };
  return {
    id,
    grid: { id, topic, subject: resourceUri, eventType: type, eventTime: time, data, dataVersion: '2' },
    cloud: { id, source: topic, subject: resourceUri, type, time, data, specversion: '1.0' },
  };
}

async function deliver(body: unknown, type = 'application/json'): Promise<number> {
  const response = await fetch(`${stack.url}/runtime/webhooks/eventgrid?functionName=onResourceChange`, {
    method: 'POST',
    headers: { 'content-type': type, 'aeg-event-type': 'Notification' },
    body: JSON.stringify(body),
  });
  return response.status;
}

describe('the built app', () => {
  test.each([
    {
      when: 'the Event Grid schema',
      server: 'orders',
      send: ({ grid }: ReturnType<typeof eventOf>) => deliver([grid]),
    },
    {
      when: 'CloudEvents 1.0',
      server: 'stock',
      send: ({ cloud }: ReturnType<typeof eventOf>) => deliver(cloud, 'application/cloudevents+json'),
    },
  ])('turns an event into rows: $when', async ({ server, send }) => {
    const id = serverId(server).toLowerCase();
    const event = eventOf(server, 'partner');
    const properties = { startIpAddress: '198.51.100.0', endIpAddress: '198.51.103.255' };
    stack.azure.estate.put(`${serverId(server)}/firewallRules/partner`, { properties });

    expect(await send(event)).toBe(202);

    const [change] = await until('the change row', () => found(CHANGES, { EventId: event.id }));
    const actor = {
      ActorName: 'dana@contoso.example',
      ActorId: 'dddddddd-dddd-4ddd-8ddd-dddddddddddd',
      ActorType: 'User',
      ActorAddress: '203.0.113.77',
      Operation: `${MYSQL}/firewallRules/write`,
      CorrelationId: 'cccccccc-cccc-4ccc-8ccc-cccccccccccc',
    };
    expect(change).toMatchObject({
      ...actor,
      ServerId: id,
      Status: 'Succeeded',
      Outcome: 'Widened',
      Summary: 'Reach listed -> wide, 9 -> 1,033 public addresses, added 198.51.100.0/22',
      EventTime: '2026-05-20T12:00:00.123Z',
      SchemaVersion: 1,
    });
    const [finding] = await until('the finding', () =>
      found(FINDINGS, { ServerId: id, RuleId: 'wide-public-range' }),
    );
    expect(finding).toMatchObject({
      ...actor,
      Change: 'Opened',
      State: 'Open',
      Reason: '',
      RuleTitle: 'Wide public address range admitted',
      Category: 'exposure',
      Severity: 'High',
      ServerName: server,
      ServerFamily: 'microsoft.dbformysql/flexibleservers',
      SubscriptionRef: SHOP,
      ResourceGroup: 'rg-data',
      Location: 'westeurope',
      Subject: id,
      Summary: 'The firewall rules admit 1,033 public addresses.',
      Remediation:
        'Replace the range by the single addresses in use, or use a private endpoint. ' +
        `az mysql flexible-server firewall-rule delete --resource-group rg-data --name ${server} ` +
        `--rule-name partner --subscription ${SHOP}`,
      Reach: 'wide',
      ReachBefore: 'listed',
      PublicAddresses: 1033,
      PublicAddressesBefore: 9,
      AddedRanges: ['198.51.100.0/22'],
      RemovedRanges: [],
      ChangedAt: '2026-05-20T12:00:00.123Z',
      Source: 'event',
      Truncated: false,
      SchemaVersion: 1,
    });
    const [row] = await until('the server row', () => found(SERVERS, { ServerId: id, Reach: 'wide' }));
    expect(row).toMatchObject({
      PublicAddresses: 1033,
      WorstSeverity: 'High',
      AzureServices: false,
      Complete: true,
      Unreadable: {},
      ApprovedEndpoints: 0,
      RunId: '',
    });
  });
});

// One wait of five seconds for all of them.
describe.concurrent('side by side', () => {
  test('takes what it cannot use: accepted, counted in the next heartbeat, and no error', async () => {
    const elsewhere = eventOf('orders', 'x').grid;
    const outside = { ...elsewhere, subject: outOfScope(), data: { resourceUri: outOfScope() } };
    const garbled = { id: 'g1', eventType: 'Microsoft.Resources.ResourceWriteSuccess', subject: '%%/..' };
    const noId = { eventType: 'Microsoft.Resources.ResourceWriteSuccess' };
    expect(await deliver([outside, garbled])).toBe(202);
    expect(await deliver([noId])).toBe(202);
    expect(await deliver({ specversion: '1.0', id: 'g2' }, 'application/cloudevents+json')).toBe(202);

    const table = stateOf(stack);
    const counts = await until('the counters', async () => {
      const known = await readEventCounts(table);
      return known.malformed >= 3 ? known : undefined;
    });
    expect(counts).toEqual({ outOfScope: 1, malformed: 3 });
    await table.transact(keys.MONITOR, [{ do: 'delete', row: 'heartbeat' }]);
    await writeHeartbeat(table, { at: '2026-01-01T00:00:00.000Z', outOfScope: 0, malformed: 0 }, undefined);
    await runNow(stack.url, 'publishPending');
    await until('the heartbeat', () =>
      found(RUNS, { Kind: 'Heartbeat', EventsOutOfScope: 1, EventsMalformed: 3, FailedAssessments: 0 }),
    );
  });

  test('20 rules written in a second cost two readings, and leave 20 change rows', async () => {
    const server = serverId('burst', POSTGRES);
    const start = Date.now();
    resetCounters(stack.azure.counters);
    for (let rule = 1; rule <= 20; rule += 1) {
      await putRule(stack, server, `rule-${rule}`, `198.51.100.${rule}`, `198.51.100.${rule}`);
    }
    const rows = await until('the change rows', () => found(CHANGES, { ServerId: server.toLowerCase() }, 20));
    expect(rows).toHaveLength(20);
    const reads = (type: string): number => stack.azure.counters.byPath[`GET ${type.toLowerCase()}`] ?? 0;
    // Readings start at least 5 s apart: two, unless this machine took longer to write the rules.
    const most = Math.max(2, 1 + Math.floor((Date.now() - start) / 5000));
    expect(reads(POSTGRES)).toBeLessThanOrEqual(most);
    expect(reads(`${POSTGRES}/firewallRules`)).toBeLessThanOrEqual(most);
    const [row] = await until('the server row', () =>
      found(SERVERS, { ServerId: server.toLowerCase(), PublicAddresses: 29 }),
    );
    expect(row?.['Reach']).toBe('listed');
  });

  test('a rule that comes and goes within a second leaves a row for each', async () => {
    const server = serverId('blink');
    await putRule(stack, server, 'moment', '0.0.0.0', '255.255.255.255');
    await write(stack, 'DELETE', `${server}/firewallRules/moment`);
    const rows = await until('both change rows', () => found(CHANGES, { ServerId: server.toLowerCase() }, 2));
    expect(new Set(rows.map((row) => row['Operation']))).toEqual(
      new Set([`${MYSQL}/firewallRules/write`, `${MYSQL}/firewallRules/delete`]),
    );
    expect(rows.map((row) => row['ActorName'])).toEqual(['dana@contoso.example', 'dana@contoso.example']);
  });

  test('a repair shows at once, and its findings say when they will resolve', async () => {
    const id = serverId('orders').toLowerCase();
    await write(stack, 'DELETE', `${serverId('orders')}/firewallRules/partner`);
    await until('the server row', () => {
      const rows = rowsOf(stack, SERVERS, { ServerId: id });
      return rows.at(-1)?.['Reach'] === 'listed' ? rows : undefined;
    });
    const { value } = await getJson<{ value: readonly Record<string, unknown>[] }>(
      `${stack.url}/api/findings?state=open&rule=wide-public-range`,
    );
    const finding = value.find(({ serverId: server }) => server === id);
    expect(finding).toMatchObject({ state: 'Open' });
    expect(finding?.['resolvesAfter']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(rowsOf(stack, FINDINGS, { ServerId: id, Change: 'Resolved' })).toEqual([]);
  });

  test('a private endpoint is created: its target is read', async () => {
    const server = serverId('target');
    await write(stack, 'PUT', endpointId('pe-new'), endpointBody(server));
    const [change] = await until('the change row', () =>
      found(CHANGES, { ServerId: server.toLowerCase() }, 1),
    );
    expect(change).toMatchObject({
      Operation: 'Microsoft.Network/privateEndpoints/write',
      Outcome: 'Widened',
    });
    const [row] = await until('the server row', () =>
      found(SERVERS, { ServerId: server.toLowerCase(), ApprovedEndpoints: 1 }),
    );
    expect(row?.['Reach']).toBe('private');
  });

  test('a private endpoint is rejected: the last way in is lost', async () => {
    const server = serverId('refused');
    await write(stack, 'PUT', `${server}/privateEndpointConnections/pe-refused.1`, {
      properties: { privateLinkServiceConnectionState: { status: 'Rejected', description: 'not ours' } },
    });
    const [finding] = await until('the finding', () =>
      found(FINDINGS, { ServerId: server.toLowerCase(), RuleId: 'last-endpoint-lost' }),
    );
    expect(finding).toMatchObject({
      Change: 'Opened',
      ReachBefore: 'private',
      Reach: 'none',
      ActorName: 'dana@contoso.example',
    });
  });

  test('a private endpoint is deleted: the servers that depended on it are read', async () => {
    const server = serverId('left');
    await write(stack, 'DELETE', endpointId('pe-left'));
    const [change] = await until('the change row', () => found(CHANGES, { ServerId: server.toLowerCase() }));
    expect(change).toMatchObject({
      Operation: 'Microsoft.Network/privateEndpoints/delete',
      Outcome: 'Narrowed',
      Summary: 'Reach private -> none, 0 public addresses',
    });
    await until('the finding', () =>
      found(FINDINGS, { ServerId: server.toLowerCase(), RuleId: 'last-endpoint-lost' }),
    );
  });
});

function outOfScope(): string {
  return serverId('orders').replace(SHOP, ELSEWHERE);
}

type Rows = ReturnType<typeof rowsOf>;

function found(
  table: Parameters<typeof rowsOf>[1],
  values: Parameters<typeof rowsOf>[2],
  count = 1,
): Rows | undefined {
  const rows = rowsOf(stack, table, values);
  return rows.length >= count ? rows : undefined;
}
