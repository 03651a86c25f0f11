import { rangeOf } from './judging/evidence.ts';
import { countAddresses, type IpRange, mergeRanges, publicPart } from './ip-range.ts';
import type { EndpointConnection, FirewallRule, PublicAccessSwitch, Reading, Readings } from './model.ts';
import type { Widths } from './policy.ts';

export type PublicPath =
  'internet' | 'azure' | 'wide' | 'limited' | 'vnet-rules' | 'none' | 'closed' | 'perimeter' | 'unknown';
export type PrivatePath = 'injected' | 'endpoint' | 'none' | 'unknown';
export type Reachability =
  | 'PUBLIC_ONLY'
  | 'PUBLIC_AND_PRIVATE'
  | 'PUBLIC_AND_UNKNOWN'
  | 'PRIVATE_ONLY'
  | 'UNREACHABLE'
  | 'PERIMETER'
  | 'UNKNOWN';

/** Widest first; `unknown` stands apart: it may be any of them. */
export const REACHES = ['internet', 'azure', 'wide', 'listed', 'private', 'none', 'unknown'] as const;
export type Reach = (typeof REACHES)[number];

/** What a snapshot means: who can reach the server, by which path. */
export interface Exposure {
  /** As it acts: on an injected server an absent value counts as disabled, and Enabled is contradictory. */
  readonly switch: PublicAccessSwitch;
  /** Undefined: the server's body could not be read. */
  readonly injected: boolean | undefined;
  readonly publicPath: PublicPath;
  readonly privatePath: PrivatePath;
  /** `publicPath` as if the switch were enabled. */
  readonly latentPath: PublicPath;
  readonly reachability: Reachability;
  readonly reach: Reach;
  /** Merged ranges of the valid rules, without the rules 0.0.0.0-0.0.0.0, whatever the switch says. */
  readonly ranges: readonly IpRange[];
  /** False: the whole list of firewall rules could not be read, and `ranges` is empty. */
  readonly rulesRead: boolean;
  readonly invalidRules: readonly FirewallRule[];
  /** Rules 0.0.0.0-0.0.0.0: every public address of Azure, other customers' included. */
  readonly azureRules: readonly FirewallRule[];
  /** Addresses in `ranges`, 0 to 4,294,967,296. */
  readonly admitted: number;
  /** Public addresses in `ranges`, at most 3,702,390,784. */
  readonly public: number;
  /** Public addresses that the path in force admits; null: unknown. */
  readonly publicAddresses: number | null;
  /** Ranges that the path in force admits; null: unknown. */
  readonly rangesInForce: readonly IpRange[] | null;
  /** Whether the path in force admits all of Azure; null: unknown. */
  readonly azureServices: boolean | null;
  /** Subnets that the path in force admits by virtual network rules; null: unknown. */
  readonly subnetsInForce: readonly string[] | null;
  readonly approvedConnections: readonly EndpointConnection[];
}

const INTERNET = 2 ** 31;

/** Judges the union of all paths (order of the verdicts: internet > azure > wide > limited > vnet-rules > none > closed). */
export function exposureOf(network: Readings, widths: Widths): Exposure {
  const injected = injectedOf(network);
  const accessSwitch = switchOf(network, injected);
  const rules = sortRules(network.firewallRules);
  const subnets = valueOf(network.virtualNetworkRules)?.map(({ id, subnetId }) => subnetId ?? id);
  const latentPath = pathOfRules(rules, subnets, widths);
  const publicPath = publicPathOf(accessSwitch, injected, latentPath);
  const privatePath = privatePathOf(network, injected);
  const closed = publicPath === 'closed';
  const open = accessSwitch === 'enabled' && injected === false;
  const rangesInForce = closed ? [] : open && rules.complete ? rules.ranges : null;
  return {
    switch: accessSwitch,
    injected,
    publicPath,
    privatePath,
    latentPath,
    reachability: reachabilityOf(publicPath, privatePath),
    reach: reachOf(publicPath, privatePath),
    ranges: rules.ranges,
    rulesRead: rules.read,
    invalidRules: rules.invalid,
    azureRules: rules.azure,
    admitted: rules.admitted,
    public: rules.public,
    publicAddresses: rangesInForce && countAddresses(publicPart(rangesInForce)),
    rangesInForce,
    azureServices: closed ? false : open && rules.read ? azureInForce(rules) : null,
    subnetsInForce: closed ? [] : open && subnets ? subnets : null,
    approvedConnections: (valueOf(network.endpointConnections) ?? []).filter(
      ({ status }) => status === 'approved',
    ),
  };
}

