import type { QueueClient, ReceivedMessageItem } from '@azure/storage-queue';
import { sysMetadata } from './event-grid.ts';
import { decodeMessage } from './queue-text.ts';
import type { QueueListenerOptions } from './queue-listener.ts';
import type { TriggerInput, Worker } from './worker.ts';

/** A message is hidden for so long while its function runs, and hidden anew at half of it. */
export const HIDDEN_SECONDS = 600;
const POISON = '-poison';

/** What a queue function gets of a message. */
export function queueInput(functionName: string, text: string, message?: ReceivedMessageItem): TriggerInput {
  const metadata = message && {
    DequeueCount: { int: message.dequeueCount },
    Id: { string: message.messageId },
    PopReceipt: { string: message.popReceipt },
    InsertionTime: timeData(message.insertedOn),
    ExpirationTime: timeData(message.expiresOn),
    NextVisibleTime: timeData(message.nextVisibleOn),
  };
  return {
    data: { string: text },
    triggerMetadata: { QueueTrigger: { string: text }, ...metadata, ...sysMetadata(functionName) },
  };
}

/** Runs the function for one message, then deletes it, shows it again or moves it to the poison queue. */
export async function handleMessage(
  message: ReceivedMessageItem,
  queue: QueueClient,
  { functionName, queueName, account, settings }: QueueListenerOptions,
  worker: Worker,
): Promise<void> {
  const { maxDequeueCount, visibilityTimeoutSeconds, messageEncoding } = settings;
  const hasPoisonQueue = !queueName.endsWith(POISON);
  const lease = keepHidden(queue, message);
  const moveToPoison = async (): Promise<void> => {
    const poison = account.getQueueClient(queueName + POISON);
    await createQueue(poison);
    await poison.sendMessage(message.messageText);
    await queue.deleteMessage(message.messageId, lease.popReceipt());
  };
  try {
    const text = decodeMessage(message.messageText, messageEncoding);
    if (hasPoisonQueue && (text === undefined || message.dequeueCount > maxDequeueCount)) {
      await moveToPoison();
      return;
    }
    if (text === undefined) throw new Error('it is not in the encoding that host.json names');
    const succeeded = await worker.invoke(functionName, queueInput(functionName, text, message)).then(
      () => true,
      () => false,
    );
    await lease.stop();
    if (succeeded) {
      await queue.deleteMessage(message.messageId, lease.popReceipt());
    } else if (hasPoisonQueue && message.dequeueCount >= maxDequeueCount) {
      await moveToPoison();
    } else if (hasPoisonQueue) {
      await queue.updateMessage(message.messageId, lease.popReceipt(), undefined, visibilityTimeoutSeconds);
    }
    // A failed message of a poison queue stays hidden, so that it does not come back at once for ever.
  } finally {
    await lease.stop();
  }
}

interface Lease {
  readonly popReceipt: () => string;
  readonly stop: () => Promise<void>;
}

function keepHidden(queue: QueueClient, message: ReceivedMessageItem): Lease {
  let { popReceipt } = message;
  let renewal = Promise.resolve();
  const renew = async (): Promise<void> => {
    const renewed = await queue.updateMessage(message.messageId, popReceipt, undefined, HIDDEN_SECONDS);
    popReceipt = renewed.popReceipt ?? popReceipt;
  };
  const timer = setInterval(
    () => {
      // A failed renewal shows when the message is deleted: then its receipt is no longer valid.
      renewal = renew().catch(() => undefined);
    },
    (HIDDEN_SECONDS / 2) * 1000,
  );
  return {
    popReceipt: () => popReceipt,
    stop: async () => {
      clearInterval(timer);
      await renewal;
    },
  };
}

/** Creates the queue where it is missing. */
export async function createQueue(queue: QueueClient): Promise<void> {
  await queue.createIfNotExists();
}

function timeData(time: Date): { json: string } {
  return { json: JSON.stringify(time) };
}

/** Whether the service answered that there is no such queue. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === 404;
}
