import { beforeEach, describe, expect, test } from 'vitest';
import { serverRef } from '../shared/families/fingerprint.ts';
import { parseResourceId } from '../shared/resource-id.ts';
import type { ServerState } from '../shared/lifecycle/server-state.ts';
import { readState } from '../shared/state/store.ts';
import { findingView } from '../shared/views.ts';
import {
  change,
  EVERYTHING,
  GROUP,
  type Monitor,
  monitor,
  OFFICE,
  ORDERS,
  rule,
  serverBody,
  SUBSCRIPTION,
} from './fakes.ts';

const RULES_PATH = `${ORDERS}/firewallRules`;
const FINDINGS = 'DatabaseExposureFindings_CL';
const CHANGES = 'DatabaseExposureChanges_CL';
const SERVERS = 'DatabaseExposureServers_CL';

let app: Monitor;

beforeEach(() => {
  app = monitor();
  app.bodies.set(ORDERS, serverBody(ORDERS));
  app.lists.set(RULES_PATH, [OFFICE]);
});

async function state(id = ORDERS): Promise<ServerState> {
  const resource = parseResourceId(id);
  if (!resource) throw new Error('no id');
  return (await readState(app.table, serverRef(resource, undefined))).stored.state;
}

async function reachable(): Promise<ReturnType<typeof findingView> | undefined> {
  const known = await state();
  const rules = new Map(app.environment.rules.map((item) => [item.id, item]));
  return known.findings
    .map((record) => findingView(record, known, rules))
    .find(({ ruleId }) => ruleId === 'internet-reachable');
}

const bodyReads = (): number => app.reads.filter((path) => path === ORDERS).length;
const told = (id = 'internet-reachable'): readonly unknown[] =>
  app.rows(FINDINGS, { RuleId: id }).map((row) => [row['Change'], row['Reason'], row['Source']]);

/** A server that has been open to the internet for an hour. */
async function opened(): Promise<void> {
  app.lists.set(RULES_PATH, [OFFICE, EVERYTHING]);
  await app.ask({ changes: [change()] });
  await app.pass(3600);
}

describe('events that come close together', () => {
  test('eight messages at once read once, and all rows wait for the look five seconds later', async () => {
    await Promise.all(Array.from({ length: 8 }, () => app.ask({ changes: [change()] })));
    expect(bodyReads()).toBe(1);
    expect(app.rows(CHANGES)).toHaveLength(1);
    await app.pass(4);
    expect(bodyReads()).toBe(1);
    await app.pass(1);
    expect(bodyReads()).toBe(2);
    expect(app.rows(CHANGES)).toHaveLength(8);
  });

  test('a burst of 20 in 12 s: a reading every 5 s, one second look, a row for each event', async () => {
    for (let event = 0; event < 20; event += 1) {
      await app.ask({ changes: [change()] });
      await app.pass(0.6);
    }
    await app.pass(10);
    // At 0, 5, 10 and 15 s.
    expect(bodyReads()).toBe(4);
    expect(app.rows(CHANGES)).toHaveLength(20);
    await app.pass(600);
    expect(bodyReads()).toBe(5);
    expect(app.messages).toEqual([]);
  });

  test('a late event and the look, both due at once, share one reading', async () => {
    await app.ask({ changes: [change()] });
    await app.pass(1);
    await app.ask({ changes: [change()] });
    const [look] = app.messages.filter(({ request }) => request.reason === 'look');
    await app.pass(3);
    app.drop(look);
    await app.pass(1);
    await Promise.all([app.ask({ changes: [change()] }), app.ask(look?.request ?? {})]);
    expect(bodyReads()).toBe(2);
    await app.pass(600);
    expect(app.rows(CHANGES)).toHaveLength(3);
    expect(bodyReads()).toBe(3);
  });

  test('a look that died after its claim is made up for: no event loses its row', async () => {
    await app.ask({ changes: [change()] });
    await app.pass(1);
    const waiting = change();
    await app.ask({ changes: [waiting] });
    const [look] = app.messages.filter(({ request }) => request.reason === 'look');
    app.drop(look);
    await app.pass(4);
    app.faults.set(ORDERS, { answer: new Error('the process died'), times: 1 });
    await expect(app.ask(look?.request ?? {})).rejects.toThrow('the process died');
    await app.pass(30);
    await app.ask(look?.request ?? {});
    expect(app.rows(CHANGES, { EventId: waiting.id })).toHaveLength(1);
  });

  test('the same event twice leaves one row', async () => {
    const event = change();
    await app.ask({ changes: [event] });
    await app.ask({ changes: [event] });
    await app.pass(600);
    await app.ask({ changes: [event] });
    await app.pass(600);
    expect(app.rows(CHANGES, { EventId: event.id })).toHaveLength(1);
  });

  test('a reading that started two minutes after the request covers it: the row gets its outcome', async () => {
    const requestedAt = app.time();
    await app.pass(130);
    await app.ask({ changes: [change()] });
    await app.pass(300);
    const before = bodyReads();
    await app.ask({ requestedAt, changes: [change(undefined, { id: 'late' })] });
    expect(bodyReads()).toBe(before);
    expect(app.rows(CHANGES, { EventId: 'late' })).toMatchObject([{ Outcome: 'Widened' }]);
  });
});

