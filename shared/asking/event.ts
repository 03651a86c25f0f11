import * as z from 'zod';
import { resourceEventType } from '../azure/resource-events.ts';
import { familyOf } from '../families/index.ts';
import { actorOf } from './actor.ts';
import type { Change } from './request.ts';
import { ancestor, parseResourceId, type ResourceId } from '../resource-id.ts';
import type { ActorDetail } from '../settings.ts';
import { cut } from '../text.ts';

/** What may lie around a server, by type: `depth` is how many types deep the resource stands that servers depend on. */
const AROUND: readonly { readonly type: string; readonly depth: number }[] = [
  { type: 'microsoft.network/virtualnetworks/subnets', depth: 2 },
  { type: 'microsoft.network/privateendpoints', depth: 1 },
  { type: 'microsoft.network/virtualnetworks', depth: 1 },
  { type: 'microsoft.network/networksecuritygroups', depth: 1 },
  { type: 'microsoft.network/privatednszones', depth: 1 },
];

/** A resource group, a subscription, and what lies in none of its groups. */
const ELSEWHERE =
  /^\/subscriptions\/[^/]+(\/resourcegroups\/[^/]+|\/providers\/[^/]+(\/[^/]+\/[^/]+)+)?\/?$/i;

/** What an event is about: a server or what may lie around one, or why it is dropped. */
export type Understood =
  | { readonly outcome: 'concerns'; readonly resource: ResourceId; readonly change: Change }
  | {
      readonly outcome: 'ignored' | 'out-of-scope' | 'malformed';
      readonly eventId: string;
      readonly why: string;
    };

const Text = z.string().catch('');
const Claims = z.record(z.string(), z.unknown()).catch({});

const Data = z.object({
  resourceUri: Text,
  resourceUrl: Text,
  operationName: Text,
  status: Text,
  correlationId: Text,
  authorization: z
    .object({ evidence: z.looseObject({ principalType: Text }).catch({ principalType: '' }) })
    .catch({ evidence: { principalType: '' } }),
  claims: Claims,
  httpRequest: z.object({ clientIpAddress: Text }).catch({ clientIpAddress: '' }),
  resourceInfo: z.object({ id: Text }).catch({ id: '' }),
});

/** What the Event Grid schema and CloudEvents 1.0 have in common, and where they differ. */
const Event = z.object({
  id: z.string().min(1),
  subject: Text,
  eventType: z.string().optional(),
  type: z.string().optional(),
  eventTime: z.string().optional(),
  time: z.string().optional(),
  data: z.unknown().optional(),
});

/**
 * Reads one event in either schema. `inScope` undefined: the scope is not known yet, so nothing is dropped for it.
 * Everything in it is untrusted; only what a change row shows is kept.
 */
export function understand(
  value: unknown,
  inScope: ((subscription: string) => boolean) | undefined,
  detail: ActorDetail,
): Understood {
  const parsed = Event.safeParse(value);
  if (!parsed.success || (parsed.data.eventType ?? parsed.data.type) === undefined)
    return { outcome: 'malformed', eventId: idOf(value), why: 'no event' };
  const event = parsed.data;
  const eventId = cut(event.id, 256);
  const drop = (outcome: 'ignored' | 'out-of-scope' | 'malformed', why: string): Understood => ({
    outcome,
    eventId,
    why,
  });
  const type = resourceEventType(envelope(value));
  if (type === undefined) return drop('ignored', 'not a resource event');

  const data = Data.safeParse(event.data).data;
  if (!data) return drop('malformed', 'no data');
  const named = [event.subject, data.resourceUri, data.resourceUrl, data.resourceInfo.id].find(
    (id) => id !== '',
  );
  const resource = named === undefined ? undefined : parseResourceId(named);
  if (!resource) {
    // Resource groups, subscriptions and deployments at their scope are well-formed, and no resource of ours.
    const elsewhere = named !== undefined && ELSEWHERE.test(named);
    return elsewhere ? drop('ignored', 'not a resource') : drop('malformed', 'not a resource id');
  }
  const concerned = concernedBy(resource);
  if (!concerned) return drop('ignored', 'a type that is not watched');
  if (inScope && !inScope(resource.subscription)) return drop('out-of-scope', 'a subscription out of scope');
  const time = event.eventTime ?? event.time ?? '';
  const change: Change = {
    id: eventId,
    resource: resource.id,
    time: Number.isNaN(Date.parse(time)) ? '' : new Date(time).toISOString(),
    operation: cut(data.operationName || type, 256),
    status: cut(data.status || statusOf(type), 64),
    correlationId: cut(data.correlationId, 128),
    actor: actorOf(
      data.claims,
      data.authorization.evidence.principalType,
      data.httpRequest.clientIpAddress,
      detail,
    ),
  };
  return { outcome: 'concerns', resource: concerned, change };
}

function statusOf(type: string): string {
  if (/failure$/i.test(type)) return 'Failed';
  return /cancel$/i.test(type) ? 'Canceled' : 'Succeeded';
}

/** The server that a resource belongs to, or what it is around a server; undefined: neither. */
export function concernedBy(resource: ResourceId): ResourceId | undefined {
  const top = ancestor(resource, 1);
  if (familyOf(top.type)) return top;
  const around = AROUND.find(({ type }) => resource.type === type || resource.type.startsWith(`${type}/`));
  return around && ancestor(resource, around.depth);
}

/** The envelope alone, with the source that tells a CloudEvent. */
function envelope(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function idOf(value: unknown): string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : '';
  return typeof id === 'string' ? cut(id, 256) : '';
}
