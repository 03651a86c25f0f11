import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, serverPolicy } from '../../shared/policy.ts';
import { tooManyFirewallRules } from '../../shared/rules/too-many-firewall-rules.ts';
import { AZURE, evidenceOf, verdicts } from '../builders.ts';

const addresses = (count: number) => Array.from({ length: count }, (_, index) => `203.0.113.${index}`);

test.each([
  { when: '10 rules', fw: addresses(10), gives: 'PASS' },
  { when: '11 rules', fw: addresses(11), gives: 'OPEN Informational' },
  {
    when: '9 rules, a malformed one and the one of Azure services',
    fw: [...addresses(9), 'x', AZURE],
    gives: 'OPEN Informational',
  },
  { when: 'no rules', fw: [], gives: 'PASS' },
])('$when: $gives', ({ fw, gives }) => {
  expect(verdicts(tooManyFirewallRules, { fw })).toEqual([gives]);
});

test('the evidence counts rules and public addresses', () => {
  expect(evidenceOf(tooManyFirewallRules, { fw: addresses(11) })).toEqual({
    count: 11,
    maxCount: 10,
    public: 11,
  });
});

test('the limit of the policy decides', () => {
  const policy = {
    ...serverPolicy(),
    settings: { ...DEFAULT_SETTINGS, 'too-many-firewall-rules': { maxCount: 1 } },
  };
  expect(verdicts(tooManyFirewallRules, { fw: addresses(2) }, {}, policy)).toEqual(['OPEN Informational']);
});

test('unreadable rules are unknown', () => {
  expect(verdicts(tooManyFirewallRules, { denied: ['firewallRules'] })).toEqual(['UNKNOWN']);
});
