import { expect, test } from 'vitest';
import { evaluate } from '../../shared/evaluate.ts';
import { serverPolicy } from '../../shared/policy.ts';
import { internetReachable } from '../../shared/rules/internet-reachable.ts';
import { rangeNotApproved } from '../../shared/rules/range-not-approved.ts';
import { ANY, AZURE, context, type Given, judge, ranges, snapshot, verdict, verdicts } from '../builders.ts';

const restricted = serverPolicy('restricted');
const approved = { ...restricted, approvedRanges: ranges('203.0.113.0-203.0.113.255') };

test.each<{ when: string; given: Given; gives: string }>([
  { when: 'an approved address', given: { fw: ['203.0.113.5'] }, gives: 'PASS' },
  {
    when: 'two addresses beyond the approved range',
    given: { fw: ['203.0.113.250-203.0.114.1'] },
    gives: 'OPEN High',
  },
  { when: 'private addresses', given: { fw: ['10.0.0.0-10.0.0.9'] }, gives: 'PASS' },
  { when: 'only Azure services', given: { fw: [AZURE] }, gives: 'PASS' },
  { when: 'public access off', given: { pna: 'Disabled', fw: ['198.51.100.1'] }, gives: 'PASS' },
  { when: 'an approved address and a malformed rule', given: { fw: ['203.0.113.5', 'x'] }, gives: 'UNKNOWN' },
  { when: 'another address and a malformed rule', given: { fw: ['198.51.100.1', 'x'] }, gives: 'OPEN High' },
  { when: 'the rules denied', given: { denied: ['firewallRules'] }, gives: 'UNKNOWN' },
  { when: 'the switch absent', given: { pna: undefined, fw: ['198.51.100.1'] }, gives: 'UNKNOWN' },
])('$when: $gives', ({ given, gives }) => {
  expect(verdicts(rangeNotApproved, given, {}, approved)).toEqual([gives]);
});

test('without approved ranges every public address is outside', () => {
  const [finding] = judge(rangeNotApproved, { fw: ['203.0.113.5'] }, {}, restricted);
  expect(finding).toMatchObject({ violation: { evidence: { outside: 1 } } });
});

test('the finding holds what is outside', () => {
  const [finding] = judge(rangeNotApproved, { fw: ['203.0.113.250-203.0.114.1'] }, {}, approved);
  expect(finding).toMatchObject({
    violation: {
      summary: 'The firewall rules admit 2 public addresses outside the approved ranges.',
      evidence: { outside: 2, ranges: [{ range: '203.0.114.0/31', addresses: 2 }], ruleCount: 1 },
      ranges: ranges('203.0.114.0-203.0.114.1'),
    },
  });
});

test.each(['private', 'open'] as const)('the profile %s does not ask', (profile) => {
  expect(verdicts(rangeNotApproved, { fw: ['203.0.113.5'] }, {}, serverPolicy(profile))).toEqual(['N/A']);
});

test('the whole Internet supersedes it', () => {
  const findings = evaluate(
    snapshot({ fw: [ANY] }),
    context(),
    [internetReachable, rangeNotApproved],
    approved,
  );
  expect(findings.map(verdict)).toEqual(['OPEN Critical', 'SUPERSEDED']);
});
