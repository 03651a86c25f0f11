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
  { text: '', is: false },
])('"$text" a GUID: $is', ({ text, is }) => {
  expect(isGuid(text)).toBe(is);
});
