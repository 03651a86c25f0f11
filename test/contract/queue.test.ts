import { DefaultAzureCredential } from '@azure/identity';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import type { Queue } from '../../shared/ports.ts';
import type { Request } from '../../shared/asking/request.ts';
import { ASSESSMENTS, azureQueue } from '../../shared/state/azure-queue.ts';
import { toRequest } from '../../shared/asking/to-request.ts';
import { memoryQueue } from '../simulation/memory-queue.ts';
import { scheduler } from '../simulation/scheduler.ts';

interface Harness {
  readonly queue: Queue;
  /** The texts that are visible now. */
  readonly receive: () => Promise<readonly string[]>;
}

let azurite: Azurite;
const harnesses = new Map<string, Harness>();

beforeAll(async () => {
  azurite = await startAzurite();
  const client = new QueueClient(azurite.connectionString, ASSESSMENTS);
  harnesses.set('Azurite', {
    queue: azureQueue({ connectionString: azurite.connectionString }, new DefaultAzureCredential()),
    async receive() {
      const { receivedMessageItems: items } = await client.receiveMessages({ numberOfMessages: 32 });
      for (const { messageId, popReceipt } of items) await client.deleteMessage(messageId, popReceipt);
      return items.map(({ messageText }) => messageText);
    },
  });
  const clock = scheduler(0);
  const texts: string[] = [];
  const queue = memoryQueue(
    clock,
    () => 0,
    ({ text }) => {
      texts.push(text);
      return Promise.resolve({ how: 'done', injected: false });
    },
    () => undefined,
  );
  harnesses.set('memory', {
    queue,
    async receive() {
      await clock.runUntil(clock.now());
      return texts.splice(0);
    },
  });
});

afterAll(async () => {
  await azurite.close();
});

const REQUEST: Request = {
  resources: [{ id: '/subscriptions/x', graphHash: 'ü' }],
  reason: 'sweep',
  requestedAt: '2026-05-20T12:00:00.000Z',
  runId: 'run',
  batch: 3,
};

describe.each(['memory', 'Azurite'])('the queue in %s', (kind) => {
  const harness = (): Harness => {
    const found = harnesses.get(kind);
    if (!found) throw new Error('no such queue');
    return found;
  };

  test('delivers a request as it was sent', async () => {
    const { queue, receive } = harness();
    await queue.send(REQUEST, 0);
    const texts = await receive();
    expect(texts.map((text) => toRequest(text, undefined, [], 'full'))).toEqual([REQUEST]);
  });

  test('hides a request for as long as it was told', async () => {
    const { queue, receive } = harness();
    await queue.send(REQUEST, 3600);
    expect(await receive()).toEqual([]);
  });

  test('refuses a request of more than 48 KB', async () => {
    const { queue, receive } = harness();
    const resources = Array.from({ length: 60 }, () => ({ id: 'x'.repeat(1000) }));
    await expect(queue.send({ ...REQUEST, resources }, 0)).rejects.toThrow('larger than a message');
    expect(await receive()).toEqual([]);
  });
});
