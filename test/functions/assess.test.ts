import { afterAll, beforeAll, expect, test } from 'vitest';
import { resetCounters } from '../../local/azure/index.ts';
import { estateOf, flexible, serverId, SHOP } from '../end-to-end/estate.ts';
import { type Door, invocation, openDoor } from './door.ts';

const CHANGES = 'DatabaseExposureChanges_CL';

let door: Door;
let handler: (message: unknown, context: ReturnType<typeof invocation>['context']) => Promise<void>;

beforeAll(async () => {
  const names = ['direct', 'plain', 'encoded', 'parsed', 'cloud'];
  door = await openDoor(estateOf(names.map((name) => flexible(name, 'Enabled'))));
  ({ assessServers: handler } = await import('../../functions/assess.ts'));
});

afterAll(() => door.close());

const request = (name: string): object => ({
  resources: [{ id: serverId(name).toLowerCase() }],
  reason: 'event',
  requestedAt: '2026-05-20T12:00:00.000Z',
  changes: [
    {
      id: `event-${name}`,
      resource: serverId(name).toLowerCase(),
      time: '',
      operation: '',
      status: '',
      correlationId: '',
      actor: { name: '', id: '', type: '', address: '' },
    },
  ],
});

const raw = (name: string): object => ({
  id: `event-${name}`,
  subject: serverId(name),
  eventType: 'Microsoft.Resources.ResourceWriteSuccess',
  eventTime: '2026-05-20T12:00:00Z',
  data: {},
});

test.each([
  { when: 'a request as text', name: 'plain', message: JSON.stringify(request('plain')) },
  {
    when: 'a request in base64',
    name: 'encoded',
    message: Buffer.from(JSON.stringify(request('encoded'))).toString('base64'),
  },
  { when: 'a request that the runtime parsed', name: 'parsed', message: request('parsed') },
  { when: 'a raw event, delivered straight to the queue', name: 'direct', message: raw('direct') },
  {
    when: 'a raw CloudEvent',
    name: 'cloud',
    message: JSON.stringify({
      id: 'event-cloud',
      source: `/subscriptions/${SHOP}`,
      subject: serverId('cloud'),
      type: 'Microsoft.Resources.ResourceWriteSuccess',
      time: '2026-05-20T12:00:00Z',
      specversion: '1.0',
      data: {},
    }),
  },
])('a message leads to rows and a second look: $when', async ({ name, message }) => {
  const { context } = invocation({ insertionTime: '2026-05-20T12:00:00+00:00' });
  await handler(message, context);
  expect(door.azure.ingested(CHANGES).filter((row) => row['EventId'] === `event-${name}`)).toMatchObject([
    { ServerId: serverId(name).toLowerCase(), Outcome: 'Widened' },
  ]);
});

test.each([
  { when: 'no JSON', message: 'no JSON' },
  { when: 'neither a request nor an event', message: { resources: [] } },
  {
    when: 'an event out of scope',
    message: JSON.stringify(raw('x')).replaceAll(SHOP, SHOP.replace('1', '7')),
  },
])('is dropped with a line, and nothing is read: $when', async ({ message }) => {
  const { context, lines } = invocation();
  resetCounters(door.azure.counters);
  await handler(message, context);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { message: 'message dropped', why: 'neither a request nor an event in scope' },
  ]);
  expect(door.azure.counters).toMatchObject({ managementCalls: 0, ingestionCalls: 0 });
});
