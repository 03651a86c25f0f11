import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startAzurite } from '../../../local/azurite.ts';
import { calls, inputsOf } from './fixtures/calls.ts';
import { startSample, until } from './host.ts';

let azurite: Awaited<ReturnType<typeof startAzurite>>;
let queues: QueueServiceClient;
let host: Awaited<ReturnType<typeof startSample>> | undefined;

beforeAll(async () => {
  azurite = await startAzurite();
  queues = QueueServiceClient.fromConnectionString(azurite.connectionString);
});

afterEach(async () => {
  await host?.close();
  host = undefined;
  calls().length = 0;
});

afterAll(async () => {
  await azurite.close();
});

async function start(app: string): Promise<void> {
  host = await startSample(app, {
    AzureWebJobsStorage: azurite.connectionString,
    WORDS_QUEUE: 'words',
    EVERY: '0 0 0 1 1 *',
  });
}

async function textsOf(queueName: string): Promise<string[]> {
  const { receivedMessageItems } = await queues
    .getQueueClient(queueName)
    .receiveMessages({ numberOfMessages: 32 });
  return receivedMessageItems.map(({ messageText }) => messageText);
}

async function countOf(queueName: string): Promise<number | undefined> {
  return (await queues.getQueueClient(queueName).getProperties()).approximateMessagesCount;
}

test('the queue is there when the host serves; a message is handled and deleted', async () => {
  await start('app');
  await queues.getQueueClient('work').sendMessage('{"Id": 1, "at": "2026-01-02T03:04:05.10Z"}');
  await queues.getQueueClient('work').sendMessage('plain <text> & more');
  await until(() => inputsOf('work').length === 2);
  expect(inputsOf('work')).toEqual([{ Id: 1, at: '2026-01-02T03:04:05.10Z' }, 'plain <text> & more']);
  expect(calls().find(({ name }) => name === 'work')?.metadata).toMatchObject({
    dequeueCount: 1,
    id: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
    insertionTime: expect.stringMatching(/^20.*Z$/) as unknown,
    queueTrigger: { id: 1 },
    sys: { methodName: 'work' },
  });
  await until(async () => (await countOf('work')) === 0);
});

test('a message that fails comes again, then ends in the poison queue with its text', async () => {
  await start('app');
  const text = '{"fail":  true}';
  await queues.getQueueClient('work').sendMessage(text);
  await until(() => inputsOf('failedWork').length === 1);
  expect(inputsOf('work')).toEqual([{ fail: true }, { fail: true }]);
  expect(
    calls()
      .map(({ name }) => name)
      .filter((name) => /work/i.test(name)),
  ).toEqual(['work', 'work', 'failedWork']);
  await until(async () => (await countOf('work')) === 0 && (await countOf('work-poison')) === 0);
});

test('outputs: one message per element, objects as indented JSON; none from a handler that throws', async () => {
  await start('app');
  const post = async (path: string, body: unknown): Promise<number> =>
    (await fetch(`${host?.url ?? ''}/api/${path}`, { method: 'POST', body: JSON.stringify(body) })).status;
  expect(await post('enqueue', [{ a: 1 }, 'two'])).toBe(202);
  expect(await textsOf('words')).toEqual(['{\n  "a": 1\n}', 'two']);
  expect(await post('enqueue?fail', ['three'])).toBe(500);
  expect(await textsOf('words')).toEqual([]);
  await queues.getQueueClient('work').sendMessage('{"reply": "answer"}');
  await until(async () => (await textsOf('words')).includes('answer'));
  expect(host?.lines).toContain('[enqueue] queued with the ***');
});

test('base64 unless host.json says otherwise; another text ends in the poison queue unseen', async () => {
  await start('base64');
  const queue = queues.getQueueClient('encoded');
  await queue.sendMessage('no base64!');
  await queue.sendMessage(Buffer.from('"grüße"').toString('base64'));
  const poison = queues.getQueueClient('encoded-poison');
  await until(async () => (await countOf('encoded')) === 0);
  expect(inputsOf('encoded')).toEqual(['grüße']);
  expect((await poison.receiveMessages()).receivedMessageItems[0]?.messageText).toBe('no base64!');
  expect(await textsOf('replies')).toEqual([Buffer.from('grüße').toString('base64')]);
});

test('a queue that is deleted while the host serves is created again', async () => {
  await start('app');
  await queues.getQueueClient('work').delete();
  await until(() => queues.getQueueClient('work').exists());
  await queues.getQueueClient('work').sendMessage('after');
  await until(() => inputsOf('work').includes('after'));
});

test('a stop awaits the message in work', async () => {
  await start('app');
  await queues.getQueueClient('work').sendMessage('last');
  await until(() => inputsOf('work').includes('last'));
  await host?.close();
  host = undefined;
  expect(await countOf('work')).toBe(0);
});

test.each([
  {
    when: 'no storage',
    settings: {},
    message: 'Neither the setting AzureWebJobsStorage nor AzureWebJobsStorage__queueServiceUri is set.',
  },
  {
    when: 'a wrong connection string',
    settings: { AzureWebJobsStorage: 'nonsense' },
    message: 'The setting AzureWebJobsStorage is no storage connection string.',
  },
  {
    when: 'a wrong URL',
    settings: { AzureWebJobsStorage__queueServiceUri: 'nonsense' },
    message: 'The setting AzureWebJobsStorage__queueServiceUri is no URL.',
  },
  {
    when: 'a queue name that is not set',
    settings: { AzureWebJobsStorage: 'UseDevelopmentStorage=true', WORDS_QUEUE: undefined },
    message: 'The function enqueue: the setting WORDS_QUEUE is not set.',
  },
])('the start ends with one line: $when', async ({ settings, message }) => {
  await expect(
    startSample('app', { WORDS_QUEUE: 'words', EVERY: '0 0 0 1 1 *', ...settings }),
  ).rejects.toThrow(new Error(message));
});
