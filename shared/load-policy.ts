import type { Environment } from './environment.ts';
import { hashOf } from './identity.ts';
import type { Rule } from './model.ts';
import { parsePolicy, type ParsedPolicy, policyOf } from './policy.ts';
import { policyName, type PolicyPlace, readPolicyText } from './policy-source.ts';
import type { Table } from './ports.ts';
import { secondsBetween } from './seconds.ts';
import * as keys from './state/keys.ts';

export interface PolicyRequest extends PolicyPlace {
  /** Every rule that there is. */
  readonly rules: readonly Rule[];
  readonly table: Table;
  /** ISO 8601. */
  readonly now: string;
}

export interface LoadedPolicy extends Pick<Environment, 'policy' | 'rules'> {
  /** Why another policy is in force than the file's, one sentence each. */
  readonly problems: readonly string[];
  /** Differs whenever the policy in force does. */
  readonly digest: string;
  /** What is valid and wants somebody's eye, exemptions that end within 7 days among it. */
  readonly notices: readonly string[];
}

const ROW = 'policy';
const FRESH_SECONDS = 60;
const SHOWN_ERRORS = 3;

const recent = new WeakMap<Table, { readonly at: string; readonly loaded: Promise<LoadedPolicy> }>();

/**
 * The policy in force: the file's, else the last valid one that the state table keeps, else the built-in defaults; read
 * again when 60 s are over. Throws only where the file cannot be used and the table does not answer: defaults in place of
 * a policy that exists would end its exemptions.
 */
export function loadPolicy(request: PolicyRequest): Promise<LoadedPolicy> {
  const { table, now } = request;
  const known = recent.get(table);
  const age = known ? secondsBetween(known.at, now) : Infinity;
  if (known && age >= 0 && age < FRESH_SECONDS) return known.loaded;
  const loaded = load(request);
  recent.set(table, { at: now, loaded });
  loaded.catch(() => {
    if (recent.get(table)?.loaded === loaded) recent.delete(table);
  });
  return loaded;
}

async function load(request: PolicyRequest): Promise<LoadedPolicy> {
  const { rules, table, now } = request;
  const found = await readNow(request);
  if ('policy' in found) {
    return inForce(found.policy, rules, await keep(table, found.text), found.warnings);
  }
  const name = policyName(request);
  const last = await lastValid(table);
  const parsed = last === undefined ? undefined : parsePolicy(last, rules, now);
  if (parsed && 'policy' in parsed) {
    const problem = `The policy ${name} ${found.fault}; the last valid one stays in force.`;
    return inForce(parsed.policy, rules, [problem]);
  }
  const why = parsed ? 'the last valid one is not valid in this version' : 'there never was a valid one';
  const problem = `The policy ${name} ${found.fault}, and ${why}: the built-in defaults are in force, without exemptions.`;
  return inForce(undefined, rules, [problem]);
}

function inForce(
  parsed: ParsedPolicy | undefined,
  rules: readonly Rule[],
  problems: readonly string[],
  warnings: readonly string[] = [],
): LoadedPolicy {
  const policy = policyOf(parsed);
  const notices = warnings.map((warning) => `Policy: ${warning}`);
  return {
    policy,
    rules: policy.enabledRules(rules),
    problems,
    digest: hashOf(JSON.stringify(parsed ?? null)),
    notices,
  };
}

type Found =
  | { readonly text: string; readonly policy: ParsedPolicy; readonly warnings: readonly string[] }
  | { readonly fault: string };

async function readNow(request: PolicyRequest): Promise<Found> {
  let text: string;
  try {
    text = await readPolicyText(request);
  } catch (error) {
    return { fault: error instanceof Error ? error.message : 'cannot be read' };
  }
  const parsed = parsePolicy(text, request.rules, request.now);
  if ('policy' in parsed) return { text, ...parsed };
  const { errors } = parsed;
  const more = errors.length - SHOWN_ERRORS;
  const shown = errors.slice(0, SHOWN_ERRORS).join('; ');
  return { fault: `is not valid (${shown}${more > 0 ? `; and ${more} more` : ''})` };
}

async function lastValid(table: Table): Promise<string | undefined> {
  const { rows } = await table.query(keys.MONITOR, ROW, `${ROW}~`);
  return rows[0]?.text;
}

/** Keeps the text of a valid policy for the day when the file is not; a policy that cannot be kept is in force all the same. */
async function keep(table: Table, text: string): Promise<readonly string[]> {
  try {
    if ((await lastValid(table)) === text) return [];
    const written = await table.transact(keys.MONITOR, [{ do: 'put', row: ROW, text }]);
    if (written !== 'conflict') return [];
  } catch {
    // The storage service's own words may name the account.
  }
  return ['The policy in force could not be kept in the state table.'];
}
