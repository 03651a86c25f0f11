import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startAzurite } from '../local/azurite.ts';
import type { Address, AzureCommands } from './azure-process.ts';
import { type Child, startChild } from './child.ts';
import type { FloorCommands } from './floor-process.ts';
import type { Size } from './needed.ts';
import type { WorkerCommands } from './worker.ts';

/** An embedded Azure and a storage emulator in processes of their own, and the app in another. */
export interface Cloud {
  readonly size: Size;
  readonly address: Address;
  readonly azure: Child<AzureCommands>;
  readonly worker: Child<WorkerCommands>;
  /** Settings of the app. */
  readonly settings: Readonly<Record<string, string>>;
  readonly connectionString: string;
  /** A new process with the bare loop of requests. */
  readonly startFloor: () => Child<FloorCommands>;
  close(): Promise<void>;
}

/** Built texts of a bench; `folder` is below the project, so that packages are found from it. */
export interface Built {
  readonly folder: string;
  /** The bundle of worker.ts. */
  readonly worker: string;
}

/** Starts everything anew: an estate that nobody has swept. `flags` are Node's, for the worker. */
export async function startCloud(size: Size, built: Built, flags: readonly string[] = []): Promise<Cloud> {
  const azure = startChild<AzureCommands>(join(import.meta.dirname, 'azure-process.ts'), { apart: true });
  const [address, azurite, folder] = await Promise.all([
    azure.ask('start', size),
    startAzurite(),
    mkdtemp(join(built.folder, 'cloud-')),
  ]);
  const certificateFile = join(folder, 'embedded-azure.pem');
  await writeFile(certificateFile, address.certificate);
  const settings = {
    MONITOR_SUBSCRIPTIONS: address.subscriptions.join(','),
    AZURE_RESOURCE_MANAGER_ENDPOINT: address.url,
    LOGS_INGESTION_ENDPOINT: address.url,
    LOGS_INGESTION_RULE_ID: address.ruleId,
    AzureWebJobsStorage: azurite.connectionString,
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    IDENTITY_ENDPOINT: address.identityEndpoint,
    IDENTITY_HEADER: 'local',
    NODE_EXTRA_CA_CERTS: certificateFile,
    // Nothing sweeps by itself.
    SWEEP_SCHEDULE: '0 0 3 1 1 *',
  };
  const worker = startChild<WorkerCommands>(built.worker, { env: settings, flags });
  const startFloor = (): Child<FloorCommands> =>
    startChild<FloorCommands>(join(import.meta.dirname, 'floor-process.ts'), {
      env: { NODE_EXTRA_CA_CERTS: certificateFile },
    });
  return {
    size,
    address,
    azure,
    worker,
    settings,
    connectionString: azurite.connectionString,
    startFloor,
    async close() {
      await worker.close();
      await Promise.all([azure.close(), azurite.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
