import { expect, test } from 'vitest';
import { latentRulesChanged } from '../../shared/rules/latent-rules-changed.ts';
import { ANY, AZURE, baseline, type Given, judge, ranges, ruleId, value, verdicts } from '../builders.ts';

const off: Given = { pna: 'Disabled' };

test.each<{ when: string; before: Given; given: Given; gives: string }>([
  { when: 'one address is added', before: off, given: { ...off, fw: ['203.0.113.5'] }, gives: 'OPEN Low' },
  { when: 'every address is added', before: off, given: { ...off, fw: [ANY] }, gives: 'OPEN Medium' },
  { when: 'Azure services are added', before: off, given: { ...off, fw: [AZURE] }, gives: 'OPEN Medium' },
  {
    when: 'Azure services were there',
    before: { ...off, fw: [AZURE] },
    given: { ...off, fw: [AZURE] },
    gives: 'PASS',
  },
  {
    when: 'rules are removed',
    before: { ...off, fw: ['203.0.113.5', '203.0.113.9'] },
    given: { ...off, fw: ['203.0.113.5'] },
    gives: 'PASS',
  },
  {
    when: 'rules are renamed',
    before: { ...off, fw: ['203.0.113.5'] },
    given: { ...off, fw: ['office=203.0.113.5'] },
    gives: 'PASS',
  },
  { when: 'public access is on now', before: off, given: { fw: ['203.0.113.5'] }, gives: 'PASS' },
  { when: 'public access was on', before: {}, given: { ...off, fw: ['203.0.113.5'] }, gives: 'PASS' },
  {
    when: 'inside a subnet',
    before: off,
    given: { injected: true, pna: undefined, fw: [ANY] },
    gives: 'N/A',
  },
  { when: 'only a malformed rule is added', before: off, given: { ...off, fw: ['x'] }, gives: 'UNKNOWN' },
  { when: 'the rules denied', before: off, given: { ...off, denied: ['firewallRules'] }, gives: 'UNKNOWN' },
])('$when: $gives', ({ before, given, gives }) => {
  expect(verdicts(latentRulesChanged, given, { baseline: value(baseline(before)) })).toEqual([gives]);
});

test('Azure services that are added are told apart', () => {
  const around = { baseline: value(baseline(off, { approved: false })) };
  const [finding] = judge(latentRulesChanged, { ...off, fw: [`azure=${AZURE}`, 'a=203.0.113.5'] }, around);
  expect(finding).toMatchObject({
    violation: {
      summary: '1 address and all of Azure were added to the rules of a server that is closed.',
      evidence: {
        added: 1,
        addedRangeCount: 1,
        azureServicesAdded: true,
        latentPath: 'azure',
        rules: [ruleId('a'), ruleId('azure')],
        ruleCount: 2,
      },
      notes: { baseline: 'provisional' },
    },
  });
});

test('the finding holds what was added', () => {
  const around = { baseline: value(baseline({ ...off, fw: ['203.0.113.0'] })) };
  const [finding] = judge(latentRulesChanged, { ...off, fw: ['203.0.113.0-203.0.113.3'] }, around);
  expect(finding).toMatchObject({
    violation: {
      evidence: { added: 3, addedRanges: ['203.0.113.1-203.0.113.3'], latentPath: 'limited' },
      ranges: ranges('203.0.113.1-203.0.113.3'),
    },
  });
});
