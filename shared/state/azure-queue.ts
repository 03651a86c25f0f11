import type { TokenCredential } from '@azure/identity';
import { QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { within } from '../azure/deadline.ts';
import type { Queue } from '../ports.ts';
import { MAX_MESSAGE_BYTES, type Request } from '../asking/request.ts';
import type { StorageSettings } from '../settings.ts';

export const ASSESSMENTS = 'assessments';
/** A queue hides a message for seven days at most. */
const MAX_DELAY = 7 * 86_400;
const SEND_MS = 30_000;

/** The queue `assessments`, in base64, as Event Grid writes it too. */
export function azureQueue(storage: StorageSettings, credential: TokenCredential): Queue {
  const client = queueClient(storage, credential);
  let created: Promise<unknown> | undefined;
  return {
    async send(request, delaySeconds) {
      created ??= within(SEND_MS, (abortSignal) => client.createIfNotExists({ abortSignal })).catch(
        (error: unknown) => {
          created = undefined;
          throw error;
        },
      );
      await created;
      const visibilityTimeout = Math.min(MAX_DELAY, Math.max(0, Math.ceil(delaySeconds)));
      const options = { visibilityTimeout, messageTimeToLive: -1 };
      await within(SEND_MS, (abortSignal) =>
        client.sendMessage(messageText(request), { ...options, abortSignal }),
      );
    },
  };
}

/** The text of a message; throws when it is larger than a message may be. */
export function messageText(request: Request): string {
  const json = Buffer.from(JSON.stringify(request));
  if (json.length > MAX_MESSAGE_BYTES) throw new Error('a request is larger than a message may be');
  return json.toString('base64');
}

function queueClient(storage: StorageSettings, credential: TokenCredential): QueueClient {
  if ('connectionString' in storage) return new QueueClient(storage.connectionString, ASSESSMENTS);
  return new QueueServiceClient(storage.queue, credential).getQueueClient(ASSESSMENTS);
}
