import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Estate, startAzure } from '../../../local/azure/index.ts';
import { startAzurite } from '../../../local/azurite.ts';
import { settingsFor, type Stack } from '../../../local/stack.ts';
import { STREAMS } from '../../../local/streams.ts';

/** A stack whose Azure has a clock of its own, and in which every event is lost: only sweeps and scans find changes. */
export interface ShiftedCloud extends Stack {
  /** Moves Azure's clock ahead. */
  passSeconds(seconds: number): void;
}

interface ShiftedOptions {
  readonly estate: Estate;
  /** How far Azure's clock is from this machine's at the start. */
  readonly aheadSeconds?: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** Text of the policy file. */
  readonly policy?: string;
}

const HOST = join(import.meta.dirname, '../../../local/host/main.ts');
/** Tokens outlive every move of the clock. */
const TOKEN_SECONDS = 30 * 86_400;

/** Starts the embedded Azure, Azurite and the app. */
export async function startShiftedCloud(options: ShiftedOptions): Promise<ShiftedCloud> {
  const { estate, settings, policy = '{}' } = options;
  let shiftMs = (options.aheadSeconds ?? 0) * 1000;
  const now = (): Date => new Date(Date.now() + shiftMs);
  const folder = await mkdtemp(join(tmpdir(), 'database-exposure-catalogue-'));
  const switches = { tokenLifetimeSeconds: TOKEN_SECONDS };
  const [azure, azurite] = await Promise.all([
    startAzure({ estate, streams: STREAMS, now, switches }),
    startAzurite(),
  ]);
  const certificateFile = join(folder, 'embedded-azure.pem');
  const policyFile = join(folder, 'policy.json');
  await Promise.all([writeFile(certificateFile, azure.certificate), writeFile(policyFile, policy)]);
  const host = spawn(process.execPath, [HOST, '--port', '0'], {
    env: {
      PATH: process.env.PATH,
      ...settingsFor(azure, azurite, certificateFile),
      POLICY_FILE: policyFile,
      SWEEP_SCHEDULE: '0 0 3 1 1 *',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const close = async (): Promise<void> => {
    await stop(host);
    await Promise.all([azure.close(), azurite.close()]);
    await rm(folder, { recursive: true, force: true });
  };
  const passSeconds = (seconds: number): void => {
    shiftMs += seconds * 1000;
  };
  try {
    return { azure, azurite, url: await urlOf(host), certificateFile, close, passSeconds };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The address that the host's list of functions tells. */
async function urlOf({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('The Functions host has no output.');
  const lines: string[] = [];
  let url: string | undefined;
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: stdout })
      .on('line', (line) => {
        if (url === undefined) lines.push(line);
        url ??= /(http:\/\/127\.0\.0\.1:\d+)\/api\//.exec(line)?.[1];
        if (line === 'ready') resolve();
      })
      .once('close', () => {
        reject(new Error(`The Functions host ended: ${lines.join(' ')}`));
      });
  });
  if (url === undefined) throw new Error('The Functions host serves no route.');
  return url;
}

async function stop(host: ChildProcess): Promise<void> {
  if (host.exitCode !== null || host.signalCode !== null) return;
  const ended = once(host, 'exit');
  host.kill('SIGTERM');
  await ended;
}
