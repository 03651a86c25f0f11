import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { QUERIES } from '../../shared/azure/queries.ts';
import type { GraphRows } from '../../shared/ports.ts';
import { SUBSCRIPTIONS, TENANT } from '../simulation/world.ts';
import { type Cloud, inLowerCase, server } from './cloud.ts';
import { embeddedCloud, SEALED } from './embedded-cloud.ts';
import { simulatedCloud } from './simulated-cloud.ts';

const [ONE, TWO] = SUBSCRIPTIONS;
const NOWHERE = '77777777-7777-7777-7777-777777777777';
const COMPLETE = { complete: true, problem: '' };

interface Told {
  readonly rows: GraphRows;
  readonly end: { readonly complete: boolean; readonly problem: string };
}

describe.each([
  { kind: 'memory', start: simulatedCloud },
  { kind: 'the real reader', start: embeddedCloud },
])('Resource Graph by $kind', ({ start }) => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await start();
    // What was there at the start is in the index by now.
    cloud.passSeconds(3600);
  });
  afterAll(() => cloud.close());
  afterEach(() => {
    cloud.calm();
  });

  async function ask(kql: keyof typeof QUERIES, subscriptions: readonly string[]): Promise<Told> {
    const rows: Record<string, unknown>[] = [];
    const end = await cloud.graph.query(QUERIES[kql], { subscriptions }, (page) => rows.push(...page));
    return { rows: inLowerCase(rows) as GraphRows, end };
  }
  const namesOf = ({ rows }: Told): readonly unknown[] =>
    rows.map(({ id }) => (typeof id === 'string' ? id.split('/').at(-1) : id));

  test.each<{ kql: keyof typeof QUERIES; subscriptions: readonly string[]; names: readonly string[] }>([
    // By id: MySQL before PostgreSQL, flexible before single servers. db4 was deleted.
    { kql: 'servers', subscriptions: [ONE], names: ['db0', 'db2', 'db1', 'db3'] },
    { kql: 'servers', subscriptions: [TWO], names: ['db6', 'db5', 'db7'] },
    {
      kql: 'servers',
      subscriptions: [ONE, TWO],
      names: ['db0', 'db2', 'db1', 'db3', 'db6', 'db5', 'db7'],
    },
    {
      kql: 'privateEndpoints',
      subscriptions: [TWO, ONE],
      names: ['pe0', 'pe1', 'pe2', 'pe3', 'pe5', 'pe6', 'pe7'],
    },
    { kql: 'subscriptions', subscriptions: [TWO, ONE], names: [ONE, TWO] },
  ])('$kql of $subscriptions.length subscriptions in the order of their ids', async (asked) => {
    const told = await ask(asked.kql, asked.subscriptions);
    expect(namesOf(told)).toEqual(asked.names);
    expect(told.end).toEqual(COMPLETE);
  });

  test('a row of a server has what the query asks for', async () => {
    const { rows } = await ask('servers', [TWO]);
    expect(rows[1]).toMatchObject({
      id: server(5).id,
      name: 'db5',
      type: 'microsoft.dbforpostgresql/flexibleservers',
      location: 'westeurope',
      tags: {},
      sku: { tier: 'GeneralPurpose' },
      properties: {
        state: 'Ready',
        network: { publicNetworkAccess: 'Enabled' },
        privateEndpointConnections: [{ properties: { privateEndpoint: { id: server(5).endpointId } } }],
      },
    });
  });

  test('a row of an endpoint names its server', async () => {
    const { rows } = await ask('privateEndpoints', [TWO]);
    expect(rows[0]).toMatchObject({
      id: server(5).endpointId,
      location: 'westeurope',
      properties: {
        manualPrivateLinkServiceConnections: [{ properties: { privateLinkServiceId: server(5).id } }],
      },
    });
  });

  test('a row of a subscription names its tenant', async () => {
    const { rows } = await ask('subscriptions', [TWO]);
    expect(rows).toMatchObject([{ id: `/subscriptions/${TWO}`, subscriptionId: TWO, tenantId: TENANT }]);
  });

  test.each<{ kql: keyof typeof QUERIES; names: readonly string[] }>([
    { kql: 'subscriptions', names: [TWO] },
    { kql: 'servers', names: ['db6', 'db5', 'db7'] },
    { kql: 'privateEndpoints', names: ['pe5', 'pe6', 'pe7'] },
  ])('$kql: subscriptions that the identity may not read are left out without a word', async (asked) => {
    const told = await ask(asked.kql, [NOWHERE, TWO, SEALED]);
    expect(namesOf(told)).toEqual(asked.names);
    expect(told.end).toEqual(COMPLETE);
  });

  test.each(['subscriptions', 'servers'] as const)('%s of none that it may read is refused', async (kql) => {
    expect(await ask(kql, [NOWHERE, SEALED])).toEqual({
      rows: [],
      end: { complete: false, problem: 'Resource Graph refused the query (403)' },
    });
  });

  test('throttled: nothing, and not complete', async () => {
    cloud.make('Resource Graph is throttled');
    expect(await ask('servers', [ONE, TWO])).toEqual({
      rows: [],
      end: { complete: false, problem: 'Resource Graph is throttled' },
    });
  });

  test('truncated: some, and not complete', async () => {
    cloud.make('Resource Graph truncates');
    const told = await ask('servers', [ONE, TWO]);
    expect(namesOf(told)).toEqual(['db0', 'db2', 'db1']);
    expect(told.end).toEqual({ complete: false, problem: 'Resource Graph truncated its answer' });
  });

  test('it tells the past: what was made, changed and deleted shows when the lag has passed', async () => {
    cloud.make('Resource Graph is half an hour behind');
    cloud.write(server(4), { exists: true });
    cloud.write(server(0), { access: 'Disabled' });
    cloud.write(server(2), { exists: false, connection: null, endpoint: false });
    cloud.passSeconds(1799);
    const accessOf = ({ rows }: Told): unknown => rows[0]?.properties;
    const before = await ask('servers', [ONE]);
    expect(namesOf(before)).toEqual(['db0', 'db2', 'db1', 'db3']);
    expect(accessOf(before)).toMatchObject({ network: { publicNetworkAccess: 'Enabled' } });
    expect(namesOf(await ask('privateEndpoints', [ONE]))).toEqual(['pe0', 'pe1', 'pe2', 'pe3']);
    expect(await cloud.arm.get(server(2).id, '2017-12-01')).toMatchObject({ outcome: 'gone' });

    cloud.passSeconds(2);
    const after = await ask('servers', [ONE]);
    expect(namesOf(after)).toEqual(['db0', 'db4', 'db1', 'db3']);
    expect(accessOf(after)).toMatchObject({ network: { publicNetworkAccess: 'Disabled' } });
    expect(namesOf(await ask('privateEndpoints', [ONE]))).toEqual(['pe0', 'pe1', 'pe3']);
  });
});
