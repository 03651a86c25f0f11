import { describe, expect, test } from 'vitest';
import { ask, columnsOf } from './ask.ts';

const L = 'datatable (k: long, l: string) [1, "a", 1, "b", 2, "c", long(null), "n"]';
const R = '(datatable (k: long, r: string) [1, "x", 1, "y", 3, "z", long(null), "m"])';

const pairs = [
  [1, 'a', 1, 'x'],
  [1, 'a', 1, 'y'],
  [1, 'b', 1, 'x'],
  [1, 'b', 1, 'y'],
];
const leftAlone = [
  [2, 'c', null, ''],
  [null, 'n', null, ''],
];
const rightAlone = [
  [null, '', 3, 'z'],
  [null, '', null, 'm'],
];

describe('join', () => {
  test.each([
    { when: 'the default keeps one left row of a key', kind: '', rows: pairs.slice(0, 2) },
    { when: 'innerunique', kind: 'kind=innerunique', rows: pairs.slice(0, 2) },
    { when: 'inner', kind: 'kind=inner', rows: pairs },
    { when: 'leftouter', kind: 'kind=leftouter', rows: [...pairs, ...leftAlone] },
    { when: 'rightouter', kind: 'kind=rightouter', rows: [...pairs, ...rightAlone] },
    { when: 'fullouter', kind: 'kind=fullouter', rows: [...pairs, ...leftAlone, ...rightAlone] },
    {
      when: 'leftsemi',
      kind: 'kind=leftsemi',
      rows: [
        [1, 'a'],
        [1, 'b'],
      ],
    },
    {
      when: 'rightsemi',
      kind: 'kind=rightsemi',
      rows: [
        [1, 'x'],
        [1, 'y'],
      ],
    },
    {
      when: 'leftanti keeps null keys',
      kind: 'kind=leftanti',
      rows: [
        [2, 'c'],
        [null, 'n'],
      ],
    },
    {
      when: 'rightanti',
      kind: 'kind=rightanti',
      rows: [
        [3, 'z'],
        [null, 'm'],
      ],
    },
  ])('$when', ({ kind, rows }) => {
    expect(ask(`${L} | join ${kind} ${R} on k`)).toEqual(rows);
  });

  test.each([
    {
      when: 'the second key column is renamed',
      query: 'Rules | join kind=inner Rules on id, rule',
      columns: ['id', 'rule', 'id1', 'rule1'],
      rows: 3,
    },
    {
      when: 'columns of different names',
      query: 'Servers | join kind=inner Rules on $left.id == $right.id | project name, rule',
      columns: ['name', 'rule'],
      rows: 2,
    },
    {
      when: 'conditions with and',
      query: 'Rules | join kind=inner Rules on $left.id == $right.id and $left.rule == $right.rule | count',
      columns: ['Count'],
      rows: 1,
    },
    {
      when: 'hints are passed over',
      query: 'Rules | join hint.strategy=broadcast kind=leftanti Servers on id',
      columns: ['id', 'rule'],
      rows: 2,
    },
  ])('$when', ({ query, columns, rows }) => {
    expect(columnsOf(query)).toEqual(columns);
    expect(ask(query)).toHaveLength(rows);
  });

  test('a text that looks like two keys does not match them', () => {
    const left = 'datatable (a: string, b: string) ["x", "ys1:z", "xs1:y", "z"]';
    expect(ask(`${left} | join kind=inner (${left}) on a, b | count`)).toEqual([[2]]);
  });
});

describe('lookup', () => {
  test.each([
    {
      when: 'adds the columns that are no keys',
      kind: '',
      rows: [
        [1, 'a', 'x'],
        [1, 'a', 'y'],
        [1, 'b', 'x'],
        [1, 'b', 'y'],
        [2, 'c', ''],
        [null, 'n', ''],
      ],
    },
    {
      when: 'inner',
      kind: 'kind=inner',
      rows: [
        [1, 'a', 'x'],
        [1, 'a', 'y'],
        [1, 'b', 'x'],
        [1, 'b', 'y'],
      ],
    },
  ])('$when', ({ kind, rows }) => {
    expect(ask(`${L} | lookup ${kind} ${R} on k`)).toEqual(rows);
  });
});
