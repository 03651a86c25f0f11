import type { Estate, EstateResource } from '../local/azure/index.ts';

export const RULES_PER_SERVER = 10;
/** Rows of one page of Resource Graph. */
const PAGE = 1000;
/** Azure's published limits: reads at once and per second in one subscription; pages of Resource Graph at once and per second. */
const READS = { burst: 250, perSecond: 25 };
const PAGES = { burst: 15, perSecond: 3 };

/** Size of a generated estate. */
export interface Size {
  readonly servers: number;
  readonly subscriptions: number;
}

/** One subscription up to 100 servers, then enough of them that the pacing of one ends within two minutes. */
export function sizeOf(servers: number): Size {
  return { servers, subscriptions: Math.max(1, Math.ceil(servers / (servers > 1000 ? 1000 : 500))) };
}

/** What is true of an estate, read off the estate itself. */
export interface EstateFacts {
  readonly servers: readonly ServerFacts[];
  /** Lower-cased ids of the servers that the whole internet reaches. */
  readonly internet: readonly string[];
  /** Lower-cased ids of those that all of Azure reaches, and the internet does not. */
  readonly azure: readonly string[];
}

export interface ServerFacts {
  /** As the estate writes it. */
  readonly id: string;
  readonly subscription: string;
  readonly publicAccess: boolean;
}

/** Reads off who is open to whom. */
export function factsOf({ resources }: Pick<Estate, 'resources'>): EstateFacts {
  const servers = resources.map(({ id, properties }): ServerFacts => {
    const network = (properties as { network?: { publicNetworkAccess?: unknown } } | undefined)?.network;
    const publicAccess = network?.publicNetworkAccess === 'Enabled';
    return { id, subscription: id.split('/')[2] ?? '', publicAccess };
  });
  const open = resources.filter((_, index) => servers[index]?.publicAccess);
  const internet = open.filter((server) => admits(server, '255.255.255.255'));
  const azure = open.filter((server) => admits(server, '0.0.0.0') && !internet.includes(server));
  const ids = (list: readonly EstateResource[]): readonly string[] => list.map(({ id }) => id.toLowerCase());
  return { servers, internet: ids(internet), azure: ids(azure) };
}

/** Whether a rule from 0.0.0.0 ends at an address. */
function admits({ children }: EstateResource, end: string): boolean {
  return Object.values(children.firewallRules ?? {}).some(
    (rule) => rule['startIpAddress'] === '0.0.0.0' && rule['endIpAddress'] === end,
  );
}

/** Which of the two sweeps of a run. */
export type Nth = 'first' | 'second';

/**
 * Calls that a sweep cannot do without: the pages of the listing, and a rule list per server whose public access is not
 * off. Rules behind a closed switch are read daily: at the first sweep they are due.
 */
export function neededCalls({ servers }: Pick<EstateFacts, 'servers'>, nth: Nth): number {
  const subscriptionPage = 1;
  const endpointPage = 1;
  const lists = nth === 'first' ? servers : servers.filter(({ publicAccess }) => publicAccess);
  return subscriptionPage + endpointPage + Math.ceil(servers.length / PAGE) + lists.length;
}

/** Seconds that Azure's throttles cost at least for the reads by subscription and the pages that were made. */
export function throttleFloor(readsBySubscription: readonly number[], pages: number): number {
  const reads = Math.max(0, ...readsBySubscription);
  const ofReads = (reads - READS.burst) / READS.perSecond;
  const ofPages = (pages - PAGES.burst) / PAGES.perSecond;
  return Math.max(0, ofReads, ofPages);
}

/** Reads of ARM by subscription: of each server its body and its rules at first, then the rules of those with public access. */
export function readsBySubscription({ servers }: Pick<EstateFacts, 'servers'>, nth: Nth): readonly number[] {
  const bySubscription = Map.groupBy(servers, ({ subscription }) => subscription);
  return [...bySubscription.values()].map((group) =>
    nth === 'first' ? 2 * group.length : group.filter(({ publicAccess }) => publicAccess).length,
  );
}
