import { expect, test } from 'vitest';
import type { Baseline } from '../../shared/drift.ts';
import type { Context, Rule } from '../../shared/model.ts';
import { DEFAULT_SETTINGS, type ServerPolicy, serverPolicy } from '../../shared/policy.ts';
import * as rules from '../../shared/rules/index.ts';
import {
  ago,
  AT,
  AZURE,
  baseline,
  connection,
  connectionId,
  endpoint,
  endpointId,
  type Given,
  judge,
  OTHER_SUBSCRIPTION,
  OTHER_TENANT,
  ruleId,
  snapshot,
  SUBSCRIPTION,
  TENANT,
  unreadable,
  value,
} from '../builders.ts';

const away = endpointId('pe', OTHER_SUBSCRIPTION);
const foreign: Given = {
  pec: [connection('a', 'Approved', { endpointId: away, description: 'for the shop' })],
  endpoints: [endpoint('pe', { id: away }, { manual: true })],
};
const complete: ServerPolicy = {
  ...serverPolicy(),
  settings: {
    ...DEFAULT_SETTINGS,
    'endpoint-foreign-tenant': { trustedTenants: [], tenantListComplete: true },
  },
};
const tenants = { [SUBSCRIPTION]: TENANT.toUpperCase(), [OTHER_SUBSCRIPTION]: OTHER_TENANT };
const disconnected = endpoint('pe-a', {}, { status: 'disconnected', description: 'gone' });
const EIGHT = [0, 2, 4, 6, 8, 10, 12, 14].map((block) => `198.51.${block}.0-198.51.${block}.255`);
const off: Given = { pna: 'Disabled' };

interface Case {
  readonly rule: Rule;
  readonly when: string;
  readonly given: Given;
  readonly around?: Partial<Context>;
  readonly policy?: ServerPolicy;
  /** A part of it. */
  readonly violation: object;
}

test.each<Case>([
  {
    rule: rules.baselineMissing,
    when: 'nobody has approved one',
    given: {},
    around: { baseline: unreadable('not approved') },
    violation: {
      summary:
        'Nobody has approved a baseline of this server: changes of it cannot be told from its normal state.',
      evidence: {},
      notes: { readAt: AT },
    },
  },
  {
    rule: rules.endpointForeignSubscription,
    when: 'the tenant known',
    given: foreign,
    around: { tenants },
    violation: {
      summary: `An approved private endpoint belongs to the subscription ${OTHER_SUBSCRIPTION}, which is not on the allow list.`,
      evidence: { endpoint: away, tenant: OTHER_TENANT },
      notes: { description: 'for the shop', request: 'manual' },
    },
  },
  {
    rule: rules.endpointForeignSubscription,
    when: 'the tenant unresolved',
    given: foreign,
    violation: {
      summary: `An approved private endpoint belongs to the subscription ${OTHER_SUBSCRIPTION}, which is not on the allow list; its tenant is unresolved.`,
      evidence: { tenant: 'unresolved' },
    },
  },
  {
    rule: rules.endpointForeignTenant,
    when: 'the tenant known',
    given: foreign,
    around: { tenants },
    violation: { summary: `An approved private endpoint belongs to the tenant ${OTHER_TENANT}.` },
  },
  {
    rule: rules.endpointForeignTenant,
    when: 'not visible, though the list is complete and empty',
    given: foreign,
    around: { tenants: {} },
    policy: complete,
    violation: {
      summary: 'An approved private endpoint belongs to a tenant that this one cannot see.',
      evidence: { tenant: null },
    },
  },
  {
    rule: rules.endpointOtherRegion,
    when: 'another region',
    given: { pec: ['Approved'], endpoints: [endpoint('pe-a', { location: 'East US' })] },
    violation: {
      summary: 'The server is in westeurope, its private endpoint in eastus.',
      notes: { subnet: endpoint('pe-a').subnetId },
    },
  },
  {
    rule: rules.endpointPending,
    when: 'an endpoint that is not named, for thirty hours and a half',
    given: { pec: [connection('a', 'Pending', { endpointId: null })] },
    around: { firstSeen: { [`${connectionId('a')}|pending`]: ago(30.5 * 3600) } },
    violation: {
      summary: 'A private endpoint connection waits for approval for 30 hours.',
      evidence: { endpoint: null, subscription: null },
      notes: { ageHours: 30 },
    },
  },
  {
    rule: rules.endpointStateMismatch,
    when: 'the descriptions of both sides',
    given: { pec: [connection('a', 'Approved', { description: 'welcome' })], endpoints: [disconnected] },
    around: { firstSeen: { [`${connectionId('a')}|mismatch|approved|disconnected`]: ago(90) } },
    violation: {
      summary: 'The server says that the connection is approved, the endpoint says disconnected.',
      notes: { since: ago(90), serverDescription: 'welcome', endpointDescription: 'gone' },
    },
  },
  {
    rule: rules.endpointUnsupportedTier,
    when: 'the tier as it was read',
    given: { family: 'PS', tier: 'Basic' },
    violation: {
      summary: 'The pricing tier of the server has no private endpoints.',
      evidence: { tier: 'Basic' },
    },
  },
  {
    rule: rules.vnetIntegrationRemoved,
    when: 'the subnet that it had',
    given: {},
    around: { baseline: value(baseline({}, { subnetId: '/subnets/db', approved: false })) },
    violation: {
      summary: 'The server left its subnet; its public path is now "none".',
      evidence: { subnetBefore: '/subnets/db', path: 'none' },
      notes: { baseline: 'provisional' },
    },
  },
  {
    rule: rules.exposureWidened,
    when: 'addresses beside Azure, which was there before',
    given: { fw: [`azure=${AZURE}`, 'a=203.0.113.4-203.0.113.5'] },
    around: { baseline: value(baseline({ fw: [AZURE] })) },
    violation: {
      summary: '2 public addresses were added: 0 before, 2 now.',
      evidence: { azureServicesAdded: false, rules: [ruleId('a')], ruleCount: 1 },
    },
  },
  {
    rule: rules.latentRulesChanged,
    when: 'addresses beside Azure, which was there before',
    given: { ...off, fw: [`azure=${AZURE}`, 'a=203.0.113.4-203.0.113.5'] },
    around: { baseline: value(baseline({ ...off, fw: [AZURE] })) },
    violation: {
      summary: '2 addresses were added to the rules of a server that is closed.',
      evidence: { azureServicesAdded: false, rules: [ruleId('a')], ruleCount: 1 },
    },
  },
  {
    rule: rules.invalidFirewallRule,
    when: 'the name of the rule',
    given: { fw: ['Bad=x'] },
    violation: { notes: { name: 'Bad' } },
  },
  {
    rule: rules.privateRangeInFirewall,
    when: 'the name of the rule',
    given: { fw: ['Inside=10.0.0.1'] },
    violation: {
      summary: 'The firewall rule admits 10.0.0.1, which holds no public address.',
      notes: { name: 'Inside' },
    },
  },
  {
    rule: rules.widePublicRange,
    when: 'ranges of exactly 256, too many of them',
    given: { fw: [...EIGHT, '203.0.113.5'] },
    violation: { evidence: { public: 2049, rangeCount: 9, ruleCount: 9 } },
  },
  {
    rule: rules.widePublicRange,
    when: 'one address where none is allowed',
    given: { fw: ['203.0.113.5'] },
    policy: { ...serverPolicy(), maxAddressesPerRange: 0 },
    violation: { summary: 'The firewall rules admit 1 public address.', evidence: { public: 1 } },
  },
])('$rule.id tells: $when', ({ rule, given, around = {}, policy, violation }) => {
  expect(judge(rule, given, around, policy)).toMatchObject([{ status: 'open', violation }]);
});

