import { expect, test } from 'vitest';
import { ancestor, isGuid, parseResourceId, resourceIdOf } from '../shared/resource-id.ts';

const SUB = '/subscriptions/00000000-0000-0000-0000-000000000001';
const PG = `${SUB}/resourceGroups/rg-db/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg1`;
const MY = `${SUB}/resourceGroups/rg-db/providers/Microsoft.DBforMySQL/flexibleServers/my1`;

test.each([
  { when: 'a server write', id: PG, type: 'microsoft.dbforpostgresql/flexibleservers', name: 'pg1' },
  { when: 'a parameter action', id: MY, type: 'microsoft.dbformysql/flexibleservers', name: 'my1' },
  {
    when: 'a rule write',
    id: `${PG}/firewallRules/AllowAll`,
    type: 'microsoft.dbforpostgresql/flexibleservers/firewallrules',
    name: 'allowall',
  },
  {
    when: 'a rule delete',
    id: `${MY}/firewallRules/office`,
    type: 'microsoft.dbformysql/flexibleservers/firewallrules',
    name: 'office',
  },
  {
    when: 'a connection write',
    id: `${PG}/privateEndpointConnections/pe-pg1.40c899c7-5847-493e-9c9e-d0a0c90aaf92`,
    type: 'microsoft.dbforpostgresql/flexibleservers/privateendpointconnections',
    name: 'pe-pg1.40c899c7-5847-493e-9c9e-d0a0c90aaf92',
  },
  {
    when: 'an endpoint write',
    id: `${SUB}/resourceGroups/rg-net/providers/Microsoft.Network/privateEndpoints/pe-pg1`,
    type: 'microsoft.network/privateendpoints',
    name: 'pe-pg1',
  },
  {
    when: 'a virtual network rule of a single server',
    id: `${SUB}/resourcegroups/rg/providers/Microsoft.DBforMySQL/servers/x/virtualNetworkRules/z`,
    type: 'microsoft.dbformysql/servers/virtualnetworkrules',
    name: 'z',
  },
  {
    when: 'a deployment',
    id: `${SUB}/resourceGroups/rg/providers/Microsoft.Resources/deployments/main`,
    type: 'microsoft.resources/deployments',
    name: 'main',
  },
  {
    when: 'a parameter',
    id: `${PG}/configurations/require_secure_transport`,
    type: 'microsoft.dbforpostgresql/flexibleservers/configurations',
    name: 'require_secure_transport',
  },
  {
    when: 'a group in another script',
    id: `${SUB}/resourceGroups/Größe_(x).y/providers/Microsoft.DBforMySQL/flexibleServers/a`,
    type: 'microsoft.dbformysql/flexibleservers',
    name: 'a',
  },
])('$when', ({ id, type, name }) => {
  const parsed = parseResourceId(id);
  expect(parsed).toMatchObject({
    id: id.toLowerCase(),
    type,
    name,
    subscription: '00000000-0000-0000-0000-000000000001',
  });
  expect(parseResourceId(id.toLowerCase())).toEqual(parsed);
  expect(resourceIdOf(id)).toBe(id.toLowerCase());
});

test('every casing is one resource', () => {
  expect(parseResourceId(PG.toUpperCase())).toEqual(parseResourceId(PG));
});

const GUID = '0123ABCD-4567-89ab-CDEF-0123456789aB';

test('every part is lower-cased, a name keeps what Azure allows in it', () => {
  const id = `/subscriptions/${GUID}/resourceGroups/RG.(x)-1/providers/Microsoft.DBforMySQL/flexibleServers/My_1.a-b/firewallRules/Büro+(1)`;
  expect(parseResourceId(id)).toEqual({
    id: id.toLowerCase(),
    subscription: '0123abcd-4567-89ab-cdef-0123456789ab',
    resourceGroup: 'rg.(x)-1',
    type: 'microsoft.dbformysql/flexibleservers/firewallrules',
    name: 'büro+(1)',
    names: ['my_1.a-b', 'büro+(1)'],
  });
});

