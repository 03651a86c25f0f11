import * as z from 'zod';
import { actorOf } from '../asking/actor.ts';
import type { Ports } from '../ports.ts';
import type { Change } from '../asking/request.ts';
import { parseResourceId, type ResourceId } from '../resource-id.ts';
import type { ActorDetail } from '../settings.ts';
import { cut } from '../text.ts';

const API_VERSION = '2015-04-01';

const Localizable = z.object({ value: z.string().catch('') }).catch({ value: '' });

const Entry = z.object({
  eventDataId: z.string().catch(''),
  eventTimestamp: z.string(),
  resourceId: z.string(),
  operationName: Localizable,
  status: Localizable,
  correlationId: z.string().catch(''),
  claims: z.record(z.string(), z.unknown()).catch({}),
  httpRequest: z.object({ clientIpAddress: z.string().catch('') }).catch({ clientIpAddress: '' }),
});

/**
 * Successful writes, deletes and actions on a server and its children between two times, oldest first, from the Activity Log of
 * its resource group (it lags by minutes). Undefined: it could not be read.
 */
export async function activityOf(
  arm: Ports['arm'],
  server: ResourceId,
  { since, until }: { readonly since: string; readonly until: string },
  detail: ActorDetail,
): Promise<readonly Change[] | undefined> {
  const filter = [
    `eventTimestamp ge '${since}'`,
    `eventTimestamp le '${until}'`,
    `resourceGroupName eq '${server.resourceGroup.replaceAll("'", "''")}'`,
  ].join(' and ');
  const path = `/subscriptions/${server.subscription}/providers/microsoft.insights/eventtypes/management/values`;
  const answer = await arm.list(path, API_VERSION, filter);
  if (answer.outcome !== 'ok') return undefined;
  return answer.body
    .flatMap((item) => changeOf(item, server, detail) ?? [])
    .sort((a, b) => (a.time < b.time ? -1 : 1));
}

function changeOf(item: unknown, server: ResourceId, detail: ActorDetail): Change | undefined {
  const entry = Entry.safeParse(item).data;
  const resource = entry && parseResourceId(entry.resourceId)?.id;
  if (!entry || resource === undefined) return undefined;
  if (resource !== server.id && !resource.startsWith(`${server.id}/`)) return undefined;
  const operation = entry.operationName.value;
  if (entry.status.value.toLowerCase() !== 'succeeded' || !/\/(write|delete|action)$/i.test(operation)) {
    return undefined;
  }
  if (Number.isNaN(Date.parse(entry.eventTimestamp))) return undefined;
  return {
    id: cut(entry.eventDataId, 256),
    resource,
    time: new Date(entry.eventTimestamp).toISOString(),
    operation: cut(operation, 256),
    status: cut(entry.status.value, 64),
    correlationId: cut(entry.correlationId, 128),
    actor: actorOf(entry.claims, '', entry.httpRequest.clientIpAddress, detail),
  };
}
