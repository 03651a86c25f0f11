import * as z from 'zod';
import { parseCidr, parseRange, type IpRange } from '../../shared/ip-range.ts';
import { SEVERITIES } from '../../shared/model.ts';
import { REACHES } from '../../shared/exposure.ts';

const Json = z.json();

const SavedFinding = z.object({
  findingId: z.string(),
  ruleId: z.string(),
  severity: z.enum(SEVERITIES),
  state: z.enum(['Open', 'Exempted', 'Resolved']).default('Open'),
  serverId: z.string(),
  subject: z.string(),
  summary: z.string().default(''),
  evidence: z.record(z.string(), Json).default({}),
});
export type SavedFinding = z.infer<typeof SavedFinding>;

const SavedServer = z.object({
  serverId: z.string(),
  serverName: z.string(),
  serverFamily: z.string(),
  subscriptionRef: z.string(),
  resourceGroup: z.string(),
  location: z.string(),
  reach: z.enum(REACHES),
  publicPath: z.string(),
  ranges: z.array(z.string()).nullable(),
  azureServices: z.boolean().nullable(),
  delegatedSubnetId: z.string().nullable(),
  virtualNetworkSubnets: z.array(z.string()),
  endpointConnections: z.array(
    z.object({ id: z.string(), status: z.string(), endpointId: z.string().nullable() }),
  ),
  unreadable: z.record(z.string(), z.string()),
});
export type SavedServer = z.infer<typeof SavedServer>;

const SavedScan = z.object({ servers: z.array(SavedServer), findings: z.array(SavedFinding) });
export type SavedScan = z.infer<typeof SavedScan>;

const FindingsAnswer = z.object({ value: z.array(SavedFinding), continuationToken: z.string().optional() });

/** A scan as `npm run scan -- --format json` prints it; throws one line that says what is wrong. */
export function parseSavedScan(text: string): SavedScan {
  return checked(SavedScan, text, 'a saved scan (npm run scan -- --format json)');
}

/** The findings of a saved scan or of one answer of GET /api/findings, and where that answer goes on. */
export function parseFindings(text: string): {
  readonly findings: readonly SavedFinding[];
  readonly continuationToken: string | undefined;
} {
  const either = z.union([SavedScan.pick({ findings: true }), FindingsAnswer]);
  const found = checked(either, text, 'a saved scan or an answer of GET /api/findings');
  if ('findings' in found) return { findings: found.findings, continuationToken: undefined };
  return { findings: found.value, continuationToken: found.continuationToken };
}

function checked<Schema extends z.ZodType>(schema: Schema, text: string, what: string): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`is not JSON: give ${what}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Error(`is not ${what}${place === '' ? '' : ` (${place})`}`);
}

/** Lists in the evidence are cut at so many items. */
const LISTED = 50;

/** Where each rule about ranges keeps them in its evidence, and their number where it does. */
const KEPT: Readonly<Record<string, { readonly in: string; readonly count?: string }>> = {
  'internet-reachable': { in: 'ranges' },
  'wide-public-range': { in: 'allRanges' },
  'range-not-approved': { in: 'ranges', count: 'rangeCount' },
  'latent-firewall-rules': { in: 'ranges' },
  'exposure-widened': { in: 'addedRanges', count: 'addedRangeCount' },
  'latent-rules-changed': { in: 'addedRanges', count: 'addedRangeCount' },
  'replica-more-exposed': { in: 'addedRanges', count: 'addedRangeCount' },
};

const Listed = z.array(
  z.union([z.string(), z.object({ range: z.string() }).transform(({ range }) => range)]),
);

/** All ranges of a finding, by its evidence; undefined when it has none or does not hold all of them. */
export function rangesOf({ ruleId, evidence }: SavedFinding): readonly IpRange[] | undefined {
  const kept = KEPT[ruleId];
  const texts = kept && Listed.safeParse(evidence[kept.in]).data;
  if (!texts) return undefined;
  const count = kept.count === undefined ? undefined : evidence[kept.count];
  const isWhole = typeof count === 'number' ? count === texts.length : texts.length < LISTED;
  const ranges = texts.flatMap((text) => parsed(text) ?? []);
  return isWhole && ranges.length === texts.length ? ranges : undefined;
}

/** A range as reports write it. */
export function parsed(text: string): IpRange | undefined {
  const [first = '', last] = text.split('-');
  return last === undefined ? parseCidr(first) : parseRange(first, last);
}
