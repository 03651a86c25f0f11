import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import type { StorageSettings } from '../settings.ts';

const CONTAINER = 'eg-deadletter';
/** More are not counted: one is an alert. */
const MOST = 10_000;

/** Events that Event Grid could not deliver: blobs of one event or several, with why and how often it tried. */
export interface DeadLetters {
  /** At most 10,000. */
  count(): Promise<number>;
  names(): Promise<readonly string[]>;
  read(name: string): Promise<string>;
  remove(name: string): Promise<void>;
}

/** The dead letters of the Functions storage account; no container, none. */
export function azureDeadLetters(storage: StorageSettings, credential: TokenCredential): DeadLetters {
  const service =
    'connectionString' in storage
      ? BlobServiceClient.fromConnectionString(storage.connectionString)
      : new BlobServiceClient(storage.blob, credential);
  const container = service.getContainerClient(CONTAINER);
  return {
    count: async () => (await namesIn(container)).length,
    names: () => namesIn(container),
    read: async (name) => (await container.getBlobClient(name).downloadToBuffer()).toString('utf8'),
    async remove(name) {
      await container.deleteBlob(name);
    },
  };
}

async function namesIn(container: ContainerClient): Promise<readonly string[]> {
  if (!(await container.exists())) return [];
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat()) {
    names.push(name);
    if (names.length === MOST) break;
  }
  return names;
}
