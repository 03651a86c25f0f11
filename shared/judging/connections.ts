import { cutText } from './evidence.ts';
import {
  type EndpointConnection,
  type EndpointTarget,
  type PrivateEndpoint,
  type Surroundings,
  Unknown,
  type Verdicts,
} from '../model.ts';
import { parseResourceId } from '../resource-id.ts';

/** The connections. Throws `Unknown` where one has a status that is not documented: it may be an approved one. */
export function interpretedConnections(facts: {
  readonly endpointConnections: readonly EndpointConnection[];
}): readonly EndpointConnection[] {
  const odd = facts.endpointConnections.find(({ status }) => status === 'unknown');
  if (odd) throw new Unknown(statusUnknown(odd));
  return facts.endpointConnections;
}

/** Why nothing can be said of a connection whose status is none of the documented ones. */
export function statusUnknown({ statusText }: EndpointConnection): string {
  return `endpointConnections: the status ${cutText(JSON.stringify(statusText))} cannot be interpreted`;
}

/** What `judge` says of each approved connection; one whose status cannot be interpreted is unjudged. */
export function judgeApproved(
  connections: readonly EndpointConnection[],
  judge: (connection: EndpointConnection) => Verdicts,
): Verdicts {
  return connections.flatMap((connection): Verdicts => {
    if (connection.status === 'approved') return judge(connection);
    if (connection.status !== 'unknown') return [];
    return [{ subject: connection.id, unknown: statusUnknown(connection) }];
  });
}

/** How many connections have each status. */
export function countStatuses(connections: readonly EndpointConnection[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of connections) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** A private endpoint as it was read, `gone` after a 404, or why it is not known. */
export function endpointReading(
  endpointId: string | null,
  { endpoints }: Surroundings,
): PrivateEndpoint | 'gone' | { readonly unknown: string } {
  if (endpointId === null) return { unknown: 'endpointConnections: the endpoint is not named' };
  const reading = endpoints[endpointId];
  if (!reading) return { unknown: 'endpoint: not read' };
  return 'value' in reading ? reading.value : { unknown: `endpoint: ${reading.unreadable}` };
}

/** The private endpoint of a connection; undefined where it was not read, or is gone. */
export function endpointOf(
  { endpointId }: EndpointConnection,
  surroundings: Surroundings,
): PrivateEndpoint | undefined {
  const endpoint = endpointReading(endpointId, surroundings);
  return endpoint === 'gone' || 'unknown' in endpoint ? undefined : endpoint;
}

/** The endpoint's own record of its connection to this server. */
export function joinedTarget(
  connection: EndpointConnection,
  surroundings: Surroundings,
  serverId: string,
): EndpointTarget | undefined {
  return endpointOf(connection, surroundings)?.targets.find(({ targetId }) => targetId === serverId);
}

/** How access was asked for: `manual` (by someone who may not approve it), `automatic`, or `unknown` where the endpoint was not read. */
export function requestKind(
  connection: EndpointConnection,
  surroundings: Surroundings,
  serverId: string,
): 'manual' | 'automatic' | 'unknown' {
  const target = joinedTarget(connection, surroundings, serverId);
  if (!target) return 'unknown';
  return target.manual ? 'manual' : 'automatic';
}

/** Lower-cased subscription of the connection's endpoint; undefined where the server does not name it. */
export function endpointSubscription({ endpointId }: EndpointConnection): string | undefined {
  return endpointId === null ? undefined : parseResourceId(endpointId)?.subscription;
}

/** True for two records of one connection: a connection may be made anew under another name for the same endpoint. */
export function isSame(
  a: Pick<EndpointConnection, 'id' | 'endpointId'>,
  b: Pick<EndpointConnection, 'id' | 'endpointId'>,
): boolean {
  return a.endpointId !== null && b.endpointId !== null ? a.endpointId === b.endpointId : a.id === b.id;
}
