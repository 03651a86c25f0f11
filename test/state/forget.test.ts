import { beforeEach, describe, expect, test } from 'vitest';
import type { Answer, Arm } from '../../shared/ports.ts';
import { forgetEndpoints, forgetServers, forgetSubscription } from '../../shared/sweeping/forget.ts';
import { addNamedBy, dependentsOf } from '../../shared/state/dependents.ts';
import { forgetMessages, readFailures, recordFailure } from '../../shared/state/failures.ts';
import * as keys from '../../shared/state/keys.ts';
import { writeSubscription } from '../../shared/state/monitor.ts';
import { addResults, createRun, deleteRun, type Marker, readMarkers } from '../../shared/state/runs.ts';
import { insertWaiting, readNamedBy, writeState } from '../../shared/state/store.ts';
import { type PrivateEndpoint, type Reading, SERVER_UNREAD } from '../../shared/model.ts';
import { endpoint, endpointId, SERVER, SUBSCRIPTION } from '../builders.ts';
import { change, NEW } from '../histories.ts';
import { type MemoryTable, memoryTable } from '../simulation/memory-table.ts';

const NOW = '2026-05-20T12:00:00.000Z';
const before = (days: number): string => new Date(Date.parse(NOW) - days * 86_400_000).toISOString();
const PE = endpointId('pe-a');

let table: MemoryTable;

beforeEach(() => {
  table = memoryTable(() => Date.parse(NOW));
});

const rowsOf = (partition: string): readonly string[] =>
  table.peek(partition, '!', '~').map(({ row }) => row.split('|')[0] ?? '');

/** A server with every kind of row that there may be of it. */
async function store(deletedAt: string | null, reading?: Reading<PrivateEndpoint | 'gone'>): Promise<void> {
  const surroundings = { endpoints: { [PE]: reading ?? { value: 'gone', at: NOW } } };
  await writeState(table, { state: { ...NEW, deletedAt, surroundings }, etag: undefined });
  await addNamedBy(table, PE, SERVER);
  await insertWaiting(table, SERVER, change('e1'));
  await recordFailure(table, SERVER, { serverId: SERVER.id, reason: 'x', at: NOW, request: null });
}

describe('a server', () => {
  test.each([
    { when: 'that is there', deletedAt: null, isKept: true },
    { when: 'deleted 29 days ago', deletedAt: before(29), isKept: true },
    { when: 'deleted 30 days ago', deletedAt: before(30), isKept: false },
  ])('$when is kept: $isKept, with all that leads to it', async ({ deletedAt, isKept }) => {
    await store(deletedAt);
    const { rows } = await table.query(SUBSCRIPTION, ...keys.ALL_SERVERS, true);
    await forgetServers(SUBSCRIPTION, rows, NOW, table);
    expect(rowsOf(SUBSCRIPTION)).toEqual(isKept ? ['n', 's', 'w', 'x'] : []);
    expect(await dependentsOf(table, PE)).toEqual(isKept ? [SERVER.id] : []);
  });
});

