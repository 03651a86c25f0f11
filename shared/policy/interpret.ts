import { type IpRange, mergeRanges, parseCidr, parseRange } from '../ip-range.ts';
import { endOf } from './exempt.ts';
import type { Defaults, Exemption, ParsedPolicy, ServerEntry } from './parsed-policy.ts';
import type { ExemptionEntry, PolicyFile } from './schema.ts';
import { DEFAULT_WIDTHS } from './server-policy.ts';
import { settingsOf } from './settings.ts';

/** What a valid file means, the built-in defaults filled in. */
export function policyFrom(file: PolicyFile): ParsedPolicy {
  const rules = file.rules ?? {};
  const defaults = setBy(file.defaults ?? {}, { profile: 'private', ...DEFAULT_WIDTHS });
  return {
    defaults,
    approvedRanges: merged(file.approvedRanges ?? []),
    approvedSubscriptions: (file.approvedSubscriptions ?? []).map((id) => id.toLowerCase()),
    servers: (file.servers ?? []).map((entry) => ({
      match: matchOf(entry.match),
      sets: setBy(entry, defaults),
    })),
    disabledRules: Object.entries(rules).flatMap(([id, section]) => (isDisabled(section) ? [id] : [])),
    settings: settingsOf(rules),
    exemptions: (file.exemptions ?? []).map(exemptionOf),
  };
}

function isDisabled(section: unknown): boolean {
  return typeof section === 'object' && section !== null && 'enabled' in section && section.enabled === false;
}

function setBy(
  given: { readonly [K in keyof Defaults]?: Defaults[K] | undefined },
  otherwise: Defaults,
): Defaults {
  return {
    profile: given.profile ?? otherwise.profile,
    maxPublicAddresses: given.maxPublicAddresses ?? otherwise.maxPublicAddresses,
    maxAddressesPerRange: given.maxAddressesPerRange ?? otherwise.maxAddressesPerRange,
  };
}

type GivenMatch = NonNullable<PolicyFile['servers']>[number]['match'];

function matchOf({ id, tags, subscription, resourceGroup }: GivenMatch): ServerEntry['match'] {
  return {
    ...(id === undefined ? {} : { id: id.toLowerCase() }),
    ...(tags === undefined ? {} : { tags }),
    ...(subscription === undefined ? {} : { subscription: subscription.toLowerCase() }),
    ...(resourceGroup === undefined ? {} : { resourceGroup: resourceGroup.toLowerCase() }),
  };
}

function exemptionOf(entry: ExemptionEntry): Exemption {
  const { rule, server = '*', subject, upTo, reason, owner, expires } = entry;
  return {
    rule,
    server: server.toLowerCase(),
    subject: subject?.toLowerCase() ?? null,
    ranges: upTo?.ranges ? merged(upTo.ranges) : null,
    severity: upTo?.severity ?? null,
    reason: reason.trim(),
    owner: owner.trim(),
    expires,
    endsAt: endOf(expires),
  };
}

/** A block, a range or an address; undefined where the range ends before it begins. */
export function rangeOf(text: string): IpRange | undefined {
  const [first = '', last] = text.split('-');
  return last === undefined ? parseCidr(first) : parseRange(first, last);
}

function merged(texts: readonly string[]): readonly IpRange[] {
  return mergeRanges(texts.flatMap((text) => rangeOf(text) ?? []));
}
