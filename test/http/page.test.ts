import { describe, expect, test } from 'vitest';
import { type Item, page } from '../../shared/http/page.ts';
import { bodyOf } from './answer.ts';

interface Page {
  readonly value?: readonly string[];
  readonly continuationToken?: string;
  readonly detail?: string;
}

const item = (key: string, movedAt = '1'): Item<string> => ({ view: key, key, movedAt });
const letters = (text: string, movedAt = '1'): Item<string>[] =>
  Array.from(text, (key) => item(key, movedAt));

function read(items: readonly Item<string>[], query: string, list = 'list'): Page & { status: number } {
  const answer = page(items, new URLSearchParams(query), list);
  return { status: answer.status ?? 0, ...(bodyOf(answer) as Page) };
}

/** Pages to the last; `change` gives the list as it stands when a page is asked for. */
function readAll(change: (asked: number) => readonly Item<string>[], top: number): string[] {
  const seen: string[] = [];
  let token: string | undefined;
  for (let asked = 0; asked < 20; asked += 1) {
    const query = `top=${top}${token === undefined ? '' : `&continuationToken=${token}`}`;
    const { value = [], continuationToken } = read(change(asked), query);
    seen.push(...value);
    if (continuationToken === undefined) return seen;
    token = continuationToken;
  }
  throw new Error('the pages never end');
}

test('a list that fits has no token, in the order of its keys', () => {
  expect(read(letters('cab'), '')).toEqual({ status: 200, value: ['a', 'b', 'c'] });
});

test('500 come unless the caller says how many', () => {
  const many = Array.from({ length: 501 }, (_, index) => item(String(index).padStart(4, '0')));
  expect(read(many, '').value).toHaveLength(500);
  expect(read(many, 'top=501').value).toHaveLength(501);
});

describe('the pages together hold', () => {
  test.each<{ when: string; change: (asked: number) => readonly Item<string>[]; seen: string }>([
    { when: 'nothing', change: () => [], seen: '' },
    { when: 'each item once', change: () => letters('abcde'), seen: 'abcde' },
    { when: 'a number that the page size divides', change: () => letters('abcd'), seen: 'abcd' },
    {
      when: 'an item again that moved to the front after it was shown',
      change: (asked) => (asked === 0 ? letters('bcde') : [...letters('cde'), item('a', '2')]),
      seen: 'bcdea',
    },
    {
      when: 'an item that moved to the front before it was shown',
      change: (asked) => (asked === 0 ? letters('bcde') : [...letters('bcd'), item('a', '2')]),
      seen: 'bcda',
    },
    {
      when: 'an item that moved twice, at its last place at least',
      change: (asked) => [...letters('bcd'), item('a', String(asked + 1))],
      seen: 'abcda',
    },
    {
      when: 'all but what is gone',
      change: (asked) => letters(asked === 0 ? 'abcde' : 'abe'),
      seen: 'abe',
    },
  ])('$when', ({ change, seen }) => {
    expect(readAll(change, 2).join('')).toBe(seen);
  });
});

describe('refused with 400', () => {
  const made = read(letters('abc'), 'top=1&severity=High').continuationToken ?? '';
  const forged = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  test.each([
    { when: 'top is 0', query: 'top=0' },
    { when: 'top is 1001', query: 'top=1001' },
    { when: 'top is negative', query: 'top=-1' },
    { when: 'top is no number', query: 'top=all' },
    { when: 'top is empty', query: 'top=' },
    { when: 'the token is garbage', query: 'continuationToken=garbage' },
    { when: 'the token is empty', query: 'continuationToken=' },
    { when: 'the token is JSON of another shape', query: `continuationToken=${forged([])}` },
    {
      when: 'the token is of another list',
      query: `continuationToken=${forged({ list: 'x', since: '', after: ['', ''] })}`,
    },
    { when: 'the token was made with other filters', query: `top=1&continuationToken=${made}` },
  ])('$when', ({ query }) => {
    expect(read(letters('abc'), query).status).toBe(400);
  });

  test('the token is of another list with the same filters', () => {
    expect(read(letters('abc'), `severity=High&continuationToken=${made}`, 'other').status).toBe(400);
    expect(read(letters('abc'), `severity=High&continuationToken=${made}`).status).toBe(200);
  });
});
