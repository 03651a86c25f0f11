import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Request } from '../../shared/asking/request.ts';
import { toRequest } from '../../shared/asking/to-request.ts';

const RETAIL = '11111111-1111-4111-8111-111111111111';
const SCOPE = [RETAIL];
const ORDERS = `/subscriptions/${RETAIL}/resourcegroups/rg-retail-orders/providers/microsoft.dbformysql/flexibleservers/orders`;
const INSERTED = 'Tue, 01 Sep 2026 08:15:40 GMT';
const INSERTED_ISO = '2026-09-01T08:15:40.000Z';

const fixture = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/events/${file}`, import.meta.url), 'utf8'));
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

const SWEEP = {
  resources: [{ id: ORDERS, graphHash: 'abc' }],
  reason: 'sweep',
  requestedAt: '2026-09-01T08:00:00.000Z',
  attempt: 2,
  runId: 'r1',
  batch: 0,
} as const;

describe('own requests', () => {
  test.each([
    { when: 'as the host hands it over, already parsed', message: SWEEP },
    { when: 'as text', message: JSON.stringify(SWEEP) },
    { when: 'in base64', message: base64(SWEEP) },
  ])('$when', ({ message }) => {
    expect(toRequest(message, INSERTED, SCOPE, 'full')).toEqual(SWEEP);
  });

  test.each([
    { when: 'an event’s first message has the storage service’s time', more: {}, at: INSERTED_ISO },
    { when: 'a copy keeps the time of the first', more: { attempt: 2 }, at: SWEEP.requestedAt },
  ])('$when', ({ more, at }) => {
    const own = { resources: [{ id: ORDERS }], reason: 'event', requestedAt: SWEEP.requestedAt, ...more };
    expect(toRequest(own, INSERTED, SCOPE, 'full')?.requestedAt).toBe(at);
    expect(toRequest(own, new Date(INSERTED), SCOPE, 'full')?.requestedAt).toBe(at);
    expect(toRequest(own, undefined, SCOPE, 'full')?.requestedAt).toBe(SWEEP.requestedAt);
    expect(toRequest(own, 'garbage', SCOPE, 'full')?.requestedAt).toBe(SWEEP.requestedAt);
  });
});

describe('raw events', () => {
  const write = {
    resources: [{ id: ORDERS }],
    reason: 'event',
    requestedAt: INSERTED_ISO,
    changes: [
      {
        id: '99999999-9999-4999-8999-000000000001',
        resource: `${ORDERS}/firewallrules/open-for-test`,
        actor: { id: 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeee01', name: 'dana@contoso.example' },
      },
    ],
  };
  const [event] = fixture('firewall-rule-write.eventgrid.json') as readonly unknown[];

  test.each([
    { when: 'Event Grid schema', message: event },
    { when: 'Event Grid schema in an array', message: fixture('firewall-rule-write.eventgrid.json') },
    { when: 'CloudEvents', message: fixture('firewall-rule-write.cloudevents.json') },
    { when: 'as text', message: JSON.stringify(event) },
    { when: 'in base64', message: base64(event) },
    { when: 'CloudEvents in base64', message: base64(fixture('firewall-rule-write.cloudevents.json')) },
  ])('$when', ({ message }) => {
    const request = toRequest(message, INSERTED, SCOPE, 'full');
    expect(request).toMatchObject(write);
    expect(Request.parse(request)).toEqual(request);
  });

  test('every event of an array counts, and each server once', () => {
    const request = toRequest(fixture('batch.eventgrid.json'), INSERTED, SCOPE, 'full');
    expect(request?.resources).toEqual([{ id: ORDERS }]);
    expect(request?.changes?.map(({ resource }) => resource.slice(ORDERS.length))).toEqual([
      '',
      '/firewallrules/office',
      '/firewallrules/branch-office',
      '/firewallrules/old-office',
    ]);
  });

  test('an array about several resources asks for each, and tells no change of one as another’s', () => {
    const zone = fixture('network-security-group-write.eventgrid.json') as readonly unknown[];
    const request = toRequest([event, ...zone], INSERTED, SCOPE, 'full');
    expect(request?.resources.map(({ id }) => id.split('/').at(-1))).toEqual([
      'orders',
      'nsg-retail-endpoints',
    ]);
    expect(request).not.toHaveProperty('changes');
  });

  test('what is dropped of an array drops nothing else', () => {
    const far = fixture('out-of-scope.eventgrid.json') as readonly unknown[];
    expect(toRequest([...far, event], INSERTED, SCOPE, 'full')).toMatchObject(write);
  });

  test('no more of the actor than the setting allows', () => {
    const request = toRequest(event, INSERTED, SCOPE, 'none');
    expect(request?.changes?.[0]?.actor).toEqual({ name: '', id: '', type: '', address: '' });
  });

  test.each(['garbage', undefined, 7, Number.NaN])('inserted at %j: now', (insertedAt) => {
    const before = Date.now();
    const at = Date.parse(toRequest(event, insertedAt, SCOPE, 'full')?.requestedAt ?? '');
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });
});

describe('neither', () => {
  test.each<{ when: string; message: unknown }>([
    { when: 'nothing', message: undefined },
    { when: 'null', message: null },
    { when: 'an empty text', message: '' },
    { when: 'a text', message: 'hello world' },
    { when: 'digits, which are base64 too', message: '1234' },
    { when: 'base64 of no JSON', message: Buffer.from('hello').toString('base64') },
    { when: 'an empty array', message: [] },
    { when: 'an event out of scope', message: fixture('out-of-scope.eventgrid.json') },
    { when: 'a handshake', message: fixture('handshake.eventgrid.json') },
    { when: 'a request for nothing', message: { ...SWEEP, resources: [] } },
    { when: 'a request without a time', message: { ...SWEEP, requestedAt: 'today' } },
    { when: 'a request with another reason', message: { ...SWEEP, reason: 'whim' } },
    { when: 'a request that is too large', message: { ...SWEEP, resources: Array(101).fill({ id: 'x' }) } },
  ])('$when', ({ message }) => {
    expect(toRequest(message, INSERTED, SCOPE, 'full')).toBeUndefined();
  });

  test('no message makes it throw', () => {
    const message = fc.oneof(fc.jsonValue(), fc.string(), fc.base64String(), fc.json());
    fc.assert(
      fc.property(message, fc.anything(), (given, insertedAt) => {
        const request = toRequest(given, insertedAt, SCOPE, 'full');
        expect(request === undefined || Request.safeParse(request).success).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
