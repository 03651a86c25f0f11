import { randomUUID } from 'node:crypto';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TableClient } from '@azure/data-tables';
import { DefaultAzureCredential } from '@azure/identity';
import { generateEstate } from '../local/azure/index.ts';
import { parseResourceId } from '../shared/resource-id.ts';
import { azureTable } from '../shared/state/azure-table.ts';
import * as keys from '../shared/state/keys.ts';
import type { Cloud } from './cloud.ts';
import { factsOf, RULES_PER_SERVER } from './needed.ts';

/** Milliseconds from an event to its committed finding, and the reads of ARM that it took. */
export interface EventRun {
  readonly milliseconds: readonly number[];
  readonly readsPerEvent: number;
}

const RULE = 'bench-event';
const COMMIT_WAIT_MS = 20_000;
const POLL_MS = 40;

/** Servers with public access that the internet does not reach yet; `skip` many are left out. */
export function quietServers({ size }: Pick<Cloud, 'size'>, count: number, skip: number): readonly string[] {
  const facts = factsOf(generateEstate({ ...size, rulesPerServer: RULES_PER_SERVER }));
  const open = new Set([...facts.internet, ...facts.azure]);
  const quiet = facts.servers.filter(({ id, publicAccess }) => publicAccess && !open.has(id.toLowerCase()));
  return quiet.slice(skip, skip + count).map(({ id }) => id);
}

/** The event of Azure for a written firewall rule, as Event Grid delivers it. */
export function ruleWritten(server: string, rule: string): Readonly<Record<string, unknown>> {
  const subject = `${server}/firewallRules/${rule}`;
  const operationName = `${server.split('/').slice(6, 8).join('/')}/firewallRules/write`;
  return {
    id: randomUUID(),
    topic: server.split('/').slice(0, 3).join('/'),
    subject,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: new Date().toISOString(),
    dataVersion: '2',
    metadataVersion: '1',
    data: { resourceUri: subject, operationName, status: 'Succeeded', correlationId: randomUUID() },
  };
}

/** Events one after the other in the process of the app, without the queue between its two functions. */
export async function eventsWithoutQueue(cloud: Cloud, servers: readonly string[]): Promise<EventRun> {
  await cloud.azure.ask('takeCalls', null);
  const milliseconds: number[] = [];
  for (const server of servers) {
    await cloud.azure.ask('open', { server, name: RULE });
    milliseconds.push(await cloud.worker.ask('event', ruleWritten(server, RULE)));
  }
  const { management } = await cloud.azure.ask('takeCalls', null);
  return { milliseconds, readsPerEvent: management / servers.length };
}

/** Events that Event Grid sends to the built app in the local Functions host, which polls its queue. */
export async function eventsThroughHost(
  cloud: Cloud,
  app: string,
  servers: readonly string[],
): Promise<EventRun> {
  const { host, url } = await startHost(app, cloud.settings);
  try {
    const endpoint = `${url}/runtime/webhooks/eventgrid?functionName=onResourceChange`;
    await cloud.azure.ask('connect', { endpoint });
    await cloud.azure.ask('takeCalls', null);
    const milliseconds: number[] = [];
    for (const server of servers) {
      const sentAt = await cloud.azure.ask('openByArm', { server, name: RULE });
      milliseconds.push((await committedAt(cloud, server)) - sentAt);
    }
    // Each rule was written by one call of the bench's own.
    const { management } = await cloud.azure.ask('takeCalls', null);
    return { milliseconds, readsPerEvent: management / servers.length - 1 };
  } finally {
    const ended = once(host, 'exit');
    host.kill('SIGTERM');
    await ended;
  }
}

/** The table's own time of the state that knows the new rule, in Unix milliseconds. */
async function committedAt({ connectionString }: Cloud, server: string): Promise<number> {
  const id = parseResourceId(server);
  if (!id) throw new Error(`${server} is no resource id`);
  const row = keys.serverRow(id.id);
  const state = azureTable({ connectionString }, new DefaultAzureCredential());
  const raw = TableClient.fromConnectionString(connectionString, 'exposure', {
    allowInsecureConnection: true,
  });
  const deadline = Date.now() + COMMIT_WAIT_MS;
  while (Date.now() < deadline) {
    const { rows } = await state.query(id.subscription, row, `${row}~`);
    if (rows[0]?.text.includes(`"${RULE}"`)) {
      const { timestamp = '' } = await raw.getEntity(id.subscription, row);
      return Date.parse(timestamp);
    }
    await pause(POLL_MS);
  }
  throw new Error(`no reading of ${server} within ${COMMIT_WAIT_MS / 1000} s after its event`);
}

async function startHost(
  app: string,
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly host: ChildProcess; readonly url: string }> {
  const port = await freePort();
  const main = join(import.meta.dirname, '..', 'local', 'host', 'main.ts');
  const host = spawn(process.execPath, [main, '--port', String(port), '--app', app], {
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    host.stdout.on('data', (chunk: Buffer) => {
      if (printed.endsWith('ready\n')) return;
      printed += chunk.toString('utf8');
      if (printed.endsWith('ready\n')) resolve();
    });
    host.once('exit', () => {
      reject(new Error(`the Functions host ended: ${printed}`));
    });
  });
  return { host, url: `http://127.0.0.1:${port}` };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
