import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedAzure, type Estate, startAzure } from './azure/index.ts';
import { type Azurite, startAzurite } from './azurite.ts';
import { STREAMS } from './streams.ts';

export interface StackOptions {
  readonly estate: Estate;
  /** Of the Functions host; 0: any that is free. */
  readonly port: number;
  /** Folder of the built app; left out: the sources. */
  readonly app?: string;
  /** Settings beside those that name the embedded Azure. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly eventSchema?: 'EventGridSchema' | 'CloudEventSchemaV1_0';
  /** Lines of the Functions host. */
  readonly log?: (line: string) => void;
}

/** A cloud on this machine: the embedded Azure, Azurite, and the function app in a process of its own. */
export interface Stack {
  readonly azure: EmbeddedAzure;
  readonly azurite: Azurite;
  /** Of the Functions host, without a slash at its end. */
  readonly url: string;
  /** File with the certificate of the embedded Azure. */
  readonly certificateFile: string;
  close(): Promise<void>;
}

const HOST = join(import.meta.dirname, 'host', 'main.ts');

/** Starts everything and connects the app to the events; the app learns of it by its environment alone. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'database-exposure-'));
  const certificateFile = join(folder, 'embedded-azure.pem');
  const [azure, azurite] = await Promise.all([
    startAzure({ estate: options.estate, streams: STREAMS }),
    startAzurite(),
  ]);
  await writeFile(certificateFile, azure.certificate);
  const port = options.port === 0 ? await freePort() : options.port;
  const url = `http://127.0.0.1:${port}`;
  const settings = { ...settingsFor(azure, azurite, certificateFile), ...options.settings };
  let host: ChildProcess | undefined;
  const close = async (): Promise<void> => {
    if (host) await stop(host);
    await Promise.all([azure.close(), azurite.close()]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    host = await startHostProcess(port, options, settings);
    const endpoint = `${url}/runtime/webhooks/eventgrid?functionName=onResourceChange`;
    await azure.addEventSubscription({ endpoint, schema: options.eventSchema ?? 'EventGridSchema' });
  } catch (error) {
    await close();
    throw error;
  }
  return { azure, azurite, url, certificateFile, close };
}

/** What a deployment's settings would be: addresses and ids, no secret but the emulator's key. */
export function settingsFor(
  azure: EmbeddedAzure,
  azurite: Pick<Azurite, 'connectionString'>,
  certificateFile: string,
): Record<string, string> {
  return {
    MONITOR_SUBSCRIPTIONS: [...azure.estate.subscriptions.keys()].join(','),
    AZURE_RESOURCE_MANAGER_ENDPOINT: azure.url,
    LOGS_INGESTION_ENDPOINT: azure.url,
    LOGS_INGESTION_RULE_ID: azure.ruleId,
    AzureWebJobsStorage: azurite.connectionString,
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    IDENTITY_ENDPOINT: azure.identityEndpoint,
    IDENTITY_HEADER: 'local',
    NODE_EXTRA_CA_CERTS: certificateFile,
  };
}

async function startHostProcess(
  port: number,
  { app, log }: StackOptions,
  settings: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const app_ = app === undefined ? [] : ['--app', app];
  const child = spawn(process.execPath, [HOST, '--port', String(port), ...app_], {
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      for (const line of chunk.toString('utf8').split('\n')) {
        if (line === '') continue;
        lines.push(line);
        if (lines.length > 200) lines.shift();
        log?.(line);
        if (line.trim() === 'ready') resolve();
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => {
      reject(new Error(`The Functions host ended with ${code ?? 'a signal'}: ${lines.join(' ')}`));
    });
  });
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
