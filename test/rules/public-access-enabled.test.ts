import { expect, test } from 'vitest';
import { serverPolicy } from '../../shared/policy.ts';
import { publicAccessEnabled } from '../../shared/rules/public-access-enabled.ts';
import { AZURE, evidenceOf, type Given, judge, snapshot, value, verdicts } from '../builders.ts';

test.each<{ when: string; given: Given; gives: string }>([
  { when: 'on, no rules', given: { pna: 'Enabled' }, gives: 'OPEN Medium' },
  { when: 'on in lower case', given: { pna: 'enabled' }, gives: 'OPEN Medium' },
  { when: 'on, one public address', given: { fw: ['203.0.113.5'] }, gives: 'OPEN High' },
  { when: 'on, private addresses only', given: { fw: ['10.0.0.0-10.0.0.255'] }, gives: 'OPEN Medium' },
  { when: 'on, Azure services', given: { fw: [AZURE] }, gives: 'OPEN High' },
  { when: 'on, a virtual network rule', given: { family: 'MS', vnet: ['web'] }, gives: 'OPEN High' },
  { when: 'on, the rules denied', given: { denied: ['firewallRules'] }, gives: 'OPEN Medium' },
  {
    when: 'on, a malformed rule beside a valid one',
    given: { fw: ['x', '203.0.113.5'] },
    gives: 'OPEN High',
  },
  { when: 'off in lower case', given: { pna: 'disabled' }, gives: 'PASS' },
  { when: 'absent', given: { pna: undefined }, gives: 'UNKNOWN' },
  { when: 'null', given: { pna: null }, gives: 'UNKNOWN' },
  { when: 'a value of other families', given: { pna: 'SecuredByPerimeter' }, gives: 'UNKNOWN' },
  { when: 'inside a subnet, off', given: { injected: true, pna: 'Disabled' }, gives: 'PASS' },
  { when: 'inside a subnet, absent', given: { injected: true, pna: undefined }, gives: 'PASS' },
  {
    when: 'a zone but no subnet, on (PostgreSQL)',
    given: { family: 'PF', pna: 'Enabled' },
    gives: 'OPEN Medium',
  },
  { when: 'the server denied', given: { denied: ['publicAccess', 'delegatedSubnetId'] }, gives: 'UNKNOWN' },
])('$when: $gives', ({ given, gives }) => {
  expect(verdicts(publicAccessEnabled, given)).toEqual([gives]);
});

test.each(['restricted', 'open'] as const)('the profile %s allows it', (profile) => {
  expect(verdicts(publicAccessEnabled, { fw: ['203.0.113.5'] }, {}, serverPolicy(profile))).toEqual(['N/A']);
});

test('a perimeter is judged by rules of its own', () => {
  const seen = snapshot();
  const publicAccess = value({ switch: 'perimeter', raw: '"SecuredByPerimeter"' } as const);
  expect(verdicts(publicAccessEnabled, { ...seen, network: { ...seen.network, publicAccess } })).toEqual([
    'PASS',
  ]);
});

test('lists that could not be read are not counted as empty', () => {
  expect(evidenceOf(publicAccessEnabled, { denied: ['firewallRules', 'virtualNetworkRules'] })).toMatchObject(
    {
      firewallRules: null,
      virtualNetworkRules: null,
      publicAddresses: null,
    },
  );
});

test.each<{ when: string; given: Given; summary: string; property: string }>([
  {
    when: 'nobody is admitted',
    given: { family: 'PF' },
    summary: 'Public network access is on: one more firewall rule admits any address.',
    property: 'properties.network.publicNetworkAccess',
  },
  {
    when: 'one address',
    given: { family: 'PS', fw: ['203.0.113.5'] },
    summary: 'Public network access is on and the rules admit 1 public address.',
    property: 'properties.publicNetworkAccess',
  },
  {
    when: 'Azure services',
    given: { fw: [AZURE] },
    summary: 'Public network access is on and the rules admit 0 public addresses and all of Azure.',
    property: 'properties.network.publicNetworkAccess',
  },
])('the finding tells what is admitted and where the switch is: $when', ({ given, summary, property }) => {
  expect(judge(publicAccessEnabled, given)[0]).toMatchObject({
    violation: {
      summary,
      evidence: { switch: 'enabled', profile: 'private' },
      notes: { value: '"Enabled"', property },
    },
  });
});
