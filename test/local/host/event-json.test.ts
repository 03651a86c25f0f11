import { describe, expect, test } from 'vitest';
import { parseEventJson } from '../../../local/host/event-json.ts';

describe('dates', () => {
  test.each([
    {
      when: 'zeros at the end of a fraction',
      text: '2026-01-02T03:04:05.1000000Z',
      read: '2026-01-02T03:04:05.1Z',
    },
    { when: 'a fraction of zeros', text: '2026-01-02T03:04:05.000Z', read: '2026-01-02T03:04:05Z' },
    { when: 'seven decimals', text: '2026-01-02T03:04:05.1234567Z', read: '2026-01-02T03:04:05.1234567Z' },
    { when: 'a small z', text: '2026-01-02T03:04:05z', read: '2026-01-02T03:04:05Z' },
    { when: 'no zone', text: '2026-01-02T03:04:05.10', read: '2026-01-02T03:04:05.1' },
    { when: 'hour 24', text: '2026-01-31T24:00:00Z', read: '2026-02-01T00:00:00Z' },
    { when: 'no such day', text: '2026-02-30T03:04:05.10Z', read: '2026-02-30T03:04:05.10Z' },
    { when: 'no such minute', text: '2026-02-03T03:60:05.10Z', read: '2026-02-03T03:60:05.10Z' },
    { when: 'eight decimals', text: '2026-01-02T03:04:05.10000000Z', read: '2026-01-02T03:04:05.10000000Z' },
    { when: 'a date without a time', text: '2026-01-02', read: '2026-01-02' },
    { when: 'a date within a text', text: 'at 2026-01-02T03:04:05.10Z', read: 'at 2026-01-02T03:04:05.10Z' },
    { when: 'year 1', text: '0001-01-01T00:00:00.0Z', read: '0001-01-01T00:00:00Z' },
  ])('$when', ({ text, read }) => {
    expect(parseEventJson(JSON.stringify([{ deep: { at: text } }]))).toEqual([{ deep: { at: read } }]);
  });

  test.each([
    { when: 'UTC', zone: 'UTC', text: '2026-01-02T03:04:05.50+02:00', read: '2026-01-02T01:04:05.5+00:00' },
    { when: 'no colon', zone: 'UTC', text: '2026-01-01T22:34:05-0130', read: '2026-01-02T00:04:05+00:00' },
    { when: 'hours only', zone: 'UTC', text: '2026-01-02T00:30:00+01', read: '2026-01-01T23:30:00+00:00' },
    {
      when: 'half hours',
      zone: 'Asia/Kolkata',
      text: '2026-01-02T03:04:05+02:00',
      read: '2026-01-02T06:34:05+05:30',
    },
    {
      when: 'west',
      zone: 'America/Caracas',
      text: '2026-01-02T03:04:05+02:00',
      read: '2026-01-01T21:04:05-04:00',
    },
  ])('an offset is converted to the zone of the host: $when', ({ zone, text, read }) => {
    const before = process.env['TZ'];
    process.env['TZ'] = zone;
    try {
      expect(parseEventJson(JSON.stringify(text))).toBe(read);
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });
});

describe('lenient JSON', () => {
  test.each([
    {
      when: 'comments',
      text: '/* a */ {"a": 1, // b\n "c": "//no /*comment*/"}',
      read: { a: 1, c: '//no /*comment*/' },
    },
    { when: 'trailing commas', text: '[{"a": [1, 2, ], }, /* end */ ]', read: [{ a: [1, 2] }] },
    {
      when: 'single quotes',
      text: `{'a': 'it\\'s "so"', 'b': 'x\\ny'}`,
      read: { a: 'it\'s "so"', b: 'x\ny' },
    },
    { when: 'a comma in a text', text: `['a,]', "b,}"]`, read: ['a,]', 'b,}'] },
    {
      when: 'a number beyond a double',
      text: '[1e400, -1e400, 12345678901234567890]',
      read: ['Infinity', '-Infinity', 12345678901234567000],
    },
    { when: 'duplicate keys', text: '{"a": 1, "a": 2}', read: { a: 2 } },
  ])('$when', ({ text, read }) => {
    expect(parseEventJson(text)).toEqual(read);
  });

  test('__proto__ is a property of its own', () => {
    const read = parseEventJson('{"__proto__": {"polluted": true}}');
    expect(JSON.stringify(read)).toBe('{"__proto__":{"polluted":true}}');
  });

  test.each(['', '[{}', '{"a"}', '[,]', `{'a: 1}`, '{} {}'])('refused: %s', (text) => {
    expect(() => parseEventJson(text)).toThrow(SyntaxError);
  });
});
