import { hashOf } from '../identity.ts';

/** Partition and row keys: validated GUIDs, hashes and our own words only, so that no name reaches a key. */
export const MONITOR = 'monitor';
export const RUNS = 'runs';

export const serverRow = (serverId: string): string => `s|${hashOf(serverId)}`;
/** Rows of a server's events that wait for its next reading. */
export const waitingPrefix = (serverId: string): string => `w|${hashOf(serverId)}|`;
/** Endpoints that name a server: learnt from events and sweeps. */
export const namedByPrefix = (serverId: string): string => `n|${hashOf(serverId)}|`;
export const outboxPrefix = (serverId: string): string => `o|${hashOf(serverId)}|`;
export const failedRow = (serverId: string): string => `x|${hashOf(serverId)}`;
/** Facts of a subscription itself: when it was first swept, how often it was missing. */
export const SUBSCRIPTION_ROW = 'm|subscription';
/** In the monitor's partition: a subscription that may hold rows to publish. */
export const partitionRow = (subscription: string): string => `p|${subscription}`;
/** Partition of the servers that depend on a resource. */
export const dependentsPartition = (resourceId: string): string => `d-${hashOf(resourceId)}`;

export const ALL_SERVERS = ['s|', 's}'] as const;
export const ALL_OUTBOX = ['o|', 'o}'] as const;
export const ALL_FAILED = ['x|', 'x}'] as const;

/** The rows that begin with a prefix, as a half-open range. */
export function rangeOf(prefix: string): readonly [string, string] {
  return [prefix, `${prefix}~`];
}
