import { expect, test } from 'vitest';
import { evaluate } from '../shared/evaluate.ts';
import { type Finding, type Rule, Unknown } from '../shared/model.ts';
import { serverPolicy } from '../shared/policy.ts';
import { defineRule } from '../shared/rules/define-rule.ts';
import { context, type Given, SERVER, snapshot, unreadable, verdict } from './builders.ts';

const about = {
  code: 'X-1',
  title: '',
  severity: 'Medium',
  category: 'exposure',
  subject: 'server',
  fix: '',
  documentation: '',
  standards: [],
} as const;
const violation = { summary: '', evidence: {} };

function rule(id: string, check: Rule['check'], more: Partial<Rule> = {}): Rule {
  return { ...about, id, needs: ['firewallRules'], check, ...more };
}

function run(rules: readonly Rule[], given: Given = {}): readonly Finding[] {
  return evaluate(snapshot(given), context(), rules, serverPolicy());
}

test.each<{ when: string; check: Rule['check']; gives: Partial<Finding> }>([
  { when: 'an empty list passes', check: () => [], gives: { status: 'pass' } },
  { when: 'not applicable', check: () => 'not-applicable', gives: { status: 'not-applicable' } },
  {
    when: 'a violation opens on the server',
    check: () => [violation],
    gives: { status: 'open', subject: SERVER.id, severity: 'Medium' },
  },
  {
    when: 'a violation may be graver',
    check: () => [{ ...violation, severity: 'High' }],
    gives: { status: 'open', severity: 'High' },
  },
  {
    when: 'a violation may be of a part',
    check: () => [{ ...violation, subject: '/a' }],
    gives: { status: 'open', subject: '/a' },
  },
  {
    when: 'a subject may be unknown',
    check: () => [{ subject: '/a', unknown: 'why' }],
    gives: { status: 'unknown', subject: '/a', reason: 'why' },
  },
  {
    when: 'the rule may not know',
    check: () => {
      throw new Unknown('why');
    },
    gives: { status: 'unknown', reason: 'why' },
  },
  {
    when: 'the rule chokes',
    check: () => {
      throw new TypeError('secret text');
    },
    gives: { status: 'unknown', reason: 'the rule could not judge what was read' },
  },
])('$when', ({ check, gives }) => {
  const findings = run([rule('a', check)]);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({ ruleId: 'a', ...gives });
});

test('what the whole rule cannot tell has no subject', () => {
  expect(
    run([
      rule('a', () => {
        throw new Unknown('why');
      }),
    ])[0],
  ).not.toHaveProperty('subject');
});

test('touching what could not be read is unknown, with the reason', () => {
  const touching = defineRule({
    ...about,
    id: 'touching',
    needs: ['firewallRules'],
    check: ({ firewallRules }) => (firewallRules.length > 0 ? [violation] : []),
  });
  expect(run([touching], { denied: ['firewallRules'] })).toEqual([
    { ruleId: 'touching', status: 'unknown', reason: 'firewallRules: denied' },
  ]);
});

test('what could not be read and is not touched does not matter', () => {
  const settled = defineRule({
    ...about,
    id: 'settled',
    needs: ['publicAccess', 'firewallRules'],
    check: (facts) =>
      facts.publicAccess.switch === 'enabled' && facts.firewallRules.length > 0 ? [violation] : [],
  });
  expect(run([settled], { pna: 'Disabled', denied: ['firewallRules'] }).map(verdict)).toEqual(['PASS']);
  expect(run([settled], { denied: ['firewallRules'] }).map(verdict)).toEqual(['UNKNOWN']);
});

test('a rule that chokes leaves the others alone', () => {
  const findings = run([
    rule('a', () => {
      throw new Error('x');
    }),
    rule('b', () => [violation]),
  ]);
  expect(findings.map(verdict)).toEqual(['UNKNOWN', 'OPEN Medium']);
});

test('a rule whose facet the family does not have says nothing', () => {
  const retired = defineRule({ ...about, id: 'retired', needs: ['retiredOn'], check: () => [violation] });
  expect(run([retired])).toEqual([]);
  expect(run([retired], { family: 'MS' })).toHaveLength(1);
});

