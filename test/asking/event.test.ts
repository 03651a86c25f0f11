import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { understand } from '../../shared/asking/event.ts';
import { Change, type Actor } from '../../shared/asking/request.ts';
import type { ActorDetail } from '../../shared/settings.ts';

const EVENTS = new URL('../fixtures/events/', import.meta.url);
const RETAIL = '11111111-1111-4111-8111-111111111111';
const PAYMENTS = '22222222-2222-4222-8222-222222222222';
const SCOPE = [RETAIL, PAYMENTS];
const inScope = (subscription: string): boolean => SCOPE.includes(subscription);

const retail = (rest: string): string => `/subscriptions/${RETAIL}/resourcegroups/rg-retail-${rest}`;
const payments = (rest: string): string => `/subscriptions/${PAYMENTS}/resourcegroups/rg-payments-${rest}`;
const ORDERS = retail('orders/providers/microsoft.dbformysql/flexibleservers/orders');
const LEGACY = retail('legacy/providers/microsoft.dbformysql/servers/legacy-shop');
const PRICING = retail('catalogue/providers/microsoft.dbformysql/flexibleservers/pricing');
const LEDGER = payments('ledger/providers/microsoft.dbforpostgresql/flexibleservers/ledger');
const PAYROLL = payments('payroll/providers/microsoft.dbforpostgresql/flexibleservers/payroll');
const NSG = retail('network/providers/microsoft.network/networksecuritygroups/nsg-retail-endpoints');
const VNET = retail('network/providers/microsoft.network/virtualnetworks/vnet-retail-weu');
const SUBNET = `${VNET}/subnets/snet-mysql`;
const ENDPOINT = payments('network/providers/microsoft.network/privateendpoints/pe-payroll');
const ZONE = payments(
  'network/providers/microsoft.network/privatednszones/privatelink.postgres.database.azure.com',
);
const CONNECTION = `${PAYROLL}/privateendpointconnections/pe-payroll.00000020-0000-4000-8000-000000000020`;

const DANA: Actor = {
  name: 'dana@contoso.example',
  id: 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeee01',
  type: 'User',
  address: '203.0.113.7',
};
const PIPELINE: Actor = {
  name: '',
  id: 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeee02',
  type: 'ServicePrincipal',
  address: '',
};
const IDENTITY: Actor = {
  name: '',
  id: 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeee03',
  type: 'ManagedIdentity',
  address: '203.0.113.7',
};
const NOBODY: Actor = { name: '', id: '', type: '', address: '' };

