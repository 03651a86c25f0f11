import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { sarifErrors } from '../report/sarif-schema.ts';
import { call, SANDBOX, startSmallStack, sweepOnce } from '../http/small-stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startSmallStack();
  await sweepOnce(stack);
});
afterAll(() => stack.close());

describe('the report', () => {
  test.each([
    {
      when: 'to a browser',
      accept: 'text/html,*/*;q=0.8',
      type: 'text/html; charset=utf-8',
      begins: '<!doctype html>',
    },
    {
      when: 'to a program that says nothing',
      accept: '*/*',
      type: 'text/html; charset=utf-8',
      begins: '<!doctype html>',
    },
    { when: 'to a spreadsheet', accept: 'text/csv', type: 'text/csv; charset=utf-8', begins: '' },
    {
      when: 'to a code scanner',
      accept: 'application/sarif+json',
      type: 'application/sarif+json',
      begins: '{',
    },
  ])('$when', async ({ accept, type, begins }) => {
    const reply = await call(stack.url, '/api/report', { headers: { accept } });
    expect([reply.status, reply.headers.get('content-type'), reply.headers.get('vary')]).toEqual([
      200,
      type,
      'accept',
    ]);
    expect(reply.text.startsWith(begins)).toBe(true);
    expect(reply.text.toLowerCase()).toContain(SANDBOX.toLowerCase());
    if (begins === '{') expect(sarifErrors(reply.text)).toEqual([]);
  });

  test('nobody may frame the page', async () => {
    const { headers } = await call(stack.url, '/api/report');
    expect(headers.get('content-security-policy')).toBe("frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('is nothing else', async () => {
    const reply = await call(stack.url, '/api/report', { headers: { accept: 'application/json' } });
    expect([reply.status, reply.body.detail]).toEqual([
      406,
      'The report is text/html, text/csv, application/sarif+json.',
    ]);
  });

  test('takes no parameters', async () => {
    expect((await call(stack.url, '/api/report?format=csv')).status).toBe(400);
  });
});
