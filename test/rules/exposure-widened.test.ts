import { expect, test } from 'vitest';
import { exposureWidened } from '../../shared/rules/exposure-widened.ts';
import {
  ANY,
  AZURE,
  baseline,
  type Given,
  judge,
  ranges,
  ruleId,
  unreadable,
  value,
  verdicts,
} from '../builders.ts';

const FOUR = '203.0.113.0-203.0.113.3';
const BLOCK = '198.51.0.0-198.51.255.255';

test.each<{ when: string; before: Given; given: Given; gives: string }>([
  { when: 'a /16 is added', before: { fw: [FOUR] }, given: { fw: [FOUR, BLOCK] }, gives: 'OPEN High' },
  { when: 'a rule is renamed', before: { fw: [FOUR] }, given: { fw: [`office=${FOUR}`] }, gives: 'PASS' },
  {
    when: 'a rule is split',
    before: { fw: [FOUR] },
    given: { fw: ['203.0.113.2-203.0.113.3', '203.0.113.0-203.0.113.1'] },
    gives: 'PASS',
  },
  {
    when: 'a range is narrowed',
    before: { fw: ['203.0.113.0-203.0.113.255'] },
    given: { fw: ['203.0.113.0-203.0.113.127'] },
    gives: 'PASS',
  },
  {
    when: 'a closed server is opened to one address',
    before: { pna: 'Disabled' },
    given: { fw: ['203.0.113.5'] },
    gives: 'OPEN Medium',
  },
  {
    when: 'latent rules act now',
    before: { pna: 'Disabled', fw: [ANY] },
    given: { fw: [ANY] },
    gives: 'OPEN Critical',
  },
  {
    when: 'Azure services are added',
    before: { fw: [FOUR] },
    given: { fw: [FOUR, AZURE] },
    gives: 'OPEN High',
  },
  { when: 'Azure services were there', before: { fw: [AZURE] }, given: { fw: [AZURE] }, gives: 'PASS' },
  {
    when: 'private addresses are added',
    before: { fw: [FOUR] },
    given: { fw: [FOUR, '10.0.0.0-10.0.0.255'] },
    gives: 'PASS',
  },
  {
    when: 'one address is added',
    before: { fw: [FOUR] },
    given: { fw: [FOUR, '203.0.113.9'] },
    gives: 'OPEN Medium',
  },
  {
    when: 'the rules are unreadable',
    before: { fw: [FOUR] },
    given: { denied: ['firewallRules'] },
    gives: 'UNKNOWN',
  },
  {
    when: 'a malformed rule, nothing else new',
    before: { fw: [FOUR] },
    given: { fw: [FOUR, 'x'] },
    gives: 'UNKNOWN',
  },
  {
    when: 'a malformed rule and one address',
    before: { fw: [FOUR] },
    given: { fw: [FOUR, 'x', '203.0.113.9'] },
    gives: 'OPEN High',
  },
  {
    when: 'the server is closed now',
    before: { fw: [FOUR] },
    given: { pna: 'Disabled', fw: [ANY] },
    gives: 'PASS',
  },
  {
    when: 'the switch is unknown now',
    before: { fw: [FOUR] },
    given: { pna: undefined, fw: [ANY] },
    gives: 'UNKNOWN',
  },
])('$when: $gives', ({ before, given, gives }) => {
  expect(verdicts(exposureWidened, given, { baseline: value(baseline(before)) })).toEqual([gives]);
});

test('the finding counts before and after', () => {
  const around = { baseline: value(baseline({ fw: [FOUR] }, { approved: false })) };
  const [finding] = judge(exposureWidened, { fw: [FOUR, BLOCK] }, around);
  expect(finding).toMatchObject({
    violation: {
      summary: '65,536 public addresses were added: 4 before, 65,540 now.',
      evidence: {
        before: 4,
        after: 65_540,
        added: 65_536,
        addedRanges: ['198.51.0.0/16'],
        azureServicesAdded: false,
        rules: [expect.stringMatching(/\/rule-2$/)],
        pathBefore: 'limited',
        path: 'wide',
      },
      notes: { baseline: 'provisional' },
      ranges: ranges(BLOCK),
    },
  });
});

test('widened again: the same subject with new counts', () => {
  const around = { baseline: value(baseline({ fw: [FOUR] })) };
  const [first] = judge(exposureWidened, { fw: [FOUR, BLOCK] }, around);
  const [second] = judge(exposureWidened, { fw: [FOUR, BLOCK, '192.0.2.1'] }, around);
  expect(second?.subject).toBe(first?.subject);
  expect(second).toMatchObject({ violation: { evidence: { added: 65_537, after: 65_541 } } });
});

test('Azure services add no address and are told apart', () => {
  const [finding] = judge(exposureWidened, { fw: [`azure=${AZURE}`] }, { baseline: value(baseline()) });
  expect(finding).toMatchObject({
    violation: {
      summary: '0 public addresses and all of Azure were added: 0 before, 0 now.',
      evidence: { added: 0, azureServicesAdded: true, rules: [ruleId('azure')], ruleCount: 1 },
      ranges: [],
    },
  });
});

test('nothing can be told while nobody has approved a baseline', () => {
  expect(verdicts(exposureWidened, { fw: [ANY] }, { baseline: unreadable('not approved') })).toEqual([
    'UNKNOWN',
  ]);
});
