import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAzurite } from '../../../local/azurite.ts';
import { calls, inputsOf } from './fixtures/calls.ts';
import { startSample } from './host.ts';

let azurite: Awaited<ReturnType<typeof startAzurite>>;
let host: Awaited<ReturnType<typeof startSample>>;

beforeAll(async () => {
  azurite = await startAzurite();
  host = await startSample('app', {
    AzureWebJobsStorage: azurite.connectionString,
    WORDS_QUEUE: 'words',
    EVERY: '0 0 0 1 1 *',
  });
});

afterAll(async () => {
  await host.close();
  await azurite.close();
});

interface Delivery {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const PATH = '/runtime/webhooks/eventgrid?functionName=onEvent';
const notification = { 'aeg-event-type': 'Notification' };

/** Delivers, and gives the answer with the events that the handler got. */
async function deliver({
  path = PATH,
  method = 'POST',
  headers = notification,
  body,
}: Delivery): Promise<object> {
  calls().length = 0;
  const response = await fetch(host.url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, body: await response.text(), events: inputsOf('onEvent') };
}

const NAME = 'Exception while executing function: Functions.onEvent';

describe('notifications', () => {
  test.each([
    { when: 'one event', body: '[{"id":"1"}]', events: [{ id: '1' }] },
    {
      when: 'an event without an array',
      body: '{"specversion":"1.0","id":"1"}',
      events: [{ specversion: '1.0', id: '1' }],
    },
    { when: 'an empty event', body: '{}', events: [{}] },
    { when: 'an empty array', body: '[]', events: [] },
    { when: 'an array of an empty event', body: '[{}]', events: [{}] },
    { when: 'a comment', body: "[{'id':'1',}] // end", events: [{ id: '1' }] },
    {
      when: 'a date',
      body: '[{"eventTime":"2026-01-02T03:04:05.1000000Z"}]',
      events: [{ eventTime: '2026-01-02T03:04:05.1Z' }],
    },
  ])('$when', async ({ body, events }) => {
    expect(await deliver({ body })).toEqual({ status: 202, body: '', events });
  });

  test.each(['[null]', 'null', '1', '"s"', 'no JSON', '[{}', ''])('500 and no call for %j', async (body) => {
    expect(await deliver({ body })).toEqual({ status: 500, body: '', events: [] });
  });

  test('events beside one that is none run all the same', async () => {
    expect(await deliver({ body: '[{"id":"1"},null,{"id":"2"}]' })).toEqual({
      status: 500,
      body: '',
      events: [{ id: '1' }, { id: '2' }],
    });
  });

  test('where one handler throws, the others run to their end', async () => {
    const failing = { id: '1', data: { fail: true } };
    expect(await deliver({ body: JSON.stringify([failing, { id: '2' }, { id: '3' }]) })).toEqual({
      status: 500,
      body: NAME,
      events: [failing, { id: '2' }, { id: '3' }],
    });
  });

  test('trigger metadata has the data with small first letters', async () => {
    await deliver({ body: '[{"data":{"Claims":{"Name":"a"}}}]' });
    expect(calls()[0]).toMatchObject({
      input: { data: { Claims: { Name: 'a' } } },
      metadata: { data: { claims: { name: 'a' } }, sys: { methodName: 'onEvent' } },
    });
  });
});

describe('the webhook', () => {
  test.each([
    {
      when: 'path in any casing',
      delivery: { path: '/Runtime/WebHooks/EventGrid?functionName=onEvent', body: '[]' },
      status: 202,
      body: '',
    },
    {
      when: 'name in another casing',
      delivery: { path: '/runtime/webhooks/eventgrid?functionName=OnEvent', body: '[]' },
      status: 404,
      body: "cannot find function: 'OnEvent'",
    },
    {
      when: 'no name',
      delivery: { path: '/runtime/webhooks/eventgrid', body: '[]' },
      status: 404,
      body: "cannot find function: ''",
    },
    {
      when: 'a function of another kind',
      delivery: { path: '/runtime/webhooks/eventgrid?functionName=work', body: '[]' },
      status: 404,
      body: "cannot find function: 'work'",
    },
    { when: 'no event type', delivery: { headers: {}, body: '[{}]' }, status: 400, body: '' },
    {
      when: 'an unknown event type',
      delivery: { headers: { 'aeg-event-type': 'Other' }, body: '[{}]' },
      status: 400,
      body: '',
    },
    {
      when: 'unsubscribe',
      delivery: { headers: { 'aeg-event-type': 'Unsubscribe' }, body: '[{}]' },
      status: 202,
      body: '',
    },
    {
      when: 'handshake',
      delivery: {
        headers: { 'aeg-event-type': 'SubscriptionValidation' },
        body: '[{"id":"1","data":{"validationCode":"C-1","validationUrl":"https://a"}}]',
      },
      status: 200,
      body: '{"validationResponse":"C-1"}',
    },
    {
      when: 'handshake without a code',
      delivery: { headers: { 'aeg-event-type': 'SubscriptionValidation' }, body: '[{}]' },
      status: 500,
      body: '',
    },
  ])('$when', async ({ delivery, status, body }) => {
    expect(await deliver(delivery)).toEqual({ status, body, events: [] });
  });

  test('handshake of CloudEvents', async () => {
    const response = await fetch(host.url + PATH, {
      method: 'OPTIONS',
      headers: { 'WebHook-Request-Origin': 'eventgrid.azure.net' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('webhook-allowed-origin')).toBe('eventgrid.azure.net');
  });
});
