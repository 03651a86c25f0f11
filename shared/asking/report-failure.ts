import { concernedBy } from './event.ts';
import { familyOf } from '../families/index.ts';
import { hashOf } from '../identity.ts';
import type { Ports } from '../ports.ts';
import { parseResourceId, type ResourceId } from '../resource-id.ts';
import type { ActorDetail } from '../settings.ts';
import { dependentsOf } from '../state/dependents.ts';
import { recordFailure } from '../state/failures.ts';
import * as keys from '../state/keys.ts';
import { toRequest } from './to-request.ts';

/** One durable record a server of a message that never succeeded; one of its own for a message that names none. */
export async function reportFailure(
  message: unknown,
  insertedAt: unknown,
  scope: readonly string[],
  detail: ActorDetail,
  ports: Ports,
): Promise<void> {
  const at = new Date(ports.process.now()).toISOString();
  const request = toRequest(message, insertedAt, scope, detail);
  const servers: ResourceId[] = [];
  for (const { id } of request?.resources ?? []) {
    const resource = parseResourceId(id);
    const concerned = resource && concernedBy(resource);
    if (concerned && scope.includes(concerned.subscription))
      servers.push(...(await around(concerned, ports)));
  }
  for (const server of servers) {
    const reason = 'every attempt to assess it failed';
    await recordFailure(ports.table, server, { serverId: server.id, reason, at, request: request ?? null });
  }
  ports.log('assessment failed for good', { servers: servers.length });
  if (servers.length > 0) return;
  const text = typeof message === 'string' ? message : JSON.stringify(message ?? null);
  const id = `message:${hashOf(text)}`;
  const reason = 'a message that is neither a request nor an event in scope';
  await recordFailure(
    ports.table,
    { id, subscription: keys.MONITOR },
    { serverId: '', reason, at, request: null },
  );
}

/** The servers around a resource: their next good assessment ends the record. One that leads to none stands for itself. */
async function around(resource: ResourceId, { table }: Ports): Promise<readonly ResourceId[]> {
  if (familyOf(resource.type)) return [resource];
  const known = (await dependentsOf(table, resource.id)).flatMap((id) => parseResourceId(id) ?? []);
  return known.length > 0 ? known : [resource];
}
