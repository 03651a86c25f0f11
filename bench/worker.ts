import { QueueClient } from '@azure/storage-queue';
import { app } from '../shared/app.ts';
import { armReader } from '../shared/azure/arm.ts';
import { azureCredential } from '../shared/azure/credential.ts';
import { graphReader } from '../shared/azure/graph.ts';
import type { TokenBucket } from '../shared/azure/token-bucket.ts';
import { understand } from '../shared/asking/event.ts';
import { assessRequest } from '../shared/assessing/message.ts';
import type { Operation, Ports, Table } from '../shared/ports.ts';
import { publishPending } from '../shared/publishing/publish-pending.ts';
import type { Request } from '../shared/asking/request.ts';
import { ASSESSMENTS, messageText } from '../shared/state/azure-queue.ts';
import { sweep } from '../shared/sweeping/sweep.ts';
import { toRequest } from '../shared/asking/to-request.ts';
import { serve } from './child.ts';
import { measured, type Measured } from './measured.ts';

/** What one sweep took, from its start to its published run row. */
export interface SweepMeasure extends Measured {
  readonly expected: number;
  readonly assessed: number;
  readonly unreadable: number;
  /** Operations of the storage account. */
  readonly storage: {
    readonly queries: number;
    readonly transactions: number;
    readonly writes: number;
    readonly messages: number;
  };
}

/** What the process of the app can be asked. */
export type WorkerCommands = {
  /** `paced`: keep to Azure's published throttles, as the app does; else every bucket is bottomless. */
  readonly sweep: { readonly given: { readonly paced: boolean }; readonly answer: SweepMeasure };
  /** Milliseconds from the arrival of an event to its committed finding. */
  readonly event: { readonly given: unknown; readonly answer: number };
};

/** As the Functions host takes messages (host.json). */
const BATCH = 8;
const HIDDEN_SECONDS = 600;
const POLL_MS = 50;
const LONGEST_SWEEP_MS = 20 * 60_000;

const imported = process.memoryUsage.rss();
const counts = { queries: 0, transactions: 0, writes: 0, messages: 0 };
let committedAt = 0;
let table: Table | undefined;

/** The table that counts what it is asked; one object in this process, as the caches by table expect. */
function counted(real: Table): Table {
  return {
    query(...asked) {
      counts.queries += 1;
      return real.query(...asked);
    },
    async transact(partition, operations) {
      counts.transactions += 1;
      counts.writes += operations.length;
      const result = await real.transact(partition, operations);
      if (result !== 'conflict' && operations.some(isOutbox)) committedAt = performance.now();
      return result;
    },
  };
}

function isOutbox(operation: Operation): boolean {
  return operation.do === 'put' && operation.row.startsWith('o|');
}

const bottomless: TokenBucket = { take: () => 0, refused: () => undefined };
/** Gives every subscription the same bottomless bucket. */
const noPacing = Object.assign(new Map<string, TokenBucket>(), { get: () => bottomless });

function portsFor(paced: boolean): Ports {
  const { settings, ports: make } = app();
  const ports = make(() => undefined);
  table ??= counted(ports.table);
  const queue: Ports['queue'] = {
    send(request, delaySeconds) {
      counts.messages += 1;
      const isBatch = request.reason === 'sweep' && request.attempt === undefined;
      return ports.queue.send(request, isBatch && !paced ? 0 : delaySeconds);
    },
  };
  if (paced) return { ...ports, table, queue };
  const azure = {
    endpoint: settings.resourceManager,
    scope: settings.resourceManagerScope,
    credential,
    calls: ports.calls,
  };
  const arm = armReader({ ...azure, buckets: noPacing });
  const graph = graphReader({ ...azure, bucket: bottomless });
  return { ...ports, table, queue, arm, graph };
}

const credential = azureCredential(app().settings);

/** One sweep in the way of the functions `sweep`, `assess` and `publishPending`. */
async function sweepOnce(paced: boolean): Promise<Omit<SweepMeasure, keyof Measured>> {
  const { settings, environment } = app();
  const started = { ...counts };
  const ports = portsFor(paced);
  const run = await sweep(settings, await environment(ports), ports);
  const results = new Map<string, string>();
  const queue = new QueueClient(process.env['AzureWebJobsStorage'] ?? '', ASSESSMENTS);
  const deadline = Date.now() + LONGEST_SWEEP_MS;
  while (results.size < run.expected && Date.now() < deadline) {
    const { receivedMessageItems: messages } = await queue.receiveMessages({
      numberOfMessages: BATCH,
      visibilityTimeout: HIDDEN_SECONDS,
    });
    await Promise.all(
      messages.map(async ({ messageText: text, messageId, popReceipt }) => {
        for (const [id, result] of await assessMessage(text, paced)) results.set(id, result);
        await queue.deleteMessage(messageId, popReceipt);
      }),
    );
    if (messages.length === 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const last = portsFor(paced);
  await publishPending(await environment(last), last);
  const assessed = [...results.values()].filter((result) => result === 'assessed').length;
  const storage = {
    queries: counts.queries - started.queries,
    transactions: counts.transactions - started.transactions,
    writes: counts.writes - started.writes,
    messages: counts.messages - started.messages,
  };
  return { expected: run.expected, assessed, unreadable: results.size - assessed, storage };
}

/** One message in the way of the function `assess`. */
async function assessMessage(text: string, paced: boolean): ReturnType<typeof assessRequest> {
  const { settings, environment } = app();
  const ports = portsFor(paced);
  const known = await environment(ports);
  const request = toRequest(text, undefined, known.scope, settings.actorDetail);
  if (!request) throw new Error('a message of the bench is no request');
  return assessRequest(request, known, ports);
}

/** One event in the way of `onResourceChange` and `assess`, without the queue between them. */
async function eventOnce(event: unknown): Promise<number> {
  const { settings } = app();
  const arrivedAt = performance.now();
  committedAt = NaN;
  const understood = understand(event, (id) => settings.subscriptions.includes(id), settings.actorDetail);
  if (understood.outcome !== 'concerns') throw new Error(`the event is ${understood.outcome}`);
  const request: Request = {
    resources: [{ id: understood.resource.id }],
    reason: 'event',
    requestedAt: new Date().toISOString(),
    changes: [understood.change],
  };
  await assessMessage(messageText(request), true);
  if (Number.isNaN(committedAt)) throw new Error('the event led to no committed row');
  return committedAt - arrivedAt;
}

serve<WorkerCommands>({
  sweep: ({ paced }) => measured(() => sweepOnce(paced), imported),
  event: eventOnce,
});
