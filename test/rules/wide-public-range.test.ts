import { expect, test } from 'vitest';
import { DEFAULT_WIDTHS, serverPolicy } from '../../shared/policy.ts';
import { internetReachable } from '../../shared/rules/internet-reachable.ts';
import { widePublicRange } from '../../shared/rules/wide-public-range.ts';
import { evaluate } from '../../shared/evaluate.ts';
import {
  ANY,
  AZURE,
  context,
  evidenceOf,
  type Given,
  ranges,
  judge,
  snapshot,
  verdict,
  verdicts,
} from '../builders.ts';

const EIGHT = [0, 2, 4, 6, 8, 10, 12, 14].map((block) => `198.51.${block}.0-198.51.${block}.255`);

test.each<{ when: string; given: Given; gives: string; counts?: Record<string, number> }>([
  { when: '256 addresses', given: { fw: ['203.0.113.0-203.0.113.255'] }, gives: 'PASS' },
  {
    when: '257 addresses',
    given: { fw: ['203.0.113.0-203.0.114.0'] },
    gives: 'OPEN High',
    counts: { public: 257 },
  },
  {
    when: 'two adjacent rules of 128',
    given: { fw: ['203.0.113.0-203.0.113.127', '203.0.113.128-203.0.113.255'] },
    gives: 'PASS',
  },
  {
    when: 'overlapping rules that hold 256',
    given: { fw: ['203.0.113.0-203.0.113.200', '203.0.113.100-203.0.113.255'] },
    gives: 'PASS',
  },
  {
    when: 'two adjacent rules that hold 257',
    given: { fw: ['203.0.114.0', '203.0.113.0-203.0.113.255'] },
    gives: 'OPEN High',
    counts: { public: 257 },
  },
  { when: 'eight separate ranges of 256', given: { fw: EIGHT }, gives: 'PASS' },
  {
    when: 'the same and one address more',
    given: { fw: [...EIGHT, '203.0.113.5'] },
    gives: 'OPEN High',
    counts: { public: 2049 },
  },
  {
    when: 'just below the private 172.16.0.0/12',
    given: { fw: ['172.0.0.0-172.15.255.255'] },
    gives: 'OPEN High',
    counts: { public: 1_048_576 },
  },
  {
    when: 'just above it',
    given: { fw: ['172.32.0.0-172.255.255.255'] },
    gives: 'OPEN High',
    counts: { public: 14_680_064 },
  },
  { when: 'exactly it', given: { fw: ['172.16.0.0-172.31.255.255'] }, gives: 'PASS' },
  {
    when: 'a private block with one public address at each end',
    given: { fw: ['9.255.255.255-11.0.0.0'] },
    gives: 'PASS',
  },
  {
    when: 'wide beside the rule of Azure services',
    given: { fw: [AZURE, '203.0.113.0-203.0.114.0'] },
    gives: 'OPEN High',
    counts: { public: 257 },
  },
  { when: 'wide but public access off', given: { pna: 'Disabled', fw: [ANY] }, gives: 'PASS' },
  { when: 'wide but inside a subnet', given: { injected: true, pna: undefined, fw: [ANY] }, gives: 'PASS' },
  { when: 'the rules denied', given: { denied: ['firewallRules'] }, gives: 'UNKNOWN' },
  { when: 'the switch null', given: { pna: null, fw: [ANY] }, gives: 'UNKNOWN' },
  { when: 'narrow beside a malformed rule', given: { fw: ['1.2.3', '203.0.113.5'] }, gives: 'UNKNOWN' },
  {
    when: 'wide beside a malformed rule',
    given: { fw: ['1.2.3', '20.0.0.0-20.0.255.255'] },
    gives: 'OPEN High',
    counts: { public: 65_536 },
  },
])('$when: $gives', ({ given, gives, counts }) => {
  expect(verdicts(widePublicRange, given)).toEqual([gives]);
  if (counts) expect(evidenceOf(widePublicRange, given)).toMatchObject(counts);
});

test('the evidence names the wide range, the limit and the rules that make it', () => {
  const fw = ['office=192.0.2.1', 'a=203.0.113.0-203.0.113.255', 'b=203.0.114.0'];
  const [finding] = judge(widePublicRange, { fw });
  expect(finding).toMatchObject({
    violation: {
      summary: 'The firewall rules admit 258 public addresses.',
      evidence: {
        public: 258,
        limits: { maxAddressesPerRange: 256 },
        ranges: [{ range: '203.0.113.0-203.0.114.0', public: 257 }],
        ruleCount: 2,
        rules: [expect.stringMatching(/\/a$/), expect.stringMatching(/\/b$/)],
      },
      ranges: ranges('192.0.2.1', '203.0.113.0-203.0.114.0'),
    },
  });
});

test('the widths of the policy decide', () => {
  const policy = { ...serverPolicy(), ...DEFAULT_WIDTHS, maxAddressesPerRange: 1 };
  expect(verdicts(widePublicRange, { fw: ['203.0.113.4-203.0.113.5'] }, {}, policy)).toEqual(['OPEN High']);
});

test('the whole Internet supersedes it', () => {
  const findings = evaluate(
    snapshot({ fw: [ANY] }),
    context(),
    [internetReachable, widePublicRange],
    serverPolicy(),
  );
  expect(findings.map(verdict)).toEqual(['OPEN Critical', 'SUPERSEDED']);
});

test('many narrow ranges: all of them that hold a public address, the first 50 in full', () => {
  const narrow = Array.from({ length: 60 }, (_, index) => `203.0.113.${index * 2}`);
  const policy = { ...serverPolicy(), maxPublicAddresses: 10 };
  const given = { fw: [...narrow, 'inside=10.0.0.0-10.0.0.9'] };
  const evidence = evidenceOf(widePublicRange, given, {}, policy);
  expect(evidence).toMatchObject({
    public: 60,
    limits: { maxPublicAddresses: 10 },
    rangeCount: 60,
    ruleCount: 60,
  });
  expect(evidence?.['limits']).toEqual({ maxPublicAddresses: 10 });
  expect(evidence?.['ranges']).toHaveLength(50);
  expect(evidence?.['rules']).toHaveLength(50);
});

test('both limits are named where both are exceeded', () => {
  expect(evidenceOf(widePublicRange, { fw: ['20.0.0.0-20.0.255.255'] })?.['limits']).toEqual({
    maxPublicAddresses: 2048,
    maxAddressesPerRange: 256,
  });
  expect(evidenceOf(widePublicRange, { fw: ['203.0.113.0-203.0.114.0'] })?.['limits']).toEqual({
    maxAddressesPerRange: 256,
  });
});
