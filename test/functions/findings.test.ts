import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { SEVERITIES } from '../../shared/model.ts';
import { call, ORDERS, SANDBOX, startSmallStack, sweepOnce } from '../http/small-stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startSmallStack();
  await sweepOnce(stack);
});
afterAll(() => stack.close());

interface View {
  readonly findingId: string;
  readonly ruleId: string;
  readonly serverId: string;
  readonly severity: (typeof SEVERITIES)[number];
  readonly state: string;
}

async function list(query: string): Promise<{ value: readonly View[]; continuationToken?: string }> {
  const { body } = await call(stack.url, `/api/findings${query}`);
  return body as unknown as Awaited<ReturnType<typeof list>>;
}

describe('the list', () => {
  test('is of open findings, the gravest first', async () => {
    const { value } = await list('');
    const ranks = value.map(({ severity }) => SEVERITIES.indexOf(severity));
    expect(ranks).toEqual([...ranks].sort());
    expect(value[0]).toMatchObject({ ruleId: 'internet-reachable', serverId: SANDBOX.toLowerCase() });
    expect(new Set(value.map(({ state }) => state))).toEqual(new Set(['Open']));
    expect(await list('?state=open')).toEqual({ value });
    expect(await list('?state=all')).toEqual({ value });
    expect(await list('?state=resolved')).toEqual({ value: [] });
  });

  test.each<{ when: string; query: string; is: (view: View) => boolean }>([
    { when: 'by severity', query: '?severity=High', is: ({ severity }) => severity === 'High' },
    {
      when: 'by rule',
      query: '?rule=public-access-enabled',
      is: ({ ruleId }) => ruleId === 'public-access-enabled',
    },
    {
      when: 'by server',
      query: `?server=${ORDERS}`,
      is: ({ serverId }) => serverId === ORDERS.toLowerCase(),
    },
    {
      when: 'by server without its leading slash',
      query: `?server=${ORDERS.slice(1).toUpperCase()}`,
      is: ({ serverId }) => serverId === ORDERS.toLowerCase(),
    },
  ])('is filtered $when', async ({ query, is }) => {
    const all = await list('');
    const some = await list(query);
    expect(some.value).toEqual(all.value.filter(is));
    expect(some.value.length).toBeGreaterThan(0);
  });

  test('is the same in pages', async () => {
    const all = await list('');
    const seen: View[] = [];
    let token: string | undefined = '';
    while (token !== undefined) {
      const page = await list(`?top=2${token === '' ? '' : `&continuationToken=${token}`}`);
      seen.push(...page.value);
      token = page.continuationToken;
    }
    expect(seen).toEqual(all.value);
  });
});

describe('refused', () => {
  test.each([
    { when: 'a state that is none', query: '?state=closed', detail: 'state is one of open, resolved, all.' },
    {
      when: 'a severity that is none',
      query: '?severity=Grave',
      detail: 'severity is one of Critical, High, Medium, Low, Informational.',
    },
    {
      when: 'a rule that is none',
      query: '?rule=everything',
      detail: 'rule is the id of a rule, such as internet-reachable.',
    },
    {
      when: 'a server that is none',
      query: '?server=orders',
      detail: 'server is the resource id of a database server.',
    },
    {
      when: 'a filter that is misspelt',
      query: '?Severity=High',
      detail:
        'The route does not know the query parameter "Severity"; it knows state, severity, rule, server, top, continuationToken.',
    },
  ])('$when', async ({ query, detail }) => {
    const { status, body } = await call(stack.url, `/api/findings${query}`);
    expect({ status, body }).toEqual({
      status: 400,
      body: { type: 'about:blank', title: 'Bad request', status: 400, detail },
    });
  });
});