describe('opening and resolving', () => {
  test('a finding opens at the first reading, with its event', async () => {
    await app.ask({ changes: [change()] });
    await app.pass(600);
    app.lists.set(RULES_PATH, [OFFICE, EVERYTHING]);
    await app.ask({ changes: [change(undefined, { time: app.time() })] });
    expect(told()).toEqual([['Opened', '', 'event']]);
    expect(app.rows(FINDINGS, { RuleId: 'internet-reachable' })).toMatchObject([
      {
        ActorName: 'dana@contoso.example',
        ReachBefore: 'listed',
        Reach: 'internet',
        PublicAddressesBefore: 1,
      },
    ]);
  });

  test('a repair is about to resolve at once, and resolves by the look 75 s later', async () => {
    await opened();
    app.lists.set(RULES_PATH, [OFFICE]);
    await app.ask({ changes: [change()] });
    expect(await reachable()).toMatchObject({
      state: 'Open',
      // The reading was an hour after the start; the second comes 60 s later at the earliest.
      resolvesAfter: '2026-05-20T13:01:00.000Z',
    });
    expect(app.rows(SERVERS).at(-1)).toMatchObject({ Reach: 'listed', PublicAddresses: 1 });
    await app.pass(74);
    expect(told()).toEqual([['Opened', 'FirstSeen', 'event']]);
    await app.pass(1);
    expect(told()).toEqual([
      ['Opened', 'FirstSeen', 'event'],
      ['Resolved', 'Fixed', 'event'],
    ]);
    expect((await reachable())?.state).toBe('Resolved');
  });

  test('a repair that only a sweep sees resolves by the recheck 70 s after it', async () => {
    await opened();
    app.lists.set(RULES_PATH, [OFFICE]);
    await app.ask({ reason: 'sweep', runId: 'r', batch: 0 });
    await app.pass(69);
    expect((await reachable())?.state).toBe('Open');
    await app.pass(1);
    expect(told().at(-1)).toEqual(['Resolved', 'Fixed', 'recheck']);
  });

  test('a second reading within 60 s does not resolve', async () => {
    await opened();
    app.lists.set(RULES_PATH, [OFFICE]);
    await app.ask({ changes: [change()] });
    await app.pass(30);
    await app.ask({ reason: 'http' });
    expect((await reachable())?.state).toBe('Open');
  });

  test('a repair that is taken back before the second reading changes nothing', async () => {
    await opened();
    app.lists.set(RULES_PATH, [OFFICE]);
    await app.ask({ changes: [change()] });
    await app.pass(20);
    app.lists.set(RULES_PATH, [OFFICE, EVERYTHING]);
    await app.ask({ changes: [change()] });
    expect(await reachable()).toMatchObject({ state: 'Open', resolvesAfter: null });
    await app.pass(600);
    expect(told()).toEqual([['Opened', 'FirstSeen', 'event']]);
  });

  test('what was resolved a moment ago opens again only when a second reading agrees', async () => {
    await opened();
    app.lists.set(RULES_PATH, [OFFICE]);
    await app.ask({ changes: [change()] });
    await app.pass(80);
    expect((await reachable())?.state).toBe('Resolved');
    app.lists.set(RULES_PATH, [OFFICE, EVERYTHING]);
    await app.ask({ changes: [change()] });
    expect((await reachable())?.state).toBe('Resolved');
    await app.pass(74);
    expect((await reachable())?.state).toBe('Resolved');
    await app.pass(1);
    expect(told().map((row) => (row as string[])[0])).toEqual(['Opened', 'Resolved', 'Opened']);
  });
});