function fixture(file: string): readonly unknown[] {
  const value: unknown = JSON.parse(readFileSync(new URL(file, EVENTS), 'utf8'));
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

interface Expected {
  readonly about: string;
  readonly resource?: string;
  readonly operation: string;
  readonly status?: string;
  readonly actor?: Actor;
}

const MYSQL = 'Microsoft.DBforMySQL/flexibleServers';
const POSTGRES = 'Microsoft.DBforPostgreSQL/flexibleServers';

/** What each fixture is about; `resource` where the event names a part of it, Succeeded by Dana where nothing else stands. */
const CONCERNS: Readonly<Record<string, Expected>> = {
  'firewall-rule-write': {
    about: ORDERS,
    resource: `${ORDERS}/firewallrules/open-for-test`,
    operation: `${MYSQL}/firewallRules/write`,
  },
  'firewall-rule-create-without-http-request': {
    about: LEDGER,
    resource: `${LEDGER}/firewallrules/migration`,
    operation: `${POSTGRES}/firewallRules/write`,
    actor: PIPELINE,
  },
  'firewall-rule-delete': {
    about: ORDERS,
    resource: `${ORDERS}/firewallrules/office`,
    operation: `${MYSQL}/firewallRules/delete`,
  },
  'virtual-network-rule-write': {
    about: LEGACY,
    resource: `${LEGACY}/virtualnetworkrules/shop-front`,
    operation: 'Microsoft.DBforMySQL/servers/virtualNetworkRules/write',
  },
  'server-write': { about: LEDGER, operation: `${POSTGRES}/write`, actor: IDENTITY },
  'server-write-failure': { about: LEDGER, operation: `${POSTGRES}/write`, status: 'Failed' },
  'server-write-cancel': { about: LEDGER, operation: `${POSTGRES}/write`, status: 'Canceled' },
  'server-delete': { about: LEGACY, operation: 'Microsoft.DBforMySQL/servers/delete' },
  'endpoint-connection-write': {
    about: PAYROLL,
    resource: CONNECTION,
    operation: `${POSTGRES}/privateEndpointConnections/write`,
  },
  'approval-action': {
    about: PAYROLL,
    operation: `${POSTGRES}/privateEndpointConnectionsApproval/action`,
  },
  'update-configurations-action': { about: ORDERS, operation: `${MYSQL}/updateConfigurations/action` },
  'detach-network-action': { about: PRICING, operation: `${MYSQL}/detachVNet/action` },
  'private-endpoint-write': { about: ENDPOINT, operation: 'Microsoft.Network/privateEndpoints/write' },
  'private-endpoint-delete': { about: ENDPOINT, operation: 'Microsoft.Network/privateEndpoints/delete' },
  'subnet-write': { about: SUBNET, operation: 'Microsoft.Network/virtualNetworks/subnets/write' },
  'network-security-group-write': {
    about: NSG,
    operation: 'Microsoft.Network/networkSecurityGroups/write',
  },
  'network-security-rule-write': {
    about: NSG,
    resource: `${NSG}/securityrules/deny-other-inbound`,
    operation: 'Microsoft.Network/networkSecurityGroups/securityRules/write',
  },
  'private-zone-write': { about: ZONE, operation: 'Microsoft.Network/privateDnsZones/write' },
  'zone-link-write': {
    about: ZONE,
    resource: `${ZONE}/virtualnetworklinks/vnet-payments-neu`,
    operation: 'Microsoft.Network/privateDnsZones/virtualNetworkLinks/write',
  },
  'zone-record-write': {
    about: ZONE,
    resource: `${ZONE}/a/payroll`,
    operation: 'Microsoft.Network/privateDnsZones/A/write',
  },
  'diagnostic-settings-write': {
    about: ORDERS,
    resource: `${ORDERS}/providers/microsoft.insights/diagnosticsettings/to-workspace`,
    operation: 'Microsoft.Insights/diagnosticSettings/write',
  },
  'network-peering-write': {
    about: VNET,
    resource: `${VNET}/virtualnetworkpeerings/to-partner`,
    operation: 'Microsoft.Network/virtualNetworks/virtualNetworkPeerings/write',
  },
  'zone-group-write': {
    about: ENDPOINT,
    resource: `${ENDPOINT}/privatednszonegroups/default`,
    operation: 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups/write',
  },
  'claims-empty': {
    about: ORDERS,
    resource: `${ORDERS}/firewallrules/office`,
    operation: `${MYSQL}/firewallRules/write`,
    actor: { ...NOBODY, type: 'User' },
  },
  'evidence-empty-array': {
    about: ORDERS,
    resource: `${ORDERS}/firewallrules/office`,
    operation: `${MYSQL}/firewallRules/write`,
  },
  'claims-as-text': {
    about: ORDERS,
    resource: `${ORDERS}/firewallrules/office`,
    operation: `${MYSQL}/firewallRules/write`,
    actor: { ...NOBODY, address: '203.0.113.7' },
  },
  'resource-url': {
    about: ORDERS,
    resource: `${ORDERS}/firewallrules/office`,
    operation: `${MYSQL}/firewallRules/write`,
  },
  'odd-casing': {
    about: ORDERS,
    resource: `${ORDERS}/firewallrules/office`,
    operation: 'MICROSOFT.DBFORMYSQL/FLEXIBLESERVERS/FIREWALLRULES/WRITE',
  },
  'resource-created-or-updated': {
    about: LEDGER,
    operation: 'Microsoft.ResourceNotifications.Resources.CreatedOrUpdated',
    actor: NOBODY,
  },
  'resource-deleted': {
    about: LEDGER,
    operation: 'Microsoft.ResourceNotifications.Resources.Deleted',
    actor: NOBODY,
  },
};

/** Fixtures that lead to nothing. */
const DROPPED: Readonly<Record<string, { readonly outcome: string; readonly why: string }>> = {
  'deployment-write': { outcome: 'ignored', why: 'a type that is not watched' },
  'sql-server-write': { outcome: 'ignored', why: 'a type that is not watched' },
  'out-of-scope': { outcome: 'out-of-scope', why: 'a subscription out of scope' },
  handshake: { outcome: 'ignored', why: 'not a resource event' },
};

const FILES = readdirSync(EVENTS).filter((file) => file.endsWith('.json'));
const nameOf = (file: string): string => file.replace(/\.(eventgrid|cloudevents)\.json$/, '');
const SINGLE = FILES.filter((file) => !file.startsWith('batch.'));

describe('every fixture, in both schemas', () => {
  test.each(SINGLE)('%s', (file) => {
    const [event] = fixture(file);
    const understood = understand(event, inScope, 'full');
    const dropped = DROPPED[nameOf(file)];
    if (dropped) {
      expect(understood).toMatchObject(dropped);
      return;
    }
    const expected = CONCERNS[nameOf(file)];
    const id = typeof event === 'object' && event !== null && 'id' in event ? event.id : '';
    expect(understood).toMatchObject({
      outcome: 'concerns',
      resource: { id: expected?.about },
      change: {
        id,
        resource: expected?.resource ?? expected?.about,
        operation: expected?.operation,
        status: expected?.status ?? 'Succeeded',
        actor: expected?.actor ?? DANA,
      },
    });
    expect(understood.outcome === 'concerns' && Change.parse(understood.change)).toBeTruthy();
  });

  test('the time is the event’s own, in milliseconds', () => {
    const [event] = fixture('firewall-rule-write.eventgrid.json');
    expect(understand(event, inScope, 'full')).toMatchObject({
      change: { time: '2026-09-01T08:15:30.123Z', correlationId: 'cccccccc-cccc-4ccc-8ccc-000000000001' },
    });
  });

  test.each(['batch.eventgrid.json', 'batch.cloudevents.json'])('%s', (file) => {
    const seen = fixture(file).map((event) => understand(event, inScope, 'full'));
    expect(seen.map((item) => (item.outcome === 'concerns' ? item.change.resource : item.outcome))).toEqual([
      ORDERS,
      `${ORDERS}/firewallrules/office`,
      `${ORDERS}/firewallrules/branch-office`,
      `${ORDERS}/firewallrules/old-office`,
    ]);
  });
});

describe('who acted', () => {
  const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
  const UPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';
  const actor = (data: object, detail: ActorDetail = 'full'): unknown => {
    const subject = `${ORDERS}/firewallRules/office`;
    const event = { id: '1', subject, eventType: 'Microsoft.Resources.ResourceWriteSuccess', data };
    const understood = understand(event, inScope, detail);
    return understood.outcome === 'concerns' ? understood.change.actor : understood;
  };

  test.each<{ when: string; data: object; actor: object }>([
    { when: 'no claims at all', data: {}, actor: NOBODY },
    { when: 'claims null', data: { claims: null, authorization: null, httpRequest: null }, actor: NOBODY },
    { when: 'claims []', data: { claims: [], authorization: [], httpRequest: [] }, actor: NOBODY },
    {
      when: 'claims of other kinds',
      data: { claims: { [OBJECT_ID]: 7, name: {}, ipaddr: null } },
      actor: NOBODY,
    },
    { when: 'an application alone', data: { claims: { appid: 'app' } }, actor: { ...NOBODY, id: 'app' } },
    {
      when: 'a person known by the name of its claim only',
      data: { claims: { [UPN]: 'a@b.example', oid: 'o' } },
      actor: { ...NOBODY, name: 'a@b.example', id: 'o', type: 'User' },
    },
    {
      when: 'the evidence’s kind in another casing',
      data: { authorization: { evidence: { principalType: 'SERVICEPRINCIPAL' } } },
      actor: { ...NOBODY, type: 'ServicePrincipal' },
    },
    {
      when: 'a kind that nobody knows',
      data: { authorization: { evidence: { principalType: 'Group' } } },
      actor: NOBODY,
    },
    {
      when: 'a managed identity before its service principal',
      data: {
        claims: { idtyp: 'app', xms_mirid: '/subscriptions/x' },
        authorization: { evidence: { principalType: 'ServicePrincipal' } },
      },
      actor: { ...NOBODY, type: 'ManagedIdentity' },
    },
    {
      when: 'an app token',
      data: { claims: { idtyp: 'app' } },
      actor: { ...NOBODY, type: 'ServicePrincipal' },
    },
    {
      when: 'the address of the request where the claims have none',
      data: { httpRequest: { clientIpAddress: '198.51.100.9' } },
      actor: { ...NOBODY, address: '198.51.100.9' },
    },
    {
      when: 'claims under the names of other objects',
      data: JSON.parse('{"claims": {"__proto__": {"oid": "evil"}, "constructor": "x"}}') as object,
      actor: NOBODY,
    },
  ])('$when', ({ data, actor: expected }) => {
    expect(actor(data)).toEqual(expected);
  });

  const whole = {
    claims: { [OBJECT_ID]: 'object', [UPN]: 'a@b.example', appid: 'app', ipaddr: '198.51.100.9' },
    authorization: { evidence: { principalType: 'User' } },
  };
  test.each<{ detail: ActorDetail; expected: Actor }>([
    {
      detail: 'full',
      expected: { name: 'a@b.example', id: 'object', type: 'User', address: '198.51.100.9' },
    },
    { detail: 'id', expected: { name: '', id: 'object', type: 'User', address: '' } },
    { detail: 'none', expected: NOBODY },
  ])('ACTOR_DETAIL $detail', ({ detail, expected }) => {
    expect(actor(whole, detail)).toEqual(expected);
  });
});

describe('odd events', () => {
  const event = (more: object): object => ({
    id: 'e1',
    subject: ORDERS,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: '2026-09-01T08:15:30Z',
    data: {},
    ...more,
  });

  test.each<{ when: string; event: unknown; outcome: string; why: string }>([
    { when: 'nothing', event: undefined, outcome: 'malformed', why: 'no event' },
    { when: 'null', event: null, outcome: 'malformed', why: 'no event' },
    { when: 'a text', event: 'event', outcome: 'malformed', why: 'no event' },
    { when: 'a list', event: [event({})], outcome: 'malformed', why: 'no event' },
    { when: 'no type', event: event({ eventType: undefined }), outcome: 'malformed', why: 'no event' },
    { when: 'no id', event: event({ id: undefined }), outcome: 'malformed', why: 'no event' },
    { when: 'an empty id', event: event({ id: '' }), outcome: 'malformed', why: 'no event' },
    { when: 'data null', event: event({ data: null }), outcome: 'malformed', why: 'no data' },
    { when: 'data as text', event: event({ data: '{}' }), outcome: 'malformed', why: 'no data' },
    { when: 'no resource', event: event({ subject: '' }), outcome: 'malformed', why: 'not a resource id' },
    {
      when: 'a path that leaves its server',
      event: event({ subject: `${ORDERS}/../stock` }),
      outcome: 'malformed',
      why: 'not a resource id',
    },
    {
      when: 'the address of a resource in place of its id',
      event: event({ subject: `https://management.azure.com${ORDERS}` }),
      outcome: 'malformed',
      why: 'not a resource id',
    },
    {
      when: 'a resource group',
      event: event({ subject: `/subscriptions/${RETAIL}/resourceGroups/rg` }),
      outcome: 'ignored',
      why: 'not a resource',
    },
    {
      when: 'a subscription',
      event: event({ subject: `/subscriptions/${RETAIL}` }),
      outcome: 'ignored',
      why: 'not a resource',
    },
    {
      when: 'an event of another source',
      event: event({ eventType: 'Microsoft.Storage.BlobCreated' }),
      outcome: 'ignored',
      why: 'not a resource event',
    },
    {
      when: 'a type that nobody watches, out of scope too',
      event: event({
        subject: `/subscriptions/99999999-9999-4999-8999-999999999999/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm`,
      }),
      outcome: 'ignored',
      why: 'a type that is not watched',
    },
  ])('$when', ({ event: given, outcome, why }) => {
    expect(understand(given, inScope, 'full')).toMatchObject({ outcome, why });
  });

  test('the id of a malformed event is kept for the log', () => {
    expect(understand({ id: 'e7', data: {} }, inScope, 'full')).toMatchObject({ eventId: 'e7' });
    expect(understand({ id: 7 }, inScope, 'full')).toMatchObject({ eventId: '' });
  });

  test('before the scope is known nothing is dropped for it', () => {
    const [far] = fixture('out-of-scope.eventgrid.json');
    expect(understand(far, undefined, 'full')).toMatchObject({ outcome: 'concerns' });
  });

  test.each([
    { type: 'Microsoft.Resources.ResourceWriteSuccess', status: 'Succeeded' },
    { type: 'Microsoft.Resources.ResourceDeleteFailure', status: 'Failed' },
    { type: 'Microsoft.Resources.ResourceActionCancel', status: 'Canceled' },
  ])('$type without a status is $status', ({ type, status }) => {
    expect(understand(event({ eventType: type }), inScope, 'full')).toMatchObject({ change: { status } });
  });

  test.each(['yesterday', '', '2026-13-45T00:00:00Z', undefined])('the time %j is none', (eventTime) => {
    expect(understand(event({ eventTime }), inScope, 'full')).toMatchObject({ change: { time: '' } });
  });

  test('texts of 1 MB leave a change within its bounds', () => {
    const long = 'x'.repeat(1_000_000);
    const data = {
      operationName: long,
      status: long,
      correlationId: long,
      claims: { name: long, ipaddr: long, oid: long },
      authorization: { evidence: { principalType: long } },
    };
    const understood = understand(event({ id: long, data }), inScope, 'full');
    expect(understood.outcome === 'concerns' && Change.safeParse(understood.change).success).toBe(true);
    expect(JSON.stringify(understood).length).toBeLessThan(4000);
    expect(understand(event({ subject: long }), inScope, 'full')).toMatchObject({ outcome: 'malformed' });
    expect(understand(event({ subject: `/subscriptions/${long}` }), inScope, 'full').outcome).not.toBe(
      'concerns',
    );
  });

  test('no JSON makes it throw, and what it keeps fits a request', () => {
    const ids = fc.constantFrom(ORDERS, ENDPOINT, SUBNET, '', '/subscriptions/x');
    const shaped = fc.record(
      {
        id: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
        subject: fc.oneof(ids, fc.jsonValue()),
        eventType: fc.constantFrom('Microsoft.Resources.ResourceWriteSuccess', 'x', 7),
        eventTime: fc.oneof(fc.string(), fc.jsonValue()),
        data: fc.oneof(
          fc.record(
            {
              resourceUri: fc.oneof(ids, fc.jsonValue()),
              claims: fc.jsonValue(),
              authorization: fc.jsonValue(),
              operationName: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
            },
            { requiredKeys: [] },
          ),
          fc.jsonValue(),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), shaped), (value) => {
        const understood = understand(value, inScope, 'full');
        if (understood.outcome !== 'concerns') return;
        expect(Change.safeParse(understood.change).success).toBe(true);
        expect(JSON.stringify(understood.change)).not.toContain('\\ud');
      }),
      { numRuns: 1000 },
    );
  });
});
