import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { getJson, runNow } from '../../local/api-client.ts';
import type { Json } from '../../local/azure/index.ts';
import type { Stack } from '../../local/stack.ts';
import {
  CHANGES,
  FINDINGS,
  putRule,
  rowsOf,
  SERVERS,
  startCloud,
  stateOf,
  sweepToEnd,
  until,
} from './cloud.ts';
import { estateOf, flexible, serverId, SHOP } from './estate.ts';

let stack: Stack;

beforeAll(async () => {
  const names = ['denied', 'listless', 'bodiless', 'busy', 'slow', 'dammed'];
  stack = await startCloud(estateOf(names.map((name) => flexible(name, 'Enabled'))));
  await sweepToEnd(stack);
  // It does not say when to come back: the queue brings the event again after our own backoff, while other tests run.
  stack.azure.switches.faults = [{ match: '/busy\\?', method: 'GET', status: 429, times: 1 }];
  await putRule(stack, serverId('busy'), 'everything', '0.0.0.0', '255.255.255.255');
  await until('the refusal', () => (stack.azure.counters.faults > 0 ? true : undefined));
});

afterAll(() => stack.close());

afterEach(() => {
  stack.azure.switches.denied = [];
  stack.azure.switches.faults = [];
  stack.azure.switches.ingestionForbidden = false;
});

interface Findings {
  readonly value: readonly Json[];
}

const openOf = async (name: string): Promise<readonly Json[]> => {
  const id = serverId(name).slice(1);
  const { value } = await getJson<Findings>(
    `${stack.url}/api/findings?state=open&server=${encodeURIComponent(id)}`,
  );
  return value.map(({ ruleId, state, resolvesAfter }) => ({ ruleId, state, resolvesAfter }));
};

const found = (
  table: Parameters<typeof rowsOf>[1],
  values: Json,
  count = 1,
): ReturnType<typeof rowsOf> | undefined => {
  const rows = rowsOf(stack, table, values);
  return rows.length >= count ? rows : undefined;
};

test('what cannot be read is unknown, says why, and closes nothing', async () => {
  const before = await Promise.all(['denied', 'listless', 'bodiless'].map(openOf));
  expect(before.every((findings) => findings.length > 0)).toBe(true);
  const { switches } = stack.azure;
  switches.denied = ['/denied/firewallRules$'];
  switches.faults = [
    { match: '/listless/firewallRules', method: 'GET', status: 200, body: { value: 'nonsense' } },
    { match: '/bodiless\\?', method: 'GET', status: 200, body: { properties: 7 } },
  ];
  for (const name of ['denied', 'listless', 'bodiless']) {
    await putRule(stack, serverId(name), 'more', '198.51.100.7', '198.51.100.7');
  }
  const rows = await Promise.all(
    ['denied', 'listless', 'bodiless'].map((ServerName) =>
      until('the server row', () => found(SERVERS, { ServerName, Complete: false })),
    ),
  );
  expect(rows.map(([row]) => [row?.['Reach'], row?.['PublicAddresses'], row?.['Unreadable']])).toEqual([
    [
      'unknown',
      null,
      { firewallRules: 'denied (403): Microsoft.DBforMySQL/flexibleServers/firewallRules/read is missing' },
    ],
    ['unknown', null, { firewallRules: 'not as documented: the list' }],
    ['unknown', null, expect.objectContaining({ publicAccess: expect.any(String) as string }) as Json],
  ]);
  const after = await Promise.all(['denied', 'listless', 'bodiless'].map(openOf));
  const isNew = ({ ruleId }: Json): boolean => ruleId === 'server-unreadable';
  expect(after.map((findings) => findings.filter((finding) => !isNew(finding)))).toEqual(before);
  // A missing permission does not mend itself: told at once, the others after three sweeps.
  expect(after.map((findings) => findings.some(isNew))).toEqual([true, false, false]);
  const outcomes = rowsOf(stack, CHANGES).map((row) => row['Outcome']);
  expect(outcomes).toEqual(['Unreadable', 'Unreadable', 'Unreadable']);

  // The sweep says it too, and the good reading after it ends it.
  const run = await sweepToEnd(stack);
  expect(run).toMatchObject({ Expected: 6, Assessed: 3, Unreadable: 3, Skipped: 0, Partial: false });
  switches.denied = [];
  switches.faults = [];
  expect(await sweepToEnd(stack)).toMatchObject({ Assessed: 6, Unreadable: 0 });
  const last = (name: string): Json | undefined => rowsOf(stack, SERVERS, { ServerName: name }).at(-1);
  expect(['denied', 'listless', 'bodiless'].map((name) => last(name)?.['Reach'])).toEqual([
    'listed',
    'listed',
    'listed',
  ]);
});

test('rows that Log Analytics refuses are kept and sent later, each once', async () => {
  stack.azure.switches.ingestionForbidden = true;
  await putRule(stack, serverId('dammed'), 'everything', '0.0.0.0', '255.255.255.255');
  await until('the finding in the state', async () => {
    const open = await openOf('dammed');
    return open.some(({ ruleId }) => ruleId === 'internet-reachable') ? open : undefined;
  });
  await runNow(stack.url, 'publishPending');
  expect(rowsOf(stack, FINDINGS, { ServerName: 'dammed', RuleId: 'internet-reachable' })).toEqual([]);
  const table = stateOf(stack);
  expect((await table.query(SHOP, 'o|', 'o}', true)).rows).not.toEqual([]);

  stack.azure.switches.ingestionForbidden = false;
  await runNow(stack.url, 'publishPending');
  await until('the row', () => found(FINDINGS, { ServerName: 'dammed', RuleId: 'internet-reachable' }));
  await until('an empty outbox', async () => {
    const { rows } = await table.query(SHOP, 'o|', 'o}', true);
    return rows.length === 0 ? true : undefined;
  });
  const opened = rowsOf(stack, FINDINGS, { ServerName: 'dammed', Change: 'Opened' });
  const ids = opened.map((row) => row['FindingId']);
  expect(new Set(ids).size).toBe(ids.length);
  expect(rowsOf(stack, CHANGES, { ServerId: serverId('dammed').toLowerCase() })).toHaveLength(1);
});

test('throttling is waited out or asked again, and nothing is lost', async () => {
  // Azure says when: waited for in the same run.
  stack.azure.switches.faults = [
    { match: '/slow\\?', method: 'GET', status: 429, headers: { 'retry-after': '1' }, times: 1 },
  ];
  await putRule(stack, serverId('slow'), 'everything', '0.0.0.0', '255.255.255.255');
  for (const name of ['slow', 'busy']) {
    const ServerId = serverId(name).toLowerCase();
    await until('the change row', () => found(CHANGES, { ServerId }));
    const opened = await until('the finding', () =>
      found(FINDINGS, { ServerId, RuleId: 'internet-reachable', Change: 'Opened' }),
    );
    expect(opened).toMatchObject([{ ActorName: 'dana@contoso.example' }]);
    expect(found(CHANGES, { ServerId })).toHaveLength(1);
  }
});
