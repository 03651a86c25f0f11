import { describe, expect, test } from 'vitest';
import { ask, columnsOf } from './ask.ts';

interface Case {
  readonly when: string;
  readonly query: string;
  readonly columns?: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

const rows: readonly Case[] = [
  { when: 'where keeps what is true', query: 'Servers | where id > 1 | project id', rows: [[2], [3]] },
  {
    when: 'where drops a null condition',
    query: 'Servers | where id != 1 or cost > 9 | project id',
    rows: [[2], [3], [null]],
  },
  {
    when: 'project names what has no name',
    query: 'Rules | project id, tolower(rule), 1 + 1 | take 1',
    columns: ['id', 'Column1', 'Column2'],
    rows: [[1, 'r1', 2]],
  },
  {
    when: 'project gives a new name',
    query: 'Rules | project other = id | take 1',
    columns: ['other'],
    rows: [[1]],
  },
  {
    when: 'project-away',
    query: 'Servers | project-away seen, tags, cost | take 1',
    columns: ['id', 'name'],
    rows: [[1, 'alpha']],
  },
  {
    when: 'project-away with a pattern',
    query: 'Rules | project-away r* | take 1',
    columns: ['id'],
    rows: [[1]],
  },
  {
    when: 'project-keep',
    query: 'Servers | project-keep name, id | take 1',
    columns: ['id', 'name'],
    rows: [[1, 'alpha']],
  },
  {
    when: 'project-rename',
    query: 'Rules | project-rename number = id | take 1',
    columns: ['number', 'rule'],
    rows: [[1, 'r1']],
  },
  {
    when: 'project-reorder',
    query: 'Rules | project-reorder rule | take 1',
    columns: ['rule', 'id'],
    rows: [['r1', 1]],
  },
  {
    when: 'extend adds',
    query: 'Rules | extend twice = id * 2 | take 1',
    columns: ['id', 'rule', 'twice'],
    rows: [[1, 'r1', 2]],
  },
  {
    when: 'extend replaces, and sees the old row',
    query: 'Rules | extend id = id + 10, was = id | take 1',
    columns: ['id', 'rule', 'was'],
    rows: [[11, 'r1', 1]],
  },
  {
    when: 'extend names what has no name',
    query: 'Servers | extend tags.env | project tags_env | take 1',
    columns: ['tags_env'],
    rows: [['prod']],
  },
  { when: 'distinct', query: 'Rules | distinct id', rows: [[1], [4], [null]] },
  { when: 'distinct of all columns', query: 'Rules | project id | distinct *', rows: [[1], [4], [null]] },
  { when: 'count', query: 'Rules | count', columns: ['Count'], rows: [[4]] },
  { when: 'take', query: 'Rules | take 2 | project rule', rows: [['r1'], ['r2']] },
  { when: 'limit more than there is', query: 'Rules | limit 99 | count', rows: [[4]] },
  { when: 'top', query: 'Servers | top 2 by cost | project cost', rows: [[2], [1.5]] },
  {
    when: 'top ascending takes nulls first',
    query: 'Servers | top 2 by cost asc | project cost',
    rows: [[null], [0.5]],
  },
  { when: 'render is only display', query: 'Rules | count | render table', rows: [[4]] },
  { when: 'print', query: 'print a = 1, "x"', columns: ['a', 'print_1'], rows: [[1, 'x']] },
  { when: 'range', query: 'range n from 1 to 6 step 2', columns: ['n'], rows: [[1], [3], [5]] },
  {
    when: 'datatable',
    query: 'datatable (a: long, b: string) [1, "x", 2, ""]',
    rows: [
      [1, 'x'],
      [2, ''],
    ],
  },
];

const sorting: readonly Case[] = [
  {
    when: 'descending by default, nulls last',
    query: 'Servers | sort by id | project id',
    rows: [[3], [2], [1], [null]],
  },
  {
    when: 'ascending, nulls first',
    query: 'Servers | order by id asc | project id',
    rows: [[null], [1], [2], [3]],
  },
  {
    when: 'nulls placed by hand',
    query: 'Servers | sort by id asc nulls last | project id',
    rows: [[1], [2], [3], [null]],
  },
  {
    when: 'descending with nulls first',
    query: 'Servers | sort by id desc nulls first | project id',
    rows: [[null], [3], [2], [1]],
  },
  {
    when: 'texts by their characters, capitals first',
    query: 'Servers | sort by name asc | project name',
    rows: [[''], ['Beta'], ['alpha'], ['delta']],
  },
  {
    when: 'two keys',
    query: 'Rules | sort by id desc, rule desc | project rule',
    rows: [['r4'], ['r2'], ['r1'], ['none']],
  },
  {
    when: 'equal keys keep their order',
    query: 'Rules | sort by isnull(id) asc | project rule',
    rows: [['r1'], ['r2'], ['r4'], ['none']],
  },
  {
    when: 'NaN stands between null and the numbers',
    query: 'datatable (x: real) [1.0, real(nan), real(null), real(-inf)] | sort by x asc',
    rows: [[null], ['NaN'], ['-Infinity'], [1]],
  },
  {
    when: 'descending, NaN stands before null',
    query: 'datatable (x: real) [real(null), 1.0, real(nan)] | sort by x',
    rows: [[1], ['NaN'], [null]],
  },
];

const expanding: readonly Case[] = [
  {
    when: 'an array gives a row for each element',
    query: 'print a = 1, x = dynamic([7, "t"]) | mv-expand x',
    rows: [
      [1, 7],
      [1, 't'],
    ],
  },
  {
    when: 'a bag gives bags of one slot',
    query: 'print x = dynamic({"a": 1, "b": 2}) | mv-expand x',
    rows: [[{ a: 1 }], [{ b: 2 }]],
  },
  {
    when: 'a bag as pairs',
    query: 'print x = dynamic({"a": 1}) | mv-expand kind=array x',
    rows: [[['a', 1]]],
  },
  {
    when: 'null is one row, an empty array none',
    query: 'Servers | mv-expand l = tags.list to typeof(long) | project id, l',
    rows: [
      [1, 3],
      [1, 1],
      [3, null],
      [null, null],
    ],
  },
  {
    when: 'an element of another type is missing',
    query: 'print x = dynamic([1, "a", 2.5]) | mv-expand x to typeof(long)',
    rows: [[1], [null], [null]],
  },
  {
    when: 'two columns side by side',
    query: 'print x = dynamic([1, 2]), y = dynamic(["a"]) | mv-expand x, y',
    rows: [
      [1, 'a'],
      [2, null],
    ],
  },
  {
    when: 'the index of the element',
    query: 'print x = dynamic(["a", "b"]) | mv-expand with_itemindex=i x',
    rows: [
      ['a', 0],
      ['b', 1],
    ],
  },
  {
    when: 'a name of its own beside a made one',
    query: 'Servers | take 1 | mv-expand tags.list, e = tags.list | project tags_list, e',
    rows: [
      [3, 3],
      [1, 1],
    ],
  },
  { when: 'a row limit', query: 'print x = dynamic([1, 2, 3]) | mv-expand x limit 2', rows: [[1], [2]] },
];

const unions: readonly Case[] = [
  {
    when: 'all columns, missing ones empty',
    query: 'Rules | take 1 | union (Servers | take 1 | project id, name)',
    columns: ['id', 'rule', 'name'],
    rows: [
      [1, 'r1', ''],
      [1, '', 'alpha'],
    ],
  },
  {
    when: 'one name of two types',
    query: 'union (print a = 1), (print a = "x")',
    columns: ['a_long', 'a_string'],
    rows: [
      [1, ''],
      [null, 'x'],
    ],
  },
  {
    when: 'the name of the table',
    query: 'union withsource=t Rules, Servers | summarize n = count() by t',
    rows: [
      ['Rules', 4],
      ['Servers', 4],
    ],
  },
];

describe.each([
  ['rows and columns', rows],
  ['sorting', sorting],
  ['mv-expand', expanding],
  ['union', unions],
])('%s', (_, cases) => {
  test.each(cases)('$when', ({ query, columns, rows: expected }) => {
    expect(ask(query)).toEqual(expected);
    if (columns) expect(columnsOf(query)).toEqual(columns);
  });
});
