import { beforeEach, describe, expect, test } from 'vitest';
import { readFailures, recordFailure } from '../../shared/state/failures.ts';
import { readMarkers } from '../../shared/state/runs.ts';
import {
  change,
  GROUP,
  type Monitor,
  monitor,
  OFFICE,
  ORDERS,
  rule,
  serverBody,
  SUBSCRIPTION,
} from '../fakes.ts';

const CHANGES = 'DatabaseExposureChanges_CL';
const ENDPOINT = `${GROUP}/microsoft.network/privateendpoints/pe-orders`;
const STOCK = `${GROUP}/microsoft.dbforpostgresql/flexibleservers/stock`;

let app: Monitor;

beforeEach(() => {
  app = monitor();
  for (const id of [ORDERS, STOCK]) {
    app.bodies.set(id, serverBody(id));
    app.lists.set(`${id}/firewallRules`, [OFFICE]);
  }
});

function endpoint(target: string): unknown {
  return {
    id: ENDPOINT,
    location: 'westeurope',
    properties: {
      provisioningState: 'Succeeded',
      manualPrivateLinkServiceConnections: [],
      privateLinkServiceConnections: [
        {
          properties: {
            privateLinkServiceId: target,
            privateLinkServiceConnectionState: { status: 'Approved', description: '' },
          },
        },
      ],
    },
  };
}

const concerned = (eventId: string): readonly unknown[] =>
  app.rows(CHANGES, { EventId: eventId }).map((row) => row['ServerId']);

describe('the servers that a request concerns', () => {
  test('a private endpoint leads to the server that it targets', async () => {
    app.bodies.set(ENDPOINT, endpoint(ORDERS));
    const event = change(ENDPOINT);
    await app.ask({ resources: [{ id: ENDPOINT }], changes: [event] });
    expect(concerned(event.id)).toEqual([ORDERS]);
  });

  test('a private endpoint that is gone leads to the servers that depended on it', async () => {
    app.bodies.set(ENDPOINT, endpoint(ORDERS));
    await app.ask({ resources: [{ id: ENDPOINT }], changes: [change(ENDPOINT)] });
    await app.pass(600);
    app.bodies.delete(ENDPOINT);
    const event = change(ENDPOINT);
    await app.ask({ resources: [{ id: ENDPOINT }], changes: [event] });
    expect(concerned(event.id)).toEqual([ORDERS]);
  });

  test('an endpoint that moved leads to the old and the new server', async () => {
    app.bodies.set(ENDPOINT, endpoint(ORDERS));
    await app.ask({ resources: [{ id: ENDPOINT }], changes: [change(ENDPOINT)] });
    await app.pass(600);
    app.bodies.set(ENDPOINT, endpoint(STOCK));
    const event = change(ENDPOINT);
    await app.ask({ resources: [{ id: ENDPOINT }], changes: [event] });
    expect(concerned(event.id).toSorted()).toEqual([STOCK, ORDERS].toSorted());
  });

  test('an endpoint that cannot be read now is asked for again', async () => {
    app.bodies.set(ENDPOINT, endpoint(ORDERS));
    app.faults.set(ENDPOINT, { answer: { outcome: 'failed', reason: 'ARM answered 503' }, times: 1 });
    const event = change(ENDPOINT);
    await app.ask({ resources: [{ id: ENDPOINT }], changes: [event] }).catch(() => undefined);
    await app.pass(60);
    expect(concerned(event.id)).toEqual([ORDERS]);
  });

  test.each([
    { when: 'another subscription', id: ORDERS.replaceAll('1111', '2222') },
    { when: 'a text that is no id', id: '/subscriptions/../x' },
    { when: 'a type that is not watched', id: `${GROUP}/microsoft.compute/virtualmachines/vm` },
  ])('$when leads to none, and nothing is read', async ({ id }) => {
    expect(await app.ask({ resources: [{ id }] })).toEqual(new Map());
    expect(app.reads).toEqual([]);
  });

  test('an endpoint of a server out of scope leads to none', async () => {
    app.bodies.set(ENDPOINT, endpoint(ORDERS.replaceAll('1111', '2222')));
    expect(await app.ask({ resources: [{ id: ENDPOINT }] })).toEqual(new Map());
    expect(app.reads).toEqual([ENDPOINT]);
  });
});

describe('what goes wrong', () => {
  test('a server that makes the code fail is asked for alone, and fails its own message', async () => {
    app.faults.set(ORDERS, { answer: new Error('a bug'), times: 9 });
    const results = await app.ask({ resources: [{ id: ORDERS }, { id: STOCK }] });
    expect([...results.keys()]).toEqual([STOCK]);
    const [message] = app.messages.filter(({ request }) => request.reason === 'event');
    expect(message?.request).toMatchObject({ resources: [{ id: ORDERS }], attempt: 1 });
    app.drop(message);
    await app.pass(10);
    await expect(app.ask(message?.request ?? {})).rejects.toThrow('a bug');
  });

  test('backoff doubles with each attempt, up to 15 minutes', async () => {
    app.faults.set(ORDERS, { answer: { outcome: 'failed', reason: 'ARM answered 503' }, times: 9 });
    const delays: number[] = [];
    for (const attempt of [1, 2, 3, 7, 8, 20]) {
      await app.ask({ reason: 'recheck', attempt });
      const [message] = app.messages;
      delays.push(((message?.dueAt ?? 0) - Date.parse(app.time())) / 1000);
      app.drop(message);
    }
    // 15 s, 30 s, 60 s, 960 s (cut to 900 s) ... and three quarters of it: the dice say one half.
    expect(delays).toEqual([11.25, 22.5, 45, 675, 675, 675]);
  });

  test('the fortieth attempt is the last', async () => {
    app.faults.set(ORDERS, { answer: { outcome: 'failed', reason: 'ARM answered 503' }, times: 9 });
    await expect(app.ask({ reason: 'recheck', attempt: 40 })).rejects.toThrow('40 attempts');
  });

  test('a good assessment ends what an earlier failure left', async () => {
    await recordFailure(
      app.table,
      { id: ORDERS, subscription: SUBSCRIPTION },
      { serverId: ORDERS, reason: 'x', at: app.time(), request: null },
    );
    await app.ask({ resources: [{ id: STOCK }] });
    expect(await readFailures(app.table, [SUBSCRIPTION])).toHaveLength(1);
    await app.ask({});
    expect(await readFailures(app.table, [SUBSCRIPTION])).toEqual([]);
  });
});

test("a batch's marker holds each server's result and the calls, also when one comes later", async () => {
  app.faults.set(ORDERS, { answer: { outcome: 'failed', reason: 'ARM answered 503' }, times: 1 });
  app.lists.set(`${STOCK}/firewallRules`, [rule('vpn', '198.51.100.1')]);
  await app.ask({ reason: 'sweep', runId: 'r', batch: 4, resources: [{ id: ORDERS }, { id: STOCK }] });
  const [early] = await readMarkers(app.table, 'r');
  expect(Object.values(early?.results ?? {})).toEqual(['assessed']);
  await app.pass(60);
  const markers = await readMarkers(app.table, 'r');
  expect(markers).toHaveLength(1);
  expect(Object.values(markers[0]?.results ?? {})).toEqual(['assessed', 'assessed']);
});
