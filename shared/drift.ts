import type { Exposure, PublicPath } from './exposure.ts';
import { countAddresses, formatRange, type IpRange, publicPart, subtractRanges } from './ip-range.ts';
import type { PublicAccessSwitch, Readings } from './model.ts';

export interface BaselineConnection {
  readonly id: string;
  readonly endpointId: string | null;
}

/** The approved exposure of a server. */
export interface Baseline {
  readonly switch: PublicAccessSwitch;
  /** Null: not injected. */
  readonly subnetId: string | null;
  readonly publicPath: PublicPath;
  /** Ranges in force when it was taken: empty when closed or injected. */
  readonly ranges: readonly IpRange[];
  /** Ranges of all rules, in force or latent. */
  readonly allRanges: readonly IpRange[];
  /** A 0.0.0.0 rule was in force. */
  readonly azureServices: boolean;
  /** A 0.0.0.0 rule existed, in force or latent. */
  readonly azureRule: boolean;
  readonly approvedConnections: readonly BaselineConnection[];
  readonly observedAt: string;
  /** False: the first complete reading, that nobody has approved yet. */
  readonly approved: boolean;
  readonly approvedAt?: string;
  /** Object id of who approved it. */
  readonly approvedBy?: string;
  readonly reason?: string;
}

/** The baseline that a complete reading makes; undefined when something of it is unknown. */
export function baselineOf(network: Readings, exposure: Exposure, observedAt: string): Baseline | undefined {
  const { rangesInForce, azureServices, injected } = exposure;
  const complete = Object.values(network).every((reading) => 'value' in reading);
  if (!complete || rangesInForce === null || azureServices === null || injected === undefined)
    return undefined;
  if (exposure.invalidRules.length > 0 || exposure.publicPath === 'unknown') return undefined;
  const subnet = network.delegatedSubnetId;
  return {
    switch: exposure.switch,
    subnetId: subnet && 'value' in subnet ? subnet.value : null,
    publicPath: exposure.publicPath,
    ranges: rangesInForce,
    allRanges: exposure.ranges,
    azureServices,
    azureRule: exposure.azureRules.length > 0,
    approvedConnections: exposure.approvedConnections.map(({ id, endpointId }) => ({ id, endpointId })),
    observedAt,
    approved: false,
  };
}

/** The difference between an approved exposure and the present one, as people read it. */
export interface Drift {
  readonly publicPathBefore: PublicPath;
  readonly publicPath: PublicPath;
  /** Null: the present exposure is unknown. */
  readonly addedRanges: readonly string[] | null;
  readonly removedRanges: readonly string[] | null;
  readonly addedAddresses: number | null;
  readonly removedAddresses: number | null;
  readonly azureServicesAdded: boolean | null;
  readonly endpointsGained: readonly string[];
  readonly endpointsLost: readonly string[];
}

/** Before and after: what the path in force gained and lost since the baseline. */
export function driftOf(baseline: Baseline, exposure: Exposure): Drift {
  const now = exposure.rangesInForce && publicPart(exposure.rangesInForce);
  const before = publicPart(baseline.ranges);
  const added = now && subtractRanges(now, before);
  const removed = now && subtractRanges(before, now);
  const endpointsNow = exposure.approvedConnections.map(({ id, endpointId }) => endpointId ?? id);
  const endpointsBefore = baseline.approvedConnections.map(({ id, endpointId }) => endpointId ?? id);
  return {
    publicPathBefore: baseline.publicPath,
    publicPath: exposure.publicPath,
    addedRanges: added && added.map(formatRange),
    removedRanges: removed && removed.map(formatRange),
    addedAddresses: added && countAddresses(added),
    removedAddresses: removed && countAddresses(removed),
    azureServicesAdded:
      exposure.azureServices === null ? null : exposure.azureServices && !baseline.azureServices,
    endpointsGained: endpointsNow.filter((id) => !endpointsBefore.includes(id)),
    endpointsLost: endpointsBefore.filter((id) => !endpointsNow.includes(id)),
  };
}
