import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJsonText } from '../shared/policy/json-text.ts';

test('every part knows its line', () => {
  const json = readJsonText('{\n "a": [\n  1,\n  {"b": null}\n ],\r\n "c":\n  true\n}');
  if ('fault' in json) throw new Error(json.fault);
  expect(json.value).toEqual({ a: [1, { b: null }], c: true });
  expect(json.lineOf([])).toBe(1);
  expect(json.lineOf(['a'])).toBe(2);
  expect(json.lineOf(['a', 0])).toBe(3);
  expect(json.lineOf(['a', 1, 'b'])).toBe(4);
  expect(json.lineOf(['c'])).toBe(6);
  expect(json.lineOf(['d'])).toBeUndefined();
});

test.each([
  { when: 'nothing', text: '', line: 1, fault: 'a JSON value is expected' },
  { when: 'a comma too much', text: '{"a": 1,\n}', line: 2, fault: 'a key is expected, in double quotes' },
  { when: 'a comma too much in a list', text: '[1,\n\n]', line: 3, fault: 'a JSON value is expected' },
  { when: 'a comma too few', text: '{"a": 1\n "b": 2}', line: 2, fault: '"," or "}" is expected' },
  { when: 'a list without its end', text: '[1, 2', line: 1, fault: '"," or "]" is expected' },
  { when: 'a comment', text: '// my policy\n{}', line: 1, fault: 'a JSON value is expected' },
  { when: 'single quotes', text: "{\n'a': 1}", line: 2, fault: 'a key is expected, in double quotes' },
  { when: 'no colon', text: '{"a" 1}', line: 1, fault: '":" is expected after a key' },
  { when: 'a key twice', text: '{"a": 1,\n "a": 2}', line: 2, fault: 'the key "a" stands twice' },
  {
    when: 'a key twice, once escaped',
    text: '{"a": 1, "\\u0061": 2}',
    line: 1,
    fault: 'the key "a" stands twice',
  },
  { when: '__proto__', text: '{"__proto__": {}}', line: 1, fault: 'the key "__proto__" is not allowed' },
  { when: 'a text over two lines', text: '["a\nb"]', line: 1, fault: 'a text is expected, in double quotes' },
  { when: 'a number without its fraction', text: '[1.]', line: 1, fault: '"," or "]" is expected' },
  { when: 'a short escape', text: '["\\u123"]', line: 1, fault: 'a text is expected, in double quotes' },
  { when: 'an escape that is none', text: '["\\x"]', line: 1, fault: 'a text is expected, in double quotes' },
  { when: 'a line break at the very beginning', text: '\n[1 2]', line: 2, fault: '"," or "]" is expected' },
  {
    when: 'a long key twice',
    text: `{"${'x'.repeat(61)}": 1,\n "${'x'.repeat(61)}": 2}`,
    line: 2,
    fault: `the key "${'x'.repeat(60)}" stands twice`,
  },
  { when: 'more after the end', text: '{}\n{}', line: 2, fault: 'nothing more is expected' },
  { when: 'a number with a leading zero', text: '[01]', line: 1, fault: '"," or "]" is expected' },
  {
    when: 'a thousand lists in each other',
    text: '['.repeat(1000),
    line: 1,
    fault: 'objects and lists stand more than 32 deep in each other',
  },
])('$when: line $line, $fault', ({ text, line, fault }) => {
  expect(readJsonText(text)).toEqual({ line, fault });
});

test('a value in 32 lists is read, one in 33 is not', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
  expect(readJsonText(nested(32))).toHaveProperty('value');
  expect(readJsonText(nested(33))).toHaveProperty('fault');
});

test('the value itself knows where it begins', () => {
  const json = readJsonText('\n\n 1');
  expect('lineOf' in json && json.lineOf([])).toBe(3);
});

test('a byte order mark is no part of the text', () => {
  expect(readJsonText('\ufeff{}')).toMatchObject({ value: {} });
});

test('whatever JSON.stringify writes is read as what it was', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      fc.pre(!text.includes('__proto__'));
      expect(readJsonText(text)).toMatchObject({ value: JSON.parse(text) as unknown });
    }),
  );
});

test('what JSON.parse refuses is refused', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', ' ', '\n', '1', 'e', '-', '.', 't'),
      }),
      (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        if (!isJson) expect(readJsonText(text)).toHaveProperty('fault');
      },
    ),
  );
});
