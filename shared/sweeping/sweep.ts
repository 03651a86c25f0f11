import { randomUUID } from 'node:crypto';
import { listAccessChanges } from '../azure/access-changes.ts';
import { ARM_READS } from '../azure/token-bucket.ts';
import { closeSubscriptions } from './close-subscriptions.ts';
import type { Environment } from '../environment.ts';
import { serverRef } from '../families/fingerprint.ts';
import { familyOf } from '../families/index.ts';
import { hashOf } from '../identity.ts';
import { forgetEndpoints, forgetServers } from './forget.ts';
import { listServers, type Listing } from './list-servers.ts';
import { plumbingProblems } from './plumbing.ts';
import type { Ports, Row, Table } from '../ports.ts';
import { MAX_MESSAGE_BYTES, type Request } from '../asking/request.ts';
import { parseResourceId } from '../resource-id.ts';
import { resolveScope } from './scope.ts';
import { areRulesDue, RENEW_SECONDS } from '../lifecycle/renewal.ts';
import { later, secondsBetween } from '../seconds.ts';
import type { AzureSettings, Settings } from '../settings.ts';
import { writeAccessChanges } from '../state/access-changes.ts';
import { rememberPartition } from '../state/commit.ts';
import * as keys from '../state/keys.ts';
import { writeFirstListing } from '../state/first-listing.ts';
import {
  readKnownScope,
  readSubscription,
  writeKnownScope,
  writeSubscription,
  storageClock,
} from '../state/monitor.ts';
import { forgetMessages } from '../state/failures.ts';
import { createRun, type Run } from '../state/runs.ts';
import { boundedList } from '../text.ts';
import { addNamedBy } from '../state/dependents.ts';
import { readNamedBy } from '../state/store.ts';

const BATCH = 100;
/** A run is kept for thirty days and told in one row: of a thousand sentences of one kind the first are enough. */
const PROBLEMS_BYTES = 12_000;
const NOTICES_BYTES = 6_000;

/** One server that a sweep asks for. */
interface Listed {
  readonly id: string;
  readonly subscription: string;
  readonly graphHash: string | undefined;
  /** Reads of ARM that its assessment is expected to make. */
  readonly reads: number;
}

/** Lists every server in scope and asks for an assessment of each, in batches spread by what a subscription may be asked. */
export async function sweep(
  settings: Pick<AzureSettings, 'subscriptions' | 'managementGroups'> & Partial<Pick<Settings, 'ownParts'>>,
  environment: Pick<Environment, 'rules' | 'actorDetail' | 'problems' | 'notices'>,
  ports: Ports,
  only?: { readonly subscriptions?: readonly string[]; readonly runId: string },
): Promise<Run> {
  const runId = only?.runId ?? newRunId(ports.process.now());
  const before = await readKnownScope(ports.table);
  const scope = await resolveScope(settings, ports.graph, before?.subscriptions ?? []);
  const startedAt = await storageClock(ports.table);
  await writeKnownScope(ports.table, {
    subscriptions: scope.subscriptions,
    tenants: { ...before?.tenants, ...scope.tenants },
    at: startedAt,
  });
  const wanted = only?.subscriptions ?? scope.subscriptions;
  const listable = scope.listable.filter((id) => wanted.includes(id));
  const listing = await listServers(listable, ports.graph);
  const listed = listable.filter((id) => scope.answered.has(id));
  const switches = only
    ? undefined
    : await listAccessChanges(scope.listable, ports.graph, environment.actorDetail);
  const problems = boundedList(
    [...scope.problems, ...listing.problems, ...environment.problems],
    PROBLEMS_BYTES,
  );
  const servers: Listed[] = [];
  for (const subscription of wanted.filter((id) => scope.subscriptions.includes(id))) {
    if (switches) {
      const inFull = switches.problems.length === 0 && listed.includes(subscription);
      await writeAccessChanges(ports.table, subscription, inFull ? switches.changes : undefined);
    }
    const here = await serversOf(subscription, listing, listed, ports);
    servers.push(...here);
    if (only || !scope.answered.has(subscription)) continue;
    await noteSubscription(subscription, runId, startedAt, listing.complete ? here : undefined, ports);
  }
  const plumbing = only ? [] : await plumbingProblems(settings.ownParts, scope.listable, startedAt, ports);
  const requests = [...batchesOf(servers, only ? 'http' : 'sweep', runId, startedAt)];
  const run: Run = {
    runId,
    kind: only ? 'Scan' : 'Sweep',
    startedAt,
    expected: servers.length,
    batches: requests.length,
    lastDueAt: later(startedAt, Math.max(0, ...requests.map(({ delaySeconds }) => delaySeconds))),
    graphCalls: ports.calls.graph,
    throttled: ports.calls.throttled,
    problems,
    // Without the change table every server is covered all the same: one rule cannot tell. Nor is a sweep any less complete
    // for the monitor's plumbing: the alert query knows these sentences by their first word.
    notices: [
      ...(switches?.problems ?? []).slice(0, 1),
      ...boundedList(environment.notices, NOTICES_BYTES),
      ...plumbing,
    ],
    missing: scope.subscriptions.filter((id) => !scope.answered.has(id)),
    finished: null,
    published: false,
  };
  await createRun(ports.table, run);
  for (const { request, delaySeconds } of requests) await ports.queue.send(request, delaySeconds);
  if (!only) {
    await closeSubscriptions(settings, scope, environment, ports, startedAt);
    await forgetMessages(ports.table, startedAt);
  }
  ports.log('sweep asked', {
    runId,
    servers: servers.length,
    batches: requests.length,
    problems: problems.length,
  });
  return run;
}

