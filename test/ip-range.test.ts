import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  countAddresses,
  formatAddress,
  formatRange,
  type IpRange,
  mergeRanges,
  parseAddress,
  parseCidr,
  parseRange,
  publicPart,
  RESERVED,
  subtractRanges,
} from '../shared/ip-range.ts';

const ALL: IpRange = { first: 0, last: 4_294_967_295 };

test.each([
  { text: '0.0.0.0', address: 0 },
  { text: '203.0.113.5', address: 3_405_803_781 },
  { text: '255.255.255.255', address: 4_294_967_295 },
  { text: ' 10.0.0.1 ', address: 167_772_161 },
  { text: `10.0.0.1${' '.repeat(56)}`, address: 167_772_161 },
])('"$text" is $address', ({ text, address }) => {
  expect(parseAddress(text)).toBe(address);
});

test.each([
  { when: 'empty', text: '' },
  { when: 'three numbers', text: '1.2.3' },
  { when: 'five numbers', text: '1.2.3.4.5' },
  { when: 'a leading zero', text: '010.0.0.1' },
  { when: 'above 255', text: '1.2.3.256' },
  { when: 'a sign', text: '-1.2.3.4' },
  { when: 'hexadecimal', text: '0x1.2.3.4' },
  { when: 'an exponent', text: '1e1.2.3.4' },
  { when: 'IPv6', text: '::1' },
  { when: 'mapped IPv6', text: '::ffff:1.2.3.4' },
  { when: 'other digits', text: '١.2.3.4' },
  { when: 'a tab before it', text: '\t1.2.3.4' },
  { when: 'a line break behind it', text: '1.2.3.4\n' },
  { when: 'a block', text: '1.2.3.4/24' },
  { when: 'a great number', text: '99999999999999999999.0.0.0' },
  { when: 'more than 64 characters', text: `10.0.0.1${' '.repeat(57)}` },
  { when: 'a megabyte of spaces', text: ' '.repeat(1_000_000) },
])('no address: $when', ({ text }) => {
  expect(parseAddress(text)).toBeUndefined();
  expect(parseRange(text, '255.255.255.255')).toBeUndefined();
});

test.each([
  { when: 'reversed', first: '203.0.113.9', last: '203.0.113.1' },
  { when: 'no start', first: null, last: '203.0.113.1' },
  { when: 'no end', first: '203.0.113.1', last: null },
])('no range: $when', ({ first, last }) => {
  expect(parseRange(first, last)).toBeUndefined();
});

test.each([
  { text: '203.0.113.5', range: '203.0.113.5' },
  { text: '203.0.113.0/24', range: '203.0.113.0/24' },
  { text: '23.40.210.0/8', range: '23.0.0.0/8' },
  { text: '0.0.0.0/0', range: '0.0.0.0/0' },
  { text: '203.0.113.5/32', range: '203.0.113.5' },
])('$text means $range', ({ text, range }) => {
  const parsed = parseCidr(text);
  expect(parsed && formatRange(parsed)).toBe(range);
});

test.each([
  '1.2.3.4/33',
  '1.2.3.4/',
  '1.2.3.4/08',
  'x1.2.3.4/8',
  '1.2.3.4/8x',
  '1.2.3.4/888',
  '1.2.3/8',
  '/8',
  '1.2.3.4/-1',
  '',
])('no block: "%s"', (text) => {
  expect(parseCidr(text)).toBeUndefined();
});

test.each([
  { first: '203.0.113.1', last: '203.0.113.9', text: '203.0.113.1-203.0.113.9' },
  { first: '203.0.113.0', last: '203.0.113.1', text: '203.0.113.0/31' },
  { first: '203.0.113.1', last: '203.0.113.2', text: '203.0.113.1-203.0.113.2' },
  { first: '198.51.0.0', last: '198.51.255.255', text: '198.51.0.0/16' },
])('$first to $last is shown as $text', ({ first, last, text }) => {
  const range = parseRange(first, last);
  expect(range && formatRange(range)).toBe(text);
});

test('the reserved blocks hold 592,576,512 addresses, the rest is public', () => {
  expect(countAddresses(RESERVED)).toBe(592_576_512);
  expect(countAddresses(publicPart([ALL]))).toBe(3_702_390_784);
  expect(countAddresses([ALL])).toBe(4_294_967_296);
});

