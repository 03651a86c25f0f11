import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { startAzurite } from '../../local/azurite.ts';

test('serves queues, tables and blobs until it is closed', async () => {
  const azurite = await startAzurite();
  try {
    expect(azurite.queueUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/exposuremonitor$/);
    const queues = QueueServiceClient.fromConnectionString(azurite.connectionString, {
      retryOptions: { maxTries: 1 },
    });
    const queue = queues.getQueueClient('words');
    await queue.create();
    await queue.sendMessage('first & last');
    expect((await queue.receiveMessages()).receivedMessageItems[0]?.messageText).toBe('first & last');

    const table = TableClient.fromConnectionString(azurite.connectionString, 'words', {
      allowInsecureConnection: true,
    });
    await table.createTable();
    await table.createEntity({ partitionKey: 'a', rowKey: 'b', value: 1 });
    expect((await table.getEntity('a', 'b'))['value']).toBe(1);

    const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(
      'words',
    );
    await container.create();
    await container.getBlockBlobClient('text').upload('abc', 3);
    expect((await container.getBlockBlobClient('text').downloadToBuffer()).toString()).toBe('abc');

    await azurite.close();
    await expect(queue.getProperties()).rejects.toThrow(/ECONNREFUSED/);
  } finally {
    await azurite.close();
  }
});

test('with oauth it is https and asks for a token', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'azurite-'));
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
  });
  const certFile = join(folder, 'cert.pem');
  const keyFile = join(folder, 'key.pem');
  await writeFile(certFile, cert);
  await writeFile(keyFile, key);
  const azurite = await startAzurite({ oauth: { certFile, keyFile } });
  try {
    expect(azurite.queueUrl).toMatch(/^https:/);
    expect(await statusOf(`${azurite.queueUrl}?comp=list`)).toBe(403);
  } finally {
    await azurite.close();
    await rm(folder, { recursive: true });
  }
});

test('a certificate that cannot be read ends the start with what the emulator says', async () => {
  await expect(
    startAzurite({ oauth: { certFile: '/nowhere/cert.pem', keyFile: '/nowhere/key.pem' } }),
  ).rejects.toThrow(/Azurite ended with .*\/nowhere\/cert\.pem/);
});

async function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-ms-version': '2021-12-02', 'x-ms-date': 'Thu, 01 Jan 2026 00:00:00 GMT' };
    request(url, { rejectUnauthorized: false, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