test.each([
  { when: '2,049 in ranges of 256', fw: [...EIGHT, '203.0.113.5'], limits: { maxPublicAddresses: 2048 } },
  { when: '2,048 in one', fw: ['198.51.0.0-198.51.7.255'], limits: { maxAddressesPerRange: 256 } },
])('only the limit that is exceeded is named: $when', ({ fw, limits }) => {
  const [finding] = judge(rules.widePublicRange, { fw });
  expect(finding?.status === 'open' && finding.violation.evidence['limits']).toEqual(limits);
});

test('a tenant of the own in capitals is not foreign', () => {
  const same = { [SUBSCRIPTION]: TENANT.toUpperCase(), [OTHER_SUBSCRIPTION]: TENANT };
  expect(judge(rules.endpointForeignTenant, foreign, { tenants: same })).toMatchObject([{ status: 'pass' }]);
});

test('a server without a region is nowhere', () => {
  const seen = snapshot({ pec: ['Approved'], endpoints: [endpoint('pe-a')] });
  const nowhere = { ...seen, server: { ...seen.server, location: '' } };
  expect(judge(rules.endpointOtherRegion, nowhere)).toMatchObject([
    { status: 'unknown', reason: 'location: absent' },
  ]);
});

test('the tenant of an endpoint that is not named is not asked for', () => {
  const given: Given = { pec: [connection('a', 'Approved', { endpointId: null })] };
  expect(judge(rules.endpointForeignTenant, given, { tenants }, complete)).toMatchObject([
    { status: 'unknown', reason: 'endpointConnections: the endpoint is not named' },
  ]);
});

test('an endpoint with an id of no resource is in no scope', () => {
  const given: Given = { pec: [connection('a', 'Approved', { endpointId: 'x' })] };
  expect(judge(rules.endpointOrphaned, given)).toMatchObject([{ status: 'pass' }]);
});

test.each<{ when: string; approvedAt?: string; observedAt: string; open: boolean }>([
  { when: 'before the flap', observedAt: ago(2000), open: true },
  { when: 'after it', observedAt: ago(300), open: false },
  { when: 'before it, approved after it', approvedAt: ago(300), observedAt: ago(2000), open: false },
])('a baseline counts from its approval, or else from its reading: $when', ({ open, ...times }) => {
  const known: Baseline & { approvedAt?: string } = { ...baseline(off, times) };
  if (times.approvedAt === undefined) delete known.approvedAt;
  const accessChanges = value([
    { at: ago(1200), to: 'enabled', by: 'someone' },
    { at: ago(600), to: 'disabled', by: 'someone' },
  ] as const);
  const [finding] = judge(rules.publicAccessFlap, off, { baseline: value(known), accessChanges });
  expect(finding?.status).toBe(open ? 'open' : 'pass');
});
