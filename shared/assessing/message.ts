import { PRIVATE_ENDPOINT, privateEndpoint } from '../network/private-endpoint.ts';
import { assess } from '../assess.ts';
import type { Asked, Batch } from './batch.ts';
import { parseFacet } from '../families/define-family.ts';
import type { Environment } from '../environment.ts';
import { concernedBy } from '../asking/event.ts';
import { familyOf } from '../families/index.ts';
import { serverRef } from '../families/fingerprint.ts';
import { hashOf } from '../identity.ts';
import type { ServerRef } from '../model.ts';
import type { Ports } from '../ports.ts';
import { publishPartition, publishTransient } from '../publishing/publish.ts';
import type { Request } from '../asking/request.ts';
import { parseResourceId, type ResourceId } from '../resource-id.ts';
import { addNamedBy, dependentsOf } from '../state/dependents.ts';
import * as keys from '../state/keys.ts';
import { clearFailure } from '../state/failures.ts';
import { addResults, type Marker, type ServerResult } from '../state/runs.ts';
import { readStates, readSurrounding } from '../state/store.ts';
import { TransientError } from '../transient-error.ts';

const CONCURRENT = 8;
/** A batch stops taking servers then and asks for the rest again. */
const BUDGET_MS = 4 * 60_000;
const MAX_ATTEMPTS = 40;
/** A sweep or scan says what it could not read; the next sweep repeats it. */
const RUN_ATTEMPTS = 3;

/** Assesses each server that a request concerns; one that fails is asked for again, alone. */
export async function assessRequest(
  request: Request,
  environment: Environment,
  ports: Ports,
): Promise<ReadonlyMap<string, ServerResult>> {
  const startedAt = ports.process.now();
  const asked = await serversOrLater(request, environment, ports);
  if (!asked) return new Map();
  const results = new Map<string, ServerResult>();
  const committed: Batch['committed'] = [];
  const unannounced: string[] = [];
  let clock = '';
  for (const [subscription, group] of Map.groupBy(asked, ({ server }) => server.subscription)) {
    const surrounding = await readSurrounding(ports.table, subscription);
    const batch: Batch = {
      request,
      surrounding,
      inventory: surrounding.firstRunId === undefined || surrounding.firstRunId === request.runId,
      last: request.runId !== undefined && (request.attempt ?? 1) >= RUN_ATTEMPTS,
      committed,
      unannounced,
    };
    const { states, now } = await readStates(
      ports.table,
      group.map(({ server }) => server),
    );
    clock = now;
    await eachOf(group, async (item) => {
      if (ports.process.now() - startedAt > BUDGET_MS) {
        await postpone(item, request, 0, ports);
        return;
      }
      const stored = states.get(item.server.id);
      const result = await assessOne(item, batch, environment, ports, stored && { stored, now });
      if (result) results.set(item.server.id, result);
    });
    if (committed.some(({ findings, changes }) => findings.length + changes.length > 0)) {
      await publishPartition(ports, subscription, outboxRange(group));
    }
    await clearFailures(group, results, ports);
  }
  await clearOwnFailures(request, ports);
  if (clock !== '') await publishTransient(ports, committed, clock);
  await mark(request, results, unannounced, ports);
  return results;
}

/** A batch is sorted by the keys of its servers: its rows are one range, and hardly anybody else's. */
function outboxRange(group: readonly Asked[]): readonly [string, string] {
  const [first, last] = [group[0], group.at(-1)].map((item) => keys.outboxPrefix(item?.server.id ?? ''));
  return [first ?? '', `${last ?? ''}~`];
}

async function assessOne(
  item: Asked,
  batch: Batch,
  environment: Environment,
  ports: Ports,
  known: Parameters<typeof assess>[4],
): Promise<ServerResult | undefined> {
  const { request } = batch;
  try {
    return await assess(item, batch, environment, ports, known);
  } catch (error) {
    if (error instanceof TransientError) {
      await postpone(item, request, backoff(error, request, ports), ports);
      return undefined;
    }
    if (request.resources.length === 1 && request.resources[0]?.id === item.server.id) throw error;
    ports.log('a server is asked for again alone', { server: hashOf(item.server.id) });
    await postpone(item, request, 0, ports);
    return undefined;
  }
}

/** Seconds until the next attempt: our own backoff, or what Azure asked for up to 15 minutes. */
function backoff({ retryAfterSeconds }: TransientError, { attempt = 1 }: Request, ports: Ports): number {
  const own = Math.min(900, 15 * 2 ** (attempt - 1)) * (0.5 + ports.process.random() / 2);
  return Math.min(900, Math.max(own, retryAfterSeconds ?? 0));
}

/** Asks for one server again, alone. */
async function postpone(item: Asked, request: Request, delaySeconds: number, ports: Ports): Promise<void> {
  const { server, graphHash } = item;
  const resource = graphHash === undefined ? { id: server.id } : { id: server.id, graphHash };
  await again({ ...request, resources: [resource] }, delaySeconds, ports);
}

