import { expect, test } from 'vitest';
import { internetReachable } from '../../shared/rules/internet-reachable.ts';
import { widePublicRange } from '../../shared/rules/wide-public-range.ts';
import { ANY, AZURE, evidenceOf, type Given, judge, ranges, verdicts } from '../builders.ts';

const HALF = '128.0.0.0-255.255.255.255';
const BAD = '300.1.1.1-300.1.1.2';

test.each<{ when: string; given: Given; gives: string; counts?: Record<string, number> }>([
  {
    when: 'every address',
    given: { fw: [ANY] },
    gives: 'OPEN Critical',
    counts: { admitted: 4_294_967_296, public: 3_702_390_784 },
  },
  {
    when: 'all but the last address',
    given: { fw: ['0.0.0.0-255.255.255.254'] },
    gives: 'OPEN Critical',
    counts: { admitted: 4_294_967_295 },
  },
  {
    when: 'all but the first block',
    given: { fw: ['1.0.0.0-255.255.255.255'] },
    gives: 'OPEN Critical',
    counts: { admitted: 4_278_190_080 },
  },
  {
    when: 'all but the first address',
    given: { fw: ['0.0.0.1-255.255.255.255'] },
    gives: 'OPEN Critical',
    counts: { admitted: 4_294_967_295 },
  },
  {
    when: 'two halves in two rules',
    given: { fw: ['0.0.0.0-127.255.255.255', HALF] },
    gives: 'OPEN Critical',
    counts: { admitted: 4_294_967_296 },
  },
  {
    when: 'two halves, the upper one first',
    given: { fw: [HALF, '0.0.0.0-127.255.255.255'] },
    gives: 'OPEN Critical',
    counts: { admitted: 4_294_967_296 },
  },
  {
    when: 'exactly the half',
    given: { fw: [HALF] },
    gives: 'OPEN Critical',
    counts: { admitted: 2_147_483_648, public: 1_609_433_088 },
  },
  { when: 'one address less than the half', given: { fw: ['128.0.0.1-255.255.255.255'] }, gives: 'PASS' },
  { when: 'the rule of Azure services', given: { fw: [AZURE] }, gives: 'PASS' },
  { when: 'a private block', given: { fw: ['10.0.0.0-10.0.0.255'] }, gives: 'PASS' },
  { when: 'a wide block', given: { fw: ['20.0.0.0-20.255.255.255'] }, gives: 'PASS' },
  { when: 'public access off', given: { pna: 'Disabled', fw: [ANY] }, gives: 'PASS' },
  {
    when: 'public access off and the rules denied',
    given: { pna: 'Disabled', denied: ['firewallRules'] },
    gives: 'PASS',
  },
  { when: 'inside a subnet', given: { injected: true, pna: 'Disabled', fw: [ANY] }, gives: 'PASS' },
  { when: 'the switch absent', given: { pna: undefined, fw: [ANY] }, gives: 'UNKNOWN' },
  { when: 'the rules denied', given: { denied: ['firewallRules'] }, gives: 'UNKNOWN' },
  { when: 'the subnet denied', given: { fw: [ANY], denied: ['delegatedSubnetId'] }, gives: 'UNKNOWN' },
  { when: 'one rule malformed, the others narrow', given: { fw: [BAD, '203.0.113.5'] }, gives: 'UNKNOWN' },
  {
    when: 'one rule malformed, another admits all',
    given: { fw: [BAD, '203.0.113.5', ANY] },
    gives: 'OPEN Critical',
    counts: { admitted: 4_294_967_296 },
  },
])('$when: $gives', ({ given, gives, counts }) => {
  expect(verdicts(internetReachable, given)).toEqual([gives]);
  if (counts) expect(evidenceOf(internetReachable, given)).toMatchObject(counts);
});

test('one address less than the half is a wide range', () => {
  expect(verdicts(widePublicRange, { fw: ['128.0.0.1-255.255.255.255'] })).toEqual(['OPEN High']);
  expect(verdicts(widePublicRange, { fw: ['20.0.0.0-20.255.255.255'] })).toEqual(['OPEN High']);
});

test('two halves are one range of the finding', () => {
  const [finding] = judge(internetReachable, { fw: ['0.0.0.0-127.255.255.255', HALF], pec: ['Approved'] });
  expect(finding).toMatchObject({
    violation: {
      summary: 'The firewall rules admit 4,294,967,296 addresses: half of the Internet or more.',
      evidence: { ranges: ['0.0.0.0/0'], ruleCount: 2, approvedConnections: 1 },
      notes: { state: 'Ready' },
      ranges: ranges(ANY),
    },
  });
});

test('an unreadable list of connections is not counted as none', () => {
  expect(evidenceOf(internetReachable, { fw: [ANY], denied: ['endpointConnections'] })).toMatchObject({
    approvedConnections: null,
  });
});
