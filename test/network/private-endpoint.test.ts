import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseFacet } from '../../shared/families/define-family.ts';
import { privateEndpoint } from '../../shared/network/private-endpoint.ts';

const GROUP = '/subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg-data/providers';
const ID = `${GROUP}/microsoft.network/privateendpoints/pe-orders`;

interface Body {
  properties: Record<string, unknown>;
}
const body = JSON.parse(
  readFileSync(new URL('../fixtures/arm/private-endpoint.json', import.meta.url), 'utf8'),
) as Body;
const read = (given: unknown): unknown => parseFacet('now', () => privateEndpoint(given, ID));

test('both of its arrays are targets, those that await approval by hand too', () => {
  expect(privateEndpoint(body, ID)).toEqual({
    id: ID,
    location: 'eastus',
    provisioningState: 'Succeeded',
    subnetId: `${GROUP}/microsoft.network/virtualnetworks/vnet-data/subnets/endpoints`,
    targets: [
      {
        targetId: `${GROUP}/microsoft.dbformysql/flexibleservers/orders`,
        manual: false,
        status: 'approved',
        statusText: 'Approved',
        description: 'Auto-approved',
      },
      {
        targetId: `${GROUP}/microsoft.dbforpostgresql/flexibleservers/ledger`,
        manual: true,
        status: 'pending',
        statusText: 'Pending',
        description: 'Awaiting approval',
      },
    ],
  });
});

test('a record of Resource Graph, without anything but its properties, is read alike', () => {
  expect(privateEndpoint({ id: 'x', location: 'eastus', properties: body.properties }, ID)).toEqual(
    privateEndpoint(body, ID),
  );
});

test.each<{ when: string; properties: object; endpoint: object }>([
  { when: 'nothing', properties: {}, endpoint: { provisioningState: '', subnetId: null, targets: [] } },
  {
    when: 'null everywhere',
    properties: {
      provisioningState: null,
      subnet: null,
      privateLinkServiceConnections: null,
      manualPrivateLinkServiceConnections: null,
    },
    endpoint: { provisioningState: '', subnetId: null, targets: [] },
  },
  {
    when: 'a target that is no id, a state that nobody knows',
    properties: {
      privateLinkServiceConnections: [
        {
          properties: {
            privateLinkServiceId: 'alias.example',
            privateLinkServiceConnectionState: { status: 'Removed', description: 'x'.repeat(999) },
          },
        },
      ],
    },
    endpoint: {
      targets: [
        {
          targetId: null,
          manual: false,
          status: 'unknown',
          statusText: 'Removed',
          description: 'x'.repeat(256),
        },
      ],
    },
  },
  {
    when: 'a target without a state',
    properties: { privateLinkServiceConnections: [{ properties: {} }] },
    endpoint: {
      targets: [{ targetId: null, manual: false, status: 'unknown', statusText: '', description: '' }],
    },
  },
])('$when', ({ properties, endpoint }) => {
  expect(privateEndpoint({ properties }, ID)).toMatchObject({ id: ID, location: '', ...endpoint });
});

describe('garbage is unreadable, with its place', () => {
  test.each<{ when: string; given: unknown; place: string }>([
    { when: 'no body', given: undefined, place: 'the body' },
    { when: 'no properties', given: {}, place: 'properties' },
    { when: 'a subnet that is a text', given: { properties: { subnet: 'x' } }, place: 'properties.subnet' },
    {
      when: 'connections that are no list',
      given: { properties: { privateLinkServiceConnections: {} } },
      place: 'properties.privateLinkServiceConnections',
    },
    {
      when: 'a connection without properties',
      given: { properties: { manualPrivateLinkServiceConnections: [{}] } },
      place: 'properties.manualPrivateLinkServiceConnections.0.properties',
    },
  ])('$when', ({ given, place }) => {
    expect(read(given)).toEqual({ unreadable: `not as documented: ${place}`, at: 'now' });
  });
});