describe('a server that is gone', () => {
  const gone = (): void => {
    app.bodies.delete(ORDERS);
    app.lists.delete(RULES_PATH);
  };

  test('the first 404 resolves nothing; the second after 162 s with a complete list does', async () => {
    await opened();
    gone();
    await app.ask({ changes: [change(ORDERS)] });
    expect(app.rows(CHANGES).at(-1)).toMatchObject({ Outcome: 'Unreadable' });
    await app.pass(100);
    await app.ask({ changes: [change(ORDERS)] });
    expect(app.rows(FINDINGS, { Change: 'Resolved' })).toEqual([]);
    await app.pass(90);
    const resolved = app.rows(FINDINGS, { Change: 'Resolved' });
    expect(resolved.length).toBeGreaterThan(0);
    expect(new Set(resolved.map((row) => row['Reason']))).toEqual(new Set(['Deleted']));
    expect((await state()).live).toBe(false);
    expect((await state()).findings.every((record) => record.state === 'Resolved')).toBe(true);
  });

  test.each([
    { when: 'the list cannot be read', answer: { outcome: 'denied', reason: 'denied (403)', at: '' } },
    {
      when: 'the list is not complete',
      answer: { outcome: 'garbled', reason: 'the list does not end', at: '' },
    },
  ] as const)('nothing resolves while $when', async ({ answer }) => {
    await opened();
    gone();
    const path = `/subscriptions/${SUBSCRIPTION}/providers/microsoft.dbformysql/flexibleservers`;
    app.faults.set(path, { answer, times: 100 });
    await app.ask({ changes: [change(ORDERS)] });
    await app.pass(900);
    expect(app.rows(FINDINGS, { Change: 'Resolved' })).toEqual([]);
    expect((await state()).live).toBe(true);
  });

  test('a 404 that was a moment of weakness is forgotten', async () => {
    await opened();
    app.faults.set(ORDERS, { answer: { outcome: 'gone', code: '', at: app.time() }, times: 1 });
    await app.ask({ changes: [change(ORDERS)] });
    expect((await state()).notFoundSince).toBe('2026-05-20T13:00:00.000Z');
    await app.pass(300);
    expect((await state()).notFoundSince).toBeNull();
    expect(app.rows(FINDINGS, { Change: 'Resolved' })).toEqual([]);
  });

  test('a server that comes back opens its findings again', async () => {
    await opened();
    gone();
    await app.ask({ changes: [change(ORDERS)] });
    await app.pass(600);
    app.bodies.set(ORDERS, serverBody(ORDERS));
    app.lists.set(RULES_PATH, [EVERYTHING]);
    await app.ask({ changes: [change(ORDERS)] });
    expect(told().map((row) => (row as string[])[0])).toEqual(['Opened', 'Resolved', 'Opened']);
    expect((await state()).live).toBe(true);
  });
});

