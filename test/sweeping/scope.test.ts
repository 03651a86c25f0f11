import { describe, expect, test, vi } from 'vitest';
import { QUERIES } from '../../shared/azure/queries.ts';
import type { Graph, GraphRows, GraphScope, Row, Table } from '../../shared/ports.ts';
import { currentScope, resolveScope } from '../../shared/sweeping/scope.ts';

const ONE = '11111111-1111-4111-8111-111111111111';
const TWO = '22222222-2222-4222-8222-222222222222';
const TENANT = 'AAAAAAAA-aaaa-4aaa-8aaa-aaaaaaaaaaaa';

/** A Resource Graph that answers by the kind of the scope that it is asked. */
function graphOf(
  answers: { readonly groups?: GraphRows; readonly subscriptions?: GraphRows },
  problems: { readonly groups?: string; readonly subscriptions?: string } = {},
): Graph & { readonly asked: GraphScope[] } {
  const asked: GraphScope[] = [];
  return {
    asked,
    query(kql, scope, page) {
      expect(kql).toBe(QUERIES.subscriptions);
      asked.push(scope);
      const kind = scope.managementGroups ? 'groups' : 'subscriptions';
      page(answers[kind] ?? []);
      const problem = problems[kind] ?? '';
      return Promise.resolve({ complete: problem === '', problem });
    },
  };
}

const row = (subscriptionId: string): Readonly<Record<string, unknown>> => ({
  subscriptionId,
  tenantId: TENANT,
});
const tenant = TENANT.toLowerCase();

describe('what the settings name', () => {
  test('subscriptions that answer, in any casing', async () => {
    const graph = graphOf({ subscriptions: [row(ONE.toUpperCase())] });
    expect(await resolveScope({ subscriptions: [ONE], managementGroups: [] }, graph, [])).toMatchObject({
      subscriptions: [ONE],
      answered: new Set([ONE]),
      tenants: { [ONE]: tenant },
      complete: true,
      problems: [],
    });
  });

  test('one that does not answer stays in scope, and is a problem', async () => {
    const graph = graphOf({ subscriptions: [row(ONE)] });
    expect(await resolveScope({ subscriptions: [ONE, TWO], managementGroups: [] }, graph, [])).toMatchObject({
      subscriptions: [ONE, TWO],
      answered: new Set([ONE]),
      problems: [`Subscription ${TWO} did not answer.`],
    });
  });

  test('management groups and subscriptions, each asked for itself', async () => {
    const graph = graphOf({ groups: [row(TWO)], subscriptions: [row(ONE)] });
    const scope = await resolveScope({ subscriptions: [ONE], managementGroups: ['mg'] }, graph, []);
    expect(scope).toMatchObject({ subscriptions: [ONE, TWO], complete: true, problems: [] });
    expect(graph.asked).toEqual([{ managementGroups: ['mg'] }, { subscriptions: [ONE] }]);
  });

  test('a complete listing forgets what it does not show', async () => {
    const graph = graphOf({ groups: [row(ONE)] });
    const scope = await resolveScope({ subscriptions: [], managementGroups: ['mg'] }, graph, [ONE, TWO]);
    expect(scope).toMatchObject({ subscriptions: [ONE], complete: true });
  });

  test('an incomplete one does not: what was known stays, and is missed', async () => {
    const graph = graphOf({ groups: [row(ONE)] }, { groups: 'Resource Graph is throttled' });
    const scope = await resolveScope({ subscriptions: [], managementGroups: ['mg'] }, graph, [ONE, TWO]);
    expect(scope).toMatchObject({
      subscriptions: [ONE, TWO],
      answered: new Set([ONE]),
      complete: false,
      problems: ['Subscriptions: Resource Graph is throttled.', `Subscription ${TWO} did not answer.`],
    });
  });

  test('subscriptions that are named need no listing of groups', async () => {
    const graph = graphOf({}, { subscriptions: 'Resource Graph did not answer (500)' });
    const scope = await resolveScope({ subscriptions: [ONE], managementGroups: [] }, graph, [TWO]);
    expect(scope).toMatchObject({ subscriptions: [ONE], answered: new Set() });
    expect(scope.problems).toHaveLength(2);
  });

  test('300 a query', async () => {
    const graph = graphOf({});
    const many = Array.from({ length: 301 }, (_, index) => `s${index}`);
    await resolveScope({ subscriptions: many, managementGroups: [] }, graph, []);
    expect(graph.asked.map(({ subscriptions }) => subscriptions?.length)).toEqual([300, 1]);
  });

  test('rows that are garbage are left out', async () => {
    const graph = graphOf({
      subscriptions: [{ subscriptionId: 7 }, {}, { subscriptionId: ONE, tenantId: null }],
    });
    const scope = await resolveScope({ subscriptions: [ONE], managementGroups: [] }, graph, []);
    expect(scope).toMatchObject({ answered: new Set([ONE]), tenants: {} });
  });
});

