import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import type { ServerRef } from '../../shared/model.ts';
import type { Ports, Table } from '../../shared/ports.ts';
import {
  newState,
  parseState,
  type ServerState,
  storedSnapshot,
} from '../../shared/lifecycle/server-state.ts';
import { readAccessChanges, UNTOLD, writeAccessChanges } from '../../shared/state/access-changes.ts';
import { azureTable } from '../../shared/state/azure-table.ts';
import { commit, readPartitions } from '../../shared/state/commit.ts';
import { addNamedBy, dependenciesOf, dependentsOf } from '../../shared/state/dependents.ts';
import { clearFailure, readFailures, recordFailure } from '../../shared/state/failures.ts';
import { readInventory } from '../../shared/state/inventory.ts';
import * as keys from '../../shared/state/keys.ts';
import {
  insertWaiting,
  outboxOf,
  readState,
  readStates,
  readSurrounding,
  readWaiting,
  writeState,
} from '../../shared/state/store.ts';
import { CREDENTIAL } from '../azure/secure-server.ts';
import { endpointId, type Given, server as serverOf, snapshot } from '../builders.ts';
import { change, openFinding, read, type Scene } from '../histories.ts';

let azurite: Azurite;
let table: Table;
let subscription: string;
let orders: ServerRef;
let stock: ServerRef;

beforeAll(async () => {
  azurite = await startAzurite();
  table = azureTable({ connectionString: azurite.connectionString }, CREDENTIAL);
});
afterAll(() => azurite.close());
beforeEach(() => {
  subscription = randomUUID();
  const own = (name: string): ServerRef => {
    const server = serverOf('MF', name);
    return { ...server, subscription, id: server.id.replace(server.subscription, subscription) };
  };
  [orders, stock] = [own('orders'), own('stock')];
});

const ports = (): Ports => ({ table }) as unknown as Ports;

/** Reads a server and commits what it says; false: another one wrote first. */
async function assess(server: ServerRef, scene: Partial<Scene> = {}, waits = true): Promise<boolean> {
  const { stored, now } = await readState(table, server);
  const seen = { ...snapshot(scene.given), server };
  const comparison = read(stored.state, { at: 0, snapshot: seen, ...scene });
  const waiting = waits ? await readWaiting(table, server) : [];
  return (await commit(ports(), stored, comparison, waiting, now)) !== undefined;
}

describe('a state', () => {
  test('of a server that nobody has read is new', async () => {
    const { stored, now } = await readState(table, orders);
    expect(stored).toEqual({ state: newState(orders), etag: undefined });
    expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(60_000);
  });

  test('is read as it was written', async () => {
    await assess(orders, { given: { fw: ['8.8.8.8'] }, findings: [openFinding('a')] });
    const { stored } = await readState(table, orders);
    expect(stored.state).toMatchObject({ server: orders, live: true, findings: [{ ruleId: 'a', seq: 1 }] });
    expect(stored.etag).toBeTruthy();
    expect(storedSnapshot(stored.state)).toMatchObject({ server: orders, found: true });
    expect(storedSnapshot(newState(orders))).toBeUndefined();
  });

  test('many of one subscription in one query, those that are new among them', async () => {
    await assess(stock);
    const { states } = await readStates(table, [stock, orders]);
    expect([...states.keys()]).toEqual([stock.id, orders.id]);
    expect(states.get(stock.id)?.etag).toBeTruthy();
    expect(states.get(orders.id)?.etag).toBeUndefined();
    await expect(readStates(table, [])).rejects.toThrow('no server to read');
  });

  test('is not overwritten by who read an older one', async () => {
    const { stored } = await readState(table, orders);
    const first = await writeState(table, stored);
    expect(first?.etag).toBeTruthy();
    expect(await writeState(table, stored)).toBeUndefined();
    if (!first) throw new Error('not written');
    expect(await writeState(table, first)).toBeTruthy();
    expect(await writeState(table, first)).toBeUndefined();
  });

  test('of 300 findings with all their evidence fits a row', async () => {
    const findings = Array.from({ length: 300 }, (_, index) =>
      openFinding('a', {
        subject: `${orders.id}/firewallrules/${index}`,
        summary: randomUUID().repeat(20),
        evidence: { ids: Array.from({ length: 20 }, () => randomUUID()) },
      }),
    );
    expect(await assess(orders, { findings })).toBe(true);
    expect((await readState(table, orders)).stored.state.findings).toHaveLength(300);
    expect((await table.query(subscription, ...keys.ALL_OUTBOX, true)).rows.length).toBeGreaterThan(1);
  });

  test('of a newer version of the app is refused', () => {
    expect(() => parseState(JSON.stringify({ ...newState(serverOf()), version: 2 }))).toThrow();
    expect(() => parseState('{}')).toThrow();
    expect(parseState(JSON.stringify(newState(serverOf())))).toEqual(newState(serverOf()));
  });
});

