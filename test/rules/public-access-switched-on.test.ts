import { expect, test } from 'vitest';
import { publicAccessSwitchedOn } from '../../shared/rules/public-access-switched-on.ts';
import { publicAccessUnknown } from '../../shared/rules/public-access-unknown.ts';
import { baseline, type Given, judge, unreadable, value, verdicts } from '../builders.ts';

const off: Given = { pna: 'Disabled' };

test.each<{ when: string; before: Given; given: Given; gives: string }>([
  { when: 'off, then on', before: off, given: { pna: 'Enabled' }, gives: 'OPEN High' },
  { when: 'off, then absent', before: off, given: { pna: undefined }, gives: 'UNKNOWN' },
  { when: 'off, on and off again', before: off, given: off, gives: 'PASS' },
  { when: 'on, still on', before: { pna: 'Enabled' }, given: { pna: 'Enabled' }, gives: 'PASS' },
  { when: 'on, then absent', before: { pna: 'Enabled' }, given: { pna: undefined }, gives: 'PASS' },
  {
    when: 'inside a subnet, then outside and on',
    before: { injected: true, pna: undefined },
    given: { pna: 'Enabled' },
    gives: 'OPEN High',
  },
  {
    when: 'off, then the server is denied',
    before: off,
    given: { denied: ['publicAccess'] },
    gives: 'UNKNOWN',
  },
])('$when: $gives', ({ before, given, gives }) => {
  expect(verdicts(publicAccessSwitchedOn, given, { baseline: value(baseline(before)) })).toEqual([gives]);
});

test('an absent switch is a finding of its own', () => {
  expect(verdicts(publicAccessUnknown, { pna: undefined })).toEqual(['OPEN Medium']);
});

test('the evidence says before and after', () => {
  const around = { baseline: value(baseline({ injected: true, pna: undefined })) };
  expect(judge(publicAccessSwitchedOn, { fw: ['203.0.113.5'] }, around)[0]).toMatchObject({
    violation: { evidence: { before: 'injected', now: 'enabled', path: 'limited' } },
  });
});

test('nothing can be told while nobody has approved a baseline', () => {
  expect(verdicts(publicAccessSwitchedOn, {}, { baseline: unreadable('not approved') })).toEqual(['UNKNOWN']);
});

test.each<{ when: string; before: Given; said: string; path: string }>([
  { when: 'closed', before: off, said: 'closed', path: 'disabled' },
  { when: 'injected', before: { injected: true, pna: undefined }, said: 'inside a subnet', path: 'injected' },
])('the finding tells what was before: $when', ({ before, said, path }) => {
  const around = { baseline: value(baseline(before, { approved: false })) };
  expect(judge(publicAccessSwitchedOn, {}, around)[0]).toMatchObject({
    violation: {
      summary: `Public network access is on; in the baseline the server was ${said}.`,
      evidence: { before: path, now: 'enabled', path: 'none' },
      notes: { baseline: 'provisional' },
    },
  });
});
