import { HttpRequest } from '@azure/functions';
import { describe, expect, test } from 'vitest';
import { readJson } from '../../shared/http/body.ts';
import { preferred } from '../../shared/http/negotiate.ts';
import { unknownQuery } from '../../shared/http/query.ts';
import { rateLimit } from '../../shared/http/rate-limit.ts';
import { bodyOf } from './answer.ts';

describe('query parameters', () => {
  test.each([
    { when: 'none', query: '', says: undefined },
    { when: 'known ones', query: '?reach=internet&top=1', says: undefined },
    {
      when: 'an unknown one is named, with those that are known',
      query: '?reech=internet',
      says: 'The route does not know the query parameter "reech"; it knows reach, top.',
    },
    {
      when: 'the casing counts',
      query: '?Top=1',
      says: 'The route does not know the query parameter "Top"; it knows reach, top.',
    },
    { when: 'one stands twice', query: '?top=1&top=2', says: 'The query parameter top is given twice.' },
    {
      when: 'a hostile name is quoted',
      query: '?%22%0a=1',
      says: 'The route does not know the query parameter "\\"\\n"; it knows reach, top.',
    },
  ])('$when', ({ query, says }) => {
    const answer = unknownQuery({ url: `http://localhost/api/servers${query}` }, ['reach', 'top']);
    if (says === undefined) expect(answer).toBeUndefined();
    else expect(answer && bodyOf(answer)).toMatchObject({ status: 400, detail: says });
  });
});

describe('a body', () => {
  test.each<{ when: string; text: string; value?: unknown; status?: number }>([
    { when: 'that is empty is {}', text: ' \n', value: {} },
    { when: 'of JSON', text: '{"a":[1]}', value: { a: [1] } },
    { when: 'that is no JSON', text: '{', status: 400 },
    { when: 'of 100,000 bytes', text: `"${'a'.repeat(99_998)}"`, value: 'a'.repeat(99_998) },
    { when: 'of one byte more', text: `"${'a'.repeat(99_999)}"`, status: 413 },
    { when: 'of few letters and many bytes', text: `"${'€'.repeat(40_000)}"`, status: 413 },
  ])('$when', async ({ text, value, status }) => {
    const request = new HttpRequest({ method: 'POST', url: 'http://localhost/', body: { string: text } });
    const body = await readJson(request);
    if ('refused' in body) expect(body.refused.status).toBe(status);
    else expect(body.value).toEqual(value);
    expect('refused' in body).toBe(status !== undefined);
  });
});

describe('Accept', () => {
  const offered = ['text/html', 'text/csv', 'application/sarif+json'] as const;
  test.each([
    { when: 'not given', accept: null, type: 'text/html' },
    { when: 'anything', accept: '*/*', type: 'text/html' },
    { when: "a browser's", accept: 'text/html,application/xml;q=0.9,*/*;q=0.8', type: 'text/html' },
    { when: 'CSV', accept: 'text/csv', type: 'text/csv' },
    { when: 'SARIF, in any casing', accept: 'Application/SARIF+json', type: 'application/sarif+json' },
    { when: 'by weight', accept: 'text/html;q=0.1, text/csv;q=0.2', type: 'text/csv' },
    { when: 'a kind', accept: 'application/*', type: 'application/sarif+json' },
    { when: 'refused by weight 0', accept: 'text/html;q=0, text/*', type: 'text/csv' },
    { when: 'of none of them', accept: 'application/json', type: undefined },
    { when: 'a weight that is none', accept: 'text/csv;q=much', type: undefined },
  ])('$when', ({ accept, type }) => {
    expect(preferred(accept, offered)).toBe(type);
  });
});

describe('ten requests a minute', () => {
  const take = (times: readonly number[], caller = 'alex'): number[] => {
    const limit = rateLimit(10);
    return times.map((time) => limit.take(caller, time));
  };
  const tenAt = (time: number): number[] => Array.from({ length: 10 }, () => time);

  test.each([
    { when: 'the tenth is the last', times: [...tenAt(0), 0], last: 60 },
    { when: 'the wait ends with the minute', times: [...tenAt(0), 59_001], last: 1 },
    { when: 'a minute later it begins anew', times: [...tenAt(0), 60_000], last: 0 },
    { when: 'the window slides', times: [0, ...tenAt(30_000), 61_000, 61_000], last: 29 },
  ])('$when', ({ times, last }) => {
    expect(take(times).at(-1)).toBe(last);
  });

  test('what was refused does not count, and callers do not share', () => {
    const limit = rateLimit(1);
    expect(limit.take('alex', 0)).toBe(0);
    expect(limit.take('alex', 30_000)).toBe(30);
    expect(limit.take('robin', 30_000)).toBe(0);
    expect(limit.take('alex', 60_000)).toBe(0);
  });
});
