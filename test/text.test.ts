import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, stableJson } from '../shared/text.ts';

describe('cut', () => {
  test.each([
    { text: '', max: 5, is: '' },
    { text: 'abcde', max: 5, is: 'abcde' },
    { text: 'abcdef', max: 5, is: 'abcd…' },
    { text: 'abc😀', max: 5, is: 'abc😀' },
    { text: 'abc😀d', max: 5, is: 'abc…' },
    { text: 'ab\ud800', max: 5, is: 'ab\ufffd' },
    { text: '\udc00\udc00\udc00', max: 2, is: '\ufffd…' },
    { text: 'abc', max: 1, is: '…' },
  ])('$text at $max', ({ text, max, is }) => {
    expect(cut(text, max)).toBe(is);
  });

  test('is never longer, always well-formed, and a beginning of the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 20 }), (text, max) => {
        const short = cut(text, max);
        expect(short.length).toBeLessThanOrEqual(max);
        expect(short.isWellFormed()).toBe(true);
        if (short.endsWith('…') && !text.endsWith('…'))
          expect(text.startsWith(short.slice(0, -1))).toBe(true);
      }),
    );
  });
});

describe('stableJson', () => {
  test.each([
    {
      when: 'keys in order, lists as they are',
      value: { b: [2, 1], a: { d: 1, c: 2 } },
      is: '{"a":{"c":2,"d":1},"b":[2,1]}',
    },
    { when: 'absent keys as if not there', value: { a: undefined, b: null }, is: '{"b":null}' },
    { when: 'a list of objects', value: [{ b: 1, a: 2 }], is: '[{"a":2,"b":1}]' },
    { when: 'a text', value: 'x', is: '"x"' },
  ])('$when', ({ value, is }) => {
    expect(stableJson(value)).toBe(is);
  });

  test('equal values give equal texts, whatever the order of their keys', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, item]) => [key, reversed(item)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(stableJson(reversed(value))).toBe(stableJson(value));
        expect(JSON.parse(stableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