interface SortedRules {
  readonly read: boolean;
  /** Read, and every rule could be interpreted. */
  readonly complete: boolean;
  readonly ranges: readonly IpRange[];
  readonly invalid: readonly FirewallRule[];
  readonly azure: readonly FirewallRule[];
  readonly admitted: number;
  readonly public: number;
}

function sortRules(reading: Reading<readonly FirewallRule[]> | undefined): SortedRules {
  const valid: IpRange[] = [];
  const invalid: FirewallRule[] = [];
  const azure: FirewallRule[] = [];
  const rules = valueOf(reading);
  for (const rule of rules ?? []) {
    const range = rangeOf(rule);
    if (!range) invalid.push(rule);
    else if (range.last === 0) azure.push(rule);
    else valid.push(range);
  }
  const ranges = mergeRanges(valid);
  const read = rules !== undefined;
  return {
    read,
    complete: read && invalid.length === 0,
    ranges,
    invalid,
    azure,
    admitted: countAddresses(ranges),
    public: countAddresses(publicPart(ranges)),
  };
}

function valueOf<Value>(reading: Reading<Value> | undefined): Value | undefined {
  return reading && 'value' in reading ? reading.value : undefined;
}

function azureInForce(rules: SortedRules): boolean | null {
  if (rules.azure.length > 0) return true;
  return rules.complete ? false : null;
}

function injectedOf(network: Readings): boolean | undefined {
  const subnet = valueOf(network.delegatedSubnetId);
  return subnet === undefined ? undefined : subnet !== null;
}

function switchOf(network: Readings, injected: boolean | undefined): PublicAccessSwitch {
  const access = valueOf(network.publicAccess);
  if (!access || injected === undefined) return 'unknown';
  if (!injected) return access.switch;
  const off = access.switch === 'disabled' || access.raw === 'absent' || access.raw === 'null';
  return off ? 'disabled' : 'unknown';
}

function pathOfRules(rules: SortedRules, subnets: readonly string[] | undefined, widths: Widths): PublicPath {
  if (rules.admitted >= INTERNET) return 'internet';
  if (!rules.complete) return 'unknown';
  if (rules.azure.length > 0) return 'azure';
  if (isWide(rules.ranges, rules.public, widths)) return 'wide';
  if (rules.public >= 1) return 'limited';
  if (!subnets) return 'unknown';
  return subnets.length > 0 ? 'vnet-rules' : 'none';
}

/** More public addresses than the policy allows, in one merged range or in all. */
export function isWide(ranges: readonly IpRange[], publicAddresses: number, widths: Widths): boolean {
  if (publicAddresses > widths.maxPublicAddresses) return true;
  return ranges.some((range) => countAddresses(publicPart([range])) > widths.maxAddressesPerRange);
}

function publicPathOf(
  accessSwitch: PublicAccessSwitch,
  injected: boolean | undefined,
  latentPath: PublicPath,
): PublicPath {
  if (injected === undefined || accessSwitch === 'unknown') return 'unknown';
  if (accessSwitch === 'disabled') return 'closed';
  if (accessSwitch === 'perimeter') return 'perimeter';
  return latentPath;
}

function privatePathOf(network: Readings, injected: boolean | undefined): PrivatePath {
  if (injected) return 'injected';
  const connections = valueOf(network.endpointConnections);
  if (connections?.some(({ status }) => status === 'approved')) return 'endpoint';
  const readable = connections?.every(({ status }) => status !== 'unknown');
  return readable && injected === false ? 'none' : 'unknown';
}

function reachabilityOf(publicPath: PublicPath, privatePath: PrivatePath): Reachability {
  if (publicPath === 'unknown') return 'UNKNOWN';
  if (publicPath === 'perimeter') return 'PERIMETER';
  const isPrivate = privatePath === 'endpoint' || privatePath === 'injected';
  if (publicPath === 'none' || publicPath === 'closed') {
    if (isPrivate) return 'PRIVATE_ONLY';
    return privatePath === 'none' ? 'UNREACHABLE' : 'UNKNOWN';
  }
  if (isPrivate) return 'PUBLIC_AND_PRIVATE';
  return privatePath === 'none' ? 'PUBLIC_ONLY' : 'PUBLIC_AND_UNKNOWN';
}

function reachOf(publicPath: PublicPath, privatePath: PrivatePath): Reach {
  if (publicPath === 'limited') return 'listed';
  if (publicPath === 'vnet-rules') return 'private';
  if (publicPath === 'perimeter') return 'unknown';
  if (publicPath !== 'none' && publicPath !== 'closed') return publicPath;
  if (privatePath === 'none' || privatePath === 'unknown') return privatePath;
  return 'private';
}
