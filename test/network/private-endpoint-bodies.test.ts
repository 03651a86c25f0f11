import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseFacet } from '../../shared/families/define-family.ts';
import { privateEndpoint } from '../../shared/network/private-endpoint.ts';

const ARM = new URL('../fixtures/arm/', import.meta.url);
const GROUP = '/subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg-data/providers';
const ID = `${GROUP}/microsoft.network/privateendpoints/pe-orders`;
const SUBNET = `${GROUP}/microsoft.network/virtualnetworks/vnet-data/subnets/databases`;
const ORDERS = `${GROUP}/microsoft.dbformysql/flexibleservers/orders`;
const LEDGER = `${GROUP}/microsoft.dbforpostgresql/flexibleservers/ledger`;
const ASSETS =
  '/subscriptions/22222222-2222-4222-8222-222222222222/resourcegroups/rg-web/providers/microsoft.storage/storageaccounts/assets';

const read = (file: string) => {
  const body: unknown = JSON.parse(readFileSync(new URL(`private-endpoint-${file}.json`, ARM), 'utf8'));
  return parseFacet('now', () => privateEndpoint(body, ID));
};

interface Expected {
  readonly location?: string;
  readonly state?: string;
  readonly subnet?: string | null;
  readonly targets: readonly (readonly [
    target: string | null,
    how: 'manual' | 'automatic',
    status: string,
  ])[];
}

const BODIES: Readonly<Record<string, Expected>> = {
  'manual-only': { targets: [[ORDERS, 'manual', 'pending']] },
  'of-several-targets': {
    targets: [
      [ORDERS, 'automatic', 'approved'],
      [LEDGER, 'automatic', 'rejected'],
      [ASSETS, 'automatic', 'approved'],
    ],
  },
  'disagrees-with-itself': {
    state: 'Updating',
    targets: [
      [ORDERS, 'automatic', 'approved'],
      [ORDERS, 'manual', 'disconnected'],
    ],
  },
  'of-unlisted-states': {
    location: '',
    state: 'Migrating',
    subnet: null,
    targets: [[ORDERS, 'automatic', 'unknown']],
  },
  'target-is-an-alias': { subnet: null, targets: [[null, 'manual', 'pending']] },
};

test.each(Object.entries(BODIES))('%s', (file, expected) => {
  const endpoint = read(file);
  if (!('value' in endpoint)) throw new Error(endpoint.unreadable);
  const { targets, ...rest } = endpoint.value;
  expect(rest).toEqual({
    id: ID,
    location: expected.location ?? 'westeurope',
    provisioningState: expected.state ?? 'Succeeded',
    subnetId: expected.subnet === undefined ? SUBNET : expected.subnet,
  });
  const seen = targets.map(({ targetId, manual, status }) => [
    targetId,
    manual ? 'manual' : 'automatic',
    status,
  ]);
  expect(seen).toEqual(expected.targets);
});

const UNREADABLE: Readonly<Record<string, string>> = {
  'status-is-a-number':
    'properties.privateLinkServiceConnections.0.properties.privateLinkServiceConnectionState.status',
  'connection-is-null': 'properties.privateLinkServiceConnections.1',
  'connections-by-name': 'properties.manualPrivateLinkServiceConnections',
};

test.each(Object.entries(UNREADABLE))('%s is not readable', (file, place) => {
  expect(read(file)).toEqual({ unreadable: `not as documented: ${place}`, at: 'now' });
});

test('every body of an endpoint stands in one of the tables', () => {
  const files = readdirSync(ARM).filter((file) => file.startsWith('private-endpoint-'));
  const named = [...Object.keys(BODIES), ...Object.keys(UNREADABLE)];
  expect(files.sort()).toEqual(named.map((file) => `private-endpoint-${file}.json`).sort());
});
