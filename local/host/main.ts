import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startHost } from './start-host.ts';
import type { Host } from './start-host.ts';

const USAGE = 'Usage: npm run host -- [--port 7071] [--app dist] [--hostname 127.0.0.1]';
const SOURCES = join(import.meta.dirname, '..', '..', 'functions', 'index.ts');

function readArguments(): { app: string; port: number; hostname: string } {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '7071' },
      app: { type: 'string', default: SOURCES },
      hostname: { type: 'string', default: '127.0.0.1' },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) throw new Error(`--port ${values.port} is no port.`);
  return { app: values.app, hostname: values.hostname, port };
}

/** A mistake in the code needs its place; every other error is one line for the one who starts the host. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isMistake = [TypeError, ReferenceError, SyntaxError, RangeError].some(
    (kind) => error instanceof kind,
  );
  return isMistake ? (error.stack ?? error.message) : error.message;
}

function stopOnSignals(host: Host): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1); // The second signal does not wait for what runs.
    stopping = true;
    host.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(reason(error));
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

async function main(): Promise<void> {
  let options;
  try {
    options = readArguments();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
  try {
    const host = await startHost({ ...options, settings: process.env, log: console.log });
    stopOnSignals(host);
    for (const line of host.listing) console.log(`  ${line}`);
    console.log('ready');
  } catch (error) {
    console.error(reason(error));
    process.exit(1);
  }
}

await main();