/** Sends a request again; after the last attempt the message fails, and the poison queue keeps what it was about. */
async function again(request: Request, delaySeconds: number, ports: Ports): Promise<void> {
  const attempt = (request.attempt ?? 1) + (delaySeconds > 0 ? 1 : 0);
  if (attempt > MAX_ATTEMPTS) throw new Error('the server could not be read in 40 attempts');
  await ports.queue.send({ ...request, attempt }, delaySeconds);
}

/** Undefined: what a request names could not be read, and the request comes again. */
async function serversOrLater(
  request: Request,
  environment: Environment,
  ports: Ports,
): Promise<readonly Asked[] | undefined> {
  try {
    return await serversOf(request, environment, ports);
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    await again(request, backoff(error, request, ports), ports);
    return undefined;
  }
}

/** The servers in scope that a request's resources are, or lie around. */
async function serversOf(
  request: Request,
  environment: Environment,
  ports: Ports,
): Promise<readonly Asked[]> {
  const asked = new Map<string, Asked>();
  for (const { id, graphHash } of request.resources) {
    const resource = parseResourceId(id);
    const concerned = resource && concernedBy(resource);
    if (!concerned || !environment.scope.includes(concerned.subscription)) continue;
    const servers = familyOf(concerned.type)
      ? [concerned.id, ...(request.reason === 'sweep' ? [] : await dependentsOf(ports.table, concerned.id))]
      : await around(concerned, ports);
    for (const server of servers.flatMap((text) => refOf(text, environment))) {
      asked.set(server.id, { server, graphHash: server.id === concerned.id ? graphHash : undefined });
    }
  }
  const keyed = [...asked.values()].map((item) => ({ item, row: keys.serverRow(item.server.id) }));
  return keyed.sort((a, b) => (a.row < b.row ? -1 : 1)).map(({ item }) => item);
}

function refOf(id: string, environment: Environment): readonly ServerRef[] {
  const resource = parseResourceId(id);
  if (!resource || !familyOf(resource.type) || !environment.scope.includes(resource.subscription)) return [];
  return [serverRef(resource, undefined)];
}

/** Those whose last reading depended on the resource; of an endpoint also those that it names now. */
async function around(resource: ResourceId, ports: Ports): Promise<readonly string[]> {
  const known = await dependentsOf(ports.table, resource.id);
  if (resource.type !== PRIVATE_ENDPOINT.type) return known;
  const answer = await ports.arm.get(resource.id, PRIVATE_ENDPOINT.apiVersion);
  if (answer.outcome === 'failed') throw new TransientError(answer.reason, answer.retryAfterSeconds);
  if (answer.outcome !== 'ok') return known;
  const reading = parseFacet(answer.at, () => privateEndpoint(answer.body, resource.id));
  if (!('value' in reading)) return known;
  const targets = reading.value.targets.flatMap(({ targetId }) => targetId ?? []);
  for (const target of targets) {
    const server = parseResourceId(target);
    if (server && familyOf(server.type))
      await addNamedBy(ports.table, resource.id, serverRef(server, undefined));
  }
  return [...new Set([...known, ...targets])];
}

async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const workers = Array.from({ length: Math.min(CONCURRENT, queue.length) }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  });
  await Promise.all(workers);
}

/** A good assessment ends what an earlier message of the server left as failed. */
async function clearFailures(
  group: readonly Asked[],
  results: ReadonlyMap<string, ServerResult>,
  { table }: Ports,
): Promise<void> {
  const subscription = group[0]?.server.subscription;
  if (subscription === undefined) return;
  const { rows } = await table.query(subscription, ...keys.ALL_FAILED, true);
  if (rows.length === 0) return;
  const failed = new Set(rows.map(({ row }) => row));
  for (const { server } of group) {
    const row = keys.failedRow(server.id);
    if (failed.has(row) && results.get(server.id) === 'assessed') {
      await table.transact(subscription, [{ do: 'delete', row }]);
    }
  }
}

/** A request for what leads to no server ends its own record: `redrive` sends it, and nothing else would. */
async function clearOwnFailures({ reason, resources }: Request, { table }: Ports): Promise<void> {
  if (reason !== 'event') return;
  for (const { id } of resources) {
    const resource = parseResourceId(id);
    if (resource && !familyOf(resource.type)) await clearFailure(table, resource);
  }
}

async function mark(
  { runId, batch, resources }: Request,
  results: ReadonlyMap<string, ServerResult>,
  unannounced: readonly string[],
  { table, calls }: Ports,
): Promise<void> {
  if (runId === undefined || batch === undefined) return;
  // A scan reads what depends on its servers too; the run expects what it asked for.
  const entries = resources.flatMap(({ id }): [string, ServerResult][] => {
    const result = results.get(id);
    return result ? [[hashOf(id).slice(0, 16), result]] : [];
  });
  const marker: Marker = {
    results: Object.fromEntries(entries),
    unannounced,
    managementCalls: calls.management,
    graphCalls: calls.graph,
    throttled: calls.throttled,
  };
  await addResults(table, runId, batch, marker);
}