describe('an endpoint that named a server', () => {
  const at = NOW;
  const names = (target: string): Reading<PrivateEndpoint> => ({
    value: {
      id: PE,
      location: 'westeurope',
      provisioningState: 'Succeeded',
      subnetId: null,
      targets: [
        { targetId: target, manual: false, status: 'approved', statusText: 'Approved', description: '' },
      ],
    },
    at,
  });
  const body = (target: string): Answer<unknown> => ({
    outcome: 'ok',
    body: {
      properties: { privateLinkServiceConnections: [{ properties: { privateLinkServiceId: target } }] },
    },
    firstAt: at,
    at,
  });
  const gone: Answer<unknown> = { outcome: 'gone', code: 'ResourceNotFound', at };
  const unread: Reading<PrivateEndpoint> = { unreadable: SERVER_UNREAD, at };
  const denied: Answer<unknown> = { outcome: 'denied', reason: 'denied (403)', at };

  test.each<{
    when: string;
    listedBy?: readonly string[];
    complete?: boolean;
    listed?: readonly string[];
    stored?: Reading<PrivateEndpoint | 'gone'>;
    answer?: Answer<unknown>;
    isKept: boolean;
    isAsked?: boolean;
  }>([
    { when: 'the listing has it', listedBy: [PE], stored: { value: 'gone', at }, isKept: true },
    { when: 'the listing is not complete', complete: false, stored: { value: 'gone', at }, isKept: true },
    { when: 'its subscription was not listed', listed: [], stored: { value: 'gone', at }, isKept: true },
    { when: 'it was read as gone', stored: { value: 'gone', at }, isKept: false },
    { when: 'it was read and names another', stored: names(`${SERVER.id}2`), isKept: false },
    { when: 'it was read and names the server', stored: names(SERVER.id), isKept: true },
    { when: 'it was denied', stored: { unreadable: 'denied (403)', at }, isKept: true },
    { when: 'it was not asked for and is gone', stored: unread, answer: gone, isKept: false, isAsked: true },
    {
      when: 'it was not asked for and names another',
      stored: unread,
      answer: body(`${SERVER.id}2`),
      isKept: false,
      isAsked: true,
    },
    {
      when: 'it was not asked for and names the server',
      stored: unread,
      answer: body(SERVER.id),
      isKept: true,
      isAsked: true,
    },
    {
      when: 'it was not asked for and is denied',
      stored: unread,
      answer: denied,
      isKept: true,
      isAsked: true,
    },
  ])(
    '$when: kept $isKept',
    async ({ listedBy, complete = true, listed, stored, answer, isKept, isAsked }) => {
      await store(null, stored);
      const asked: string[] = [];
      const get: Arm['get'] = (path) => {
        asked.push(path);
        return Promise.resolve(answer ?? denied);
      };
      const arm: Arm = { get, list: () => Promise.resolve(denied as Answer<never>) };
      const namedBy = new Map(listedBy ? [[SERVER.id, listedBy]] : []);
      const named = await readNamedBy(table, SUBSCRIPTION);
      await forgetEndpoints(SUBSCRIPTION, named, { namedBy, complete }, listed ?? [SUBSCRIPTION], {
        table,
        arm,
      });
      expect((await readNamedBy(table, SUBSCRIPTION)).get(SERVER.id)).toEqual(isKept ? [PE] : undefined);
      expect(await dependentsOf(table, PE)).toEqual(isKept ? [SERVER.id] : []);
      expect(asked).toEqual(isAsked === true ? [PE] : []);
    },
  );

  test('the builder’s endpoint is the one that is meant', () => {
    expect(endpoint('pe-a').id).toBe(PE);
  });
});

describe('a subscription that left the scope', () => {
  beforeEach(async () => {
    const facts = { firstRunId: 'r', firstSweptAt: NOW, outSweeps: 2 };
    await writeSubscription(table, SUBSCRIPTION, facts);
    const row = keys.partitionRow(SUBSCRIPTION);
    await table.transact(keys.MONITOR, [
      { do: 'put', row, text: '', columns: { subscription: SUBSCRIPTION } },
    ]);
  });

  test.each([
    {
      when: 'a server was deleted 29 days ago',
      days: 29,
      more: [],
      left: ['m', 'n', 's', 'w'],
      isKnown: true,
    },
    { when: 'the last was deleted 30 days ago', days: 30, more: [], left: ['m'], isKnown: false },
    { when: 'a row was not told yet', days: 30, more: ['o|1'], left: ['m', 'o'], isKnown: true },
    { when: 'a row was refused', days: 30, more: ['k|1'], left: ['k', 'm'], isKnown: true },
    { when: 'its servers were listed', days: 30, more: ['i|1', 'a|1'], left: ['i', 'm'], isKnown: false },
  ])('$when: $left', async ({ days, more, left, isKnown }) => {
    await store(before(days));
    for (const row of more) await table.transact(SUBSCRIPTION, [{ do: 'put', row, text: '' }]);
    await forgetSubscription(SUBSCRIPTION, table);
    expect([...rowsOf(SUBSCRIPTION)].sort()).toEqual(left);
    expect(rowsOf(keys.MONITOR)).toEqual(isKnown ? ['p'] : []);
  });
});

test('a message that named nothing is kept for thirty days', async () => {
  for (const [name, at] of [
    ['old', before(30)],
    ['new', before(29)],
  ] as const) {
    const failure = { serverId: '', reason: name, at, request: null };
    await recordFailure(table, { id: name, subscription: keys.MONITOR }, failure);
  }
  await forgetMessages(table, NOW);
  expect((await readFailures(table, [])).map(({ reason }) => reason)).toEqual(['new']);
});

test('a run goes with what a late message left of an older one, and of no younger', async () => {
  const marker: Marker = { results: {}, unannounced: [], managementCalls: 0, graphCalls: 0, throttled: 0 };
  const [older, own, younger] = ['20260101T000000000Z-a', '20260102T000000000Z-b', '20260103T000000000Z-c'];
  for (const id of [older, own, younger]) await addResults(table, id, 0, marker);
  await createRun(table, {
    ...{ runId: own, kind: 'Sweep', startedAt: NOW, expected: 0, batches: 1, lastDueAt: NOW },
    ...{
      graphCalls: 0,
      throttled: 0,
      problems: [],
      notices: [],
      missing: [],
      finished: null,
      published: false,
    },
  });
  await deleteRun(table, own);
  const left = await Promise.all([older, own, younger].map((id) => readMarkers(table, id)));
  expect(left.map(({ length }) => length)).toEqual([0, 0, 1]);
});
