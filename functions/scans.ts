import { app as functions, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { setTimeout as pause } from 'node:timers/promises';
import { badRequest, json, notFound, problem, quoted } from '../shared/http/answers.ts';
import { MAX_IDS, ScanBody } from '../shared/http/bodies.ts';
import { readJson } from '../shared/http/body.ts';
import { rateLimit } from '../shared/http/rate-limit.ts';
import { EVERY_METHOD, type Door, type Methods, route } from '../shared/http/route.ts';
import { scanProgress } from '../shared/http/scan-progress.ts';
import { createScan, scanRequests } from '../shared/http/scan-servers.ts';
import { serverDetail, serverIdOf } from '../shared/http/server-detail.ts';
import { assessRequest } from '../shared/assessing/message.ts';
import type { Request } from '../shared/asking/request.ts';
import { isGuid, type ResourceId } from '../shared/resource-id.ts';
import { newRunId, sweep } from '../shared/sweeping/sweep.ts';

export const methods: Methods = {
  GET: { role: 'Exposure.Read' },
  POST: { role: 'Exposure.Scan' },
};

const SCANS_A_MINUTE = 10;
const MAX_WAIT_SECONDS = 60;

const scans = rateLimit(SCANS_A_MINUTE);

/** Asks for a scan, or tells how one is getting on. */
export async function answerScans(request: HttpRequest, door: Door): Promise<HttpResponseInit> {
  const { scanId } = request.params;
  if (request.method === 'POST') {
    return scanId ? notFound('A scan is asked for at /api/scans.') : start(request, door);
  }
  if (!scanId) return notFound('Name a scan: /api/scans/{id}.');
  const progress = await scanProgress(door.ports.table, scanId);
  return progress ? json(200, progress) : notFound('No such scan, or it is older than 30 days.');
}

async function start(request: HttpRequest, door: Door): Promise<HttpResponseInit> {
  const { environment, ports } = door;
  const body = await readJson(request);
  if ('refused' in body) return body.refused;
  const parsed = ScanBody.safeParse(body.value);
  if (!parsed.success) {
    return badRequest(
      `The body is {"resourceIds": [1 to ${MAX_IDS}]}, {"subscriptions": [...]} or {} for all.`,
    );
  }
  const { resourceIds = [], subscriptions } = parsed.data;
  if (resourceIds.length > 0 && subscriptions)
    return badRequest('Give resourceIds or subscriptions, not both.');
  const inScope = (subscription: string): boolean => environment.scope.includes(subscription);
  const servers = resourceIds.map((id) => ({ id, server: serverIdOf(id) }));
  const stranger = servers.find(({ server }) => !server || !inScope(server.subscription));
  if (stranger) return badRequest(`${quoted(stranger.id)} is not the id of a database server in scope.`);
  const outside = subscriptions?.find((id) => !isGuid(id) || !inScope(id.toLowerCase()));
  if (outside !== undefined) return badRequest(`${quoted(outside)} is not a subscription in scope.`);

  const seconds = scans.take(door.caller.id, ports.process.now());
  if (seconds > 0) {
    const detail = `A caller may ask for ${SCANS_A_MINUTE} scans a minute; try again in ${seconds} s.`;
    return problem(429, 'Too many requests', detail, { 'retry-after': String(seconds) });
  }
  const runId = newRunId(ports.process.now());
  if (resourceIds.length > 0) {
    const named = servers.flatMap(({ server }) => server ?? []);
    return scanNamed(named, runId, request, door);
  }
  const only = subscriptions?.map((id) => id.toLowerCase());
  await sweep(door.settings, environment, ports, { runId, ...(only ? { subscriptions: only } : {}) });
  return accepted(runId);
}

async function scanNamed(
  servers: readonly ResourceId[],
  runId: string,
  request: HttpRequest,
  door: Door,
): Promise<HttpResponseInit> {
  const { ports } = door;
  const requests = scanRequests(servers, runId, new Date(ports.process.now()).toISOString());
  await createScan(requests, ports);
  const [only] = servers;
  const [first] = requests;
  const seconds = waitSeconds(request.headers.get('prefer'));
  if (only && first && seconds > 0 && first.resources.length === 1 && requests.length === 1) {
    return assessedWithin(seconds, only, first, door);
  }
  for (const message of requests) await ports.queue.send(message, 0);
  return accepted(runId);
}

function accepted(runId: string): HttpResponseInit {
  const location = `/api/scans/${runId}`;
  return json(202, { id: runId, status: location }, { location });
}

/** RFC 7240: `Prefer: wait=30`, alone or beside others; 0 where it does not say. */
function waitSeconds(prefer: string | null): number {
  const wait = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,4})"?\s*(?=$|[,;])/i.exec(prefer ?? '')?.[1];
  return Math.min(Number(wait ?? 0), MAX_WAIT_SECONDS);
}

/** The server once it was read; 202 where that takes longer than the caller waits, or has to be tried again. */
async function assessedWithin(
  seconds: number,
  server: ResourceId,
  request: Request,
  door: Door,
): Promise<HttpResponseInit> {
  const { environment, ports } = door;
  const over = new AbortController();
  const assessment = assessRequest(request, environment, ports).catch(async (): Promise<undefined> => {
    // What fails here goes the way of every other message: again, and to its record when it never succeeds.
    await ports.queue.send(request, 0);
  });
  const results = await Promise.race([
    assessment,
    pause(seconds * 1000, undefined, { signal: over.signal, ref: false }),
  ]);
  over.abort();
  if (!results) {
    // It may go on without us: what it throws must not end the process.
    assessment.catch(() => {
      ports.log('a scan was lost after its caller was answered', { runId: request.runId ?? '' });
    });
  }
  if (!results?.has(server.id)) return accepted(request.runId ?? '');
  const detail = await serverDetail(server, door);
  if (!detail) return notFound('The server was not found on Azure.');
  return json(200, detail.body, { etag: detail.etag, 'preference-applied': `wait=${seconds}` });
}

functions.http('scans', {
  methods: EVERY_METHOD,
  authLevel: 'anonymous',
  route: 'scans/{scanId?}',
  handler: route(methods, answerScans),
});
