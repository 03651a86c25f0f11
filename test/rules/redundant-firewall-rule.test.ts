import { expect, test } from 'vitest';
import { redundantFirewallRule } from '../../shared/rules/redundant-firewall-rule.ts';
import { ANY, AZURE, judge, ruleId, SUBSCRIPTION, verdicts } from '../builders.ts';

test.each([
  {
    when: 'the smaller is inside the larger',
    fw: ['a=203.0.113.0-203.0.113.255', 'b=203.0.113.10-203.0.113.20'],
    gives: { b: 'covered by a' },
  },
  {
    when: 'the smaller comes first',
    fw: ['b=203.0.113.10-203.0.113.20', 'a=203.0.113.0-203.0.113.255'],
    gives: { b: 'covered by a' },
  },
  { when: 'both are equal', fw: ['b=203.0.113.5', 'a=203.0.113.5'], gives: { b: 'covered by a' } },
  {
    when: 'they overlap and the second is larger',
    fw: ['a=203.0.113.0-203.0.113.100', 'b=203.0.113.50-203.0.113.200'],
    gives: { a: 'overlap by b' },
  },
  {
    when: 'they are adjacent',
    fw: ['a=203.0.113.0-203.0.113.127', 'b=203.0.113.128-203.0.113.255'],
    gives: {},
  },
  {
    when: 'two together hold a third',
    fw: ['c=203.0.113.100-203.0.113.155', 'a=203.0.113.0-203.0.113.127', 'b=203.0.113.128-203.0.113.255'],
    gives: { c: 'covered by a, b' },
  },
  {
    when: 'the smaller lies below the larger',
    fw: ['a=203.0.113.0', 'b=203.0.113.128-203.0.113.255'],
    gives: {},
  },
  {
    when: 'a covered rule covers nothing itself',
    fw: ['a=203.0.113.0-203.0.113.255', 'b=203.0.113.10-203.0.113.20', 'c=203.0.113.12'],
    gives: { b: 'covered by a', c: 'covered by a' },
  },
  {
    when: 'three overlap in a row',
    fw: ['a=203.0.113.0-203.0.113.9', 'b=203.0.113.5-203.0.113.15', 'c=203.0.113.12-203.0.113.20'],
    gives: { a: 'overlap by b', c: 'overlap by b' },
  },
  { when: 'every address beside Azure services', fw: [`a=${ANY}`, `b=${AZURE}`], gives: {} },
  { when: 'two rules of Azure services', fw: [`b=${AZURE}`, `a=${AZURE}`], gives: { b: 'covered by a' } },
  { when: 'a malformed rule is left out', fw: ['a=203.0.113.5', 'b=203.0.113.500'], gives: {} },
  { when: 'no rules', fw: [], gives: {} },
])('$when', ({ fw, gives }) => {
  const found = judge(redundantFirewallRule, { fw }).flatMap((finding) => {
    if (finding.status !== 'open') return [];
    const { relation, by } = finding.violation.evidence;
    const names = (by as string[]).map((id) => id.split('/').at(-1)).join(', ');
    return [[finding.subject?.split('/').at(-1), `${relation as string} by ${names}`] as const];
  });
  expect(Object.fromEntries(found)).toEqual(gives);
});

test.each([
  {
    when: 'covered',
    fw: ['a=203.0.113.0-203.0.113.255', 'b=203.0.113.10'],
    summary: '203.0.113.10 is wholly admitted by 1 other rule already.',
    twice: 1,
  },
  {
    when: 'overlap',
    fw: ['a=203.0.113.0-203.0.113.9', 'b=203.0.113.8-203.0.113.11'],
    summary: '203.0.113.8/30 is partly admitted by 1 other rule already.',
    twice: 2,
  },
  {
    when: 'Azure services twice',
    fw: [`a=${AZURE}`, `b=${AZURE}`],
    summary: '0.0.0.0 is wholly admitted by 1 other rule already.',
    twice: 0,
  },
])('the finding tells how much: $when', ({ fw, summary, twice }) => {
  expect(judge(redundantFirewallRule, { fw })).toMatchObject([
    { subject: ruleId('b'), violation: { summary, notes: { name: 'b', addressesCountedTwice: twice } } },
  ]);
});

test('a malformed rule is no reason not to judge the others', () => {
  expect(verdicts(redundantFirewallRule, { fw: ['a=203.0.113.5', 'b=x'] })).toEqual(['PASS']);
});

test('128 equal rules are 127 findings, and addresses counted twice are told', () => {
  const findings = judge(redundantFirewallRule, {
    fw: Array.from({ length: 128 }, (_, i) => `r${1000 + i}=203.0.113.5`),
  });
  expect(findings).toHaveLength(127);
  expect(findings[0]).toMatchObject({
    subject: ruleId('r1001'),
    severity: 'Informational',
    violation: { notes: { addressesCountedTwice: 127 } },
  });
});

test('only a covered rule can be deleted without loss', () => {
  const commands = judge(redundantFirewallRule, {
    fw: ['a=203.0.113.0-203.0.113.100', 'b=203.0.113.50-203.0.113.200', 'c=203.0.113.60'],
  }).map((finding) => {
    if (finding.status !== 'open') return undefined;
    return redundantFirewallRule.command?.(
      {
        id: '',
        name: 'orders',
        family: 'microsoft.dbformysql/flexibleservers',
        subscription: SUBSCRIPTION,
        resourceGroup: 'rg',
        location: '',
        tags: {},
      },
      finding.violation,
    );
  });
  expect(commands).toEqual([
    '',
    `az mysql flexible-server firewall-rule delete --resource-group rg --name orders --rule-name c --subscription ${SUBSCRIPTION}`,
  ]);
});

test('unreadable rules are unknown', () => {
  expect(verdicts(redundantFirewallRule, { denied: ['firewallRules'] })).toEqual(['UNKNOWN']);
});
