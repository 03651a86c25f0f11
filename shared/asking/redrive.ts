import { understand } from './event.ts';
import type { Ports } from '../ports.ts';
import type { Request } from './request.ts';
import type { ActorDetail } from '../settings.ts';
import type { DeadLetters } from '../state/azure-blobs.ts';
import { dropMessages, readFailures } from '../state/failures.ts';

/** What was asked for again. */
export interface Redriven {
  readonly failedAssessments: number;
  readonly deadLetters: number;
  /** Events in dead letters that lead to nothing: out of scope, or not understood. */
  readonly ignored: number;
  /** Records of messages that named nothing: there is nothing to ask for, and whoever redrives has seen them. */
  readonly dropped: number;
}

/**
 * Asks again for what failed for good: the servers of stored failures, and what the events name that Event Grid could not
 * deliver. A record goes with the server's next good assessment; a dead letter when its requests are in the queue.
 */
export async function redrive(
  ports: Pick<Ports, 'table' | 'queue' | 'process'>,
  deadLetters: DeadLetters,
  scope: readonly string[],
  detail: ActorDetail,
): Promise<Redriven> {
  const requestedAt = new Date(ports.process.now()).toISOString();
  const failures = await readFailures(ports.table, scope);
  const named = failures.filter(({ serverId }) => serverId !== '');
  for (const { serverId, request } of named) {
    const changes = request?.changes;
    await ports.queue.send(
      { resources: [{ id: serverId }], reason: 'event', requestedAt, ...(changes ? { changes } : {}) },
      0,
    );
  }
  let letters = 0;
  let ignored = 0;
  for (const name of await deadLetters.names()) {
    for (const event of eventsOf(await deadLetters.read(name))) {
      const request = requestOf(event, scope, detail, requestedAt);
      if (request) await ports.queue.send(request, 0);
      else ignored += 1;
    }
    await deadLetters.remove(name);
    letters += 1;
  }
  const dropped = await dropMessages(ports.table);
  return { failedAssessments: named.length, deadLetters: letters, ignored, dropped };
}

function eventsOf(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    return [undefined];
  }
}

function requestOf(
  event: unknown,
  scope: readonly string[],
  detail: ActorDetail,
  requestedAt: string,
): Request | undefined {
  const understood = understand(event, (subscription) => scope.includes(subscription), detail);
  if (understood.outcome !== 'concerns') return undefined;
  const { resource, change } = understood;
  return { resources: [{ id: resource.id }], reason: 'event', requestedAt, changes: [change] };
}
