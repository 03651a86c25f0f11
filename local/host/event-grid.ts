import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { parseEventJson } from './event-json.ts';
import type { HostRequest, HostResponse } from './http-message.ts';
import type { TriggerInput, Worker } from './worker.ts';

/** Where Event Grid delivers, in any casing. */
export const EVENT_GRID_PATH = '/runtime/webhooks/eventgrid';

const validation = z.tuple(
  [z.looseObject({ data: z.looseObject({ validationCode: z.string() }) })],
  z.unknown(),
);
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/** Answers one request to the Event Grid webhook for the functions with an Event Grid trigger. */
export async function answerEventGrid(
  request: HostRequest,
  functionNames: ReadonlySet<string>,
  worker: Worker,
): Promise<HostResponse> {
  const name = nameFrom(request.url.searchParams);
  if (name === undefined || !functionNames.has(name)) {
    return { status: 404, headers: TEXT, body: `cannot find function: '${name ?? ''}'` };
  }
  if (request.method === 'OPTIONS') return answerHandshakeOfCloudEvents(request);
  switch (request.headers['aeg-event-type']?.toLowerCase()) {
    case 'subscriptionvalidation':
      return answerHandshake(await readJson(request));
    case 'notification':
      return deliver(await readJson(request), name, worker);
    case 'unsubscribe':
      return { status: 202 };
    default:
      return { status: 400 };
  }
}

/** What an Event Grid function gets of one event. */
export function eventInput(functionName: string, event: object): TriggerInput {
  const data: unknown = Reflect.get(event, 'data');
  return {
    data: { string: JSON.stringify(event) },
    triggerMetadata: {
      ...(data === undefined ? {} : { data: { json: JSON.stringify(data) } }),
      ...sysMetadata(functionName),
    },
  };
}

/** The metadata that every non-HTTP trigger has. */
export function sysMetadata(functionName: string): TriggerInput['triggerMetadata'] {
  const sys = { MethodName: functionName, UtcNow: new Date().toISOString(), RandGuid: randomUUID() };
  return { sys: { json: JSON.stringify(sys) } };
}

/** Every event of a delivery runs, in parallel and to its end; one failure fails the delivery. */
async function deliver(body: unknown, name: string, worker: Worker): Promise<HostResponse> {
  const events = Array.isArray(body) ? (body as unknown[]) : [body];
  const objects = events.filter((event) => isEvent(event));
  const results = await Promise.allSettled(
    objects.map((event) => worker.invoke(name, eventInput(name, event))),
  );
  if (objects.length < events.length) return { status: 500 };
  if (results.some(({ status }) => status === 'rejected')) {
    return { status: 500, headers: TEXT, body: `Exception while executing function: Functions.${name}` };
  }
  return { status: 202 };
}

function isEvent(event: unknown): event is object {
  return typeof event === 'object' && event !== null && !Array.isArray(event);
}

function answerHandshake(body: unknown): HostResponse {
  const parsed = validation.safeParse(body);
  if (!parsed.success) return { status: 500 };
  const validationResponse = parsed.data[0].data.validationCode;
  return { status: 200, headers: TEXT, body: JSON.stringify({ validationResponse }) };
}

function answerHandshakeOfCloudEvents(request: HostRequest): HostResponse {
  const origin = request.headers['webhook-request-origin'];
  return origin === undefined
    ? { status: 400 }
    : { status: 200, headers: { 'Webhook-Allowed-Origin': origin } };
}

/** The body, or undefined (which is no event either) where it is too large or no JSON. */
async function readJson(request: HostRequest): Promise<unknown> {
  const body = await request.readBody();
  if (body === undefined) return undefined;
  try {
    return parseEventJson(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function nameFrom(query: URLSearchParams): string | undefined {
  return [...query].find(([key]) => key.toLowerCase() === 'functionname')?.[1];
}
