import { expect, test } from 'vitest';
import { serverPolicy } from '../../shared/policy.ts';
import { firewallRulesInUse } from '../../shared/rules/firewall-rules-in-use.ts';
import { ago, type Given, judge, ruleId, server, verdicts, virtualNetworkRule } from '../builders.ts';

test.each<{ when: string; given: Given; gives: string }>([
  { when: 'on, one rule', given: { fw: ['203.0.113.5'] }, gives: 'OPEN Low' },
  { when: 'on, no rules', given: {}, gives: 'PASS' },
  { when: 'on, only a virtual network rule', given: { family: 'MS', vnet: ['web'] }, gives: 'OPEN Low' },
  {
    when: 'off, three rules',
    given: { pna: 'Disabled', fw: ['203.0.113.5', '203.0.113.6', '203.0.113.7'] },
    gives: 'PASS',
  },
  { when: 'inside a subnet', given: { injected: true, pna: undefined, fw: ['203.0.113.5'] }, gives: 'PASS' },
  { when: 'on, the rules denied', given: { denied: ['firewallRules'] }, gives: 'UNKNOWN' },
  {
    when: 'on, one rule, the other list denied',
    given: { family: 'MS', fw: ['203.0.113.5'], denied: ['virtualNetworkRules'] },
    gives: 'OPEN Low',
  },
  {
    when: 'on, no rule, the other list denied',
    given: { family: 'MS', denied: ['virtualNetworkRules'] },
    gives: 'UNKNOWN',
  },
  { when: 'the switch null', given: { pna: null, fw: ['203.0.113.5'] }, gives: 'UNKNOWN' },
])('$when: $gives', ({ given, gives }) => {
  expect(verdicts(firewallRulesInUse, given)).toEqual([gives]);
});

test.each(['restricted', 'open'] as const)('the profile %s allows it', (profile) => {
  expect(verdicts(firewallRulesInUse, { fw: ['203.0.113.5'] }, {}, serverPolicy(profile))).toEqual(['N/A']);
});

test('the age of each rule is a note', () => {
  const firstSeen = { [ruleId('office')]: ago(60) };
  expect(judge(firewallRulesInUse, { fw: ['office=203.0.113.5'] }, { firstSeen })[0]).toMatchObject({
    violation: {
      summary: 'Clients reach the server by 1 firewall rule and 0 virtual network rules.',
      evidence: { rules: [ruleId('office')], ranges: ['203.0.113.5'], subnets: [] },
      notes: { since: [{ name: 'office', firstSeen: ago(60) }] },
    },
  });
});

test('rules of both kinds are listed, and one that was never seen before has no age', () => {
  const given: Given = { family: 'MS', fw: ['office=203.0.113.5'], vnet: ['web'] };
  const { id, subnetId } = virtualNetworkRule('web', server('MS'));
  expect(judge(firewallRulesInUse, given)[0]).toMatchObject({
    violation: {
      summary: 'Clients reach the server by 1 firewall rule and 1 virtual network rule.',
      evidence: {
        rules: [`${server('MS').id}/firewallrules/office`, id],
        ruleCount: 2,
        ranges: ['203.0.113.5'],
        subnets: [subnetId],
      },
      notes: {
        since: [
          { name: 'office', firstSeen: null },
          { name: 'web', firstSeen: null },
        ],
      },
    },
  });
});
