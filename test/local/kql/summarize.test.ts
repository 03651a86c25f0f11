import { describe, expect, test } from 'vitest';
import { ask, columnsOf } from './ask.ts';

const values =
  'datatable (g: string, n: long, x: real, t: datetime, d: dynamic) [' +
  '"a", 1, 1.5, datetime(2024-01-01), dynamic({"k": 1}), ' +
  '"a", 3, real(null), datetime(2024-01-03), dynamic({"k": 2, "m": 3}), ' +
  '"b", long(null), 4.0, datetime(null), dynamic(null), ' +
  '"a", 3, 0.5, datetime(2024-01-02), dynamic([1])]';

describe('aggregates, null left out', () => {
  test.each([
    { when: 'count', of: 'count()', a: 3, b: 1 },
    { when: 'countif', of: 'countif(n == 3)', a: 2, b: 0 },
    { when: 'sum', of: 'sum(n)', a: 7, b: 0 },
    { when: 'sum of reals', of: 'sum(x)', a: 2, b: 4 },
    { when: 'sumif', of: 'sumif(n, n < 3)', a: 1, b: 0 },
    { when: 'avg', of: 'avg(x)', a: 1, b: 4 },
    { when: 'avg of nothing', of: 'avg(n)', a: 7 / 3, b: null },
    { when: 'min', of: 'min(t)', a: '2024-01-01T00:00:00Z', b: null },
    { when: 'max', of: 'max(n)', a: 3, b: null },
    { when: 'maxif', of: 'maxif(x, n == 3)', a: 0.5, b: null },
    { when: 'dcount', of: 'dcount(n)', a: 2, b: 0 },
    { when: 'dcountif', of: 'dcountif(n, n > 1)', a: 1, b: 0 },
    { when: 'make_list', of: 'make_list(n)', a: [1, 3, 3], b: [] },
    { when: 'make_list with a size', of: 'make_list(n, 2)', a: [1, 3], b: [] },
    { when: 'make_set', of: 'make_set(n)', a: [1, 3], b: [] },
    { when: 'make_set_if', of: 'make_set_if(n, x > 0)', a: [1, 3], b: [] },
    { when: 'make_bag skips what is no bag', of: 'make_bag(d)', a: { k: 1, m: 3 }, b: {} },
    { when: 'take_any looks for a value', of: 'take_any(x)', a: 1.5, b: 4 },
    { when: 'take_anyif', of: 'take_anyif(n, n > 1)', a: 3, b: null },
    { when: 'take_anyif of a text is never null', of: 'take_anyif(g, false)', a: '', b: '' },
    { when: 'an expression over aggregates', of: 'max(n) * 10 + count()', a: 33, b: null },
    { when: 'a function over an aggregate', of: 'array_length(make_set(n))', a: 2, b: 0 },
    { when: 'a timespan', of: 'max(t) - min(t)', a: '2.00:00:00', b: null },
  ])('$when', ({ of, a, b }) => {
    expect(ask(`${values} | summarize result = ${of} by g`)).toEqual([
      ['a', a],
      ['b', b],
    ]);
  });

  test('without rows and without keys there is one row of defaults', () => {
    const query = `${values} | where false | summarize count(), sum(n), dcount(g), max(n), make_list(g), make_set(n), take_any(g)`;
    expect(ask(query)).toEqual([[0, 0, 0, null, [], [], '']]);
  });

  test('without rows and with keys there is none', () => {
    expect(ask(`${values} | where false | summarize count() by g`)).toEqual([]);
  });
});

describe('arg_max and arg_min', () => {
  test.each([
    {
      when: 'a list of columns',
      of: 'arg_max(n, t, x)',
      columns: ['g', 'n', 't', 'x'],
      a: [3, '2024-01-03T00:00:00Z', null],
    },
    { when: 'the smallest', of: 'arg_min(x, n)', columns: ['g', 'x', 'n'], a: [0.5, 3] },
    {
      when: 'all columns',
      of: 'arg_max(t, *)',
      columns: ['g', 't', 'n', 'x', 'd'],
      a: ['2024-01-03T00:00:00Z', 3, null, { k: 2, m: 3 }],
    },
    { when: 'an expression', of: 'arg_max(-n, n)', columns: undefined, a: [-1, 1] },
    {
      when: 'two of them',
      of: 'arg_max(n, x), earliest = arg_min(t, n)',
      columns: undefined,
      a: [3, null, '2024-01-01T00:00:00Z', 1],
    },
  ])('$when', ({ of, columns, a }) => {
    const query = `${values} | where g == "a" | summarize ${of} by g`;
    expect(ask(query)).toEqual([['a', ...a]]);
    if (columns) expect(columnsOf(query)).toEqual(columns);
  });

  test('where every value is null a row is taken all the same', () => {
    expect(ask(`${values} | where g == "b" | summarize arg_max(n, x) by g`)).toEqual([['b', null, 4]]);
  });
});

describe('keys', () => {
  test.each([
    {
      when: 'null is a group of its own',
      query: 'Rules | summarize n = count() by id',
      rows: [
        [1, 2],
        [4, 1],
        [null, 1],
      ],
    },
    {
      when: 'null and the empty text',
      query:
        'datatable (k: string, v: long) ["", long(null), "_", 1, "", long(null)] | summarize n = count() by k, v',
      rows: [
        ['', null, 2],
        ['_', 1, 1],
      ],
    },
    {
      when: 'texts that only look alike when joined',
      query: 'datatable (a: string, b: string) ["x", "yz", "xy", "z"] | summarize n = count() by a, b',
      rows: [
        ['x', 'yz', 1],
        ['xy', 'z', 1],
      ],
    },
    {
      when: 'bins of time',
      query: 'Servers | summarize n = count() by bin(seen, 1d)',
      rows: [
        ['2024-05-01T00:00:00Z', 2],
        ['2024-04-30T00:00:00Z', 1],
        [null, 1],
      ],
    },
    { when: 'keys only', query: 'Rules | summarize by id', rows: [[1], [4], [null]] },
    {
      when: 'a set tells text from number',
      query: 'print d = dynamic([1, "1", 1]) | mv-expand d | summarize s = make_set(d)',
      rows: [[[1, '1']]],
    },
  ])('$when', ({ query, rows }) => {
    expect(ask(query)).toEqual(rows);
  });
});
