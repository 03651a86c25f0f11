import { understand } from './event.ts';
import { Request } from './request.ts';
import type { ActorDetail } from './settings.ts';

/** Text of a message in base64 (as Event Grid and this app write it) or plain; anything else as it is. */
function decoded(message: unknown): unknown {
  if (typeof message !== 'string') return message;
  const text = /^[A-Za-z0-9+/]+={0,2}$/.test(message)
    ? Buffer.from(message, 'base64').toString('utf8')
    : message;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * The queue carries own requests and, with direct delivery, raw events: both become a request, or nothing. `insertedAt` is
 * the storage service's time of the message; a request that was put back keeps its first.
 */
export function toRequest(
  message: unknown,
  insertedAt: unknown,
  scope: readonly string[],
  detail: ActorDetail,
): Request | undefined {
  const value = decoded(message);
  const inserted =
    typeof insertedAt === 'string' || insertedAt instanceof Date ? new Date(insertedAt) : undefined;
  const own = Request.safeParse(value).data;
  if (own) return inserted && isFirst(own) ? { ...own, requestedAt: inserted.toISOString() } : own;
  const [event] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const understood = understand(event, (subscription) => scope.includes(subscription), detail);
  if (understood.outcome !== 'concerns') return undefined;
  return {
    resources: [{ id: understood.resource.id }],
    reason: 'event',
    requestedAt: (inserted ?? new Date()).toISOString(),
    changes: [understood.change],
  };
}

/** Whoever made it told the time of its own clock; a copy carries the first message's. */
function isFirst({ reason, attempt }: Request): boolean {
  return attempt === undefined && (reason === 'event' || reason === 'http');
}
