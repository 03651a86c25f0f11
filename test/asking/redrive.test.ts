import { BlobServiceClient } from '@azure/storage-blob';
import { QueueClient } from '@azure/storage-queue';
import { DefaultAzureCredential } from '@azure/identity';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { redrive } from '../../shared/asking/redrive.ts';
import type { Request } from '../../shared/asking/request.ts';
import { azureDeadLetters } from '../../shared/state/azure-blobs.ts';
import { azureQueue } from '../../shared/state/azure-queue.ts';
import { azureTable } from '../../shared/state/azure-table.ts';
import { readFailures, recordFailure } from '../../shared/state/failures.ts';

const NOW = '2026-11-21T12:00:00.000Z';
const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const SERVER = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.dbformysql/flexibleservers/orders`;

const event = (name: string): unknown => {
  const value: unknown = JSON.parse(readFileSync(`test/fixtures/events/${name}.json`, 'utf8'));
  return Array.isArray(value) ? value[0] : value;
};

let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(async () => {
  await azurite.close();
});

function ports() {
  const storage = { connectionString: azurite.connectionString };
  const credential = new DefaultAzureCredential();
  const process = { now: () => Date.parse(NOW), random: () => 0 };
  const table = azureTable(storage, credential);
  return {
    all: { table, queue: azureQueue(storage, credential), process },
    letters: azureDeadLetters(storage, credential),
  };
}

async function sent(): Promise<Request[]> {
  const queue = new QueueClient(azurite.connectionString, 'assessments');
  const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
  return receivedMessageItems.map(
    ({ messageText }) => JSON.parse(Buffer.from(messageText, 'base64').toString('utf8')) as Request,
  );
}

test('without failures and without a container nothing is asked', async () => {
  const { all, letters } = ports();
  expect(await redrive(all, letters, [SUBSCRIPTION], 'full')).toEqual({
    failedAssessments: 0,
    deadLetters: 0,
    ignored: 0,
    dropped: 0,
  });
});

test('failed assessments and dead letters are asked for again with what their events told', async () => {
  const { all, letters } = ports();
  const failed = { serverId: SERVER, reason: 'every attempt failed', at: NOW, request: null };
  await recordFailure(all.table, { id: SERVER, subscription: SUBSCRIPTION }, failed);
  const nameless = { serverId: '', reason: 'no request', at: NOW, request: null };
  await recordFailure(all.table, { id: 'message', subscription: 'monitor' }, nameless);
  const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(
    'eg-deadletter',
  );
  await container.create();
  const write = event('firewall-rule-write.eventgrid') as { subject: string };
  const scope = write.subject.split('/')[2]?.toLowerCase() ?? '';
  const letter = JSON.stringify([
    { ...write, deadLetterReason: 'MaxDeliveryAttemptsExceeded', deliveryAttempts: 30 },
  ]);
  await container.uploadBlockBlob('a.json', letter, Buffer.byteLength(letter));
  await container.uploadBlockBlob('b.json', 'no JSON', 7);
  expect(await letters.count()).toBe(2);

  const done = await redrive(all, letters, [SUBSCRIPTION, scope], 'full');
  expect(done).toEqual({ failedAssessments: 1, deadLetters: 2, ignored: 1, dropped: 1 });
  const requests = await sent();
  expect(requests.map(({ reason, requestedAt }) => `${reason} ${requestedAt}`)).toEqual([
    `event ${NOW}`,
    `event ${NOW}`,
  ]);
  expect(requests.map(({ resources }) => resources[0]?.id)).toContain(SERVER);
  expect(requests.flatMap(({ changes }) => changes ?? [])).toHaveLength(1);
  expect(await letters.count()).toBe(0);
  // The record goes with the server's next good assessment, not before.
  expect(await readFailures(all.table, [SUBSCRIPTION])).toHaveLength(1);
});
