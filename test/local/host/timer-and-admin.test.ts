import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAzurite } from '../../../local/azurite.ts';
import { inputsOf } from './fixtures/calls.ts';
import { startSample, until } from './host.ts';

let azurite: Awaited<ReturnType<typeof startAzurite>>;
let host: Awaited<ReturnType<typeof startSample>>;

beforeAll(async () => {
  azurite = await startAzurite();
  host = await startSample('app', {
    AzureWebJobsStorage: azurite.connectionString,
    WORDS_QUEUE: 'words',
    EVERY: '* * * * * *',
  });
});

afterAll(async () => {
  await host.close();
  await azurite.close();
});

async function post(name: string, body: string, method = 'POST'): Promise<[number, string]> {
  const response = await fetch(`${host.url}/admin/functions/${name}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(method === 'POST' ? { body } : {}),
  });
  return [response.status, await response.text()];
}

describe('timers', () => {
  test('run by their schedule, with the times before and after', async () => {
    await until(() => inputsOf('everySecond').length >= 2);
    const [first, second] = inputsOf('everySecond');
    expect(first).toEqual({
      schedule: { adjustForDST: true },
      scheduleStatus: {
        last: '0001-01-01T00:00:00+00:00',
        lastUpdated: '0001-01-01T00:00:00+00:00',
        next: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/) as unknown,
      },
      isPastDue: false,
    });
    expect(second).toMatchObject({ scheduleStatus: { last: expect.stringMatching(/^20/) as unknown } });
  });

  test('one that cannot be read is switched off alone, with a line', () => {
    expect(host.lines).toContain('[unset] error: The timer is switched off: the setting NOT_SET is not set.');
    expect(host.lines).toContain(
      '[wrong] error: The timer is switched off. Schedule "0 99 * * * *": minute "99" is not within 0 to 59.',
    );
  });

  test('never run twice at once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => post('alone', '{"input": ""}')));
    expect(answers).toEqual([
      [202, ''],
      [202, ''],
      [202, ''],
    ]);
    await until(() => inputsOf('alone').length === 3);
    expect(inputsOf('alone')).toEqual([1, 1, 1]);
  });
});

describe('POST /admin/functions/NAME', () => {
  test('runs a timer that is switched off', async () => {
    expect(await post('unset', '{"input": ""}')).toEqual([202, '']);
    await until(() => inputsOf('unset').length === 1);
    expect(inputsOf('unset')[0]).toMatchObject({ isPastDue: false });
  });

  test('runs an event function with the event, and a queue function with the message', async () => {
    expect(await post('onEvent', JSON.stringify({ input: '{"id":"7"}' }))).toEqual([202, '']);
    expect(await post('work', '{"input": "by hand"}')).toEqual([202, '']);
    await until(() => inputsOf('onEvent').length === 1 && inputsOf('work').length === 1);
    expect([inputsOf('onEvent'), inputsOf('work')]).toEqual([[{ id: '7' }], ['by hand']]);
  });

  test.each([
    {
      when: 'a handler that throws',
      name: 'onEvent',
      body: '{"input":"{\\"data\\":{\\"fail\\":true}}"}',
      status: 202,
    },
    { when: 'no body', name: 'alone', body: '', status: 400 },
    { when: 'an input that is no text', name: 'alone', body: '{"input": 5}', status: 400 },
    { when: 'no JSON', name: 'alone', body: '{', status: 400 },
    { when: 'an unknown name', name: 'nobody', body: '{"input": ""}', status: 404 },
    { when: 'an HTTP function', name: 'echo', body: '{"input": ""}', status: 404 },
  ])('$when: $status', async ({ name, body, status }) => {
    expect(await post(name, body)).toEqual([status, '']);
  });

  test('another method', async () => {
    expect(await post('alone', '', 'GET')).toEqual([404, '']);
  });
});
