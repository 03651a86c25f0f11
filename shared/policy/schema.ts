import { z } from 'zod';
import { type Rule, SEVERITIES } from '../model.ts';
import { contentOf } from './content.ts';
import { nearest } from './nearest.ts';
import { MAX_PATTERN } from './safe-pattern.ts';
import { DEFAULT_SETTINGS } from './server-policy.ts';

const MAX_ITEMS = 5000;
const MAX_ADDRESSES = 2 ** 32;

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const ADDRESS = `${OCTET}(?:\\.${OCTET}){3}`;
const RANGE = new RegExp(`^${ADDRESS}(?:/(?:3[0-2]|[12]?[0-9])|-${ADDRESS})?$`);
const GUID = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
/** Something to read, and not the placeholder of the block that the command prints. */
const SAID = /^(?!\s*<[^]*>\s*$)[^]*\S/;

function text(max: number, error: string, description: string): z.ZodString {
  return z.string({ error }).min(1, { error }).max(max, { error }).meta({ description });
}

function said(max: number, description: string): z.ZodString {
  const error = `must be a text of at most ${max} characters that you write yourself`;
  return z.string({ error }).regex(SAID, { error }).max(max, { error }).meta({ description });
}

function whole(max: number, description: string): z.ZodInt {
  const error = `must be a whole number from 0 to ${max}`;
  return z.int({ error }).min(0, { error }).max(max, { error }).meta({ description });
}

function list<Item extends z.ZodType>(item: Item, of: string, description: string): z.ZodArray<Item> {
  const error = `must be a list of at most ${MAX_ITEMS} ${of}`;
  return z.array(item, { error }).max(MAX_ITEMS, { error }).meta({ description });
}

/** An object with these keys and no others; the message for another one says which there are. */
function exactly<Shape extends z.ZodRawShape>(
  shape: Shape,
  description: string,
): z.ZodObject<Shape, z.core.$strict> {
  const keys = Object.keys(shape);
  return z
    .strictObject(shape, {
      error: (issue) =>
        issue.code === 'unrecognized_keys' ? notAKey(issue.keys, keys) : 'must be an object in { }',
    })
    .meta({ description });
}

function notAKey(typed: readonly string[], keys: readonly string[]): string {
  const near = typed.length === 1 ? nearest(typed[0] ?? '', keys) : undefined;
  if (near !== undefined) return `is not a key here; did you mean "${near}"?`;
  return keys.length > 12 ? 'is not a key here' : `is not a key here; there are: ${keys.join(', ')}`;
}

const guid = z
  .string({ error: 'must be a GUID' })
  .regex(GUID, { error: 'must be a GUID' })
  .meta({ description: 'A GUID, such as 00000000-0000-0000-0000-000000000000.' });
const rangeError = 'must be an IPv4 block, range or address, such as 203.0.113.0/24, 203.0.113.1-203.0.113.9 or 203.0.113.5';
const range = z.string({ error: rangeError }).regex(RANGE, { error: rangeError });
const severity = z.enum(SEVERITIES, { error: `must be one of ${SEVERITIES.join(', ')}` });
const flag = z.boolean({ error: 'must be true or false' });
const timeError =
  'must be a day such as 2027-01-31 (to its end, UTC) or a time such as 2027-01-31T12:00:00Z';
const time = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: timeError })
  .meta({ description: 'A day (it ends with that day, UTC) or a time with its offset.' });
const pattern = text(
  MAX_PATTERN,
  `must be a regular expression of at most ${MAX_PATTERN} characters`,
  'A regular expression for names, compared without case: at most three quantifiers, none inside of another.',
).meta({ format: 'regex' });

const widths = {
  profile: z
    .enum(['private', 'restricted', 'open'], { error: 'must be "private", "restricted" or "open"' })
    .meta({ description: 'private: no public path. restricted: approved ranges only. open: any range.' })
    .optional(),
  maxPublicAddresses: whole(MAX_ADDRESSES, 'More public addresses than this are wide.').optional(),
  maxAddressesPerRange: whole(MAX_ADDRESSES, 'A range of more public addresses than this is wide.').optional(),
};

const match = exactly(
  {
    id: text(2048, 'must be a resource id, with * for any characters', 'A resource id with *.').optional(),
    tags: z
      .record(z.string(), z.string({ error: 'must be the text that the tag has' }), {
        error: 'must be an object of tag names and values',
      })
      .refine((tags) => Object.keys(tags).length > 0, { error: 'must name a tag at least' })
      .meta({ description: 'Names and values of tags; all of them.', minProperties: 1 })
      .optional(),
    subscription: guid.optional(),
    resourceGroup: text(90, 'must be the name of a resource group', 'Name of a resource group.').optional(),
  },
  'Which servers: those for which every key matches.',
)
  .refine((keys) => Object.keys(keys).length > 0, {
    error: 'must hold a key at least; what holds for every server stands in "defaults"',
  })
  .meta({ minProperties: 1 });

const settings = {
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

/** The settings in `rules`, with the built-in values for those that are left out. */
export const Settings = z.object({
  'too-many-firewall-rules': withDefaults('too-many-firewall-rules'),
  'stale-temporary-rule': withDefaults('stale-temporary-rule'),
  'endpoint-pending': withDefaults('endpoint-pending'),
  'endpoint-foreign-tenant': withDefaults('endpoint-foreign-tenant'),
  'endpoint-newly-approved': withDefaults('endpoint-newly-approved'),
});