describe('what cannot be read', () => {
  const denied = {
    outcome: 'denied',
    reason: 'denied (403): Microsoft.DBforMySQL/flexibleServers/firewallRules/read is missing',
    at: '2026-05-20T13:00:00.000Z',
  } as const;

  test.each([
    { when: 'denied', answer: denied, unreadable: denied.reason },
    {
      when: 'not as documented',
      answer: { outcome: 'garbled', reason: 'not as documented: the list', at: denied.at } as const,
      unreadable: 'not as documented: the list',
    },
  ])(
    'rules that are $when leave the findings open and make the reach unknown',
    async ({ answer, unreadable }) => {
      await opened();
      app.faults.set(RULES_PATH, { answer, times: 1 });
      const result = await app.ask({ changes: [change()] });
      expect([...result.values()]).toEqual(['unreadable']);
      expect(app.rows(SERVERS).at(-1)).toMatchObject({
        Reach: 'unknown',
        PublicAddresses: null,
        Complete: false,
        Unreadable: { firewallRules: unreadable },
      });
      expect(app.rows(CHANGES).at(-1)).toMatchObject({ Outcome: 'Unreadable' });
      expect(await reachable()).toMatchObject({ state: 'Open', resolvesAfter: null });
      expect(app.rows(FINDINGS, { Change: 'Resolved' })).toEqual([]);
    },
  );

  test('a body that is no server makes every facet unknown and keeps the name and place', async () => {
    await opened();
    app.bodies.set(ORDERS, { value: 'nonsense' });
    await app.ask({ changes: [change(ORDERS)] });
    expect(app.rows(SERVERS).at(-1)).toMatchObject({
      ServerName: 'orders',
      Location: 'westeurope',
      Reach: 'unknown',
      Complete: false,
    });
    expect(await reachable()).toMatchObject({ state: 'Open' });
  });

  test('throttling asks again later, alone, and loses nothing', async () => {
    await opened();
    const first = change();
    app.faults.set(ORDERS, {
      answer: { outcome: 'failed', reason: 'throttled', retryAfterSeconds: 120 },
      times: 1,
    });
    expect(await app.ask({ changes: [first] })).toEqual(new Map());
    expect(app.messages).toMatchObject([{ request: { attempt: 2, reason: 'event', changes: [first] } }]);
    await app.pass(119);
    expect(app.rows(CHANGES, { EventId: first.id })).toEqual([]);
    await app.pass(1);
    expect(app.rows(CHANGES, { EventId: first.id })).toHaveLength(1);
  });

  test('a sweep says after its third attempt what it could not read', async () => {
    const answer = { outcome: 'failed', reason: 'ARM answered 500' } as const;
    app.faults.set(ORDERS, { answer, times: 3 });
    await app.ask({ reason: 'sweep', runId: 'r', batch: 0 });
    await app.pass(60);
    expect(app.rows(SERVERS)).toMatchObject([
      { Reach: 'unknown', Complete: false, Unreadable: { publicAccess: 'ARM answered 500' } },
    ]);
  });
});

