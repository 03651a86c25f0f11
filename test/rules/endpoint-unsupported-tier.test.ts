import { expect, test } from 'vitest';
import { serverPolicy } from '../../shared/policy.ts';
import { endpointUnsupportedTier } from '../../shared/rules/endpoint-unsupported-tier.ts';
import { type Given, judge, verdicts } from '../builders.ts';

test.each<{ when: string; given: Given; gives: string }>([
  { when: 'basic', given: { family: 'PS', tier: 'Basic' }, gives: 'OPEN Informational' },
  { when: 'basic in lower case', given: { family: 'MS', tier: 'basic' }, gives: 'OPEN Informational' },
  { when: 'general purpose', given: { family: 'PS', tier: 'GeneralPurpose' }, gives: 'PASS' },
  { when: 'memory optimized', given: { family: 'MS', tier: 'MemoryOptimized' }, gives: 'PASS' },
  { when: 'empty', given: { family: 'MS', tier: '' }, gives: 'UNKNOWN' },
  { when: 'absent', given: { family: 'MS', denied: ['tier'] }, gives: 'UNKNOWN' },
])('$when: $gives', ({ given, gives }) => {
  expect(verdicts(endpointUnsupportedTier, given)).toEqual([gives]);
});

test('only the profile private asks for a private path', () => {
  expect(
    verdicts(endpointUnsupportedTier, { family: 'PS', tier: 'Basic' }, {}, serverPolicy('restricted')),
  ).toEqual(['N/A']);
});

test('flexible servers are not judged: they have no such tier', () => {
  expect(judge(endpointUnsupportedTier, { family: 'PF', tier: 'Burstable' })).toEqual([]);
});
