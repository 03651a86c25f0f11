import * as z from 'zod';
import { flag, guid, list, pattern, whole } from './fields.ts';
import { DEFAULT_SETTINGS, type RuleSettings } from './server-policy.ts';

const fields = {
  'too-many-firewall-rules': { maxCount: whole(10_000, 'So many rules are allowed.') },
  'stale-temporary-rule': {
    namePatterns: list(pattern, 'regular expressions', 'Names of temporary rules.'),
    maxAgeDays: whole(3650, 'So many days a temporary rule may stay.'),
  },
  'endpoint-pending': { pendingHours: whole(8760, 'So many hours a connection may wait for its approval.') },
  'endpoint-foreign-tenant': {
    trustedTenants: list(guid, 'GUIDs', 'Tenants whose private endpoints are welcome.'),
    tenantListComplete: flag.meta({
      description: 'Every subscription of the own tenants can be read: one that cannot be seen is foreign.',
    }),
  },
  'endpoint-newly-approved': {
    approvers: list(guid, 'GUIDs', 'Object ids of those who may approve connections; empty: not judged.'),
  },
};

/** The fields that stand under a rule in the file beside `enabled`. */
export const ruleSettings: Readonly<Record<string, Readonly<Record<string, z.ZodType>>>> = fields;

const {
  'too-many-firewall-rules': count,
  'stale-temporary-rule': temporary,
  'endpoint-pending': pending,
  'endpoint-foreign-tenant': tenants,
  'endpoint-newly-approved': approval,
} = DEFAULT_SETTINGS;

const Settings = z.object({
  'too-many-firewall-rules': z
    .object({ maxCount: fields['too-many-firewall-rules'].maxCount.default(count.maxCount) })
    .prefault({}),
  'stale-temporary-rule': z
    .object({
      namePatterns: fields['stale-temporary-rule'].namePatterns.default([...temporary.namePatterns]),
      maxAgeDays: fields['stale-temporary-rule'].maxAgeDays.default(temporary.maxAgeDays),
    })
    .prefault({}),
  'endpoint-pending': z
    .object({ pendingHours: fields['endpoint-pending'].pendingHours.default(pending.pendingHours) })
    .prefault({}),
  'endpoint-foreign-tenant': z
    .object({
      trustedTenants: fields['endpoint-foreign-tenant'].trustedTenants.default([...tenants.trustedTenants]),
      tenantListComplete: fields['endpoint-foreign-tenant'].tenantListComplete.default(
        tenants.tenantListComplete,
      ),
    })
    .prefault({}),
  'endpoint-newly-approved': z
    .object({ approvers: fields['endpoint-newly-approved'].approvers.default([...approval.approvers]) })
    .prefault({}),
});

/** What the valid `rules` of a file set, with the built-in values for what they leave out. */
export function settingsOf(rules: Readonly<Record<string, unknown>>): RuleSettings {
  return Settings.parse(rules);
}
