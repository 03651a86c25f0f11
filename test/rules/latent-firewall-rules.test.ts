import { expect, test } from 'vitest';
import { latentFirewallRules } from '../../shared/rules/latent-firewall-rules.ts';
import { ANY, AZURE, type Given, judge, ranges, verdicts } from '../builders.ts';

const off = { pna: 'Disabled' };

test.each<{ when: string; given: Given; gives: string }>([
  { when: 'off, no rules', given: off, gives: 'PASS' },
  { when: 'off, one address', given: { ...off, fw: ['203.0.113.5'] }, gives: 'OPEN Low' },
  { when: 'off, every address', given: { ...off, fw: [ANY] }, gives: 'OPEN Medium' },
  { when: 'off, Azure services', given: { ...off, fw: [AZURE] }, gives: 'OPEN Medium' },
  { when: 'off, a wide range', given: { ...off, fw: ['20.0.0.0-20.0.255.255'] }, gives: 'OPEN Medium' },
  { when: 'off, only a malformed rule', given: { ...off, fw: ['x'] }, gives: 'OPEN Low' },
  {
    when: 'off, only a virtual network rule',
    given: { ...off, family: 'MS', vnet: ['web'] },
    gives: 'OPEN Low',
  },
  {
    when: 'off, one address, the other list denied',
    given: { ...off, family: 'MS', fw: ['203.0.113.5'], denied: ['virtualNetworkRules'] },
    gives: 'OPEN Low',
  },
  {
    when: 'off, no rules, the other list denied',
    given: { ...off, family: 'MS', denied: ['virtualNetworkRules'] },
    gives: 'UNKNOWN',
  },
  { when: 'off, the rules denied', given: { ...off, denied: ['firewallRules'] }, gives: 'UNKNOWN' },
  { when: 'on, every address', given: { fw: [ANY] }, gives: 'PASS' },
  { when: 'unknown, every address', given: { pna: undefined, fw: [ANY] }, gives: 'UNKNOWN' },
  {
    when: 'inside a subnet, every address',
    given: { injected: true, pna: undefined, fw: [ANY] },
    gives: 'N/A',
  },
])('$when: $gives', ({ given, gives }) => {
  expect(verdicts(latentFirewallRules, given)).toEqual([gives]);
});

test('public access that is on leaves nothing latent, whatever the rules are', () => {
  expect(verdicts(latentFirewallRules, { denied: ['firewallRules', 'virtualNetworkRules'] })).toEqual([
    'PASS',
  ]);
});

test('rules of both kinds are counted, and Azure only where it is admitted', () => {
  const given: Given = { ...off, family: 'MS', fw: ['203.0.113.5'], vnet: ['web'] };
  expect(judge(latentFirewallRules, given)[0]).toMatchObject({
    violation: {
      summary: '2 rules would admit 1 public address if public access were switched on.',
      evidence: { latentPath: 'limited', firewallRules: 1, virtualNetworkRules: 1 },
    },
  });
  expect(judge(latentFirewallRules, { ...given, denied: ['virtualNetworkRules'] })[0]).toMatchObject({
    violation: { evidence: { firewallRules: 1, virtualNetworkRules: null } },
  });
});

test('the finding tells what the rules would admit', () => {
  const [finding] = judge(latentFirewallRules, { ...off, fw: ['203.0.113.0-203.0.113.3', AZURE] });
  expect(finding).toMatchObject({
    violation: {
      summary: '2 rules would admit 4 public addresses and all of Azure if public access were switched on.',
      evidence: { latentPath: 'azure', public: 4, firewallRules: 2, ranges: ['203.0.113.0/30'] },
      ranges: ranges('203.0.113.0-203.0.113.3'),
    },
  });
});
