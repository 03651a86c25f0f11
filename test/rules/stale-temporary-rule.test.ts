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

test.each([
  { name: 'ClientIPAddress_2026-5-1_0-0-0', days: 19, from: 'name' },
  { name: 'clientipaddress_2026-05-01_12-00-01', days: 18, from: 'name' },
  { name: 'ClientIPAddress_2026-05-12_23-59-59', days: 7, from: 'name' },
  { name: 'ClientIPAddress_2026-10-12_00-00-00', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_26-5-1_0-0-0', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_12026-5-1_0-0-0', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_999-5-1_0-0-0', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_02026-5-1_0-0-0', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_2025-13-1_0-0-0', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_2026-0-1_0-0-0', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_2026-005-1_0-0-0', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_2026-5-001_0-0-0', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_2026-5-1_000-0-0', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_2026-5-1_0-000-0', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_2026-5-1_0-0-000', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_2026-5-1_24-0-0', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_2026-5-1_0-60-0', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_2026-5-1_0-0-60', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_2026-5-1_0-0-0-x', days: 8, from: 'first sight' },
  { name: 'ClientIPAddress_2026-4-31_0-0-0', days: 8, from: 'first sight' },
])('the age of $name, seen for 8.5 days, is $days days by $from', ({ name, days, from }) => {
  // Now is 20 May 2026, 12:00. A name whose date is later than the first sight leaves the first sight.
  const firstSeen = { [ruleId(name.toLowerCase())]: ago(8.5 * DAY) };
  const seen = days < 8 ? { [ruleId(name.toLowerCase())]: ago(0) } : firstSeen;
  expect(judge(staleTemporaryRule, { fw: [`${name}=203.0.113.5`] }, { firstSeen: seen })[0]).toMatchObject({
    violation: {
      evidence: { range: '203.0.113.5', maxAgeDays: 7 },
      notes: { name, ageDays: days, ageFrom: from },
    },
  });
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
