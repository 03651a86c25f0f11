import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exposureOf } from '../../shared/exposure.ts';
import { type Family, parseFacet } from '../../shared/families/define-family.ts';
import { bodyReadings, fingerprint, serverRef } from '../../shared/families/fingerprint.ts';
import { FAMILIES, familyOf } from '../../shared/families/index.ts';
import type { Facet, Readings } from '../../shared/model.ts';
import { DEFAULT_WIDTHS } from '../../shared/policy/server-policy.ts';
import { parseResourceId, type ResourceId } from '../../shared/resource-id.ts';

const AT = '2026-05-20T12:00:00.000Z';
const GROUP = '/subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg-data/providers';
const MYSQL = `${GROUP}/microsoft.dbformysql/flexibleservers/orders`;
const POSTGRES = `${GROUP}/microsoft.dbforpostgresql/flexibleservers/ledger`;
const OLD_MYSQL = `${GROUP}/microsoft.dbformysql/servers/legacy-shop`;
const OLD_POSTGRES = `${GROUP}/microsoft.dbforpostgresql/servers/legacy-ledger`;
const ENDPOINTS =
  '/subscriptions/22222222-2222-4222-8222-222222222222/resourcegroups/rg-net/providers/microsoft.network/privateendpoints';
const GUID = '40c899c7-5847-493e-9c9e-d0a0c90aaf92';

type Body = Record<string, unknown> & { properties: Record<string, unknown> };

function fixture(file: string): Body {
  return JSON.parse(readFileSync(new URL(`../fixtures/arm/${file}`, import.meta.url), 'utf8')) as Body;
}

function idOf(text: string): ResourceId {
  const id = parseResourceId(text);
  if (!id) throw new Error('no resource id');
  return id;
}

function familyAt(id: string): Family {
  const family = familyOf(idOf(id).type);
  if (!family) throw new Error('no family');
  return family;
}

/** What stands in a body: values, or the reason where there is none. */
function read(id: string, body: unknown): Record<string, unknown> {
  const readings = bodyReadings(familyAt(id), body, id, AT);
  return Object.fromEntries(
    Object.entries(readings).map(([facet, reading]) => {
      expect(reading.at).toBe(AT);
      return [facet, 'value' in reading ? reading.value : reading];
    }),
  );
}

