import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exposureOf } from '../../shared/exposure.ts';
import { bodyReadings, serverRef } from '../../shared/families/fingerprint.ts';
import { familyOf } from '../../shared/families/index.ts';
import type { Readings } from '../../shared/model.ts';
import { DEFAULT_WIDTHS } from '../../shared/policy/server-policy.ts';
import { parseResourceId } from '../../shared/resource-id.ts';

const ARM = new URL('../fixtures/arm/', import.meta.url);
const AT = '2026-05-20T12:00:00.000Z';
const GROUP = '/subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg-data/providers';
const SUBNET = `${GROUP}/microsoft.network/virtualnetworks/vnet-data/subnets/databases`;
const IDS: Readonly<Record<string, string>> = {
  'mysql-flexible': `${GROUP}/microsoft.dbformysql/flexibleservers/orders`,
  'mysql-single': `${GROUP}/microsoft.dbformysql/servers/legacy-shop`,
  'postgresql-flexible': `${GROUP}/microsoft.dbforpostgresql/flexibleservers/ledger`,
  'postgresql-single': `${GROUP}/microsoft.dbforpostgresql/servers/legacy-ledger`,
};
const WHOLE = { id: 'all', name: 'all', start: '0.0.0.0', end: '255.255.255.255' };

const bodyOf = (file: string): unknown => JSON.parse(readFileSync(new URL(`${file}.json`, ARM), 'utf8'));

function idOf(file: string) {
  const id = parseResourceId(IDS[file.split('-', 2).join('-')] ?? '');
  if (!id) throw new Error(`${file} is of no family`);
  return id;
}

function read(file: string): Readings {
  const id = idOf(file);
  const family = familyOf(id.type);
  if (!family) throw new Error('no family');
  return bodyReadings(family, bodyOf(file), id.id, AT);
}

const shown = (reading: Readings[keyof Readings]): unknown =>
  reading && 'value' in reading ? reading.value : reading?.unreadable;

/** The switch as it is read, the subnet, and who reaches the server past a rule that admits the whole internet. */
const EXPOSED: Readonly<Record<string, readonly [access: string, subnet: string | null, reach: string]>> = {
  'mysql-flexible-public-access-off': ['disabled "Disabled"', null, 'UNREACHABLE'],
  'mysql-flexible-access-is-false': ['unknown false', null, 'UNKNOWN'],
  'mysql-flexible-access-in-lookalike-letters': ['unknown "Diſabled"', null, 'UNKNOWN'],
  'mysql-flexible-access-at-top-level': ['unknown absent', null, 'UNKNOWN'],
  'mysql-flexible-access-contradicted-at-top-level': ['enabled "Enabled"', null, 'PUBLIC_ONLY'],
  'mysql-flexible-names-in-another-case': ['unknown absent', null, 'UNKNOWN'],
  'mysql-flexible-prototype-names': ['unknown absent', null, 'UNKNOWN'],
  'mysql-flexible-network-is-empty': ['unknown absent', null, 'UNKNOWN'],
  'mysql-flexible-injected-without-zone': ['disabled "Disabled"', SUBNET, 'PRIVATE_ONLY'],
  'mysql-flexible-injected-and-enabled': ['enabled "Enabled"', SUBNET, 'UNKNOWN'],
  'mysql-flexible-injected-with-connections': ['disabled "Disabled"', SUBNET, 'PRIVATE_ONLY'],
  'mysql-flexible-subnet-is-an-empty-text': ['disabled "Disabled"', null, 'UNREACHABLE'],
  'mysql-flexible-stopped': ['enabled "Enabled"', null, 'PUBLIC_ONLY'],
  'mysql-flexible-dropping': ['unknown absent', null, 'UNKNOWN'],
  'mysql-flexible-replica-without-source': ['disabled "Disabled"', null, 'UNREACHABLE'],
  'mysql-flexible-role-is-unlisted': ['enabled "Enabled"', null, 'PUBLIC_ONLY'],
  'mysql-flexible-tags-of-other-kinds': ['disabled "Disabled"', null, 'UNREACHABLE'],
  'postgresql-flexible-access-is-a-list': ['unknown ["Disabled"]', null, 'UNKNOWN'],
  'postgresql-flexible-future-shape': ['unknown absent', null, 'UNKNOWN'],
  'postgresql-flexible-extra-fields': ['enabled "Enabled"', null, 'PUBLIC_ONLY'],
  'postgresql-flexible-network-is-missing': ['unknown absent', null, 'UNKNOWN'],
  // An injected server has no public endpoint: there an absent value closes, and no other does.
  'postgresql-flexible-injected-access-is-absent': ['unknown absent', SUBNET, 'PRIVATE_ONLY'],
  'postgresql-flexible-injected-access-is-unlisted': ['unknown "Restricted"', SUBNET, 'UNKNOWN'],
  'postgresql-flexible-subnet-is-no-id': ['enabled "Enabled"', 'not as documented: the body', 'UNKNOWN'],
  'postgresql-flexible-replica': ['disabled "Disabled"', null, 'UNREACHABLE'],
  'postgresql-flexible-geo-replica-of-another-subscription': ['enabled "Enabled"', null, 'PUBLIC_ONLY'],
  'postgresql-flexible-role-only-in-replica': ['disabled "Disabled"', null, 'UNREACHABLE'],
  'postgresql-flexible-role-is-a-list': ['enabled "Enabled"', null, 'PUBLIC_ONLY'],
  'postgresql-flexible-hostile-texts': ['enabled "Enabled"', null, 'PUBLIC_ONLY'],
  'mysql-single-with-a-subnet': ['enabled "Enabled"', null, 'PUBLIC_ONLY'],
  'mysql-single-dropping': ['disabled "Disabled"', null, 'UNREACHABLE'],
  'mysql-single-in-flexible-layout': ['unknown absent', null, 'UNKNOWN'],
  'postgresql-single-access-is-missing': ['unknown absent', null, 'UNKNOWN'],
  'postgresql-single-sku-is-a-text': ['disabled "Disabled"', null, 'UNREACHABLE'],
};

