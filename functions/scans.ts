import { app as functions, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import { familyOf } from '../shared/families/index.ts';
import { badRequest, json, notFound, problem } from '../shared/http/answers.ts';
import { type Door, route } from '../shared/http/route.ts';
import { serverDetail } from '../shared/http/server-detail.ts';
import { assessRequest } from '../shared/message.ts';
import { isGuid, parseResourceId, type ResourceId } from '../shared/resource-id.ts';
import { readMarkers, readRun } from '../shared/state/runs.ts';
import { newRunId, sweep } from '../shared/sweep.ts';

const MAX_IDS = 50;

const Body = z.strictObject({
  resourceIds: z.array(z.string()).min(1).max(MAX_IDS).optional(),
  subscriptions: z.array(z.string()).min(1).optional(),
});

/** Asks for a scan, or tells how one is getting on. */
export async function answerScans(request: HttpRequest, door: Door): Promise<HttpResponseInit> {
  const { scanId } = request.params;
  if (request.method === 'GET')
    return scanId ? progress(scanId, door) : notFound('Name a scan: /api/scans/{id}.');
  if (scanId) return notFound('A scan is asked for at /api/scans.');
  const body = Body.safeParse(await bodyOf(request));
  if (!body.success) {
    return badRequest(
      `The body is {"resourceIds": [up to ${MAX_IDS}]}, {"subscriptions": [...]} or {} for all.`,
    );
  }
  const { resourceIds, subscriptions } = body.data;
  if (resourceIds && subscriptions) return badRequest('Give resourceIds or subscriptions, not both.');
  const servers = (resourceIds ?? []).map((id) => parseResourceId(id));
  const bad = (resourceIds ?? []).find((_, index) => !isServer(servers[index], door));
  if (bad !== undefined) return badRequest(`${shown(bad)} is not the id of a database server in scope.`);
  const outside = subscriptions?.find(
    (id) => !isGuid(id) || !door.environment.scope.includes(id.toLowerCase()),
  );
  if (outside !== undefined) return badRequest(`${shown(outside)} is not a subscription in scope.`);
  const [only] = servers;
  if (only && servers.length === 1 && waitSeconds(request) > 0) return assessed(only, door);

  const runId = newRunId(door.ports.process.now());
  await sweep(door.settings, door.environment, door.ports, {
    runId,
    ...(subscriptions ? { subscriptions: subscriptions.map((id) => id.toLowerCase()) } : {}),
    ...(resourceIds
      ? {
          resourceIds: servers.flatMap((server) => server?.id ?? []),
          subscriptions: [...new Set(servers.flatMap((server) => server?.subscription ?? []))],
        }
      : {}),
  });
  const location = `/api/scans/${runId}`;
  return json(202, { id: runId, status: location }, { location });
}

async function bodyOf(request: HttpRequest): Promise<unknown> {
  const text = await request.text();
  if (text.length > 100_000) return undefined;
  try {
    return text.trim() === '' ? {} : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function isServer(resource: ResourceId | undefined, { environment }: Door): resource is ResourceId {
  return (
    resource !== undefined &&
    familyOf(resource.type) !== undefined &&
    environment.scope.includes(resource.subscription)
  );
}

function waitSeconds(request: HttpRequest): number {
  return Number(/(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])/.exec(request.headers.get('prefer') ?? '')?.[1] ?? 0);
}

async function assessed(resource: ResourceId, door: Door): Promise<HttpResponseInit> {
  const requestedAt = new Date(door.ports.process.now()).toISOString();
  const results = await assessRequest(
    { resources: [{ id: resource.id }], reason: 'http', requestedAt },
    door.environment,
    door.ports,
  );
  if (results.size === 0)
    return problem(503, 'Not read', 'Azure did not answer in time; the server is asked for again.');
  const detail = await serverDetail(resource, door);
  return detail
    ? json(200, detail.body, { etag: detail.etag })
    : notFound('The server was not found on Azure.');
}

async function progress(scanId: string, { ports }: Door): Promise<HttpResponseInit> {
  const stored = /^[0-9TZ]{8,32}-[0-9a-f]{8}$/.test(scanId) ? await readRun(ports.table, scanId) : undefined;
  if (!stored) return notFound('No such scan, or it is older than 30 days.');
  const { run } = stored;
  const results = (await readMarkers(ports.table, scanId)).flatMap((marker) => Object.values(marker.results));
  const assessedCount = results.filter((result) => result === 'assessed').length;
  const done = results.length >= run.expected;
  return json(200, {
    id: run.runId,
    expected: run.expected,
    assessed: assessedCount,
    unreadable: results.length - assessedCount,
    startedAt: run.startedAt,
    finishedAt: run.finished?.finishedAt ?? null,
    done,
    problems: run.problems,
  });
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 120).toWellFormed());
}

functions.http('scans', {
  methods: ['GET', 'POST'],
  authLevel: 'anonymous',
  route: 'scans/{scanId?}',
  handler: route(answerScans),
});
