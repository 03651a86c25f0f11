import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, resetCounters } from '../../local/azure/index.ts';
import type { Stack } from '../../local/stack.ts';
import * as keys from '../../shared/state/keys.ts';
import { FINDINGS, RUNS, rowsOf, SERVERS, startCloud, stateOf, sweepToEnd, until, write } from './cloud.ts';
import { estateOf, flexible, LAB, POSTGRES, serverId, SHOP, single, withEndpoint } from './estate.ts';

const LAB_GROUP = `/subscriptions/${LAB}/resourceGroups/rg-lab`;

let stack: Stack;

beforeAll(async () => {
  const estate = estateOf([
    flexible('orders', 'Enabled'),
    flexible('stock', 'Enabled', { any: ['0.0.0.0', '255.255.255.255'] }, POSTGRES),
    flexible('trial', 'Enabled', { azure: ['0.0.0.0', '0.0.0.0'] }, POSTGRES, LAB_GROUP),
    flexible('dark', 'Disabled'),
    ...withEndpoint('vault', 'Disabled'),
    single('legacy'),
  ]);
  stack = await startCloud(estate, { eventSchema: 'CloudEventSchemaV1_0' });
});

afterAll(() => stack.close());

test('the first sweep tells the inventory, a run and a heartbeat', async () => {
  const run = await sweepToEnd(stack);
  expect(run).toMatchObject({
    Expected: 6,
    Assessed: 6,
    Unreadable: 0,
    Skipped: 0,
    // Subscriptions, servers, private endpoints and switches of public access: one page each.
    GraphCalls: 4,
    // A body and a list for each of six servers, one more list of the single server, and the endpoint of vault.
    ManagementCalls: 14,
    Throttled: 0,
    Partial: false,
    Problems: [],
  });
  expect(String(run['FinishedAt']) >= String(run['StartedAt'])).toBe(true);
  expect(stack.azure.counters).toMatchObject({ graphCalls: 4, managementCalls: 14 });

  const findings = rowsOf(stack, FINDINGS);
  expect(new Set(findings.map((row) => `${String(row['Change'])} ${String(row['Reason'])}`))).toEqual(
    new Set(['Opened FirstSeen']),
  );
  expect(new Set(findings.map((row) => row['Source']))).toEqual(new Set(['sweep']));
  const reaches = rowsOf(stack, SERVERS).map((row) => [row['ServerName'], row['Reach'], row['RunId']]);
  expect(reaches.sort()).toEqual([
    ['dark', 'none', run['RunId']],
    ['legacy', 'listed', run['RunId']],
    ['orders', 'listed', run['RunId']],
    ['stock', 'internet', run['RunId']],
    ['trial', 'azure', run['RunId']],
    ['vault', 'private', run['RunId']],
  ]);
  const [beat] = await until('the heartbeat', () => {
    const rows = rowsOf(stack, RUNS, { Kind: 'Heartbeat' });
    return rows.length > 0 ? rows : undefined;
  });
  expect(beat).toMatchObject({
    RunId: '',
    EventsOutOfScope: 0,
    EventsMalformed: 0,
    PendingRows: 0,
    OldestPendingSeconds: 0,
    FailedAssessments: 0,
    DeadLetters: 0,
    Expected: null,
    Assessed: null,
    GraphCalls: null,
  });
});

test('the second sweep makes the calls that are needed, writes nothing and tells nothing', async () => {
  const before = await written();
  const told = [rowsOf(stack, FINDINGS).length, rowsOf(stack, SERVERS).length];
  resetCounters(stack.azure.counters);
  const run = await sweepToEnd(stack);
  expect(stack.azure.counters.byPath).toEqual({
    'POST microsoft.resourcegraph/resources': 4,
    'GET microsoft.dbformysql/flexibleservers/firewallrules': 1,
    'GET microsoft.dbforpostgresql/flexibleservers/firewallrules': 2,
    'GET microsoft.dbformysql/servers/firewallrules': 1,
    'GET microsoft.dbformysql/servers/virtualnetworkrules': 1,
  });
  expect(run).toMatchObject({ Expected: 6, Assessed: 6, Unreadable: 0, Skipped: 0, ManagementCalls: 5 });
  expect(await written()).toEqual(before);
  expect([rowsOf(stack, FINDINGS).length, rowsOf(stack, SERVERS).length]).toEqual(told);
});

test('a server that comes later is news: by its event, and by a sweep where the event is lost', async () => {
  const created = flexible('created', 'Enabled', {}) as Json;
  await write(stack, 'PUT', serverId('created'), { ...created, children: undefined });
  const [byEvent] = await until('the finding by event', () => opened('created'));
  expect(byEvent).toMatchObject({ Reason: '', Source: 'event', ActorName: 'dana@contoso.example' });

  const { children, id, ...body } = flexible('silent', 'Enabled', {}) as Json;
  expect(children).toEqual({ firewallRules: {} });
  stack.azure.estate.put(String(id), body);
  await sweepToEnd(stack);
  const [bySweep] = await until('the finding by sweep', () => opened('silent'));
  expect(bySweep).toMatchObject({ Reason: '', Source: 'sweep', ActorName: '' });
});

test('a switch that no event told is found by its record in Resource Graph', async () => {
  const body = stack.azure.estate.get(serverId('dark'));
  stack.azure.estate.put(serverId('dark'), {
    ...body,
    properties: { state: 'Ready', network: { publicNetworkAccess: 'Enabled' } },
  });
  const run = await sweepToEnd(stack);
  const id = serverId('dark').toLowerCase();
  expect(run).toMatchObject({
    Partial: false,
    Problems: [`No event told of changes that the sweep found: ${id}.`],
  });
  const [finding] = await until('the finding', () => {
    const rows = rowsOf(stack, FINDINGS, { ServerName: 'dark', RuleId: 'public-access-switched-on' });
    return rows.length > 0 ? rows : undefined;
  });
  expect(finding).toMatchObject({ Change: 'Opened', Source: 'sweep', Reach: 'listed', ReachBefore: 'none' });
});

test('a subscription that stops answering is a problem, and its findings stay open', async () => {
  stack.azure.switches.unreadableSubscriptions.push(LAB);
  const run = await sweepToEnd(stack);
  stack.azure.switches.unreadableSubscriptions.pop();
  expect(run).toMatchObject({ Partial: true, Problems: [`Subscription ${LAB} did not answer.`] });
  expect(rowsOf(stack, FINDINGS, { ServerName: 'trial', Change: 'Resolved' })).toEqual([]);
  const health = await fetch(`${stack.url}/api/health`);
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({
    reasons: [`Did not answer the last sweep: subscription ${LAB}.`],
  });
});

/** The servers' rows of the state table with their ETags. */
async function written(): Promise<readonly (readonly string[])[]> {
  const table = stateOf(stack);
  const parts = await Promise.all([SHOP, LAB].map((id) => table.query(id, '!', '~')));
  const rows = parts.flatMap((part) => part.rows.map(({ row, etag }) => [row, etag]));
  expect(
    rows.filter(([row]) => row !== undefined && row >= keys.ALL_OUTBOX[0] && row < keys.ALL_OUTBOX[1]),
  ).toEqual([]);
  return rows;
}

function opened(name: string): ReturnType<typeof rowsOf> | undefined {
  const rows = rowsOf(stack, FINDINGS, {
    ServerName: name,
    RuleId: 'public-access-enabled',
    Change: 'Opened',
  });
  return rows.length > 0 ? rows : undefined;
}
