import { expect, test } from 'vitest';
import { lockoutNoPath } from '../../shared/rules/lockout-no-path.ts';
import { AZURE, evidenceOf, type Given, judge, verdicts } from '../builders.ts';

const off = { pna: 'Disabled' };

test.each<{ when: string; given: Given; gives: string }>([
  { when: 'off, no connection', given: off, gives: 'OPEN High' },
  { when: 'off, rejected and pending', given: { ...off, pec: ['Rejected', 'Pending'] }, gives: 'OPEN High' },
  { when: 'off, one approved', given: { ...off, pec: ['Approved'] }, gives: 'PASS' },
  { when: 'on, no rules', given: {}, gives: 'OPEN High' },
  { when: 'on, private addresses only', given: { fw: ['10.0.0.0-10.0.0.255'] }, gives: 'OPEN High' },
  { when: 'on, one public address', given: { fw: ['203.0.113.5'] }, gives: 'PASS' },
  { when: 'on, Azure services', given: { fw: [AZURE] }, gives: 'PASS' },
  { when: 'inside a subnet', given: { ...off, injected: true }, gives: 'PASS' },
  { when: 'on, a virtual network rule', given: { family: 'MS', vnet: ['web'] }, gives: 'PASS' },
  {
    when: 'off, a virtual network rule',
    given: { ...off, family: 'MS', vnet: ['web'] },
    gives: 'OPEN Medium',
  },
  {
    when: 'off, the virtual network rules denied',
    given: { ...off, family: 'MS', denied: ['virtualNetworkRules'] },
    gives: 'OPEN High',
  },
  {
    when: 'on, the virtual network rules denied',
    given: { family: 'MS', denied: ['virtualNetworkRules'] },
    gives: 'UNKNOWN',
  },
  {
    when: 'off, the connections denied',
    given: { ...off, denied: ['endpointConnections'] },
    gives: 'UNKNOWN',
  },
  { when: 'off, a status that is not documented', given: { ...off, pec: ['Allowed'] }, gives: 'UNKNOWN' },
  { when: 'on, the rules unreadable', given: { denied: ['firewallRules'] }, gives: 'UNKNOWN' },
  { when: 'on, a malformed rule', given: { fw: ['x'] }, gives: 'UNKNOWN' },
  { when: 'off, a malformed rule', given: { ...off, fw: ['x'] }, gives: 'OPEN High' },
  {
    when: 'on, one public address, the connections denied',
    given: { fw: ['203.0.113.5'], denied: ['endpointConnections'] },
    gives: 'PASS',
  },
  { when: 'unknown, no connection', given: { pna: undefined }, gives: 'UNKNOWN' },
])('$when: $gives', ({ given, gives }) => {
  expect(verdicts(lockoutNoPath, given)).toEqual([gives]);
});

test.each<{ when: string; given: Given; summary: string }>([
  {
    when: 'on',
    given: {},
    summary: 'Public network access is on, but no rule admits anyone, and no private endpoint is approved.',
  },
  { when: 'off', given: off, summary: 'Public network access is off and no private endpoint is approved.' },
])('the finding tells which door is closed: $when', ({ given, summary }) => {
  expect(judge(lockoutNoPath, given)[0]).toMatchObject({ violation: { summary } });
});

test('the evidence counts the connections by status', () => {
  expect(evidenceOf(lockoutNoPath, { ...off, pec: ['Rejected', 'Pending', 'Rejected'] })).toEqual({
    switch: 'disabled',
    connections: { rejected: 2, pending: 1 },
    firewallRules: 0,
    virtualNetworkRules: 0,
  });
});