interface Sizes {
  readonly guid: string;
  readonly group: string;
  readonly namespace: string;
  readonly type: string;
  readonly name: string;
  readonly child: string;
}

function sized(sizes: Partial<Sizes>): string {
  const { guid = GUID, group = 'rg', namespace = 'A.b', type = 't', name = 'n', child = 'c' } = sizes;
  return `/subscriptions/${guid}/resourceGroups/${group}/providers/${namespace}/${type}/${name}/rules/${child}`;
}

const long = (length: number): string => 'a'.repeat(length);

test.each<{ when: string; most: Partial<Sizes>; over: Partial<Sizes> }>([
  { when: 'a group', most: { group: long(90) }, over: { group: long(91) } },
  { when: 'a publisher', most: { namespace: `${long(63)}.b` }, over: { namespace: `${long(64)}.b` } },
  { when: 'a product', most: { namespace: `A.${long(63)}` }, over: { namespace: `A.${long(64)}` } },
  { when: 'a product in parts', most: { namespace: `A.b.${long(63)}` }, over: { namespace: `A.b.` } },
  { when: 'a type', most: { type: long(80) }, over: { type: long(81) } },
  { when: 'a server', most: { name: long(128) }, over: { name: long(129) } },
  { when: 'a child', most: { child: long(260) }, over: { child: long(261) } },
])('the longest name of $when', ({ most, over }) => {
  expect(parseResourceId(sized(most))).toMatchObject({ id: sized(most).toLowerCase() });
  expect(parseResourceId(sized(over))).toBeUndefined();
});

test('the longest id', () => {
  const four = `${sized({ child: long(250) })}/x/${long(250)}/x/${long(250)}/x/`;
  expect(parseResourceId(four + long(1024 - four.length))).toBeDefined();
  expect(parseResourceId(four + long(1025 - four.length))).toBeUndefined();
});

