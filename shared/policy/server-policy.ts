import type { IpRange } from '../ip-range.ts';

/** From how many public addresses on a path counts as wide; strict: more than. */
export interface Widths {
  readonly maxPublicAddresses: number;
  readonly maxAddressesPerRange: number;
}

export type ProfileName = 'private' | 'restricted' | 'open';

/** What the policy says of one server. */
export interface ServerPolicy extends Widths {
  readonly profile: ProfileName;
  /** `restricted` and `open`. */
  readonly allowPublic: boolean;
  /** `private`. */
  readonly requirePrivatePath: boolean;
  /** Merged. */
  readonly approvedRanges: readonly IpRange[];
  /** Lower-cased subscription ids beside the scope itself. */
  readonly approvedSubscriptions: readonly string[];
  readonly settings: RuleSettings;
}

/** Settings that rules read, under the rule that reads them. */
export interface RuleSettings {
  readonly 'too-many-firewall-rules': { readonly maxCount: number };
  readonly 'stale-temporary-rule': { readonly namePatterns: readonly string[]; readonly maxAgeDays: number };
  readonly 'endpoint-pending': { readonly pendingHours: number };
  readonly 'endpoint-foreign-tenant': {
    readonly trustedTenants: readonly string[];
    readonly tenantListComplete: boolean;
  };
  readonly 'endpoint-newly-approved': { readonly approvers: readonly string[] };
}

export const DEFAULT_SETTINGS: RuleSettings = {
  'too-many-firewall-rules': { maxCount: 10 },
  'stale-temporary-rule': { namePatterns: ['^ClientIPAddress_', '^query-editor-'], maxAgeDays: 7 },
  'endpoint-pending': { pendingHours: 24 },
  'endpoint-foreign-tenant': { trustedTenants: [], tenantListComplete: false },
  'endpoint-newly-approved': { approvers: [] },
};

export const DEFAULT_WIDTHS: Widths = { maxPublicAddresses: 2048, maxAddressesPerRange: 256 };

/** What holds for a server whose profile and widths are given and nothing else. */
export function serverPolicy(
  profile: ProfileName = 'private',
  widths: Widths = DEFAULT_WIDTHS,
): ServerPolicy {
  return {
    profile,
    allowPublic: profile !== 'private',
    requirePrivatePath: profile === 'private',
    ...widths,
    approvedRanges: [],
    approvedSubscriptions: [],
    settings: DEFAULT_SETTINGS,
  };
}
