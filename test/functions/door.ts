import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { InvocationContext } from '@azure/functions';
import { QueueClient } from '@azure/storage-queue';
import { type EmbeddedAzure, type Estate, startAzure } from '../../local/azure/index.ts';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { settingsFor } from '../../local/stack.ts';
import { STREAMS } from '../../local/streams.ts';
import type { Table } from '../../shared/ports.ts';
import { Request } from '../../shared/asking/request.ts';
import { azureTable } from '../../shared/state/azure-table.ts';

/** Azure and a storage account for handlers that run in this process; what they read of it is this process's environment. */
export interface Door {
  readonly azure: EmbeddedAzure;
  readonly table: Table;
  /** Every request in the queue, also those that are not visible yet. */
  readonly requests: () => Promise<readonly Request[]>;
  readonly close: () => Promise<void>;
}

/** Starts both and sets the environment; the handlers are to be imported after it. */
export async function openDoor(estate: Estate): Promise<Door> {
  const [azure, azurite] = await Promise.all([startAzure({ estate, streams: STREAMS }), startAzurite()]);
  setDefaultCACertificates([...getCACertificates('default'), azure.certificate]);
  const { NODE_EXTRA_CA_CERTS, ...settings } = settingsFor(azure, azurite, '');
  const POLICY_FILE = join(import.meta.dirname, '..', '..', 'policy.json');
  Object.assign(process.env, settings, { NODE_EXTRA_CA_CERTS, POLICY_FILE });
  const queue = queueOf(azurite);
  await queue.create();
  return {
    azure,
    table: azureTable({ connectionString: azurite.connectionString }, azure.credential),
    requests: async () => {
      const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
      return peekedMessageItems.map(({ messageText }) => requestOf(messageText));
    },
    close: async () => {
      await Promise.all([azure.close(), azurite.close()]);
    },
  };
}

function queueOf({ connectionString }: Azurite): QueueClient {
  return new QueueClient(connectionString, 'assessments');
}

/** The request in a message as it stands in the queue. */
export function requestOf(text: string): Request {
  return Request.parse(JSON.parse(Buffer.from(text, 'base64').toString('utf8')));
}

/** What the Functions runtime hands to a handler, as far as ours look at it. */
export function invocation(triggerMetadata: Record<string, unknown> = {}): {
  readonly context: InvocationContext;
  readonly lines: readonly string[];
} {
  const lines: string[] = [];
  const log = (...words: readonly unknown[]): void => {
    lines.push(words.map(String).join(' '));
  };
  const context: Pick<InvocationContext, 'triggerMetadata' | 'log' | 'info' | 'warn' | 'error'> = {
    triggerMetadata: triggerMetadata,
    log,
    info: log,
    warn: log,
    error: log,
  };
  return { context: context as InvocationContext, lines };
}
