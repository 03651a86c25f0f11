import { PRIVATE_ENDPOINT, privateEndpoint } from '../network/private-endpoint.ts';
import { again, backoff } from './again.ts';
import type { Asked, Round } from './batch.ts';
import { parseFacet } from '../families/define-family.ts';
import type { Environment } from '../environment.ts';
import { concernedBy } from '../asking/event.ts';
import { familyOf } from '../families/index.ts';
import { serverRef } from '../families/fingerprint.ts';
import { hashOf } from '../identity.ts';
import type { ServerRef } from '../model.ts';
import type { Ports } from '../ports.ts';
import { publishCommitted } from '../publishing/publish.ts';
import type { Request } from '../asking/request.ts';
import { parseResourceId, type ResourceId } from '../resource-id.ts';
import { addNamedBy, dependentsOf } from '../state/dependents.ts';
import * as keys from '../state/keys.ts';
import { clearFailure } from '../state/failures.ts';
import { addResults, type Marker, type ServerResult } from '../state/runs.ts';
import { assessGroup } from './group.ts';
import { TransientError } from '../transient-error.ts';

/** A sweep or scan says what it could not read; the next sweep repeats it. */
const RUN_ATTEMPTS = 3;

/** Assesses each server that a request concerns; one that fails is asked for again, alone. */
export async function assessRequest(
  request: Request,
  environment: Environment,
  ports: Ports,
): Promise<ReadonlyMap<string, ServerResult>> {
  const round: Round = {
    request,
    startedAt: ports.process.now(),
    last: request.runId !== undefined && (request.attempt ?? 1) >= RUN_ATTEMPTS,
    committed: [],
    unannounced: [],
    results: new Map(),
  };
  const { committed, results } = round;
  const asked = await serversOrLater(request, environment, ports);
  if (!asked) return results;
  let clock = '';
  for (const group of Map.groupBy(asked, ({ server }) => server.subscription).values()) {
    clock = (await assessGroup(group, round, environment, ports)) ?? clock;
    await clearFailures(group, results, ports);
  }
  await clearOwnFailures(request, ports);
  if (committed.length > 0) await publishCommitted(ports, committed, clock);
  await mark(round, ports);
  return results;
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
      : await around(concerned, environment, ports);
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
async function around(
  resource: ResourceId,
  { scope }: Pick<Environment, 'scope'>,
  ports: Ports,
): Promise<readonly string[]> {
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
    if (server && familyOf(server.type) && scope.includes(server.subscription))
      await addNamedBy(ports.table, resource.id, serverRef(server, undefined));
  }
  return [...new Set([...known, ...targets])];
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

async function mark({ request, results, unannounced }: Round, { table, calls }: Ports): Promise<void> {
  const { runId, batch, resources } = request;
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
