import { describe, expect, test } from 'vitest';
import { runKql } from '../../../local/kql/index.ts';
import { ask, tables } from './ask.ts';

describe('let', () => {
  test.each([
    { when: 'a scalar', query: 'let least = 2; Servers | where id >= least | project id', rows: [[2], [3]] },
    { when: 'a table', query: 'let Big = Servers | where id >= 2; Big | count', rows: [[2]] },
    {
      when: 'a table used twice',
      query: 'let B = materialize(Rules | where id == 1); union B, B | count',
      rows: [[4]],
    },
    {
      when: 'a function of a scalar',
      query: 'let over = (least: long) { Servers | where id > least }; over(2) | project id',
      rows: [[3]],
    },
    {
      when: 'a function called with two values',
      query: 'let is = (n: long) { Rules | where id == n }; union (is(1)), (is(4)) | project rule',
      rows: [['r1'], ['r2'], ['r4']],
    },
    {
      when: 'a function of the row',
      query: 'let twice = (n: long) { n * 2 }; Rules | where twice(id) == 8 | project rule',
      rows: [['r4']],
    },
    {
      when: 'a function of a table',
      query: 'let size = (T: (id: long)) { T | count }; size(Rules)',
      rows: [[4]],
    },
    {
      when: 'a function with its own bindings',
      query: 'let f = (n: long) { let m = n + 1; print m }; f(1)',
      rows: [[2]],
    },
    { when: 'a default value', query: 'let f = (n: long = 7) { print n }; f()', rows: [[7]] },
    {
      when: 'toscalar',
      query: 'let most = toscalar(Rules | summarize max(id)); print most + 1',
      rows: [[5]],
    },
    {
      when: 'toscalar of nothing',
      query: 'print toscalar(Rules | where false | project rule)',
      rows: [['']],
    },
    {
      when: 'a list from a subquery',
      query: 'Servers | where id in (Rules | project id) | project id',
      rows: [[1]],
    },
    {
      when: 'terms from a subquery',
      query: 'Servers | where name has_any (Servers | where id == 1 | project name) | project id',
      rows: [[1]],
    },
    {
      when: 'names bound by a list',
      query: 'let wanted = dynamic(["beta"]); Servers | where name in~ (wanted) | project id',
      rows: [[2]],
    },
  ])('$when', ({ query, rows }) => {
    expect(ask(query)).toEqual(rows);
  });
});

describe('saved functions', () => {
  const functions = {
    Newer: '(from: datetime) {\n  // comment\n  Servers | where seen > from | project id\n}',
    All: 'Newer(datetime(2000-01-01)) | count',
    With: '(n: long = 2, add: long = int(1)) { Rules | where id + add > n | project rule }',
  };
  test.each([
    { when: 'with a parameter', query: 'Newer(ago(2h))', rows: [{ id: 1 }, { id: 2 }] },
    { when: 'without, calling another', query: 'All()', rows: [{ Count: 3 }] },
    { when: 'with defaults', query: 'With(4)', rows: [{ rule: 'r4' }] },
    { when: 'before another operator', query: 'Newer(ago(2h)) | summarize s = sum(id)', rows: [{ s: 3 }] },
  ])('$when', ({ query, rows }) => {
    const now = new Date('2024-05-01T12:00:00Z');
    expect(runKql(query, { tables, functions, now }).rows).toEqual(rows);
  });
});

describe('cached queries', () => {
  test('every run sees its own rows and its own time', () => {
    const query =
      'let n = toscalar(T | count); T | where id in (T | project id) | extend n, at = now() | take 1';
    const run = (ids: readonly number[], now: string) =>
      runKql(query, {
        tables: { T: { schema: { id: 'long' }, rows: ids.map((id) => ({ id })) } },
        now: new Date(now),
      }).rows;
    expect(run([1, 2], '2024-01-01T00:00:00Z')).toEqual([{ id: 1, n: 2, at: '2024-01-01T00:00:00Z' }]);
    expect(run([5], '2024-01-02T00:00:00Z')).toEqual([{ id: 5, n: 1, at: '2024-01-02T00:00:00Z' }]);
  });

  test('table names in any case, where asked for', () => {
    const now = new Date(0);
    const options = { tables, now, tableNamesIgnoreCase: true };
    expect(runKql('rules | union RULES | count', options).rows).toEqual([{ Count: 8 }]);
    expect(() => runKql('rules | count', { tables, now })).toThrow('KS204');
  });
});

describe('ingestion_time', () => {
  const schema = { id: 'long', text: 'string' } as const;
  const rows = [
    { id: 1, text: 'late', $ingestionTime: '2024-01-02T00:00:00Z' },
    { id: 1, text: 'early', $ingestionTime: '2024-01-01T00:00:00Z' },
    { id: 2, text: 'none' },
  ];
  test.each([
    {
      when: 'a hidden column',
      query: 'T | extend at = ingestion_time() | project at',
      rows: [['2024-01-02T00:00:00Z'], ['2024-01-01T00:00:00Z'], [null]],
    },
    {
      when: 'kept through other operators',
      query:
        'T | extend x = 1 | project text | sort by text asc | where text != "none" | extend at = ingestion_time()',
      rows: [
        ['early', '2024-01-01T00:00:00Z'],
        ['late', '2024-01-02T00:00:00Z'],
      ],
    },
    {
      when: 'the first row of each key',
      query: 'T | summarize arg_min(ingestion_time(), *) by id | project id, text',
      rows: [
        [1, 'early'],
        [2, 'none'],
      ],
    },
    {
      when: 'gone after summarize',
      query: 'T | summarize count() by id | extend at = ingestion_time() | project at',
      rows: [[null], [null]],
    },
  ])('$when', ({ query, rows: expected }) => {
    expect(ask(query, { T: { schema, rows } })).toEqual(expected);
  });
});
