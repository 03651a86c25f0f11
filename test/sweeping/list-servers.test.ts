import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { type EmbeddedAzure, loadEstate, startAzure } from '../../local/azure/index.ts';
import { armReader } from '../../shared/azure/arm.ts';
import { graphReader } from '../../shared/azure/graph.ts';
import { QUERIES } from '../../shared/azure/queries.ts';
import { readServer } from '../../shared/azure/read-server.ts';
import { tokenBucket } from '../../shared/azure/token-bucket.ts';
import { fingerprint } from '../../shared/families/fingerprint.ts';
import { familyOf } from '../../shared/families/index.ts';
import { listServers } from '../../shared/sweeping/list-servers.ts';
import type { Arm, Graph, GraphRows } from '../../shared/ports.ts';
import { parseResourceId } from '../../shared/resource-id.ts';
import { trust } from '../azure/secure-server.ts';
import { endpointId, SERVER, SUBSCRIPTION } from '../builders.ts';

const SCOPE = 'https://management.azure.com/.default';

/** A Resource Graph that answers these rows, and says of each query how it ended. */
function graphOf(
  rows: { readonly servers?: GraphRows; readonly endpoints?: GraphRows },
  problem = '',
): Graph & { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    query(kql, scope, page) {
      asked.push(scope);
      page((kql === QUERIES.servers ? rows.servers : rows.endpoints) ?? []);
      return Promise.resolve({ complete: problem === '', problem });
    },
  };
}