const reachability = (file: string): string =>
  exposureOf({ ...read(file), firewallRules: { value: [WHOLE], at: AT } }, DEFAULT_WIDTHS).reachability;

test.each(Object.entries(EXPOSED))('%s', (file, [access, subnet, reach]) => {
  const { publicAccess, delegatedSubnetId } = read(file);
  const [is = '', raw = ''] = access.split(/ (.*)/);
  expect([shown(publicAccess), shown(delegatedSubnetId)]).toEqual([{ switch: is, raw }, subnet]);
  expect(reachability(file)).toBe(reach);
});

/** Bodies whose switch or whose subnet cannot be read at all: where, and never a verdict. */
const UNREADABLE: Readonly<Record<string, string>> = {
  'mysql-flexible-network-is-a-list': 'properties.network',
  'mysql-flexible-subnet-is-a-number': 'properties.network.delegatedSubnetResourceId',
  'mysql-flexible-error-in-place-of-a-server': 'properties',
  'mysql-flexible-list-in-place-of-a-server': 'properties',
  'mysql-flexible-properties-are-a-text': 'properties',
};

test.each(Object.entries(UNREADABLE))('%s is not readable', (file, place) => {
  const { publicAccess, delegatedSubnetId } = read(file);
  const expected = { unreadable: `not as documented: ${place}`, at: AT };
  expect([publicAccess, delegatedSubnetId]).toEqual([expected, expected]);
  expect(reachability(file)).toBe('UNKNOWN');
});

describe('the other facets', () => {
  const replica = (role: string, sourceId: string | null) => ({ role, isReplica: true, sourceId });
  const ledger = IDS['postgresql-flexible'] ?? '';
  const far =
    '/subscriptions/22222222-2222-4222-8222-222222222222/resourcegroups/rg-payments/providers/microsoft.dbforpostgresql/flexibleservers/ledger';
  test.each<readonly [file: string, facet: keyof Readings, is: unknown]>([
    ['mysql-flexible-stopped', 'state', 'Stopped'],
    ['mysql-flexible-dropping', 'state', 'Dropping'],
    ['postgresql-flexible-hostile-texts', 'state', 'Ready\u0000<img src=x onerror=alert(1)>'],
    ['mysql-single-dropping', 'state', 'Dropping'],
    ['mysql-single-dropping', 'tier', 'Basic'],
    ['mysql-single-in-flexible-layout', 'state', 'not as documented: properties.userVisibleState'],
    ['postgresql-single-sku-is-a-text', 'tier', 'not as documented: sku'],
    ['postgresql-flexible-replica', 'replication', replica('AsyncReplica', ledger)],
    [
      'postgresql-flexible-geo-replica-of-another-subscription',
      'replication',
      replica('GeoAsyncReplica', far),
    ],
    ['mysql-flexible-replica-without-source', 'replication', replica('Replica', null)],
    ['postgresql-flexible-role-only-in-replica', 'replication', replica('AsyncReplica', ledger)],
    [
      'mysql-flexible-role-is-unlisted',
      'replication',
      { role: 'ReadOnlyClone', isReplica: false, sourceId: null },
    ],
    ['postgresql-flexible-role-is-a-list', 'replication', 'not as documented: properties.replicationRole'],
    ['mysql-flexible-error-in-place-of-a-server', 'state', 'not as documented: properties'],
    ['mysql-flexible-list-in-place-of-a-server', 'tier', 'not as documented: sku'],
  ])('%s: %s', (file, facet, is) => {
    expect(shown(read(file)[facet])).toEqual(is);
  });

  test.each<readonly [file: string, location: string, tags: string]>([
    ['mysql-flexible-tags-of-other-kinds', '', '{"env":"prod","":"empty name"}'],
    [
      'postgresql-flexible-hostile-texts',
      'west\u202eeurope',
      '{"=HYPERLINK(\\"http://198.51.100.9\\")":"<script>alert(1)</script>","__proto__":"x"}',
    ],
    ['mysql-flexible-error-in-place-of-a-server', '', '{}'],
  ])('who and where: %s', (file, location, tags) => {
    const ref = serverRef(idOf(file), bodyOf(file));
    expect(ref).toMatchObject({ id: idOf(file).id, name: idOf(file).name, location });
    expect(JSON.stringify(ref.tags)).toBe(tags);
  });
});

test('every body of a server stands in one of the tables', () => {
  const elsewhere = /^(mysql|postgresql)-(flexible|single)(-injected)?\.json$|-connections?-/;
  const files = readdirSync(ARM).filter((file) => /^(mysql|postgresql)-/.test(file) && !elsewhere.test(file));
  expect(files.map((file) => file.replace('.json', '')).sort()).toEqual(
    [...Object.keys(EXPOSED), ...Object.keys(UNREADABLE)].sort(),
  );
});
