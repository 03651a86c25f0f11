import * as z from 'zod';
import type { Rule } from '../model.ts';
import { contentOf } from './content.ts';
import { exactly, flag, guid, list, range, said, severity, text, time, whole } from './fields.ts';
import { nearest } from './nearest.ts';
import { ruleSettings } from './settings.ts';

const MAX_ADDRESSES = 2 ** 32;

const widths = {
  profile: z
    .enum(['private', 'restricted', 'open'], { error: 'must be "private", "restricted" or "open"' })
    .meta({ description: 'private: no public path. restricted: approved ranges only. open: any range.' })
    .optional(),
  maxPublicAddresses: whole(MAX_ADDRESSES, 'More public addresses than this are wide.').optional(),
  maxAddressesPerRange: whole(
    MAX_ADDRESSES,
    'A range of more public addresses than this is wide.',
  ).optional(),
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

/** The content of a valid policy file. */
export interface PolicyFile {
  readonly defaults?: z.output<typeof defaults> | undefined;
  readonly approvedRanges?: readonly string[] | undefined;
  readonly approvedSubscriptions?: readonly string[] | undefined;
  readonly servers?: readonly z.output<typeof serverEntry>[] | undefined;
  readonly rules?: Readonly<Record<string, unknown>> | undefined;
  readonly exemptions?: readonly ExemptionEntry[] | undefined;
}

export interface ExemptionEntry {
  readonly rule: string;
  readonly server?: string | undefined;
  readonly subject?: string | undefined;
  readonly upTo?:
    | {
        readonly ranges?: readonly string[] | undefined;
        readonly severity?: z.output<typeof severity> | undefined;
      }
    | undefined;
  readonly reason: string;
  readonly owner: string;
  readonly expires: string;
}

const defaults = exactly(widths, 'What holds for a server that no entry of "servers" matches.');
const serverEntry = exactly(
  { match, ...widths },
  'What holds for some servers; the first entry that matches wins.',
);

/** The schema of a policy file for these rules. */
export function policySchema(rules: readonly Rule[]): z.ZodType<PolicyFile> {
  const sections = rules.map(({ id, title }) => {
    const enabled = flag.meta({ description: 'False: the rule is not judged.' });
    const fields = Object.entries(ruleSettings[id] ?? {}).map(([key, field]) => [key, field.optional()]);
    const shape = { enabled: enabled.optional(), ...Object.fromEntries(fields) } as z.ZodRawShape;
    return [id, exactly(shape, title).optional()] as const;
  });
  return exactly(
    {
      $schema: text(2048, 'must be a text', 'Where this schema is.').optional(),
      defaults: defaults.optional(),
      approvedRanges: list(range, 'blocks', 'Public addresses that profile "restricted" allows.').optional(),
      approvedSubscriptions: list(
        guid,
        'GUIDs',
        'Subscriptions beside the scope whose endpoints are welcome.',
      ).optional(),
      servers: list(serverEntry, 'entries', 'Servers for which something else holds.').optional(),
      rules: exactly(Object.fromEntries(sections), 'Settings of rules.', 'rule').optional(),
      exemptions: list(exemption(rules), 'exemptions', 'Findings that are accepted.').optional(),
    },
    'Policy of the Database Exposure Monitor.',
  );
}

/** The published JSON Schema (draft 2020-12) of a policy file for these rules. */
export function policyJsonSchema(rules: readonly Rule[]): unknown {
  return z.toJSONSchema(policySchema(rules), { io: 'input', target: 'draft-2020-12' });
}

function exemption(rules: readonly Rule[]): z.ZodType<ExemptionEntry> {
  const server = text(2048, 'must be a resource id, with * for any characters', 'Resource id with *.');
  const subject = text(2048, 'must be the subject of the finding', 'Subject of the finding.');
  const ranges = list(range, 'blocks', 'The ranges that were accepted; 0.0.0.0 for all of Azure.');
  const terms = {
    reason: said(1000, 'Why it is accepted.'),
    owner: said(200, 'Who answers for it.'),
    expires: time,
  };
  const upTo = (shape: z.ZodRawShape) => exactly(shape, 'The content that was accepted.');
  const shapes = {
    ranges: {
      server,
      subject: subject.optional(),
      upTo: upTo({ ranges, severity: severity.optional() }),
    },
    subject: { server: server.optional(), subject, upTo: upTo({ severity: severity.optional() }).optional() },
    severity: { server, subject: subject.optional(), upTo: upTo({ severity }) },
  };
  const ids = rules.map(({ id }) => id);
  const options = (['ranges', 'subject', 'severity'] as const).flatMap((content) => {
    const [first, ...more] = rules.filter((rule) => contentOf(rule) === content).map(({ id }) => id);
    if (first === undefined) return [];
    return [
      exactly(
        { rule: z.enum([first, ...more]), ...shapes[content], ...terms },
        `An exemption that states its ${content}.`,
      ),
    ];
  });
  const [first, ...more] = options;
  if (!first) throw new Error('a policy needs rules');
  return z.discriminatedUnion('rule', [first, ...more], {
    error: ({ input }) => notARule(input, ids),
  });
}

function notARule(input: unknown, ids: readonly string[]): string {
  const { data } = z.object({ rule: z.string() }).safeParse(input);
  const near = data && nearest(data.rule, ids);
  return near ? `is not a rule; did you mean "${near}"?` : 'must be an exemption with the id of a rule';
}
