import { describe, expect, test } from 'vitest';
import { clip, embedJson, escapeHtml, escapeJson, visible } from '../../shared/report/escape.ts';
import { HOSTILE, HOSTILE_CASES } from './samples.ts';

describe('visible', () => {
  test.each([
    { when: 'plain text', text: 'orders-prod 1', shown: 'orders-prod 1' },
    { when: 'letters of other scripts', text: 'Zürich 東京 é', shown: 'Zürich 東京 é' },
    { when: 'a right-to-left override', text: 'a\u202eb', shown: 'a\\u202eb' },
    {
      when: 'isolates and zero-width characters',
      text: '\u2066\u200b\ufeff',
      shown: '\\u2066\\u200b\\ufeff',
    },
    { when: 'an escape sequence', text: '\u001b[31m', shown: '\\u001b[31m' },
    { when: 'a C1 control', text: '\u009b2J', shown: '\\u009b2J' },
    { when: 'line ends and tabs', text: 'a\r\n\tb', shown: 'a\\u000d\\u000a\\u0009b' },
    { when: 'separators of JavaScript', text: '\u2028\u2029', shown: '\\u2028\\u2029' },
    { when: 'a lone high surrogate', text: 'a\ud800b', shown: 'a\\ud800b' },
    { when: 'a lone low surrogate', text: '\udc00', shown: '\\udc00' },
    { when: 'a tag character beyond the first plane', text: '\u{e0041}', shown: '\\u{e0041}' },
    { when: 'a Hangul filler', text: '\u3164', shown: '\\u3164' },
    { when: 'marks piled up', text: 'e\u0301\u0301\u0301\u0301', shown: 'e\u0301\u0301\u0301\\u0301' },
    { when: 'a mark without a letter', text: '\u0301a', shown: '\\u0301a' },
  ])('$when', ({ text, shown }) => {
    expect(visible(text)).toBe(shown);
  });

  test('what is shown stays as it is when shown again', () => {
    for (const text of HOSTILE) expect(visible(visible(text))).toBe(visible(text));
  });
});

describe('clip', () => {
  test.each([
    { when: 'short enough', text: 'abc', max: 3, kept: 'abc' },
    { when: 'too long', text: 'abcd', max: 3, kept: 'ab…' },
    { when: 'a pair at the edge', text: 'a😀bc', max: 3, kept: 'a…' },
    { when: 'no room', text: 'abc', max: 0, kept: '…' },
  ])('$when', ({ text, max, kept }) => {
    expect(clip(text, max)).toBe(kept);
  });
});

describe('escapeHtml', () => {
  test.each([
    {
      when: 'markup',
      text: '<b a="1" c=\'2\'>&`',
      shown: '&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;&#96;',
    },
    { when: 'entities', text: '&lt;', shown: '&amp;lt;' },
    { when: 'bidirectional text', text: '\u202e', shown: '\\u202e' },
  ])('$when', ({ text, shown }) => {
    expect(escapeHtml(text)).toBe(shown);
  });

  test('a text without end is cut', () => {
    expect(escapeHtml('a'.repeat(65_536), 100)).toBe(`${'a'.repeat(99)}…`);
  });
});

describe('JSON', () => {
  test.each(HOSTILE_CASES)('$when', ({ text }) => {
    const json = embedJson({ [text]: text });
    expect(JSON.parse(json)).toStrictEqual(JSON.parse(JSON.stringify({ [text]: text })));
    expect(json).not.toMatch(/[<>&\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  });

  test('characters beyond the first plane become pairs of escapes', () => {
    expect(escapeJson('"\u{e0041}"\n')).toBe('"\\udb40\\udc41"\n');
  });
});
