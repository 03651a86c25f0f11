import { expect, test } from 'vitest';
import type { FirewallRule } from '../../shared/model.ts';
import { internetReachable } from '../../shared/rules/internet-reachable.ts';
import { invalidFirewallRule } from '../../shared/rules/invalid-firewall-rule.ts';
import { bySubject, evidenceOf, ruleId, verdicts } from '../builders.ts';

function rule(start: string | null, end: string | null): FirewallRule {
  return { id: ruleId('r'), name: 'r', start, end };
}

test.each([
  {
    when: 'the order is reversed',
    given: rule('203.0.113.9', '203.0.113.1'),
    reason: 'its start is after its end',
  },
  {
    when: 'a leading zero',
    given: rule('010.0.0.1', '10.0.0.1'),
    reason: 'its start is not an IPv4 address',
  },
  { when: 'three numbers', given: rule('1.2.3', '1.2.3.4'), reason: 'its start is not an IPv4 address' },
  { when: 'IPv6', given: rule('::1', '::1'), reason: 'its start is not an IPv4 address' },
  { when: 'an empty text', given: rule('', ''), reason: 'its start is not an IPv4 address' },
  {
    when: 'a number above 255',
    given: rule('203.0.113.5', '203.0.113.256'),
    reason: 'its end is not an IPv4 address',
  },
  { when: 'no end', given: rule('203.0.113.5', null), reason: 'its end is missing' },
  { when: 'no start', given: rule(null, '203.0.113.5'), reason: 'its start is missing' },
])('$when: OPEN Medium', ({ given, reason }) => {
  expect(verdicts(invalidFirewallRule, { fw: [given] })).toEqual(['OPEN Medium']);
  expect(evidenceOf(invalidFirewallRule, { fw: [given] })?.['reason']).toBe(reason);
});

test.each([
  { when: 'one address', given: rule('203.0.113.5', '203.0.113.5') },
  { when: 'spaces around it', given: rule(' 203.0.113.5', '203.0.113.5 ') },
  { when: 'Azure services', given: rule('0.0.0.0', '0.0.0.0') },
])('$when: PASS', ({ given }) => {
  expect(verdicts(invalidFirewallRule, { fw: [given] })).toEqual(['PASS']);
});

test('the raw values are escaped and cut', () => {
  const evidence = evidenceOf(invalidFirewallRule, { fw: [rule('\n"', 'x'.repeat(10_000))] });
  expect(evidence?.['start']).toBe('"\\n\\""');
  expect(String(evidence?.['end'])).toHaveLength(256);
});

test('while one is there, nothing that counts addresses passes', () => {
  const fw = ['203.0.113.5', 'bad=x'];
  expect(bySubject(invalidFirewallRule, { fw })).toEqual({ bad: 'OPEN Medium' });
  expect(verdicts(internetReachable, { fw })).toEqual(['UNKNOWN']);
});

test('unreadable rules are unknown', () => {
  expect(verdicts(invalidFirewallRule, { denied: ['firewallRules'] })).toEqual(['UNKNOWN']);
});
