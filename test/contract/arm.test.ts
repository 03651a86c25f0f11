import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../shared/ports.ts';
import { SUBSCRIPTIONS } from '../simulation/world.ts';
import { type Cloud, DATE, inLowerCase, server, type Trouble } from './cloud.ts';
import { embeddedCloud } from './embedded-cloud.ts';
import { simulatedCloud } from './simulated-cloud.ts';

const MYSQL = '2024-12-30';
const NETWORK = '2025-05-01';
const NOWHERE = '77777777-7777-7777-7777-777777777777';
const FIRST = server(0);
const RULES = `${FIRST.id}/firewallRules`;
const SUBSCRIPTION = `/subscriptions/${SUBSCRIPTIONS[0]}`;
const READ = { outcome: 'ok', firstAt: DATE, at: DATE };

describe.each([
  { kind: 'memory', start: simulatedCloud },
  { kind: 'the real reader', start: embeddedCloud },
])('ARM by $kind', ({ start }) => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await start();
  });
  afterAll(() => cloud.close());
  afterEach(() => {
    cloud.calm();
  });

  const get = (path: string, version: string): Promise<Answer<unknown>> => cloud.arm.get(path, version);
  const list = (path: string, version: string): Promise<Answer<unknown>> => cloud.arm.list(path, version);

  describe('one resource', () => {
    test.each<{ when: string; path: string; version: string; body: object }>([
      {
        when: 'a flexible server',
        path: FIRST.id,
        version: MYSQL,
        body: {
          id: FIRST.id,
          name: 'db0',
          type: 'microsoft.dbformysql/flexibleservers',
          location: 'westeurope',
          tags: {},
          sku: { tier: 'GeneralPurpose' },
          properties: {
            state: 'Ready',
            network: { publicNetworkAccess: 'Enabled' },
            replicationRole: 'None',
            privateEndpointConnections: [
              {
                id: `${FIRST.id}/privateendpointconnections/link`,
                name: 'link',
                properties: {
                  privateEndpoint: { id: FIRST.endpointId },
                  groupIds: ['server'],
                  privateLinkServiceConnectionState: { status: 'Approved', description: '' },
                },
              },
            ],
          },
        },
      },
      {
        when: 'a single server',
        path: server(7).id,
        version: '2017-12-01',
        body: {
          id: server(7).id,
          name: 'db7',
          type: 'microsoft.dbforpostgresql/servers',
          location: 'westeurope',
          sku: { tier: 'GeneralPurpose' },
          properties: { userVisibleState: 'Ready', publicNetworkAccess: 'Enabled', replicationRole: 'None' },
        },
      },
      {
        when: 'a private endpoint',
        path: FIRST.endpointId,
        version: NETWORK,
        body: {
          id: FIRST.endpointId,
          location: 'westeurope',
          properties: {
            provisioningState: 'Succeeded',
            privateLinkServiceConnections: [],
            manualPrivateLinkServiceConnections: [
              {
                properties: {
                  privateLinkServiceId: FIRST.id,
                  privateLinkServiceConnectionState: { status: 'Approved', description: '' },
                },
              },
            ],
          },
        },
      },
      { when: 'a subscription', path: SUBSCRIPTION, version: '2022-12-01', body: { state: 'Enabled' } },
    ])('$when, at the time of the Date header', async ({ path, version, body }) => {
      const answer = await get(path, version);
      expect(inLowerCase(answer)).toMatchObject({ ...READ, body });
    });

    test.each([
      { when: 'a server that was deleted', path: server(4).id, version: MYSQL, code: 'ResourceNotFound' },
      {
        when: 'an endpoint that was deleted',
        path: server(4).endpointId,
        version: NETWORK,
        code: 'ResourceNotFound',
      },
      {
        when: 'a server that never was',
        path: FIRST.id.replace(/db0$/, 'nobody'),
        version: MYSQL,
        code: 'ResourceNotFound',
      },
      {
        when: 'a subscription that does not exist',
        path: `/subscriptions/${NOWHERE}`,
        version: '2022-12-01',
        code: 'SubscriptionNotFound',
      },
      {
        when: 'a server of a subscription that does not exist',
        path: FIRST.id.replace(SUBSCRIPTIONS[0], NOWHERE),
        version: MYSQL,
        code: 'SubscriptionNotFound',
      },
    ])('$when is gone', async ({ path, version, code }) => {
      expect(await get(path, version)).toEqual({ outcome: 'gone', code, at: DATE });
    });
  });

  describe('a list', () => {
    test.each<{ when: string; path: string; version: string; items: readonly object[] }>([
      {
        when: 'two rules, in the order of their making',
        path: RULES,
        version: MYSQL,
        items: [
          {
            id: `${RULES.toLowerCase()}/office`,
            name: 'office',
            properties: { startIpAddress: '203.0.112.5', endIpAddress: '203.0.112.5' },
          },
          {
            id: `${RULES.toLowerCase()}/branch`,
            name: 'branch',
            properties: { startIpAddress: '52.10.0.0', endIpAddress: '52.10.0.255' },
          },
        ],
      },
      {
        when: 'the other list of a single server is empty',
        path: `${server(7).id}/virtualNetworkRules`,
        version: '2017-12-01',
        items: [],
      },
      {
        when: 'servers of a type in a subscription, but for the deleted one',
        path: `${SUBSCRIPTION}/providers/${FIRST.resource.type}`,
        version: MYSQL,
        items: [{ id: FIRST.id, name: 'db0', properties: { network: { publicNetworkAccess: 'Enabled' } } }],
      },
    ])('$when', async ({ path, version, items }) => {
      const answer = await list(path, version);
      expect(inLowerCase(answer)).toMatchObject({ ...READ, body: items });
    });

    test('the Activity Log of a quiet group is empty', async () => {
      const path = `${SUBSCRIPTION}/providers/microsoft.insights/eventtypes/management/values`;
      const filter = `eventTimestamp ge '2026-05-20T06:00:00.000Z' and eventTimestamp le '${DATE}' and resourceGroupName eq 'rg'`;
      expect(await cloud.arm.list(path, '2015-04-01', filter)).toEqual({ ...READ, body: [] });
    });

    test.each([
      { when: 'a server that was deleted', path: `${server(4).id}/firewallRules` },
      { when: 'a server that never was', path: RULES.replace('db0', 'nobody') },
    ])('the rules of $when are gone with it', async ({ path }) => {
      expect(await list(path, MYSQL)).toEqual({ outcome: 'gone', code: 'ParentResourceNotFound', at: DATE });
    });

    test('nothing in a subscription that does not exist is listed', async () => {
      const answer = await list(`/subscriptions/${NOWHERE}/providers/${FIRST.resource.type}`, MYSQL);
      expect(answer).toEqual({ outcome: 'gone', code: 'SubscriptionNotFound', at: DATE });
    });
  });

  describe('trouble', () => {
    test.each<{ when: Trouble; answer: object }>([
      { when: 'ARM is throttled', answer: { outcome: 'failed', reason: 'throttled' } },
      {
        when: 'ARM is throttled for an hour',
        answer: { outcome: 'failed', reason: 'throttled', retryAfterSeconds: 3600 },
      },
      { when: 'ARM fails', answer: { outcome: 'failed', reason: 'ARM answered 500' } },
      {
        when: 'ARM hangs',
        answer: { outcome: 'failed', reason: expect.stringMatching(/^no answer within \d+ s$/) as string },
      },
      {
        when: 'ARM does not find what it has',
        answer: { outcome: 'gone', code: 'ResourceNotFound', at: DATE },
      },
      { when: 'ARM answers 202', answer: { outcome: 'garbled', reason: 'ARM answered 202', at: DATE } },
    ])('$when: bodies and lists alike', async ({ when, answer }) => {
      cloud.make(when);
      expect(await Promise.all([get(FIRST.id, MYSQL), list(RULES, MYSQL)])).toEqual([answer, answer]);
    });

    test('a server that is denied is neither read nor gone, and the others are read', async () => {
      cloud.make('ARM denies the first server');
      const denied = { outcome: 'denied', reason: 'denied (403)', at: DATE };
      expect(await Promise.all([get(FIRST.id, MYSQL), list(RULES, MYSQL)])).toEqual([denied, denied]);
      expect(await get(server(6).id, '2017-12-01')).toMatchObject(READ);
    });

    test('a server may be gone by its body and not by its list', async () => {
      cloud.make('ARM hides the first server');
      expect(await get(FIRST.id, MYSQL)).toEqual({ outcome: 'gone', code: 'ResourceNotFound', at: DATE });
      expect(await list(RULES, MYSQL)).toMatchObject(READ);
    });

    test('lists may fail where bodies are read', async () => {
      cloud.make('ARM lists fail');
      const failed = { outcome: 'failed', reason: 'ARM answered 503' };
      expect(await list(RULES, MYSQL)).toEqual(failed);
      expect(await list(`${SUBSCRIPTION}/providers/${FIRST.resource.type}`, MYSQL)).toEqual(failed);
      expect(await get(FIRST.id, MYSQL)).toMatchObject(READ);
    });
  });

  test('an answer tells what is true at its time, after every write', async () => {
    const changing = server(1);
    const version = '2025-08-01';
    const rules = `${changing.id}/firewallRules`;
    const ranges = [3, 4, 5].map((part) => ({ name: `r${part}`, start: `9.0.0.${part}`, end: '9.0.0.9' }));
    cloud.write(changing, { access: 'Disabled', rules: ranges });
    cloud.passSeconds(61);
    const at = '2026-05-20T07:01:01.000Z';
    expect(await get(changing.id, version)).toMatchObject({
      at,
      body: { properties: { network: { publicNetworkAccess: 'Disabled' } } },
    });
    // More than one page of the embedded Azure.
    expect(await list(rules, version)).toMatchObject({
      at,
      body: [{ name: 'r3' }, { name: 'r4' }, { name: 'r5' }],
    });

    cloud.write(changing, { rules: [] });
    expect(await list(rules, version)).toEqual({ outcome: 'ok', body: [], firstAt: at, at });

    cloud.write(changing, { exists: false, connection: null });
    expect(await get(changing.id, version)).toMatchObject({ outcome: 'gone', at });
    expect(await list(rules, version)).toMatchObject({ outcome: 'gone', at });
    expect(await get(changing.endpointId, NETWORK)).toMatchObject({
      body: {
        properties: {
          manualPrivateLinkServiceConnections: [
            { properties: { privateLinkServiceConnectionState: { status: 'Disconnected' } } },
          ],
        },
      },
    });

    cloud.write(changing, { endpoint: false });
    expect(await get(changing.endpointId, NETWORK)).toMatchObject({ outcome: 'gone', at });
    cloud.write(changing, { exists: true, access: 'Enabled' });
    expect(await get(changing.id, version)).toMatchObject({
      body: { properties: { network: { publicNetworkAccess: 'Enabled' }, privateEndpointConnections: [] } },
    });
  });
});