/** Sorts by time; unique. */
export function newRunId(now: number): string {
  return `${new Date(now).toISOString().replace(/[-:.]/g, '')}-${randomUUID().slice(0, 8)}`;
}

/** Those listed, those that only the state still names, and those that only an endpoint names. */
async function serversOf(
  subscription: string,
  listing: Listing,
  listed: readonly string[],
  ports: Ports,
): Promise<readonly Listed[]> {
  const { rows, now } = await ports.table.query(subscription, ...keys.ALL_SERVERS, true);
  const known = new Map(rows.map((row) => [row.columns.serverId ?? '', row.columns]));
  const named = await readNamedBy(ports.table, subscription);
  const ids = new Set<string>();
  const start = `/subscriptions/${subscription}/`;
  for (const id of listing.hashes.keys()) if (id.startsWith(start)) ids.add(id);
  const failed = await failedRows(subscription, rows, ports.table);
  for (const [id, { deletedAt, open }] of known)
    if (id !== '' && (deletedAt === '' || open !== '0' || failed.has(keys.failedRow(id)))) ids.add(id);
  await forgetServers(subscription, rows, now, ports.table);
  await forgetEndpoints(subscription, named, listing, listed, ports);
  for (const [id, endpointIds] of listing.namedBy) {
    const resource = id.startsWith(start) ? parseResourceId(id) : undefined;
    if (!resource) continue;
    ids.add(id);
    for (const endpointId of endpointIds) {
      if (named.get(id)?.includes(endpointId)) continue;
      await addNamedBy(ports.table, endpointId, serverRef(resource, undefined));
    }
  }
  return [...ids].map((id) => {
    const columns = known.get(id);
    const graphHash = listing.hashes.get(id);
    return { id, subscription, graphHash, reads: readsOf(id, columns, graphHash, now) };
  });
}

/** Keys of failed assessments, where a deleted server may have one: nothing but another assessment ends it. */
async function failedRows(
  subscription: string,
  states: readonly Row[],
  table: Table,
): Promise<ReadonlySet<string>> {
  if (states.every(({ columns }) => columns.deletedAt === '')) return new Set();
  const { rows } = await table.query(subscription, ...keys.ALL_FAILED, true);
  return new Set(rows.map(({ row }) => row));
}

/** What an assessment will read: the body and its lists, the lists alone, or nothing. */
function readsOf(
  id: string,
  columns: Readonly<Record<string, string>> | undefined,
  graphHash: string | undefined,
  now: string,
): number {
  const family = familyOf(parseResourceId(id)?.type ?? '');
  const lists = Object.values(family?.facets ?? {}).filter((source) => source.in === 'list').length;
  const readAt = columns?.readAt ?? '';
  const stale = readAt === '' || secondsBetween(readAt, now) >= RENEW_SECONDS;
  if (!columns || stale || columns.bodyHash !== graphHash) return 1 + lists;
  return areRulesDue(columns.closed === 'yes', columns.rulesAt ?? '', now) ? lists : 0;
}

/** What was there when its subscription was swept for the first time is inventory, not news; half a listing is no sweep. */
async function noteSubscription(
  subscription: string,
  runId: string,
  at: string,
  servers: readonly Listed[] | undefined,
  { table }: Ports,
): Promise<void> {
  const facts = await readSubscription(table, subscription);
  if (facts && facts.outSweeps > 0) await writeSubscription(table, subscription, { ...facts, outSweeps: 0 });
  if (facts || !servers) return;
  if (servers.length > 0) await rememberPartition(table, subscription);
  const ids = servers.map(({ id }) => id);
  await writeFirstListing(table, subscription, ids);
  await writeSubscription(table, subscription, { firstRunId: runId, firstSweptAt: at, outSweeps: 0 });
}

/** Batches in the order of the state's keys, each visible when the budget of its subscription allows its last read. */
function* batchesOf(
  servers: readonly Listed[],
  reason: Request['reason'],
  runId: string,
  requestedAt: string,
): Generator<{ readonly request: Request; readonly delaySeconds: number }> {
  let batch = 0;
  for (const group of Map.groupBy(servers, ({ subscription }) => subscription).values()) {
    const sorted = group
      .map((server) => ({ ...server, key: hashOf(server.id) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    let reads = 0;
    for (const part of partsOf(sorted)) {
      reads += part.reduce((sum, server) => sum + server.reads, 0);
      const resources = part.map(({ id, graphHash }) =>
        graphHash === undefined ? { id } : { id, graphHash },
      );
      const delaySeconds = Math.max(0, Math.ceil((reads - ARM_READS.burst) / ARM_READS.perSecond));
      yield { request: { resources, reason, requestedAt, runId, batch }, delaySeconds };
      batch += 1;
    }
  }
}

const ENVELOPE_BYTES = 1024;

function* partsOf<Item extends Listed>(servers: readonly Item[]): Generator<readonly Item[]> {
  let part: Item[] = [];
  let bytes = 0;
  for (const server of servers) {
    const size = Buffer.byteLength(server.id) + (server.graphHash?.length ?? 0) + 32;
    if (part.length === BATCH || bytes + size > MAX_MESSAGE_BYTES - ENVELOPE_BYTES) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(server);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

/** Seconds after the last due time of its batches when a run is over, finished or not. */
export const RUN_DEADLINE_SECONDS = 15 * 60;
