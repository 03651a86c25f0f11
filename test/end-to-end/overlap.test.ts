import { afterAll, beforeAll, expect, test } from 'vitest';
import { runNow } from '../../local/api-client.ts';
import { generateEstate } from '../../local/azure/index.ts';
import type { Stack } from '../../local/stack.ts';
import { FINDINGS, putRule, rowsOf, RUNS, serversByName, startCloud, until } from './cloud.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startCloud(generateEstate({ servers: 40, rulesPerServer: 2, subscriptions: 2 }));
});

afterAll(() => stack.close());

test('two first sweeps and events at the same time tell each finding once', async () => {
  const servers = stack.azure.estate.ids().filter((id) => /\/db00001\d$/.test(id));
  expect(servers).toHaveLength(10);
  await Promise.all([
    runNow(stack.url, 'sweep'),
    runNow(stack.url, 'sweep'),
    ...servers.map((id) => putRule(stack, id, 'everything', '0.0.0.0', '255.255.255.255')),
  ]);
  await until('both runs', async () => {
    await runNow(stack.url, 'publishPending');
    const rows = rowsOf(stack, RUNS, { Kind: 'Sweep' });
    return rows.length === 2 ? rows : undefined;
  });
  for (const run of rowsOf(stack, RUNS, { Kind: 'Sweep' })) {
    expect(run).toMatchObject({ Expected: 40, Assessed: 40, Unreadable: 0, Skipped: 0, Partial: false });
  }
  expect((await serversByName(stack)).size).toBe(40);

  const opened = rowsOf(stack, FINDINGS, { Change: 'Opened' });
  const ids = opened.map((row) => row['FindingId']);
  expect(ids.length).toBeGreaterThan(100);
  expect(new Set(ids).size).toBe(ids.length);
  expect(rowsOf(stack, FINDINGS, { Change: 'Resolved' })).toEqual([]);
  const quiet = opened.filter((row) => !/^db00001\d$/.test(String(row['ServerName'])));
  expect(new Set(quiet.map((row) => row['Reason']))).toEqual(new Set(['FirstSeen']));
});
