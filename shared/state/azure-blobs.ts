import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import type { StorageSettings } from '../settings.ts';

const CONTAINER = 'eg-deadletter';
/** More are not counted: one is an alert. */
const MOST = 10_000;

/** Counts the blobs of events that Event Grid could not deliver; no container, no dead letters. */
export function deadLetterCounter(
  storage: StorageSettings,
  credential: TokenCredential,
): () => Promise<number> {
  const service =
    'connectionString' in storage
      ? BlobServiceClient.fromConnectionString(storage.connectionString)
      : new BlobServiceClient(storage.blob, credential);
  const container = service.getContainerClient(CONTAINER);
  return async () => {
    if (!(await container.exists())) return 0;
    let count = 0;
    for await (const page of container.listBlobsFlat().byPage({ maxPageSize: 5000 })) {
      count += page.segment.blobItems.length;
      if (count >= MOST) return MOST;
    }
    return count;
  };
}
