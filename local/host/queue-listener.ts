import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueServiceClient, ReceivedMessageItem } from '@azure/storage-queue';
import type { QueueSettings } from './host-json.ts';
import type { HostLog } from './log.ts';
import { createQueue, handleMessage, HIDDEN_SECONDS, isMissing } from './queue-message.ts';
import type { Worker } from './worker.ts';

/** What is fixed of a queue function. */
export interface QueueListenerOptions {
  readonly functionName: string;
  readonly queueName: string;
  readonly account: QueueServiceClient;
  readonly settings: QueueSettings;
}

/** One queue function while the host serves; `stop` resolves when it receives no more. */
export interface QueueListener {
  readonly stop: () => Promise<void>;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 500;

/** Creates the queue where it is missing and polls it; a service that does not answer is logged and asked again. */
export async function startQueueListener(
  options: QueueListenerOptions,
  worker: Worker,
  log: HostLog,
): Promise<QueueListener> {
  const { functionName, queueName, account, settings } = options;
  const queue = account.getQueueClient(queueName);
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const serving = (): boolean => !stopping.signal.aborted;
  let failing = false;

  const receive = async (): Promise<readonly ReceivedMessageItem[]> => {
    try {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: settings.batchSize,
        visibilityTimeout: HIDDEN_SECONDS,
      });
      failing = false;
      return receivedMessageItems;
    } catch (error) {
      // One line for an outage, not one for each poll.
      if (!failing) log('error', `The queue ${queueName} cannot be read: ${messageOf(error)}`, functionName);
      failing = true;
      if (isMissing(error)) await createQueue(queue).catch(() => undefined);
      return [];
    }
  };
  const start = (message: ReceivedMessageItem): void => {
    const run = handleMessage(message, queue, options, worker)
      .catch((error: unknown) => {
        log(
          'error',
          `The message ${message.messageId} stays in the queue: ${messageOf(error)}`,
          functionName,
        );
      })
      .finally(() => running.delete(run));
    running.add(run);
  };
  const poll = async (): Promise<void> => {
    let wait = FIRST_WAIT_MS;
    while (serving()) {
      const messages = await receive();
      messages.forEach(start);
      while (running.size > settings.newBatchThreshold && serving()) await Promise.race(running);
      if (messages.length > 0) {
        wait = FIRST_WAIT_MS;
        continue;
      }
      await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  };

  await createQueue(queue).catch((error: unknown) => {
    failing = true;
    log('error', `The queue ${queueName} cannot be read: ${messageOf(error)}`, functionName);
  });
  const polling = poll();
  return {
    stop: async () => {
      stopping.abort();
      await polling;
      await Promise.all(running);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
