import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Baseline } from '../../shared/drift.ts';
import type { Rule } from '../../shared/model.ts';
import { type LivePolicy, parsePolicy, policyOf } from '../../shared/policy.ts';

/** The policy of a file, or the built-in defaults; throws one line that names what is wrong. */
export function readPolicy(file: string | undefined, rules: readonly Rule[], now: string): LivePolicy {
  if (file === undefined) return policyOf(undefined);
  const parsed = parsePolicy(textOf(file, '--policy'), rules, now);
  if ('errors' in parsed) throw new Error(`--policy ${file}: ${errorsText(parsed.errors)}`);
  return policyOf(parsed.policy);
}

const MOST_ERRORS = 3;

function errorsText(errors: readonly string[]): string {
  const more = errors.length - MOST_ERRORS;
  const first = errors.slice(0, MOST_ERRORS).join('; ');
  return more > 0 ? `${first}; and ${more} more, which npm run policy -- check lists` : first;
}

const Range = z.object({ first: z.int(), last: z.int() });

const SavedBaseline = z.object({
  switch: z.enum(['enabled', 'disabled', 'perimeter', 'unknown']),
  subnetId: z.string().nullable(),
  publicPath: z.enum([
    'internet',
    'azure',
    'wide',
    'limited',
    'vnet-rules',
    'none',
    'closed',
    'perimeter',
    'unknown',
  ]),
  ranges: z.array(Range),
  allRanges: z.array(Range),
  azureServices: z.boolean(),
  azureRule: z.boolean(),
  approvedConnections: z.array(z.object({ id: z.string(), endpointId: z.string().nullable() })),
  observedAt: z.string(),
  approved: z.boolean(),
}) satisfies z.ZodType<Baseline>;

const SavedScan = z.object({
  servers: z.array(z.object({ serverId: z.string(), baseline: SavedBaseline.nullish() })),
});

/** Exposures of a saved scan by server id; a server that it could not read completely has none. */
export function readBaselines(file: string | undefined): ReadonlyMap<string, Baseline> {
  if (file === undefined) return new Map();
  const saved = SavedScan.safeParse(jsonOf(textOf(file, '--baseline')));
  if (!saved.success) {
    throw new Error(`--baseline ${file}: not a scan saved with --format json.`);
  }
  return new Map(
    saved.data.servers.flatMap(({ serverId, baseline }) => (baseline ? [[serverId, baseline] as const] : [])),
  );
}

function textOf(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Error(`${option} ${file}: the file cannot be read.`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
