import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, serverPolicy } from '../../shared/policy.ts';
import { staleTemporaryRule } from '../../shared/rules/stale-temporary-rule.ts';
import { ago, evidenceOf, judge, ruleId, verdicts } from '../builders.ts';

const DAY = 86_400;

test.each([
  {
    when: 'a date in the name, first seen today',
    name: 'ClientIPAddress_2024-8-20_10-43-19',
    age: 0,
    gives: 'OPEN Low',
  },
  { when: 'no date, first seen exactly 7 days ago', name: 'ClientIPAddress_x', age: 7 * DAY, gives: 'PASS' },
  { when: 'no date, one second older', name: 'ClientIPAddress_x', age: 7 * DAY + 1, gives: 'OPEN Low' },
  { when: 'the query editor, 8 days', name: 'query-editor-c0dcb4', age: 8 * DAY, gives: 'OPEN Low' },
  { when: 'another casing of the name', name: 'CLIENTIPADDRESS_x', age: 8 * DAY, gives: 'OPEN Low' },
  { when: 'another name, 400 days', name: 'office-vpn', age: 400 * DAY, gives: 'PASS' },
  { when: 'a date that does not exist', name: 'ClientIPAddress_2024-13-40_10-43-19', age: 0, gives: 'PASS' },
  {
    when: 'a date in the future, 8 days',
    name: 'ClientIPAddress_2099-1-1_0-0-0',
    age: 8 * DAY,
    gives: 'OPEN Low',
  },
])('$when: $gives', ({ name, age, gives }) => {
  const firstSeen = { [ruleId(name.toLowerCase())]: ago(age) };
  expect(verdicts(staleTemporaryRule, { fw: [`${name}=203.0.113.5`] }, { firstSeen })).toEqual([gives]);
});

test('a rule that was never seen before is new', () => {
  expect(verdicts(staleTemporaryRule, { fw: ['ClientIPAddress_x=203.0.113.5'] })).toEqual(['PASS']);
});

test('the age is a note: a day more does not change the finding', () => {
  const fw = ['ClientIPAddress_x=203.0.113.5'];
  const at = (days: number) => ({ firstSeen: { [ruleId('clientipaddress_x')]: ago(days * DAY) } });
  expect(evidenceOf(staleTemporaryRule, { fw }, at(9))).toEqual(
    evidenceOf(staleTemporaryRule, { fw }, at(8)),
  );
  expect(judge(staleTemporaryRule, { fw }, at(8))[0]).toMatchObject({
    subject: ruleId('clientipaddress_x'),
    violation: {
      summary: 'A rule with the name of a temporary one is there for 8 days; 7 days are allowed.',
      notes: { ageDays: 8, ageFrom: 'first sight' },
    },
  });
});

test('patterns and days of the policy decide', () => {
  const settings = {
    ...DEFAULT_SETTINGS,
    'stale-temporary-rule': { namePatterns: ['^tmp-'], maxAgeDays: 1 },
  };
  const policy = { ...serverPolicy(), settings };
  const firstSeen = { [ruleId('tmp-a')]: ago(DAY + 1), [ruleId('query-editor-a')]: ago(400 * DAY) };
  const fw = ['query-editor-a=203.0.113.5', 'tmp-a=203.0.113.5'];
  expect(judge(staleTemporaryRule, { fw }, { firstSeen }, policy).map(({ subject }) => subject)).toEqual([
    ruleId('tmp-a'),
  ]);
});

test('unreadable rules are unknown', () => {
  expect(verdicts(staleTemporaryRule, { denied: ['firewallRules'] })).toEqual(['UNKNOWN']);
});
