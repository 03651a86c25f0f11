import { expect, test } from 'vitest';
import type { AccessChange, Context } from '../../shared/model.ts';
import { publicAccessFlap } from '../../shared/rules/public-access-flap.ts';
import { publicAccessSwitchedOn } from '../../shared/rules/public-access-switched-on.ts';
import { ago, baseline, type Given, judge, unreadable, value, verdicts } from '../builders.ts';

const DAY = 86_400;
const off: Given = { pna: 'Disabled' };
const on = (seconds: number): AccessChange => ({ at: ago(seconds), to: 'enabled', by: 'someone' });
const odd = (seconds: number): AccessChange => ({ at: ago(seconds), to: 'unknown', by: 'someone' });
const back = (seconds: number): AccessChange => ({ at: ago(seconds), to: 'disabled', by: 'someone' });

function around(
  changes: readonly AccessChange[],
  approvedAt = ago(30 * DAY),
  before = off,
): Partial<Context> {
  return { baseline: value(baseline(before, { approvedAt })), accessChanges: value(changes) };
}

test.each<{ when: string; given?: Given; with: Partial<Context>; gives: string }>([
  { when: 'on and off within ten minutes', with: around([on(1200), back(600)]), gives: 'OPEN Medium' },
  { when: 'on and still on', given: {}, with: around([on(1200)]), gives: 'PASS' },
  { when: 'only a change to off', with: around([back(600)]), gives: 'PASS' },
  { when: 'nothing changed', with: around([]), gives: 'PASS' },
  {
    when: 'off again exactly 14 days ago',
    with: around([on(14 * DAY + 60), back(14 * DAY)]),
    gives: 'OPEN Medium',
  },
  {
    when: 'off again a second more ago',
    with: around([on(14 * DAY + 60), back(14 * DAY + 1)]),
    gives: 'PASS',
  },
  { when: 'before the baseline was approved', with: around([on(1200), back(600)], ago(300)), gives: 'PASS' },
  {
    when: 'on when the baseline was approved',
    with: around([on(1200), back(600)], ago(1200)),
    gives: 'PASS',
  },
  {
    when: 'on a moment later',
    with: around([on(1199), back(600)], ago(1200)),
    gives: 'OPEN Medium',
  },
  { when: 'the baseline is open', with: around([on(1200), back(600)], ago(30 * DAY), {}), gives: 'PASS' },
  {
    when: 'the change table unreadable',
    with: { ...around([]), accessChanges: unreadable() },
    gives: 'UNKNOWN',
  },
  {
    when: 'a value that nobody can interpret',
    with: around([odd(1200), back(600)]),
    gives: 'UNKNOWN',
  },
  {
    when: 'such a value beside one on and off',
    with: around([odd(1800), on(1200), odd(900), back(600)]),
    gives: 'OPEN Medium',
  },
  {
    when: 'such a value before the baseline was approved',
    with: around([odd(1200), back(600)], ago(1200)),
    gives: 'PASS',
  },
  {
    when: 'the switch unknown',
    given: { pna: undefined },
    with: around([on(1200), back(600)]),
    gives: 'UNKNOWN',
  },
])('$when: $gives', ({ given = off, with: context, gives }) => {
  expect(verdicts(publicAccessFlap, given, context)).toEqual([gives]);
});

test('on and still on is a finding of its own', () => {
  expect(verdicts(publicAccessSwitchedOn, {}, around([on(1200)]))).toEqual(['OPEN High']);
});

test('the same pair seen twice is the same finding; a second pair changes it', () => {
  const once = judge(publicAccessFlap, off, around([on(1200), back(600)]));
  expect(once).toHaveLength(1);
  expect(judge(publicAccessFlap, off, around([on(1200), back(600)]))).toEqual(once);
  expect(once[0]).toMatchObject({
    violation: {
      summary: `Public access was switched on and off again 1 time in the last 14 days, last at ${ago(1200)}.`,
      evidence: { times: 1 },
      notes: {
        baseline: 'approved',
        periods: [{ on: ago(1200), off: ago(600), seconds: 600, by: 'someone' }],
      },
    },
  });
  const twice = judge(publicAccessFlap, off, around([on(1200), back(600), on(300), on(200), back(100)]));
  expect(twice[0]).toMatchObject({
    subject: once[0]?.subject,
    violation: {
      summary: `Public access was switched on and off again 2 times in the last 14 days, last at ${ago(300)}.`,
      evidence: { times: 2 },
      notes: {
        periods: [
          { on: ago(1200), off: ago(600), seconds: 600 },
          { on: ago(300), off: ago(100), seconds: 200 },
        ],
      },
    },
  });
});
