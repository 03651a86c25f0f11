import { expect, test } from 'vitest';
import { barLength, shownRanges, widestWords } from '../../shared/report/address-space.ts';

test.each([
  { when: 'unknown', ranges: null, words: 'unknown' },
  { when: 'none', ranges: [], words: 'no range' },
  { when: 'one address', ranges: ['203.0.113.9'], words: '203.0.113.9, 1 address' },
  { when: 'a block', ranges: ['203.0.113.0/24'], words: '203.0.113.0/24, 256 addresses' },
  {
    when: 'the widest of two',
    ranges: ['203.0.113.9', '203.0.113.1-203.0.113.3'],
    words: '203.0.113.1-203.0.113.3, 3 addresses',
  },
  { when: 'everything', ranges: ['0.0.0.0/0'], words: '0.0.0.0/0, every public address' },
  // Half of the addresses without 0/8, 10/8, 100.64/10 and 127/8: 2^31 - 3 * 2^24 - 2^22 = 2,092,957,696.
  {
    when: 'half',
    ranges: ['0.0.0.0/1'],
    words: '0.0.0.0/1, 2,092,957,696 addresses, 57 % of the public Internet',
  },
  // 16,777,216 of 3,702,390,784.
  {
    when: 'a /8',
    ranges: ['20.0.0.0/8'],
    words: '20.0.0.0/8, 16,777,216 addresses, 0.5 % of the public Internet',
  },
  {
    when: 'all but one',
    ranges: ['0.0.0.0-223.255.255.254'],
    words: '0.0.0.0-223.255.255.254, 3,702,390,783 addresses, over 99.9 % of the public Internet',
  },
  { when: 'reserved only', ranges: ['10.0.0.0/8'], words: '10.0.0.0/8, reserved addresses only' },
  {
    when: 'malformed: never smaller than another',
    ranges: ['0.0.0.0/0', 'x-y-z'],
    words: 'x-y-z, which could not be interpreted',
  },
])('the widest range: $when', ({ ranges, words }) => {
  expect(widestWords(ranges && shownRanges(ranges))).toBe(words);
});

test.each([
  { addresses: 0, length: 0 },
  { addresses: 1, length: 1 / 33 },
  { addresses: 256, length: 9 / 33 },
  { addresses: 2 ** 32, length: 1 },
])('the bar of $addresses addresses', ({ addresses, length }) => {
  expect(barLength(addresses)).toBeCloseTo(length, 10);
});
