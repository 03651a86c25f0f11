import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

/** A storage account in memory on loopback; the URLs carry the account name as their path, without a slash at the end. */
export interface Azurite {
  readonly connectionString: string;
  readonly blobUrl: string;
  readonly queueUrl: string;
  readonly tableUrl: string;
  readonly accountName: string;
  readonly close: () => Promise<void>;
}

/** With `oauth` the services are https with this certificate and take Bearer tokens. */
export interface AzuriteOptions {
  readonly oauth?: { readonly certFile: string; readonly keyFile: string };
}

type Service = 'Blob' | 'Queue' | 'Table';
type Addresses = Partial<Record<Service, string>>;

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 60_000;
/** A parent that is killed closes the pipe; without this the emulator would outlive it. */
const END_WITH_PARENT = 'data:text/javascript,process.stdin.on("close",()=>process.exit()).resume().unref()';
const LISTENING = /Azurite (Blob|Queue|Table) service is successfully listening at (\S+)/;

/**
 * Starts Azurite, the storage emulator, as a child process on free ports with a random account key.
 * @throws Error with what the emulator printed when it does not serve within 60 seconds.
 */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const accountName = 'exposuremonitor';
  const key = randomBytes(64).toString('base64');
  const child = spawn(process.execPath, emulatorArguments(options), {
    env: { ...process.env, AZURITE_ACCOUNTS: `${accountName}:${key}` },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const close = async (): Promise<void> => {
    await end(child);
  };
  try {
    const { Blob: blob, Queue: queue, Table: table } = await listeningAddresses(child);
    const blobUrl = `${blob}/${accountName}`;
    const queueUrl = `${queue}/${accountName}`;
    const tableUrl = `${table}/${accountName}`;
    const connectionString =
      `DefaultEndpointsProtocol=${options.oauth ? 'https' : 'http'};AccountName=${accountName};AccountKey=${key};` +
      `BlobEndpoint=${blobUrl};QueueEndpoint=${queueUrl};TableEndpoint=${tableUrl};`;
    return { connectionString, blobUrl, queueUrl, tableUrl, accountName, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function emulatorArguments({ oauth }: AzuriteOptions): string[] {
  const script = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const hosts = ['blob', 'queue', 'table'].flatMap((s) => [`--${s}Host`, HOST, `--${s}Port`, '0']);
  // The SDKs speak newer API versions than the emulator knows.
  const behaviour = ['--inMemoryPersistence', '--skipApiVersionCheck', '--silent', '--disableTelemetry'];
  const identity = oauth ? ['--oauth', 'basic', '--cert', oauth.certFile, '--key', oauth.keyFile] : [];
  return ['--import', END_WITH_PARENT, script, ...behaviour, ...hosts, ...identity];
}

async function listeningAddresses(child: ChildProcess): Promise<Record<Service, string>> {
  const found: Addresses = {};
  const printed: string[] = [];
  const failure = (reason: string): Error => new Error(`Azurite ${reason}. ${printed.join(' ')}`.trim());
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(failure(`does not listen after ${START_TIMEOUT_MS / 1000} s`));
    }, START_TIMEOUT_MS);
    const read = (line: string): void => {
      const match = LISTENING.exec(line);
      if (match === null) {
        printed.push(line);
        return;
      }
      const [, service, url = ''] = match;
      if (isService(service)) found[service] = url;
      if (found.Blob === undefined || found.Queue === undefined || found.Table === undefined) return;
      clearTimeout(timer);
      resolve({ Blob: found.Blob, Queue: found.Queue, Table: found.Table });
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', read);
    }
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(failure(`cannot be started: ${error.message}`));
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(failure(`ended with ${signal ?? String(code)}`));
    });
  });
}

function isService(text: string | undefined): text is Service {
  return text === 'Blob' || text === 'Queue' || text === 'Table';
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
