import type { Policy } from '../../shared/environment.ts';
import { hashOf } from '../../shared/identity.ts';
import { parsePolicy, policyOf } from '../../shared/policy.ts';
import type { Ports } from '../../shared/ports.ts';
import * as keys from '../../shared/state/keys.ts';
import { dice, type Dice } from './dice.ts';
import { CATALOGUE } from './rules.ts';
import { SERVERS } from './world.ts';

/** What is in the policy file from a time on. */
export interface PolicyText {
  readonly from: number;
  readonly text: string;
}

/** The policy in force, and a name that differs whenever it does. */
export interface InForce {
  readonly policy: Policy;
  readonly name: string;
}

const MINUTE = 60_000;
const BROKEN = '{ "exemptions": [';
const DEFAULTS: InForce = { policy: policyOf(undefined), name: '' };
const ROW = 'policy';
const MOST_KEPT = 100;

/** Exemptions that come and go with the file, or end by their own time. */
export function exemptionsOf(seed: number, start: number, end: number): readonly PolicyText[] {
  const rolls = dice(seed, 'exemptions');
  const times = Array.from({ length: 2 + rolls.below(3) }, () => rolls.between(start, end));
  return times
    .sort((a, b) => a - b)
    .map((from) => {
      const exemptions = Array.from({ length: rolls.below(4) }, () => exemption(from, end, rolls));
      return { from, text: JSON.stringify({ exemptions }) };
    });
}

function exemption(from: number, end: number, rolls: Dice): unknown {
  const ends = Math.min(end, from + rolls.between(3, 40) * MINUTE);
  const terms = {
    server: rolls.chance(0.5) ? '*' : (SERVERS[rolls.below(SERVERS.length)]?.id ?? '*'),
    reason: 'Accepted for now',
    owner: 'dba',
    expires: rolls.chance(0.5) ? '2026-12-31' : `${new Date(ends).toISOString().slice(0, 19)}Z`,
  };
  const ranges = rolls.pick([['0.0.0.0/0'], ['20.40.0.0/13', '52.10.0.0/24'], ['203.0.112.5/32']]);
  if (rolls.chance(0.5))
    return {
      ...terms,
      rule: rolls.pick(['internet-reachable', 'wide-public-range', 'latent-firewall-rules']),
      upTo: { ranges },
    };
  const rule = rolls.pick(['public-access-enabled', 'public-access-beside-endpoint', 'lockout-no-path']);
  return { ...terms, rule, upTo: { severity: rolls.pick(['Critical', 'High', 'Medium']) } };
}

/** The file is not valid for a while. */
export function withBrokenFile(
  texts: readonly PolicyText[],
  seed: number,
  start: number,
  end: number,
): readonly PolicyText[] {
  const rolls = dice(seed, 'policy invalid');
  const from = rolls.between(start, (start + end) / 2);
  const to = Math.min(end, from + rolls.between(5, 30) * MINUTE);
  const after = texts.findLast((text) => text.from <= to)?.text ?? '{}';
  const outside = texts.filter((text) => text.from < from || text.from > to);
  return [...outside, { from, text: BROKEN }, { from: to, text: after }].sort((a, b) => a.from - b.from);
}

const parsed = new Map<string, InForce | undefined>();

/** What a text means; undefined: it is not valid. */
function meaningOf(text: string): InForce | undefined {
  if (!parsed.has(text)) {
    const result = parsePolicy(text, CATALOGUE, '2026-05-20T06:00:00.000Z');
    if (parsed.size >= MOST_KEPT) parsed.clear();
    parsed.set(
      text,
      'policy' in result ? { policy: policyOf(result.policy), name: hashOf(text).slice(0, 16) } : undefined,
    );
  }
  return parsed.get(text);
}

/** What the file means at a time at which it is valid. */
export function policyAt(texts: readonly PolicyText[], now: number): InForce {
  const text = texts.findLast(({ from }) => from <= now)?.text;
  return (text === undefined ? undefined : meaningOf(text)) ?? DEFAULTS;
}

/**
 * The policy that an invocation works with: the file's, else the last valid one that the table keeps, else the defaults; as
 * load-policy.ts has it, which reads a file of the disk.
 */
export async function policyInForce(
  texts: readonly PolicyText[],
  now: number,
  { table }: Pick<Ports, 'table'>,
  broken: () => void,
): Promise<InForce> {
  const text = texts.findLast(({ from }) => from <= now)?.text;
  if (text === undefined) return DEFAULTS;
  const { rows } = await table.query(keys.MONITOR, ROW, `${ROW}~`);
  const kept = rows[0]?.text;
  const meaning = meaningOf(text);
  if (!meaning) {
    broken();
    return (kept === undefined ? undefined : meaningOf(kept)) ?? DEFAULTS;
  }
  if (kept !== text) await table.transact(keys.MONITOR, [{ do: 'put', row: ROW, text }]);
  return meaning;
}
