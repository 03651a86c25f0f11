import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES, type Request } from '../../shared/asking/request.ts';
import { invocation, requestOf } from './door.ts';

const EVENTS = new URL('../fixtures/events/', import.meta.url);
const RETAIL = '11111111-1111-4111-8111-111111111111';
const SERVER = `/subscriptions/${RETAIL}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/orders`;

let handler: (
  event: unknown,
  context: ReturnType<typeof invocation>['context'],
) => Promise<string | undefined>;

beforeAll(async () => {
  // Addresses at which nobody answers: an event is turned into a request without a call.
  Object.assign(process.env, {
    MONITOR_SUBSCRIPTIONS: RETAIL,
    AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://localhost:1',
    LOGS_INGESTION_ENDPOINT: 'https://localhost:1',
    LOGS_INGESTION_RULE_ID: 'dcr-00000000000000000000000000000000',
    AzureWebJobsStorage:
      'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a;BlobEndpoint=http://127.0.0.1:1/a',
  });
  ({ onResourceChange: handler } = await import('../../functions/on-resource-change.ts'));
});

async function handle(event: unknown): Promise<{ request: Request | undefined; lines: readonly string[] }> {
  const { context, lines } = invocation();
  const message = await handler(event, context);
  expect(Buffer.from(message ?? '', 'base64').length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
  return { request: message === undefined ? undefined : requestOf(message), lines };
}

function eventAbout(subject: string, more: object = {}): Record<string, unknown> {
  return {
    id: 'e1',
    subject,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: '2026-05-20T12:00:00.0000000Z',
    data: { resourceUri: subject, ...more },
  };
}

describe('an event in scope becomes one request', () => {
  test.each([
    { when: 'a rule of a server', subject: `${SERVER}/firewallRules/office`, concerned: SERVER },
    { when: 'a server', subject: SERVER, concerned: SERVER },
    {
      when: 'a private endpoint',
      subject: `/subscriptions/${RETAIL}/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe`,
      concerned: `/subscriptions/${RETAIL}/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe`,
    },
  ])('$when', async ({ subject, concerned }) => {
    const { request, lines } = await handle(eventAbout(subject));
    expect(request).toMatchObject({
      resources: [{ id: concerned.toLowerCase() }],
      reason: 'event',
      changes: [{ id: 'e1', resource: subject.toLowerCase(), time: '2026-05-20T12:00:00.000Z' }],
    });
    expect(request?.attempt).toBeUndefined();
    expect(lines).toEqual([]);
  });

  test('whatever the event holds besides, the request stays small and readable', async () => {
    const long = 'x'.repeat(1_000_000);
    const claims = { name: long, oid: long, ipaddr: long };
    const { request } = await handle({
      ...eventAbout(SERVER, { operationName: long, status: long, correlationId: long, claims }),
      id: long,
    });
    expect(request?.changes).toHaveLength(1);
  });
});

describe('what leads to nothing is logged by its id and never fails', () => {
  test.each([
    { when: 'nothing', event: undefined },
    { when: 'null', event: null },
    { when: 'a text', event: 'event' },
    { when: 'an empty object', event: {} },
    { when: 'another subscription', event: eventAbout(SERVER.replace(RETAIL, RETAIL.replace(/^1/, '2'))) },
    { when: 'no resource id', event: eventAbout('/subscriptions/../x') },
    { when: 'an id with a query', event: eventAbout(`${SERVER}?x=/y`) },
    {
      when: 'a name that grows when lower-cased',
      event: eventAbout(`${SERVER}/a/${'İ'.repeat(250)}/b/${'İ'.repeat(250)}/c/${'İ'.repeat(250)}`),
    },
    {
      when: 'a resource that is not watched',
      event: eventAbout(SERVER.replace('DBforMySQL/flexibleServers', 'Web/sites')),
    },
    {
      when: 'another kind of event',
      event: { ...eventAbout(SERVER), eventType: 'Microsoft.Storage.BlobCreated' },
    },
  ])('$when', async ({ event }) => {
    const { request, lines } = await handle(event);
    expect(request).toBeUndefined();
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'event dropped' });
  });

  test('none of the known shapes fails', async () => {
    for (const file of readdirSync(EVENTS).filter((name) => name.endsWith('.json'))) {
      const payload = JSON.parse(readFileSync(new URL(file, EVENTS), 'utf8')) as unknown;
      for (const event of Array.isArray(payload) ? (payload as readonly unknown[]) : [payload])
        await handle(event);
    }
  });

  test('the log holds no name and no address', async () => {
    const { lines } = await handle(
      eventAbout('/subscriptions/x', { claims: { name: 'Dana', ipaddr: '203.0.113.7' } }),
    );
    expect(lines.join('')).not.toMatch(/Dana|203\.0/);
  });
});
