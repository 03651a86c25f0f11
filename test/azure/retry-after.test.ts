import { expect, test } from 'vitest';
import { retryAfterSeconds } from '../../shared/azure/retry-after.ts';

const NOW = Date.parse('2026-05-20T12:00:00Z');

test.each([
  { when: 'absent', header: undefined, seconds: undefined },
  { when: 'zero', header: '0', seconds: 0 },
  { when: 'one second', header: '1', seconds: 1 },
  { when: 'with spaces', header: ' 30 ', seconds: 30 },
  { when: 'an hour', header: '3600', seconds: 3600 },
  { when: 'nine digits', header: '999999999', seconds: 999_999_999 },
  { when: 'more digits than a wait may have', header: '9999999999', seconds: undefined },
  { when: 'negative', header: '-1', seconds: undefined },
  { when: 'a fraction', header: '1.5', seconds: undefined },
  { when: 'hexadecimal', header: '0x10', seconds: undefined },
  { when: 'empty', header: '', seconds: undefined },
  { when: 'two values in one line', header: '1, 2', seconds: undefined },
  { when: 'a date two minutes away', header: 'Wed, 20 May 2026 12:02:00 GMT', seconds: 120 },
  { when: 'a date that is over', header: 'Wed, 20 May 2026 11:00:00 GMT', seconds: 0 },
  { when: 'a word', header: 'soon', seconds: undefined },
  { when: 'a word and a number, which Date.parse takes for a year', header: 'soon 5', seconds: undefined },
  { when: 'a unit', header: '1 hour', seconds: undefined },
  { when: 'a day that does not exist', header: 'Wed, 99 May 2026 12:00:00 GMT', seconds: undefined },
  { when: 'digits of another script', header: '٣', seconds: undefined },
])('Retry-After is $when', ({ header, seconds }) => {
  expect(retryAfterSeconds(header, NOW)).toBe(seconds);
});
