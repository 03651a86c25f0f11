import { expect, test } from 'vitest';
import { publicAccessUnknown } from '../../shared/rules/public-access-unknown.ts';
import { ANY, AZURE, BODY, evidenceOf, type Given, judge, verdicts } from '../builders.ts';

test.each<{ when: string; given: Given; gives: string }>([
  { when: 'absent', given: { pna: undefined }, gives: 'OPEN Medium' },
  { when: 'null', given: { pna: null }, gives: 'OPEN Medium' },
  { when: 'empty', given: { pna: '' }, gives: 'OPEN Medium' },
  { when: 'Enabled with a space behind it', given: { pna: 'Enabled ' }, gives: 'PASS' },
  { when: 'Disabled', given: { pna: 'Disabled' }, gives: 'PASS' },
  { when: 'a value of other families', given: { pna: 'SecuredByPerimeter' }, gives: 'OPEN Medium' },
  { when: 'absent, a rule admits all', given: { pna: undefined, fw: [ANY] }, gives: 'OPEN High' },
  { when: 'absent, a rule admits Azure', given: { pna: undefined, fw: [AZURE] }, gives: 'OPEN High' },
  {
    when: 'absent, a rule admits one address',
    given: { pna: undefined, fw: ['203.0.113.5'] },
    gives: 'OPEN Medium',
  },
  {
    when: 'absent, the rules denied',
    given: { pna: undefined, denied: ['firewallRules'] },
    gives: 'OPEN Medium',
  },
  { when: 'inside a subnet, on', given: { injected: true, pna: 'Enabled' }, gives: 'OPEN Medium' },
  { when: 'inside a subnet, absent', given: { injected: true, pna: undefined }, gives: 'PASS' },
  { when: 'inside a subnet, null', given: { injected: true, pna: null }, gives: 'PASS' },
  { when: 'inside a subnet, another value', given: { injected: true, pna: 'Auto' }, gives: 'OPEN Medium' },
  { when: 'the server denied', given: { denied: BODY }, gives: 'UNKNOWN' },
])('$when: $gives', ({ given, gives }) => {
  expect(verdicts(publicAccessUnknown, given)).toEqual([gives]);
});

test('the evidence shows the value as it was read', () => {
  expect(evidenceOf(publicAccessUnknown, { pna: 'SecuredByPerimeter', fw: [ANY] })).toEqual({
    value: '"SecuredByPerimeter"',
    injected: false,
    latentPath: 'internet',
  });
});

test.each<{ when: string; given: Given; value: string }>([
  { when: 'outside', given: { pna: undefined }, value: 'absent' },
  { when: 'inside', given: { injected: true, pna: 'Auto' }, value: '"Auto" on a server inside a subnet' },
])('the finding tells where the server is: $when', ({ given, value }) => {
  expect(judge(publicAccessUnknown, given)[0]).toMatchObject({
    violation: {
      summary: `The value of public network access is ${value}: neither open nor closed can be claimed.`,
    },
  });
});

test('a server that may be inside a subnet is not judged', () => {
  expect(verdicts(publicAccessUnknown, { denied: ['delegatedSubnetId'] })).toEqual(['UNKNOWN']);
});