describe('a commit', () => {
  test('writes state, rows and events that waited at once', async () => {
    await assess(orders);
    await insertWaiting(table, orders, change('e1'));
    await insertWaiting(table, orders, change('e1'));
    const waiting = await readWaiting(table, orders);
    expect(waiting.map((item) => item.change.id)).toEqual(['e1']);
    const scene = { reason: 'look', findings: [openFinding('a')], changes: [change('e1')] } as const;
    expect(await assess(orders, scene)).toBe(true);
    expect(await readWaiting(table, orders)).toEqual([]);
    const { rows } = await table.query(subscription, ...keys.ALL_OUTBOX);
    expect(
      rows.flatMap(({ text }) => JSON.parse(text) as { table: string }[]).map((row) => row.table),
    ).toEqual(['DatabaseExposureFindings_CL', 'DatabaseExposureChanges_CL']);
    expect(await readPartitions(table)).toContain(subscription);
  });

  test('by the second of two that read the same state writes nothing', async () => {
    await assess(orders);
    const { stored, now } = await readState(table, orders);
    const seen = { ...snapshot(), server: orders };
    const one = read(stored.state, { at: 900, snapshot: seen, findings: [openFinding('a')] });
    const two = read(stored.state, { at: 900, snapshot: seen, findings: [openFinding('b')] });
    expect(await commit(ports(), stored, one, [], now)).toBeDefined();
    expect(await commit(ports(), stored, two, [], now)).toBeUndefined();
    const { rows } = await table.query(subscription, ...keys.ALL_OUTBOX);
    expect(JSON.stringify(rows)).not.toContain('\\"b\\"');
    expect((await readState(table, orders)).stored.state.findings.map(({ ruleId }) => ruleId)).toEqual(['a']);
  });

  test('is not stopped by a write that only moved the next look, and keeps it', async () => {
    await assess(orders);
    const { stored, now } = await readState(table, orders);
    const nextLookAt = '2026-05-20T12:00:05.000Z';
    await writeState(table, { state: { ...stored.state, nextLookAt }, etag: stored.etag });
    const seen = { ...snapshot(), server: orders };
    const comparison = read(stored.state, { at: 900, snapshot: seen, findings: [openFinding('a')] });
    expect(await commit(ports(), stored, comparison, [], now)).toBeDefined();
    expect((await readState(table, orders)).stored.state).toMatchObject({
      nextLookAt,
      findings: [{ ruleId: 'a' }],
    });
  });

  test('takes 250 events that waited', async () => {
    await assess(orders);
    await Promise.all(
      Array.from({ length: 250 }, (_, index) => insertWaiting(table, orders, change(`e${index}`))),
    );
    const waiting = await readWaiting(table, orders);
    expect(waiting).toHaveLength(250);
    expect(await assess(orders, { reason: 'look', changes: waiting.map((item) => item.change) })).toBe(true);
    expect(await readWaiting(table, orders)).toEqual([]);
    const { rows } = await table.query(subscription, ...keys.ALL_OUTBOX);
    expect(rows.reduce((sum, { columns }) => sum + Number(columns.rows), 0)).toBe(250);
  });

  test('of one server touches no row of another', async () => {
    await insertWaiting(table, stock, change('e1'));
    await assess(orders, { findings: [openFinding('a')] });
    expect(await readWaiting(table, stock)).toHaveLength(1);
    expect(await readWaiting(table, orders)).toEqual([]);
  });
});