const serverRow = (name: string, more: object = {}): Readonly<Record<string, unknown>> => ({
  id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/${name}`,
  name,
  location: 'westeurope',
  tags: null,
  sku: { tier: 'Burstable' },
  properties: { state: 'Ready', network: { publicNetworkAccess: 'Enabled' } },
  ...more,
});
const endpointRow = (name: string, target: string): Readonly<Record<string, unknown>> => ({
  id: endpointId(name),
  location: 'westeurope',
  properties: {
    provisioningState: 'Succeeded',
    privateLinkServiceConnections: [
      {
        properties: {
          privateLinkServiceId: target,
          privateLinkServiceConnectionState: { status: 'Approved' },
        },
      },
    ],
  },
});

describe('the listing', () => {
  test('servers by lower-cased id, each with a hash', async () => {
    const listing = await listServers(
      [SUBSCRIPTION],
      graphOf({ servers: [serverRow('Orders'), serverRow('stock')] }),
    );
    expect([...listing.hashes.keys()]).toEqual([SERVER.id, SERVER.id.replace('orders', 'stock')]);
    expect([...listing.hashes.values()].every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
    expect(listing).toMatchObject({ complete: true, problems: [] });
  });

  test('endpoints by the servers that they name, whether the server knows of them or not', async () => {
    const endpoints = [
      endpointRow('a', SERVER.id.toUpperCase()),
      endpointRow('b', SERVER.id),
      endpointRow(
        'c',
        `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/x`,
      ),
      endpointRow('d', 'no id'),
      endpointRow(
        'e',
        `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/gone`,
      ),
    ];
    const listing = await listServers([SUBSCRIPTION], graphOf({ servers: [serverRow('orders')], endpoints }));
    expect(Object.fromEntries(listing.namedBy)).toEqual({
      [SERVER.id]: [endpointId('a'), endpointId('b')],
      [SERVER.id.replace('orders', 'gone')]: [endpointId('e')],
    });
  });

  test('an endpoint that comes, goes or changes makes another hash', async () => {
    const hashOf = async (endpoints: GraphRows): Promise<unknown> =>
      (await listServers([SUBSCRIPTION], graphOf({ servers: [serverRow('orders')], endpoints }))).hashes.get(
        SERVER.id,
      );
    const one = endpointRow('a', SERVER.id);
    const updating = { ...one, properties: { ...(one.properties as object), provisioningState: 'Updating' } };
    const hashes = [await hashOf([]), await hashOf([one]), await hashOf([updating])];
    expect(new Set(hashes).size).toBe(3);
    expect(await hashOf([endpointRow('b', SERVER.id), one])).toBe(
      await hashOf([one, endpointRow('b', SERVER.id)]),
    );
  });

  test('300 subscriptions a query', async () => {
    const graph = graphOf({});
    const many = Array.from({ length: 601 }, (_, index) => String(index));
    await listServers(many, graph);
    expect(graph.asked.map((scope) => (scope as { subscriptions: string[] }).subscriptions.length)).toEqual([
      300, 300, 1, 300, 300, 1,
    ]);
  });

  test.each<{ when: string; graph: Graph; problems: readonly string[] }>([
    {
      when: 'a listing that is cut',
      graph: graphOf({ servers: [serverRow('orders')] }, 'Resource Graph listed 1 of 2 rows'),
      problems: [
        'Servers: Resource Graph listed 1 of 2 rows.',
        'Private endpoints: Resource Graph listed 1 of 2 rows.',
      ],
    },
    {
      when: 'a server without an id',
      graph: graphOf({ servers: [{ name: 'x' }, serverRow('orders')] }),
      problems: ['Servers: a row without a resource id.'],
    },
    {
      when: 'an endpoint with a hostile id',
      graph: graphOf({ servers: [serverRow('orders')], endpoints: [{ id: '/subscriptions/../x' }] }),
      problems: ['Private endpoints: a row without a resource id.'],
    },
  ])('$when is not complete, and keeps what it has', async ({ graph, problems }) => {
    const listing = await listServers([SUBSCRIPTION], graph);
    expect(listing.complete).toBe(false);
    expect(listing.problems).toEqual(problems);
    expect([...listing.hashes.keys()]).toEqual([SERVER.id]);
  });

  test('a server whose record is garbage is listed, so that ARM is asked', async () => {
    const garbage = { ...serverRow('orders'), properties: 'x', location: 7, tags: 'y' };
    const listing = await listServers([SUBSCRIPTION], graphOf({ servers: [garbage] }));
    expect(listing.hashes.has(SERVER.id)).toBe(true);
  });
});

describe('the sample estate', () => {
  let azure: EmbeddedAzure;
  let arm: Arm;
  let graph: Graph;
  beforeAll(async () => {
    azure = await startAzure({ estate: await loadEstate(join(import.meta.dirname, '../../local/estate')) });
    trust(azure.certificate);
    const calls = { graph: 0, management: 0, throttled: 0 };
    const options = { endpoint: azure.url, scope: SCOPE, credential: azure.credential, calls };
    arm = armReader({ ...options, buckets: new Map() });
    graph = graphReader({ ...options, bucket: tokenBucket(100, 100) });
  });
  afterAll(() => azure.close());

  test('the hash of a record equals that of the reading by ARM, for every server', async () => {
    const subscriptions = [
      '11111111-1111-4111-8111-111111111111',
      '22222222-2222-4222-8222-222222222222',
      '33333333-3333-4333-8333-333333333333',
    ];
    const listing = await listServers(subscriptions, graph);
    expect(listing.problems).toEqual([]);
    expect(listing.hashes.size).toBeGreaterThanOrEqual(60);
    const different: string[] = [];
    for (const [id, hash] of listing.hashes) {
      const resource = parseResourceId(id);
      const family = resource && familyOf(resource.type);
      if (!family) throw new Error('no family');
      const reading = await readServer(arm, family, resource, {
        endpointIds: listing.namedBy.get(id) ?? [],
        inScope: (subscription) => subscriptions.includes(subscription),
        last: true,
        now: '2026-09-01T12:00:00.000Z',
      });
      if (reading.outcome !== 'read') throw new Error('not read');
      const { server, network, surroundings } = reading.snapshot;
      if (fingerprint(server, network, surroundings) !== hash) different.push(id.split('/').at(-1) ?? '');
    }
    expect(different).toEqual([]);
  });

  test('a place by its display name is the same place', async () => {
    const id =
      [...(await listServers(['11111111-1111-4111-8111-111111111111'], graph)).hashes.keys()][0] ?? '';
    const body = azure.estate.get(id);
    expect(body).toBeDefined();
    azure.estate.put(id, { ...body, location: 'West Europe' });
    const listing = await listServers(['11111111-1111-4111-8111-111111111111'], graph);
    const resource = parseResourceId(id);
    const family = resource && familyOf(resource.type);
    if (!family) throw new Error('no family');
    const reading = await readServer(arm, family, resource, {
      endpointIds: listing.namedBy.get(id) ?? [],
      inScope: () => true,
      last: true,
      now: '2026-09-01T12:00:00.000Z',
    });
    if (reading.outcome !== 'read') throw new Error('not read');
    const { server, network, surroundings } = reading.snapshot;
    expect(server.location).toBe('West Europe');
    expect(fingerprint(server, network, surroundings)).toBe(listing.hashes.get(id));
  });
});