/** A table with what the last sweep stored of the scope, and how often it was asked. */
function tableOf(subscriptions: readonly string[] | undefined): Table & { readonly asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    query: () => {
      asked += 1;
      const text = JSON.stringify({ subscriptions, tenants: { [TWO]: tenant }, at: '2026-05-20T12:00:00Z' });
      const rows: Row[] = subscriptions ? [{ row: 'scope', etag: 'e', columns: {}, text }] : [];
      return Promise.resolve({ rows, now: '2026-05-20T12:00:00.000Z' });
    },
    transact: () => Promise.reject(new Error('nothing is written')),
  };
}

describe('between sweeps', () => {
  test.each<{
    when: string;
    groups: readonly string[];
    stored: readonly string[] | undefined;
    scope: object;
  }>([
    {
      when: 'subscriptions alone',
      groups: [],
      stored: undefined,
      scope: { subscriptions: [ONE], known: true },
    },
    {
      when: 'subscriptions alone, whatever was stored',
      groups: [],
      stored: [TWO],
      scope: { subscriptions: [ONE], known: true },
    },
    {
      when: 'groups before the first sweep',
      groups: ['mg'],
      stored: undefined,
      scope: { subscriptions: [ONE], known: false },
    },
    {
      when: 'groups after it',
      groups: ['mg'],
      stored: [ONE, TWO],
      scope: { subscriptions: [ONE, TWO], known: true },
    },
  ])('$when', async ({ groups, stored, scope }) => {
    const settings = { subscriptions: [ONE], managementGroups: groups };
    expect(await currentScope(settings, tableOf(stored))).toMatchObject(scope);
  });
});

describe('for events', () => {
  /** The scope is remembered by the module: each test has its own. */
  async function fresh(): Promise<typeof import('../../shared/sweeping/scope.ts')> {
    vi.resetModules();
    return import('../../shared/sweeping/scope.ts');
  }

  test('subscriptions alone are never looked up', async () => {
    const { scopeForEvents } = await fresh();
    const table = tableOf(undefined);
    const inScope = await scopeForEvents({ subscriptions: [ONE], managementGroups: [] }, table);
    expect([inScope?.(ONE), inScope?.(TWO), table.asked()]).toEqual([true, false, 0]);
  });

  test('before the first sweep nobody can tell', async () => {
    const { scopeForEvents } = await fresh();
    const settings = { subscriptions: [], managementGroups: ['mg'] };
    expect(await scopeForEvents(settings, tableOf(undefined))).toBeUndefined();
  });

  test('after it the table is asked once a minute', async () => {
    const { scopeForEvents } = await fresh();
    const settings = { subscriptions: [ONE], managementGroups: ['mg'] };
    const table = tableOf([TWO]);
    const inScope = await scopeForEvents(settings, table);
    await scopeForEvents(settings, table);
    expect([inScope?.(ONE), inScope?.(TWO), inScope?.('x'), table.asked()]).toEqual([true, true, false, 1]);
  });
});