test.each([
  { when: 'empty', id: '' },
  { when: 'a slash', id: '/' },
  { when: 'no leading slash', id: PG.slice(1) },
  { when: 'two leading slashes', id: `/${PG}` },
  { when: 'a trailing slash', id: `${PG}/` },
  { when: 'an address', id: `https://management.azure.com${PG}` },
  { when: 'another host by userinfo', id: `@evil.example${PG}` },
  {
    when: 'another host in the name',
    id: `${SUB}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/x@evil.example`,
  },
  { when: 'only a subscription', id: SUB },
  { when: 'only a group', id: `${SUB}/resourceGroups/rg` },
  {
    when: 'a subscription that is no GUID',
    id: PG.replace('00000000-0000-0000-0000-000000000001', '{subscription-id}'),
  },
  { when: 'no name', id: `${SUB}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers` },
  { when: 'a child without a name', id: `${PG}/firewallRules` },
  { when: 'an empty segment', id: PG.replace('rg-db', '') },
  { when: 'a parent directory', id: `${PG}/firewallRules/..` },
  { when: 'a parent directory as group', id: PG.replace('rg-db', '..') },
  { when: 'the directory itself', id: `${PG}/firewallRules/.` },
  { when: 'two dots in a name', id: `${PG}/firewallRules/a..b` },
  { when: 'encoded dots', id: `${PG}/firewallRules/%2e%2e` },
  { when: 'an encoded slash', id: `${PG}/firewallRules/a%2Fb` },
  { when: 'a query', id: `${PG}?api-version=2020-01-01` },
  { when: 'a fragment', id: `${PG}#x` },
  { when: 'a backslash', id: `${PG}/firewallRules/a\\b` },
  { when: 'a line break', id: `${PG}\r\nHost: evil.example` },
  { when: 'a NUL', id: `${PG}/firewallRules/a\0b` },
  { when: 'a space', id: `${PG}/firewallRules/a b` },
  { when: 'a separator of a key', id: `${PG}/firewallRules/a|b` },
  { when: 'U+212A, which becomes k', id: `${PG}/firewallRules/\u212a` },
  { when: 'U+017F, which becomes s', id: `${PG}/firewallRules/\u017f` },
  { when: 'U+212A in the server name', id: PG.replace('pg1', '\u212ag1') },
  { when: 'U+017F in a fixed word', id: PG.replace('subscriptions', '\u017fubscriptions') },
  { when: 'U+0130 in a group, which lower-cases to i and a dot', id: PG.replace('rg-db', 'r\u0130g') },
  { when: 'a great length', id: `${PG}/firewallRules/${'a'.repeat(1100)}` },
  { when: 'a megabyte', id: PG + '/a'.repeat(500_000) },
  { when: 'a megabyte of slashes', id: '/'.repeat(1_000_000) },
  { when: 'a namespace without a dot', id: PG.replace('Microsoft.DBforPostgreSQL', 'Microsoft') },
  { when: 'a namespace alone', id: PG.slice(0, PG.indexOf('/flexibleServers')) },
  { when: 'providers alone', id: PG.slice(0, PG.indexOf('/Microsoft')) },
  { when: 'a namespace that begins with a digit', id: PG.replace('Microsoft', '1Microsoft') },
  { when: 'a namespace that ends with a sign', id: PG.replace('PostgreSQL/', 'PostgreSQL-/') },
  { when: 'a type that begins with a digit', id: PG.replace('flexibleServers', '1Servers') },
  { when: 'a type that ends with a sign', id: PG.replace('flexibleServers', 'flexibleServers$') },
  { when: 'a type of a child with a sign', id: `${PG}/fire-wall/x` },
  { when: 'a sign before a group', id: PG.replace('rg-db', '~rg-db') },
  { when: 'a sign after a group', id: PG.replace('rg-db', 'rg-db~') },
  { when: 'a sign before a server', id: PG.replace('/pg1', '/-pg1') },
  { when: 'a sign after a server', id: PG.replace('/pg1', '/pg1+') },
  { when: 'a sign before a child', id: `${PG}/firewallRules/<a` },
  { when: 'a sign after a child', id: `${PG}/firewallRules/a>` },
  { when: 'half a character', id: `${PG}/firewallRules/a\ud83d` },
  { when: 'another word for subscriptions', id: PG.replace('subscriptions', 'subscribers') },
  { when: 'another word for groups', id: PG.replace('resourceGroups', 'groups') },
  { when: 'another word for providers', id: PG.replace('providers', 'provider') },
])('no resource: $when', ({ id }) => {
  expect(parseResourceId(id)).toBeUndefined();
  expect(resourceIdOf(id)).toBeUndefined();
});

test('what is no text names nothing', () => {
  expect(resourceIdOf(null)).toBeUndefined();
  expect(resourceIdOf(undefined)).toBeUndefined();
});

test('a rule belongs to its server', () => {
  const rule = parseResourceId(`${PG}/firewallRules/AllowAll`);
  expect(rule && ancestor(rule, 1)).toEqual(parseResourceId(PG));
  expect(rule && ancestor(rule, 2)).toEqual(rule);
});

test.each([
  { text: '00000000-0000-0000-0000-00000000000A', is: true },
  { text: '00000000-0000-0000-0000-00000000000', is: false },
  { text: '{0000000-0000-0000-0000-000000000000}', is: false },
  { text: '0000000-0000-0000-0000-000000000000', is: false },
  { text: '000000000-0000-0000-0000-000000000000', is: false },
  { text: '00000000-000-0000-0000-000000000000', is: false },
  { text: '00000000-00000-0000-0000-000000000000', is: false },
  { text: '00000000-0000-0000-000000000000', is: false },
  { text: '00000000-0000-0000-0000-0000-000000000000', is: false },
  { text: '00000000-0000-0000-0000-0000000000000', is: false },
  { text: '0000000g-0000-0000-0000-000000000000', is: false },
  { text: '00000000-000g-0000-0000-000000000000', is: false },
  { text: '00000000-0000-0000-0000-00000000000g', is: false },
  { text: '00000000-0000-0000-0000-000000000000\n', is: false },
  { text: '', is: false },
])('"$text" a GUID: $is', ({ text, is }) => {
  expect(isGuid(text)).toBe(is);
});
