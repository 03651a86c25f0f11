import { expect, test } from 'vitest';
import { baselineMissing } from '../../shared/rules/baseline-missing.ts';
import { baseline, unreadable, value, verdicts } from '../builders.ts';

test.each([
  { when: 'nobody has approved one', given: unreadable('not approved'), gives: 'OPEN Informational' },
  { when: 'approved', given: value(baseline()), gives: 'PASS' },
  { when: 'the first reading counts', given: value(baseline({}, { approved: false })), gives: 'N/A' },
  { when: 'no complete reading yet', given: unreadable('no complete reading yet'), gives: 'UNKNOWN' },
])('$when: $gives', ({ given, gives }) => {
  expect(verdicts(baselineMissing, {}, { baseline: given })).toEqual([gives]);
});
