import { expect, test } from 'vitest';
import { progressText } from '../../local/scan/progress.ts';

const calls = { graph: 3, management: 97, throttled: 1 };

test.each([
  { when: 'at the start', done: 0, expected: 200, ms: 0, left: '' },
  { when: 'too early to tell', done: 31, expected: 200, ms: 10_000, left: '' },
  { when: 'a sixth of many', done: 32, expected: 192, ms: 10_000, left: ', 50 s left' },
  { when: 'minutes left', done: 100, expected: 10_000, ms: 10_000, left: ', 17 min left' },
  { when: 'half of few', done: 3, expected: 6, ms: 1_500, left: ', 2 s left' },
  { when: 'at the end', done: 200, expected: 200, ms: 60_000, left: '' },
])('$when', ({ done, expected, ms, left }) => {
  expect(progressText(done, expected, calls, ms)).toBe(
    `${done} of ${expected} servers, 100 calls, 1 throttled${left}`,
  );
});
