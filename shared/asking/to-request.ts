import { understand } from './event.ts';
import { Request } from './request.ts';
import type { ActorDetail } from '../settings.ts';

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
  const inserted = timeOf(insertedAt);
  const own = Request.safeParse(value).data;
  if (own) return inserted && isFirst(own) ? { ...own, requestedAt: inserted } : own;
  const events = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const concerns = events.flatMap((event) => {
    const understood = understand(event, (subscription) => scope.includes(subscription), detail);
    return understood.outcome === 'concerns' ? [understood] : [];
  });
  if (concerns.length === 0) return undefined;
  const ids = [...new Set(concerns.map(({ resource }) => resource.id))];
  return {
    resources: ids.map((id) => ({ id })),
    reason: 'event',
    requestedAt: inserted ?? new Date().toISOString(),
    // A request's changes are those of each of its resources: with several of them nobody's change would be told.
    ...(ids.length === 1 ? { changes: concerns.map(({ change }) => change) } : {}),
  };
}

function timeOf(value: unknown): string | undefined {
  const time = typeof value === 'string' || value instanceof Date ? new Date(value) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** Whoever made it told the time of its own clock; a copy carries the first message's. */
function isFirst({ reason, attempt }: Request): boolean {
  return attempt === undefined && (reason === 'event' || reason === 'http');
}
