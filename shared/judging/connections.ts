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

/**
 * The endpoint's own record of its connection to a server (of several that contradict each other the status is unknown),
 * undefined where it targets others only, or why that cannot be told.
 */
export function targetOf(
  { targets }: PrivateEndpoint,
  serverId: string,
): EndpointTarget | undefined | { readonly unknown: string } {
  const records = targets.filter(({ targetId }) => targetId === serverId);
  const [first] = records;
  if (first) {
    const manual = records.some((record) => record.manual);
    const isSure = records.every(({ status }) => status === first.status);
    return isSure ? { ...first, manual } : { ...first, manual, status: 'unknown', statusText: '' };
  }
  const isTold = targets.length > 0 && targets.every(({ targetId }) => targetId !== null);
  return isTold ? undefined : { unknown: 'endpoint: its target cannot be interpreted' };
}

/** What the endpoint of a connection says of this server; undefined where it says nothing, or could not be read. */
export function joinedTarget(
  connection: EndpointConnection,
  surroundings: Surroundings,
  serverId: string,
): EndpointTarget | undefined {
  const endpoint = endpointOf(connection, surroundings);
  const target = endpoint && targetOf(endpoint, serverId);
  return target && 'unknown' in target ? undefined : target;
}

/** Why nothing can be said of an endpoint whose status is none of the documented ones, or is told in two ways. */
export const TARGET_STATUS_UNKNOWN = 'endpoint: its status cannot be interpreted';

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