test.each([
  { when: 'before 10.0.0.0/8', address: '9.255.255.255', count: 1 },
  { when: 'its first', address: '10.0.0.0', count: 0 },
  { when: 'its last', address: '10.255.255.255', count: 0 },
  { when: 'after it', address: '11.0.0.0', count: 1 },
  { when: 'before 172.16.0.0/12', address: '172.15.255.255', count: 1 },
  { when: 'after it', address: '172.32.0.0', count: 1 },
  { when: 'after 100.64.0.0/10', address: '100.128.0.0', count: 1 },
  { when: 'multicast', address: '224.0.0.0', count: 0 },
  { when: 'the last address', address: '255.255.255.255', count: 0 },
  { when: 'documentation', address: '198.51.100.1', count: 1 },
])('public addresses: $when $address: $count', ({ address, count }) => {
  const range = parseRange(address, address);
  expect(countAddresses(publicPart(range ? [range] : []))).toBe(count);
});

/** Ranges of a universe of 64 addresses at the bottom, in the middle or at the top of the address space. */
const SIZE = 64;
const base = fc.constantFrom(0, 2 ** 31 - SIZE / 2, 2 ** 32 - SIZE);
const small = fc
  .tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1))
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const lists = fc
  .tuple(base, fc.array(small, { maxLength: 12 }), fc.array(small, { maxLength: 12 }))
  .map(([start, a, b]) => {
    const move = (list: readonly IpRange[]) =>
      list.map(({ first, last }) => ({ first: start + first, last: start + last }));
    return { start, a: move(a), b: move(b) };
  });

/** Which of the 64 addresses are in the ranges, one by one. */
function bitmap(start: number, ranges: readonly IpRange[]): readonly boolean[] {
  return Array.from({ length: SIZE }, (_, index) =>
    ranges.some(({ first, last }) => first <= start + index && start + index <= last),
  );
}

test('merging keeps every address and leaves sorted ranges with gaps between them', () => {
  fc.assert(
    fc.property(lists, ({ start, a }) => {
      const merged = mergeRanges(a);
      expect(bitmap(start, merged)).toEqual(bitmap(start, a));
      expect(countAddresses(merged)).toBe(bitmap(start, a).filter(Boolean).length);
      merged.slice(1).forEach((range, index) => {
        expect(range.first).toBeGreaterThan((merged[index]?.last ?? Infinity) + 1);
      });
      expect(mergeRanges(merged)).toEqual(merged);
      expect(mergeRanges(a.toReversed())).toEqual(merged);
    }),
  );
});

test('subtracting takes exactly the other addresses away', () => {
  fc.assert(
    fc.property(lists, ({ start, a, b }) => {
      const rest = subtractRanges(mergeRanges(a), mergeRanges(b));
      const taken = bitmap(start, b);
      expect(bitmap(start, rest)).toEqual(bitmap(start, a).map((isIn, index) => isIn && !taken[index]));
      expect(mergeRanges(rest)).toEqual(rest);
    }),
  );
});

test('the public part and the reserved part of any ranges are all of them', () => {
  const anywhere = fc
    .tuple(fc.nat(ALL.last), fc.nat(ALL.last))
    .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
  fc.assert(
    fc.property(fc.array(anywhere, { maxLength: 8 }), (given) => {
      const merged = mergeRanges(given);
      const open = publicPart(merged);
      const reserved = subtractRanges(merged, open);
      expect(countAddresses(open) + countAddresses(reserved)).toBe(countAddresses(merged));
      expect(subtractRanges(reserved, RESERVED)).toEqual([]);
    }),
  );
});

test('addresses and ranges survive being written and read', () => {
  fc.assert(
    fc.property(fc.nat(ALL.last), fc.nat(ALL.last), (a, b) => {
      const range = { first: Math.min(a, b), last: Math.max(a, b) };
      expect(parseAddress(formatAddress(a))).toBe(a);
      const [first = '', last] = formatRange(range).split('-');
      expect(last === undefined ? parseCidr(first) : parseRange(first, last)).toEqual(range);
    }),
  );
});
