import { describe, expect, test } from 'vitest';
import type { Sink } from '../../shared/ports.ts';
import { sendRows } from '../../shared/publishing/send.ts';
import { boundedList, wellFormedJson } from '../../shared/text.ts';

describe('JSON text', () => {
  test.each([
    {
      when: 'nothing odd',
      value: { a: ['x', 1, null], b: '\u0000\u2028🙂' },
      is: { a: ['x', 1, null], b: '\u0000\u2028🙂' },
    },
    { when: 'half a character', value: { a: 'x\ud83d' }, is: { a: 'x\ufffd' } },
    { when: 'halves in a list', value: ['\udc00', '🙂'], is: ['\ufffd', '🙂'] },
    { when: 'what looks like an escape', value: '\\ud83d', is: '\\ud83d' },
  ])('$when', ({ value, is }) => {
    expect(wellFormedJson(JSON.stringify(value))).toBe(JSON.stringify(is));
    expect(wellFormedJson(JSON.stringify(value, null, 2), 2)).toBe(JSON.stringify(is, null, 2));
  });
});

describe('a bounded list', () => {
  test.each([
    { when: 'all fit', texts: ['one', 'two'], bytes: 12, is: ['one', 'two'] },
    // Each of them takes five bytes with its quotes and a comma.
    { when: 'one is too much', texts: ['one', 'two', 'six'], bytes: 12, is: ['one', 'two', 'And 1 more.'] },
    { when: 'the first is too large', texts: ['long'.repeat(9), 'x'], bytes: 12, is: ['And 2 more.'] },
    { when: 'characters are wide', texts: ['äöü', 'x'], bytes: 9, is: ['äöü', 'And 1 more.'] },
    { when: 'there is none', texts: [], bytes: 12, is: [] },
  ])('$when', ({ texts, bytes, is }) => {
    expect(boundedList(texts, bytes)).toEqual(is);
  });

  test('cuts a long sentence', () => {
    expect(boundedList(['x'.repeat(5_000)], 10_000)).toEqual([`${'x'.repeat(3_999)}…`]);
  });
});

test.each([
  { when: 'a control', text: 'a\u0007b', is: 'a\ufffdb' },
  { when: 'a line feed', text: 'a\nb', is: 'a\ufffdb' },
  { when: 'a control of the upper half', text: 'a\u009bb', is: 'a\ufffdb' },
  { when: 'half a character', text: 'a\ud800', is: 'a\ufffd' },
  { when: 'a backslash', text: 'a\\nb', is: 'a\\nb' },
])('$when in a row is replaced as it leaves', async ({ text, is }) => {
  const sent: unknown[] = [];
  const sink: Sink = {
    send: (_, rows) => {
      sent.push(...rows.map((row) => JSON.parse(row) as unknown));
      return Promise.resolve({ accepted: true });
    },
  };
  await sendRows(sink, 'DatabaseExposureServers_CL', [{ ServerName: text }], '2026-05-20T12:00:00.000Z');
  expect(sent).toMatchObject([{ ServerName: is }]);
});