describe('a sweep', () => {
  const sweep = (graphHash?: string): Promise<unknown> =>
    app.ask({
      reason: 'sweep',
      runId: 'r',
      batch: 0,
      resources: [graphHash === undefined ? { id: ORDERS } : { id: ORDERS, graphHash }],
    });

  test('reads the rules alone where the record is as it was read, and writes nothing', async () => {
    await sweep();
    const { bodyHash } = await state();
    const row = app.table.peek(SUBSCRIPTION, 's|', 's}')[0];
    app.reads.length = 0;
    await app.pass(900);
    await sweep(bodyHash);
    expect(app.reads).toEqual([RULES_PATH]);
    expect(app.table.peek(SUBSCRIPTION, 's|', 's}')[0]).toEqual(row);
  });

  test.each([
    { when: 'another record', hash: 'other', seconds: 900 },
    { when: 'no record', hash: undefined, seconds: 900 },
    { when: 'a reading older than six hours', hash: 'same', seconds: 6 * 3600 },
  ])('reads the server by ARM: $when', async ({ hash, seconds }) => {
    await sweep();
    const { bodyHash } = await state();
    app.reads.length = 0;
    await app.pass(seconds);
    await sweep(hash === 'same' ? bodyHash : hash);
    expect(app.reads).toEqual([ORDERS, RULES_PATH]);
  });

  test('judges by the body of the same moment what changed in the rules', async () => {
    await sweep();
    const { bodyHash } = await state();
    await app.pass(900);
    app.lists.set(RULES_PATH, [OFFICE, EVERYTHING]);
    // Resource Graph does not know yet that public access is off.
    app.bodies.set(ORDERS, serverBody(ORDERS, 'Disabled'));
    await sweep(bodyHash);
    expect(told()).toEqual([]);
    expect(app.rows(SERVERS).at(-1)).toMatchObject({ Reach: 'none' });
  });

  test('reads nothing of a server whose public access is off, for a day', async () => {
    app.bodies.set(ORDERS, serverBody(ORDERS, 'Disabled'));
    await sweep();
    const { bodyHash } = await state();
    app.reads.length = 0;
    await app.pass(3600);
    await sweep(bodyHash);
    expect(app.reads).toEqual([]);
  });

  test('renews an unchanged server every six hours, and not before', async () => {
    await sweep();
    const { bodyHash } = await state();
    const rows = (): number => app.rows(SERVERS).length;
    expect(rows()).toBe(1);
    await app.pass(5 * 3600);
    await sweep(bodyHash);
    expect(rows()).toBe(1);
    await app.pass(3600);
    await sweep(bodyHash);
    expect(rows()).toBe(2);
    const refreshed = app.rows(FINDINGS, { Change: 'Refreshed' });
    expect(refreshed.length).toBeGreaterThan(0);
    expect(refreshed.every((row) => row['Evidence'] === undefined && row['State'] === 'Open')).toBe(true);
  });

  test('brings the rows of events that wait, when it comes before their look', async () => {
    await app.ask({ changes: [change()] });
    const waiting = change();
    await app.ask({ changes: [waiting] });
    await sweep((await state()).bodyHash);
    expect(app.rows(CHANGES, { EventId: waiting.id })).toHaveLength(1);
  });
});

describe('rows that Log Analytics does not take', () => {
  test('stay with the state and go out once', async () => {
    app.delivery = { accepted: false, reason: 'later', status: 403 };
    app.lists.set(RULES_PATH, [EVERYTHING]);
    await app.ask({ changes: [change()] });
    expect(app.rows(FINDINGS)).toEqual([]);
    expect(await reachable()).toMatchObject({ state: 'Open' });
    app.delivery = { accepted: true };
    await app.pass(80);
    const { publishPending } = await import('../shared/publishing/publish-pending.ts');
    await publishPending(app.environment, app.ports);
    await publishPending(app.environment, app.ports);
    expect(told()).toEqual([['Opened', 'FirstSeen', 'event']]);
    expect(app.rows(CHANGES)).toHaveLength(1);
  });
});

test('another server of the message is assessed although one fails', async () => {
  const stock = `${GROUP}/microsoft.dbforpostgresql/flexibleservers/stock`;
  app.bodies.set(stock, serverBody(stock));
  app.lists.set(`${stock}/firewallRules`, [rule('vpn', '198.51.100.1')]);
  app.faults.set(ORDERS, { answer: { outcome: 'failed', reason: 'ARM answered 503' }, times: 1 });
  const results = await app.ask({
    reason: 'sweep',
    runId: 'r',
    batch: 0,
    resources: [{ id: ORDERS }, { id: stock }],
  });
  expect(results).toEqual(new Map([[stock, 'assessed']]));
  expect(app.messages).toMatchObject([{ request: { resources: [{ id: ORDERS }], runId: 'r', batch: 0 } }]);
});
