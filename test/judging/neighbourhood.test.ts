import { expect, test } from 'vitest';
import { neighbourhoodOf } from '../../shared/judging/neighbourhood.ts';
import type { Reading, Snapshot } from '../../shared/model.ts';
import type { AccessChange } from '../../shared/model.ts';
import type { ServerState } from '../../shared/lifecycle/server-state.ts';
import { UNTOLD } from '../../shared/state/access-changes.ts';
import { AT, endpointId, OTHER_SUBSCRIPTION, SERVER, snapshot, unreadable, value } from '../builders.ts';
import { change, type Monitor, monitor, OFFICE, ORDERS, serverBody, SUBSCRIPTION } from '../fakes.ts';
import { NEW } from '../histories.ts';

const SWITCHED: readonly AccessChange[] = [{ at: AT, to: 'enabled', by: 'robin' }];

function around(app: Monitor, seen: Snapshot, stored: ServerState = NEW): ReturnType<typeof neighbourhoodOf> {
  return neighbourhoodOf(seen, stored, SWITCHED, app.environment, app.ports);
}

const replicaOf = (sourceId: string | null): Snapshot => snapshot({ replica: { sourceId } });

test('what everybody is told: the scope, the tenants, and the switches at the time of the reading', async () => {
  const app = monitor();
  Object.assign(app.environment, { tenants: { [SUBSCRIPTION]: 'tenant' } });
  expect(await around(app, snapshot())).toEqual({
    scope: [SUBSCRIPTION],
    tenants: { [SUBSCRIPTION]: 'tenant' },
    source: { unreadable: 'the source is not watched', at: AT },
    accessChanges: { value: SWITCHED, at: AT },
    confirmedGone: [],
  });
});

test('switches of which the change table may not have told all cannot be judged', async () => {
  const { environment, ports } = monitor();
  const changes = [...SWITCHED, UNTOLD];
  expect((await neighbourhoodOf(snapshot(), NEW, changes, environment, ports)).accessChanges).toEqual({
    unreadable: 'the change table was not read in full',
    at: AT,
  });
});

test('an endpoint is gone when two readings in a row did not find it', async () => {
  const id = (name: string): string => endpointId(name);
  const there = value(null as never);
  const before: Readonly<Record<string, Reading<'gone'>>> = {
    [id('twice')]: value('gone'),
    [id('before')]: value('gone'),
    [id('denied')]: value('gone'),
    [id('now')]: there,
    [id('unread')]: unreadable(),
  };
  const now: Readonly<Record<string, Reading<'gone'>>> = {
    [id('twice')]: value('gone'),
    [id('before')]: there,
    [id('denied')]: unreadable(),
    [id('now')]: value('gone'),
    [id('unread')]: value('gone'),
    [id('new')]: value('gone'),
  };
  const seen = { ...snapshot(), surroundings: { endpoints: now } };
  const stored = { ...NEW, surroundings: { endpoints: before } };
  expect((await around(monitor(), seen, stored)).confirmedGone).toEqual([id('twice')]);
});

test.each<{ when: string; seen: Snapshot; reason: string }>([
  { when: 'a replica of nobody knows what', seen: replicaOf(null), reason: 'the source is not watched' },
  { when: 'a source that is no resource', seen: replicaOf('orders'), reason: 'the source is not watched' },
  {
    when: 'a source out of scope',
    seen: replicaOf(ORDERS.replaceAll(SUBSCRIPTION, OTHER_SUBSCRIPTION)),
    reason: 'the source is not watched',
  },
  {
    when: 'a role that could not be read',
    seen: snapshot({ denied: ['replication'] }),
    reason: 'the source is not watched',
  },
  {
    when: 'a source that nobody has read',
    seen: replicaOf(ORDERS),
    reason: 'the source was not read yet',
  },
])('$when has no exposure', async ({ seen, reason }) => {
  expect((await around(monitor(), seen)).source).toEqual({ unreadable: reason, at: AT });
});

test('of a source that was read: its exposure, at the time of that reading', async () => {
  const app = monitor();
  app.bodies.set(ORDERS, serverBody(ORDERS));
  app.lists.set(`${ORDERS}/firewallRules`, [OFFICE]);
  await app.ask({ changes: [change()] });
  const { source } = await around(app, replicaOf(SERVER.id));
  expect(source).toMatchObject({ value: { reach: 'listed', publicAddresses: 1 }, at: app.time() });
});