test('two results of one subject are one finding, the graver', () => {
  const twice = rule('a', () => [
    { ...violation, subject: '/a', severity: 'Low' },
    { subject: '/a', unknown: 'why' },
    { ...violation, subject: '/a', severity: 'High' },
    { ...violation, subject: '/b' },
  ]);
  expect(run([twice]).map((finding) => `${finding.subject ?? ''} ${verdict(finding)}`)).toEqual([
    '/a OPEN High',
    '/b OPEN Medium',
  ]);
});

test.each([
  { when: 'comes first', severities: ['High', 'Low'], count: 0 },
  { when: 'comes last', severities: ['Low', 'High'], count: 1 },
  { when: 'is as grave as the other: the first', severities: ['High', 'High'], count: 0 },
] as const)('of two results of one subject the graver, where it $when', ({ severities, count }) => {
  const twice = rule('a', () =>
    severities.map((severity, index) => ({ ...violation, severity, subject: '/a', evidence: { index } })),
  );
  expect(run([twice])).toMatchObject([{ severity: 'High', violation: { evidence: { index: count } } }]);
});

test.each<{ when: string; strong: Rule['check']; weak: Rule['check']; gives: readonly string[] }>([
  {
    when: 'the same subject',
    strong: () => [{ ...violation, subject: '/a' }],
    weak: () => [{ ...violation, subject: '/a' }],
    gives: ['OPEN Medium', 'SUPERSEDED'],
  },
  {
    when: 'another subject',
    strong: () => [{ ...violation, subject: '/b' }],
    weak: () => [{ ...violation, subject: '/a' }],
    gives: ['OPEN Medium', 'OPEN Medium'],
  },
  {
    when: 'the whole server',
    strong: () => [violation],
    weak: () => [{ ...violation, subject: '/a' }],
    gives: ['OPEN Medium', 'SUPERSEDED'],
  },
  { when: 'the stronger passes', strong: () => [], weak: () => [violation], gives: ['PASS', 'OPEN Medium'] },
  {
    when: 'the stronger is unknown',
    strong: () => {
      throw new Unknown('x');
    },
    weak: () => [violation],
    gives: ['UNKNOWN', 'OPEN Medium'],
  },
  { when: 'the weaker passes', strong: () => [violation], weak: () => [], gives: ['OPEN Medium', 'PASS'] },
])('superseded: $when', ({ strong, weak, gives }) => {
  const rules = [rule('strong', strong), rule('weak', weak, { supersededBy: ['strong'] })];
  expect(run(rules).map(verdict)).toEqual(gives);
  expect(run(rules.toReversed()).map(verdict)).toEqual(gives.toReversed());
});

test('a superseded finding names the stronger rule', () => {
  const rules = [
    rule('strong', () => [violation]),
    rule('weak', () => [violation], { supersededBy: ['other', 'strong'] }),
  ];
  expect(run(rules)[1]).toEqual({ ruleId: 'weak', subject: SERVER.id, status: 'superseded', by: 'strong' });
});

test('of several stronger rules the first in its list', () => {
  const rules = [
    rule('one', () => [violation]),
    rule('two', () => [violation]),
    rule('weak', () => [violation], { supersededBy: ['two', 'one'] }),
  ];
  expect(run(rules)[2]).toMatchObject({ status: 'superseded', by: 'two' });
});

test('whether a baseline is missing can always be asked', () => {
  const asks = defineRule({
    ...about,
    id: 'asks',
    needs: ['baselineMissing'],
    check: ({ baselineMissing }) => (baselineMissing ? [violation] : []),
  });
  const judge = (reason: string) =>
    evaluate(snapshot(), context({ baseline: unreadable(reason) }), [asks], serverPolicy()).map(verdict);
  expect(judge('not approved')).toEqual(['OPEN Medium']);
  expect(judge('no complete reading yet')).toEqual(['PASS']);
});

test.each(['baseline', 'source', 'accessChanges'] as const)('%s: touching it unread is unknown', (fact) => {
  const asks = defineRule({
    ...about,
    id: 'asks',
    needs: [fact],
    check: (facts) => [{ ...violation, summary: typeof facts[fact] }],
  });
  const around = context({ [fact]: unreadable('not stored') });
  expect(evaluate(snapshot(), around, [asks], serverPolicy())).toEqual([
    { ruleId: 'asks', status: 'unknown', reason: `${fact}: not stored` },
  ]);
});