describe('outbox rows', () => {
  const row = (text: string) => ({ table: 'DatabaseExposureFindings_CL', row: { Summary: text } }) as const;

  test('are packed to 300,000 characters', () => {
    const rows = Array.from({ length: 100 }, (_, index) => row(`${index}${'x'.repeat(10_000)}`));
    const packs = outboxOf(orders, rows, 'now').operations;
    expect(packs).toHaveLength(4);
    expect(new Set(packs.map((pack) => pack.row)).size).toBe(4);
    for (const pack of packs) expect(pack.row).toMatch(/^o\|[0-9a-f]{64}\|[0-9a-f]{32}$/);
  });

  test('none, one', () => {
    expect(outboxOf(orders, [], 'now').operations).toEqual([]);
    expect(outboxOf(orders, [row('a')], 'now').operations).toMatchObject([
      { do: 'put', columns: { at: 'now', rows: '1' } },
    ]);
  });

  test('the same rows have the same key: a copy replaces itself', () => {
    const keyOf = (text: string): unknown => outboxOf(orders, [row(text)], 'now').operations[0]?.row;
    expect(keyOf('a')).toBe(keyOf('a'));
    expect(keyOf('a')).not.toBe(keyOf('b'));
  });
});

describe('dependencies', () => {
  const stateOf = (given: Given): ServerState => ({ ...newState(orders), ...snapshot(given) });

  test.each<{ when: string; given: Given; ids: readonly string[] }>([
    { when: 'nothing', given: {}, ids: [] },
    {
      when: 'a delegated subnet and its network',
      given: { injected: true },
      ids: ['virtualnetworks/hub', 'virtualnetworks/hub/subnets/mysql'],
    },
    {
      when: 'the subnet of a virtual network rule',
      given: { family: 'MS', vnet: ['front'] },
      ids: ['virtualnetworks/hub', 'virtualnetworks/hub/subnets/front'],
    },
    {
      when: 'endpoints, those that are gone too',
      given: {
        endpoints: [
          { id: endpointId('a'), is: 'gone' },
          { id: endpointId('b'), is: 'denied' },
        ],
      },
      ids: ['privateendpoints/a', 'privateendpoints/b'],
    },
    {
      when: 'the source of a replica',
      given: { replica: { sourceId: serverOf('MF', 'main').id } },
      ids: ['flexibleservers/main'],
    },
    { when: 'what could not be read', given: { injected: true, denied: ['delegatedSubnetId'] }, ids: [] },
  ])('$when', ({ given, ids }) => {
    const found = dependenciesOf(stateOf(given)).map((id) => id.replace(/.*\/providers\/[^/]+\//, ''));
    expect(found).toEqual(ids);
  });

  test('lead from a resource to the servers, as long as they depend on it', async () => {
    const id = `/subscriptions/${subscription}/resourcegroups/rg/providers/microsoft.network/privateendpoints/pe`;
    const given: Given = { endpoints: [{ id, is: 'gone' }] };
    await assess(orders, { given });
    await assess(stock, { given });
    expect([...(await dependentsOf(table, id))].sort()).toEqual([orders.id, stock.id]);
    await assess(stock, { given: {} });
    expect(await dependentsOf(table, id)).toEqual([orders.id]);
    expect(await dependentsOf(table, `${id}2`)).toEqual([]);
  });

  test('an endpoint that names a server leads to it, and is known to it', async () => {
    const id = endpointId('pe', subscription);
    await addNamedBy(table, id, orders);
    await addNamedBy(table, id, orders);
    expect(await dependentsOf(table, id)).toEqual([orders.id]);
    expect((await readSurrounding(table, subscription)).namedBy).toEqual(new Map([[orders.id, [id]]]));
  });
});

describe('failed assessments', () => {
  const failure = (server: ServerRef) =>
    ({ serverId: server.id, reason: 'x', at: '2026-05-20T12:00:00.000Z', request: null }) as const;

  test('one a server, until its next good assessment', async () => {
    await recordFailure(table, orders, failure(orders));
    await recordFailure(table, orders, { ...failure(orders), reason: 'y' });
    await recordFailure(table, stock, failure(stock));
    const of = async (): Promise<readonly string[]> =>
      (await readFailures(table, [subscription])).map(
        ({ serverId, reason }) => `${serverId.split('/').at(-1) ?? ''} ${reason}`,
      );
    expect([...(await of())].sort()).toEqual(['orders y', 'stock x']);
    await clearFailure(table, orders);
    await clearFailure(table, orders);
    expect(await of()).toEqual(['stock x']);
  });

  test('those of a subscription that left the scope are still known', async () => {
    await assess(orders, { findings: [openFinding('a')] });
    await recordFailure(table, orders, failure(orders));
    const found = await readFailures(table, []);
    expect(found.map(({ serverId }) => serverId)).toContain(orders.id);
  });
});

describe('the inventory', () => {
  test('servers that were read and are there', async () => {
    await assess(orders);
    await assess(stock);
    const { stored } = await readState(table, stock);
    await writeState(table, { state: { ...stored.state, live: false }, etag: stored.etag });
    const names = async (deleted = false): Promise<readonly string[]> =>
      (await readInventory(table, [subscription], deleted)).map(({ server }) => server.name).sort();
    expect(await names()).toEqual(['orders']);
    expect(await names(true)).toEqual(['orders', 'stock']);
    expect(await readInventory(table, [])).toEqual([]);
  });
});

describe('switches of public access', () => {
  const at = '2026-05-20T12:00:00.000Z';
  const one = [{ at, to: 'enabled', by: 'dana' }] as const;
  const two = [...one, { at, to: 'disabled', by: '' }] as const;
  const elsewhere = serverOf('MF', 'other').id;
  const told = async (...ids: readonly string[]): Promise<readonly unknown[]> => {
    const changes = await readAccessChanges(table, subscription);
    return ids.map((id) => changes.get(id));
  };

  test('are kept as the change table tells them', async () => {
    const all = [orders.id, stock.id, elsewhere].map((id) => [id, one] as const);
    await writeAccessChanges(table, subscription, new Map(all));
    expect(await told(orders.id, stock.id, elsewhere)).toEqual([one, one, undefined]);
    await writeAccessChanges(table, subscription, new Map([[orders.id, two]]));
    expect(await told(orders.id, stock.id)).toEqual([two, undefined]);
  });

  test('before anybody has listed the change table nobody can say whether there were more', async () => {
    expect(await told(orders.id)).toEqual([[UNTOLD]]);
    await writeAccessChanges(table, subscription, undefined);
    expect(await told(orders.id)).toEqual([[UNTOLD]]);
  });

  test('a change table that is not listed in full leaves what is known, which may not be all', async () => {
    await writeAccessChanges(table, subscription, new Map([[orders.id, one]]));
    await writeAccessChanges(table, subscription, undefined);
    expect(await told(orders.id, stock.id)).toEqual([[...one, UNTOLD], [UNTOLD]]);
    await writeAccessChanges(table, subscription, new Map([[orders.id, two]]));
    expect(await told(orders.id, stock.id)).toEqual([two, undefined]);
  });

  test('what is known already is not written again', async () => {
    const changes = new Map([[orders.id, one]]);
    await writeAccessChanges(table, subscription, changes);
    const quiet: Table = {
      query: (...range) => table.query(...range),
      transact: () => Promise.reject(new Error('a transaction')),
    };
    await writeAccessChanges(quiet, subscription, changes);
    await writeAccessChanges(table, subscription, undefined);
    await writeAccessChanges(quiet, subscription, undefined);
  });
});
