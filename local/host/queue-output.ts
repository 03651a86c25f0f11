import type { QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { resolveName } from './app-settings.ts';
import type { AppSettings } from './app-settings.ts';
import type { TypedData } from './core-api.ts';
import type { QueueSettings } from './host-json.ts';
import { createQueue, isMissing } from './queue-message.ts';
import { encodeMessage, outputMessages } from './queue-text.ts';
import type { QueueOutput } from './triggers.ts';
import type { WriteOutputs } from './worker.ts';

/** Writes what functions give to their queue outputs, after they ran and before their own message is deleted. */
export async function queueWriter(
  outputs: readonly QueueOutput[],
  openAccount: (connection: string) => Promise<QueueServiceClient>,
  settings: AppSettings,
  encoding: QueueSettings['messageEncoding'],
): Promise<WriteOutputs> {
  const queues = new Map<string, QueueClient>();
  for (const { functionName, bindingName, queueName, connection } of outputs) {
    const account = await openAccount(connection);
    queues.set(
      key(functionName, bindingName),
      account.getQueueClient(resolveName(functionName, queueName, settings)),
    );
  }
  return async (functionName, { returnValue, outputData = [] }) => {
    const values = [...outputData, { name: '$return', data: returnValue ?? undefined }];
    for (const { name, data } of values) {
      const queue = queues.get(key(functionName, name));
      if (queue !== undefined && data !== undefined) await write(queue, data, encoding);
    }
  };
}

async function write(
  queue: QueueClient,
  data: TypedData,
  encoding: QueueSettings['messageEncoding'],
): Promise<void> {
  for (const message of outputMessages(data)) {
    const text = encodeMessage(message, encoding);
    try {
      await queue.sendMessage(text);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await createQueue(queue);
      await queue.sendMessage(text);
    }
  }
}

function key(functionName: string, bindingName: string): string {
  return `${functionName} ${bindingName}`;
}