describe('whole bodies', () => {
  test('MySQL flexible server', () => {
    expect(read(MYSQL, fixture('mysql-flexible.json'))).toEqual({
      publicAccess: { switch: 'enabled', raw: '"Enabled"' },
      delegatedSubnetId: null,
      virtualNetworkRules: [],
      endpointConnections: [
        {
          id: `${MYSQL}/privateendpointconnections/pe-orders.${GUID}`,
          name: `pe-orders.${GUID}`,
          status: 'approved',
          statusText: 'Approved',
          description: 'Auto-Approved',
          groupIds: ['mysqlServer'],
          endpointId: `${ENDPOINTS}/pe-orders`,
          createdAt: null,
        },
      ],
      state: 'Ready',
      replication: { role: 'None', isReplica: false, sourceId: null },
      tier: 'Burstable',
    });
  });

  test('MySQL flexible server in a network, a replica', () => {
    expect(read(`${MYSQL}-replica`, fixture('mysql-flexible-injected.json'))).toEqual({
      publicAccess: { switch: 'disabled', raw: '"Disabled"' },
      delegatedSubnetId: `${GROUP}/microsoft.network/virtualnetworks/vnet-data/subnets/mysql`,
      virtualNetworkRules: [],
      endpointConnections: [],
      state: 'Ready',
      replication: { role: 'Replica', isReplica: true, sourceId: MYSQL },
      tier: 'GeneralPurpose',
    });
  });

  test('PostgreSQL flexible server', () => {
    expect(read(POSTGRES, fixture('postgresql-flexible.json'))).toMatchObject({
      publicAccess: { switch: 'enabled' },
      delegatedSubnetId: null,
      endpointConnections: [
        { status: 'pending', description: 'Please approve.', groupIds: ['postgresqlServer'] },
        { status: 'rejected', endpointId: `${ENDPOINTS}/pe-old` },
      ],
      state: 'Ready',
      replication: { role: 'Primary', isReplica: false, sourceId: null },
      tier: 'GeneralPurpose',
    });
  });

  test('MySQL single server', () => {
    expect(read(OLD_MYSQL, fixture('mysql-single.json'))).toEqual({
      publicAccess: { switch: 'enabled', raw: '"Enabled"' },
      delegatedSubnetId: null,
      endpointConnections: [
        {
          id: `${OLD_MYSQL}/privateendpointconnections/pe-shop.123`,
          name: 'pe-shop.123',
          status: 'disconnected',
          statusText: 'Disconnected',
          description: '',
          groupIds: [],
          endpointId: `${GROUP}/microsoft.network/privateendpoints/pe-shop`,
          createdAt: null,
        },
      ],
      state: 'Ready',
      replication: { role: '', isReplica: false, sourceId: null },
      tier: 'GeneralPurpose',
      retiredOn: '2024-09-16',
    });
  });

  test('PostgreSQL single server', () => {
    expect(read(OLD_POSTGRES, fixture('postgresql-single.json'))).toMatchObject({
      publicAccess: { switch: 'disabled' },
      endpointConnections: [],
      state: 'Inaccessible',
      replication: { role: 'Replica', isReplica: true, sourceId: `${OLD_POSTGRES}-main` },
      tier: 'Basic',
      retiredOn: '2025-03-28',
    });
  });

  test('the versions that are asked', () => {
    expect(FAMILIES.map(({ resourceType, apiVersion }) => `${resourceType} ${apiVersion}`)).toEqual([
      'microsoft.dbformysql/flexibleservers 2024-12-30',
      'microsoft.dbformysql/servers 2017-12-01',
      'microsoft.dbforpostgresql/flexibleservers 2025-08-01',
      'microsoft.dbforpostgresql/servers 2017-12-01',
    ]);
    expect(familyOf('Microsoft.DBforMySQL/flexibleServers')).toBeUndefined();
    expect(familyOf('microsoft.sql/servers')).toBeUndefined();
  });
});

/** Where the public access switch stands: in `network`, or at the top of the single servers' properties. */
const withAccess = (id: string, value: unknown): unknown =>
  id === OLD_MYSQL || id === OLD_POSTGRES
    ? { properties: { publicNetworkAccess: value } }
    : { properties: { network: { publicNetworkAccess: value } } };

describe.each([MYSQL, POSTGRES, OLD_MYSQL, OLD_POSTGRES])('the switch of %s', (id) => {
  test.each<{ value: unknown; is: string; raw: string }>([
    { value: 'Enabled', is: 'enabled', raw: '"Enabled"' },
    { value: 'ENABLED', is: 'enabled', raw: '"ENABLED"' },
    { value: ' disabled ', is: 'disabled', raw: '" disabled "' },
    { value: '', is: 'unknown', raw: '""' },
    { value: null, is: 'unknown', raw: 'null' },
    { value: undefined, is: 'unknown', raw: 'absent' },
    { value: true, is: 'unknown', raw: 'true' },
    { value: 'SecuredByPerimeter', is: 'unknown', raw: '"SecuredByPerimeter"' },
    { value: 'constructor', is: 'unknown', raw: '"constructor"' },
    { value: { Enabled: true }, is: 'unknown', raw: '{"Enabled":true}' },
  ])('$raw is $is', ({ value, is, raw }) => {
    expect(read(id, withAccess(id, value)).publicAccess).toEqual({ switch: is, raw });
  });

  test('a long value is kept short', () => {
    const access = read(id, withAccess(id, 'x'.repeat(100_000))).publicAccess as { raw: string };
    expect(access.raw.length).toBeLessThanOrEqual(256);
  });
});

describe('what is not as documented is unreadable, with its place', () => {
  const unreadable = (place: string): object => ({ unreadable: `not as documented: ${place}`, at: AT });
  const body = (more: object): unknown => ({ sku: { tier: 'X' }, properties: { state: 'Ready', ...more } });

  test.each<{ when: string; id: string; body: unknown; facet: Facet; place: string }>([
    { when: 'no properties', id: MYSQL, body: {}, facet: 'publicAccess', place: 'properties' },
    {
      when: 'properties null',
      id: MYSQL,
      body: { properties: null },
      facet: 'publicAccess',
      place: 'properties',
    },
    { when: 'a list as body', id: MYSQL, body: [], facet: 'publicAccess', place: 'the body' },
    { when: 'no body', id: MYSQL, body: undefined, facet: 'state', place: 'the body' },
    {
      when: 'network a text',
      id: MYSQL,
      body: body({ network: 'x' }),
      facet: 'publicAccess',
      place: 'properties.network',
    },
    {
      when: 'a subnet that is no text',
      id: POSTGRES,
      body: body({ network: { delegatedSubnetResourceId: {} } }),
      facet: 'delegatedSubnetId',
      place: 'properties.network.delegatedSubnetResourceId',
    },
    {
      when: 'connections null',
      id: MYSQL,
      body: body({ privateEndpointConnections: null }),
      facet: 'endpointConnections',
      place: 'properties.privateEndpointConnections',
    },
    {
      when: 'connections an object',
      id: OLD_MYSQL,
      body: body({ privateEndpointConnections: {} }),
      facet: 'endpointConnections',
      place: 'properties.privateEndpointConnections',
    },
    {
      when: 'a connection that is a text',
      id: MYSQL,
      body: body({ privateEndpointConnections: ['x'] }),
      facet: 'endpointConnections',
      place: 'the body',
    },
    {
      when: 'a connection without a name',
      id: MYSQL,
      body: body({ privateEndpointConnections: [{ properties: {} }] }),
      facet: 'endpointConnections',
      place: 'the body',
    },
    {
      when: 'a status that is no text',
      id: MYSQL,
      body: body({
        privateEndpointConnections: [
          { name: 'a', properties: { privateLinkServiceConnectionState: { status: 1 } } },
        ],
      }),
      facet: 'endpointConnections',
      place: 'properties.privateLinkServiceConnectionState.status',
    },
    { when: 'no state', id: MYSQL, body: { properties: {} }, facet: 'state', place: 'properties.state' },
    {
      when: 'no visible state',
      id: OLD_MYSQL,
      body: body({}),
      facet: 'state',
      place: 'properties.userVisibleState',
    },
    {
      when: 'a role that is no text',
      id: POSTGRES,
      body: body({ replicationRole: 1 }),
      facet: 'replication',
      place: 'properties.replicationRole',
    },
    { when: 'no sku', id: MYSQL, body: { properties: {} }, facet: 'tier', place: 'sku' },
    { when: 'no tier', id: OLD_POSTGRES, body: { sku: {} }, facet: 'tier', place: 'sku.tier' },
  ])('$when', ({ id, body: given, facet, place }) => {
    expect(read(id, given)[facet]).toEqual(unreadable(place));
  });

  test('what one facet lacks takes no other with it', () => {
    const readings = read(MYSQL, { properties: { network: { publicNetworkAccess: 'Enabled' } } });
    expect(readings).toMatchObject({
      publicAccess: { switch: 'enabled' },
      delegatedSubnetId: null,
      endpointConnections: [],
      replication: { role: '', isReplica: false },
    });
    expect(readings.state).toEqual(unreadable('properties.state'));
  });

  test('no body makes a family throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(MYSQL, POSTGRES, OLD_MYSQL, OLD_POSTGRES), (given, id) => {
        for (const wrapped of [
          given,
          { properties: given, sku: given },
          { properties: { network: given } },
        ]) {
          read(id, wrapped);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('connections', () => {
  const connection = (status: unknown, more: object = {}): unknown => ({
    properties: {
      privateEndpointConnections: [
        { name: 'PE.1', properties: { privateLinkServiceConnectionState: { status }, ...more } },
      ],
    },
  });
  const first = (body: unknown): unknown => {
    const connections = read(MYSQL, body).endpointConnections;
    return Array.isArray(connections) ? (connections as unknown[])[0] : connections;
  };

  test.each([
    { text: 'APPROVED', status: 'approved', kept: 'APPROVED' },
    { text: ' Pending ', status: 'pending', kept: ' Pending ' },
    { text: 'Rejected', status: 'rejected', kept: 'Rejected' },
    { text: 'Disconnected', status: 'disconnected', kept: 'Disconnected' },
    { text: 'Timeout', status: 'unknown', kept: 'Timeout' },
    { text: 'constructor', status: 'unknown', kept: 'constructor' },
    { text: '', status: 'unknown', kept: '' },
    { text: null, status: 'unknown', kept: '' },
    { text: undefined, status: 'unknown', kept: '' },
  ])('the status $text is $status', ({ text, status, kept }) => {
    expect(first(connection(text))).toMatchObject({ status, statusText: kept });
  });

  test('ids are built from the server that was asked, whatever the answer says', () => {
    expect(first(connection('Approved'))).toMatchObject({
      id: `${MYSQL}/privateendpointconnections/pe.1`,
      name: 'PE.1',
    });
  });

  test.each([
    { when: 'no endpoint', more: {}, endpointId: null },
    { when: 'an endpoint null', more: { privateEndpoint: null }, endpointId: null },
    { when: 'an endpoint that is no id', more: { privateEndpoint: { id: 'x' } }, endpointId: null },
    {
      when: 'an endpoint in odd casing',
      more: { privateEndpoint: { id: `${ENDPOINTS}/A`.toUpperCase() } },
      endpointId: `${ENDPOINTS}/a`,
    },
  ])('$when', ({ more, endpointId }) => {
    expect(first(connection('Approved', more))).toMatchObject({ endpointId });
  });

  test('a connection without properties is one whose status nobody knows', () => {
    const body = { properties: { privateEndpointConnections: [{ id: '/x/pe-a' }] } };
    expect(first(body)).toMatchObject({ name: 'pe-a', status: 'unknown', groupIds: [], endpointId: null });
  });
});

describe('lists', () => {
  const list = (
    id: string,
    facet: 'firewallRules' | 'virtualNetworkRules',
    items: readonly unknown[],
  ): unknown => {
    const source = familyAt(id).facets[facet];
    if (source?.in !== 'list') throw new Error('no list');
    expect(source.path).toBe(facet);
    return parseFacet<unknown>(AT, () => source.read(items, id));
  };
  const items = (file: string): readonly unknown[] => fixture(file).value as readonly unknown[];

  test.each([MYSQL, POSTGRES, OLD_MYSQL, OLD_POSTGRES])('firewall rules of %s', (id) => {
    expect(list(id, 'firewallRules', items('firewall-rules.json'))).toEqual({
      value: [
        { id: `${id}/firewallrules/rule1`, name: 'rule1', start: '0.0.0.0', end: '255.255.255.255' },
        {
          id: `${id}/firewallrules/clientipaddress_2024-8-20_10-43-19`,
          name: 'ClientIPAddress_2024-8-20_10-43-19',
          start: '203.0.113.7',
          end: '203.0.113.7',
        },
      ],
      at: AT,
    });
  });

  test('virtual network rules', () => {
    expect(list(OLD_MYSQL, 'virtualNetworkRules', items('virtual-network-rules.json'))).toEqual({
      value: [
        {
          id: `${OLD_MYSQL}/virtualnetworkrules/shop-front`,
          name: 'shop-front',
          subnetId: `${GROUP}/microsoft.network/virtualnetworks/vnet-data/subnets/front`,
        },
      ],
      at: AT,
    });
  });

  test('flexible servers have none by nature', () => {
    expect(familyAt(MYSQL).facets.virtualNetworkRules).toEqual({ in: 'family', value: [] });
    expect(familyAt(OLD_MYSQL).facets.delegatedSubnetId).toEqual({ in: 'family', value: null });
  });

  test.each<{ when: string; properties: object; start: unknown; end: unknown }>([
    { when: 'null', properties: { startIpAddress: null, endIpAddress: null }, start: null, end: null },
    { when: 'absent', properties: {}, start: null, end: null },
    { when: 'numbers', properties: { startIpAddress: 1, endIpAddress: {} }, start: '1', end: '{}' },
    {
      when: 'long',
      properties: { startIpAddress: 'x'.repeat(9999), endIpAddress: '' },
      start: 'x'.repeat(256),
      end: '',
    },
  ])('ends that are $when are kept as a rule that nobody can interpret', ({ properties, start, end }) => {
    expect(list(MYSQL, 'firewallRules', [{ name: 'a', properties }])).toMatchObject({
      value: [{ start, end }],
    });
  });

  test.each<{ when: string; item: unknown }>([
    { when: 'a rule that is a text', item: 'x' },
    { when: 'a rule that is null', item: null },
    { when: 'a rule without properties', item: { name: 'a' } },
    { when: 'a rule without a name', item: { properties: {} } },
    { when: 'a rule whose name is a number', item: { name: 7, properties: {} } },
    { when: 'a rule with an empty name and no id', item: { name: '', properties: {} } },
  ])('$when leaves no list, never a shorter one', ({ item }) => {
    for (const [id, facet] of [
      [MYSQL, 'firewallRules'],
      [OLD_MYSQL, 'virtualNetworkRules'],
    ] as const) {
      const good = { name: 'good', properties: {} };
      expect(list(id, facet, [good, item])).toEqual({
        unreadable: expect.stringMatching(/^not as documented: /) as string,
        at: AT,
      });
    }
  });

  test('a rule whose name is missing has the last part of its id', () => {
    expect(
      list(MYSQL, 'firewallRules', [{ id: `${MYSQL}/firewallRules/Office`, properties: {} }]),
    ).toMatchObject({
      value: [{ id: `${MYSQL}/firewallrules/office`, name: 'Office' }],
    });
  });

  test('a subnet that cannot be parsed is still a rule', () => {
    const rule = { name: 'a', properties: { virtualNetworkSubnetId: 'somewhere' } };
    expect(list(OLD_MYSQL, 'virtualNetworkRules', [rule])).toMatchObject({ value: [{ subnetId: null }] });
  });
});

describe('replication', () => {
  const role = (properties: object): unknown => read(POSTGRES, { properties }).replication;
  test.each([
    { role: 'Replica', isReplica: true },
    { role: 'AsyncReplica', isReplica: true },
    { role: 'GEOASYNCREPLICA', isReplica: true },
    { role: 'Primary', isReplica: false },
    { role: 'Source', isReplica: false },
    { role: 'None', isReplica: false },
    { role: '', isReplica: false },
    { role: 'WalReplica', isReplica: false },
  ])('the role $role', ({ role: text, isReplica }) => {
    const source = { replicationRole: text, sourceServerResourceId: MYSQL.toUpperCase() };
    expect(role(source)).toEqual({ role: text, isReplica, sourceId: isReplica ? MYSQL : null });
  });

  test.each([
    { when: 'null', first: null, second: 'AsyncReplica', is: 'AsyncReplica' },
    { when: 'empty', first: '', second: 'GeoAsyncReplica', is: 'GeoAsyncReplica' },
    { when: 'at odds with the other', first: 'None', second: 'AsyncReplica', is: 'AsyncReplica' },
    { when: 'a replica', first: 'AsyncReplica', second: 'Primary', is: 'AsyncReplica' },
    { when: 'beside one that is not documented', first: 'Primary', second: 'Follower', is: 'Follower' },
    { when: 'alone', first: 'Primary', second: undefined, is: 'Primary' },
  ])('of two roles the one that says more: $when', ({ first, second, is }) => {
    const properties = { replicationRole: first, replica: { role: second }, sourceServerResourceId: MYSQL };
    expect(role(properties)).toMatchObject({ role: is, isReplica: is.endsWith('AsyncReplica') });
  });

  test('a replica whose source cannot be parsed', () => {
    expect(role({ replicationRole: 'Replica', sourceServerResourceId: 'x' })).toEqual({
      role: 'Replica',
      isReplica: true,
      sourceId: null,
    });
  });
});

describe('a delegated subnet', () => {
  const subnet = `${GROUP}/microsoft.network/virtualnetworks/hub/subnets/db`;
  const unclear = { unreadable: 'not as documented: the body', at: AT };
  test.each([
    { when: 'null', subnet: null, is: null, reach: 'unknown' },
    { when: 'empty', subnet: '', is: null, reach: 'unknown' },
    { when: 'blank', subnet: ' \t', is: null, reach: 'unknown' },
    { when: 'in odd casing', subnet: ` ${subnet.toUpperCase()} `, is: subnet, reach: 'private' },
    { when: 'a text', subnet: 'Some Subnet', is: unclear, reach: 'unknown' },
    { when: 'null as a text', subnet: 'null', is: unclear, reach: 'unknown' },
    { when: 'a slash', subnet: '/', is: unclear, reach: 'unknown' },
    { when: 'not applicable', subnet: 'N/A', is: unclear, reach: 'unknown' },
  ])('$when', ({ subnet: delegatedSubnetResourceId, is, reach }) => {
    const body = { properties: { network: { delegatedSubnetResourceId } } };
    expect(read(MYSQL, body).delegatedSubnetId).toEqual(is);
    const network = bodyReadings(familyAt(MYSQL), body, MYSQL, AT);
    const rules = { firewallRules: { value: [], at: AT } };
    expect(exposureOf({ ...network, ...rules }, DEFAULT_WIDTHS).reach).toBe(reach);
  });
});

describe('who the server is', () => {
  test('name, place and tags of its body', () => {
    expect(serverRef(idOf(MYSQL), fixture('mysql-flexible.json'))).toEqual({
      id: MYSQL,
      name: 'orders',
      family: 'microsoft.dbformysql/flexibleservers',
      subscription: '11111111-1111-4111-8111-111111111111',
      resourceGroup: 'rg-data',
      location: 'Southeast Asia',
      tags: { env: 'prod' },
    });
  });

  test.each<{ when: string; body: unknown; ref: object }>([
    { when: 'no body', body: undefined, ref: { name: 'orders', location: '', tags: {} } },
    {
      when: 'garbage',
      body: { name: 7, location: [], tags: 'x' },
      ref: { name: 'orders', location: '', tags: {} },
    },
    { when: 'tags that are no texts', body: { tags: { a: 'b', c: 1, d: null } }, ref: { tags: { a: 'b' } } },
    { when: 'its own casing', body: { name: 'Orders' }, ref: { id: MYSQL, name: 'Orders' } },
  ])('$when', ({ body, ref }) => {
    expect(serverRef(idOf(MYSQL), body)).toMatchObject(ref);
  });
});

describe('the fingerprint', () => {
  const of = (body: Body, at = AT, more: Readings = {}): string => {
    const network = { ...bodyReadings(familyAt(MYSQL), body, MYSQL, at), ...more };
    return fingerprint(serverRef(idOf(MYSQL), body), network, { endpoints: {} });
  };
  const body = fixture('mysql-flexible.json');
  const changed = (more: object): Body => ({ ...body, properties: { ...body.properties, ...more } });

  test('the order of keys, the time and what is not kept make no difference', () => {
    const reversed = Object.fromEntries(Object.entries(body).reverse()) as Body;
    expect(of(reversed)).toBe(of(body));
    expect(of(body, '2027-01-01T00:00:00.000Z')).toBe(of(body));
    expect(of({ ...body, etag: 'x' })).toBe(of(body));
    expect(of(changed({ storage: { iops: 1 } }))).toBe(of(body));
  });

  test('rules are no part of it: Resource Graph does not tell them', () => {
    expect(of(body, AT, { firewallRules: { value: [], at: AT } })).toBe(of(body));
  });

  test.each<{ when: string; body: Body }>([
    { when: 'the switch', body: changed({ network: { publicNetworkAccess: 'Disabled' } }) },
    { when: 'a connection', body: changed({ privateEndpointConnections: [] }) },
    { when: 'the state', body: changed({ state: 'Stopped' }) },
    { when: 'the name', body: { ...body, name: 'Orders' } },
    { when: 'a tag', body: { ...body, tags: { env: 'dev' } } },
    { when: 'a facet that became unreadable', body: changed({ state: null }) },
  ])('$when makes one', ({ body: other }) => {
    expect(of(other)).not.toBe(of(body));
  });
});
