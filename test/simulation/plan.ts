import { dice, type Dice } from './dice.ts';
import { type Facts, type Rule, SERVERS, START } from './world.ts';

/** One write to the world, and the event that Azure makes of it. */
export interface Write {
  readonly id: number;
  readonly at: number;
  readonly server: number;
  readonly change: Partial<Facts>;
  /** What the event names. */
  readonly about: 'server' | 'rule' | 'connection' | 'endpoint';
  readonly operation: string;
  /** Name of the firewall rule that is written or deleted. */
  readonly rule?: string;
}

export interface Plan {
  readonly initial: readonly Facts[];
  readonly writes: readonly Write[];
}

const MINUTE = 60_000;
const RANGES: readonly [Rule, ...Rule[]] = [
  { name: 'office', start: '203.0.112.5', end: '203.0.112.5' },
  { name: 'branch', start: '52.10.0.0', end: '52.10.0.255' },
  { name: 'wide', start: '20.40.0.0', end: '20.47.255.255' },
  { name: 'azure', start: '0.0.0.0', end: '0.0.0.0' },
  { name: 'all', start: '0.0.0.0', end: '255.255.255.255' },
  { name: 'bastion', start: '81.2.69.160', end: '81.2.69.167' },
];

/** What people do to eight servers in some hours: a write every 20 minutes a server, a third undone soon after. */
export function planOf(seed: number, hours: number): Plan {
  const rolls = dice(seed, 'world');
  const initial = SERVERS.map(() => initialFacts(rolls));
  const writes: Omit<Write, 'id'>[] = [];
  for (const [server, first] of initial.entries()) {
    let facts = first;
    let at = START + rolls.between(1, 30) * MINUTE;
    while (at < START + hours * 60 * MINUTE) {
      const write = nextWrite(facts, rolls);
      writes.push({ at, server, ...write });
      const before = facts;
      facts = { ...facts, ...write.change };
      if (facts.exists && before.exists && rolls.chance(0.3)) {
        at += rolls.between(3, 90) * 1000;
        writes.push({ at, server, ...write, ...undo(before, write) });
        facts = before;
      }
      at += -Math.log(1 - rolls.next()) * 20 * MINUTE + 1000;
    }
  }
  writes.sort((a, b) => a.at - b.at);
  return { initial, writes: writes.map((write, id) => ({ ...write, id })) };
}

function initialFacts(rolls: Dice): Facts {
  const connection = rolls.pick([null, 'Approved', 'Approved', 'Pending']);
  return {
    exists: !rolls.chance(0.1),
    access: rolls.chance(0.5) ? 'Enabled' : 'Disabled',
    rules: RANGES.filter(() => rolls.chance(0.25)).slice(0, 3),
    connection,
    endpoint: connection !== null,
  };
}

function undo(
  before: Facts,
  { change, about, operation }: Pick<Write, 'change' | 'about' | 'operation'>,
): Pick<Write, 'change' | 'operation'> {
  const keys = Object.keys(change) as (keyof Facts)[];
  const isMade = operation === 'write' && (about === 'rule' || about === 'endpoint');
  return {
    change: Object.fromEntries(keys.map((key) => [key, before[key]])),
    operation: isMade ? 'delete' : 'write',
  };
}

function nextWrite(facts: Facts, rolls: Dice): Pick<Write, 'change' | 'about' | 'operation' | 'rule'> {
  if (!facts.exists) {
    // Whoever comes back comes back without what it had; the endpoint of the one before may have been left behind.
    if (facts.endpoint && rolls.chance(0.4))
      return { change: { endpoint: false }, about: 'endpoint', operation: 'delete' };
    return { change: { exists: true, rules: [], connection: null }, about: 'server', operation: 'write' };
  }
  const roll = rolls.next();
  if (roll < 0.04)
    return { change: { exists: false, connection: null }, about: 'server', operation: 'delete' };
  if (roll < 0.34) {
    const access = facts.access === 'Enabled' ? 'Disabled' : 'Enabled';
    return { change: { access }, about: 'server', operation: 'write' };
  }
  if (roll < 0.78) return ruleWrite(facts, rolls);
  return linkWrite(facts, rolls);
}

function ruleWrite({ rules }: Facts, rolls: Dice): Pick<Write, 'change' | 'about' | 'operation' | 'rule'> {
  const rule = rolls.pick(RANGES);
  const has = rules.some(({ name }) => name === rule.name);
  if (has) {
    const kept = rules.filter(({ name }) => name !== rule.name);
    return { change: { rules: kept }, about: 'rule', operation: 'delete', rule: rule.name };
  }
  return {
    change: { rules: [...rules, rule].slice(-3) },
    about: 'rule',
    operation: 'write',
    rule: rule.name,
  };
}

function linkWrite(
  { connection, endpoint }: Facts,
  rolls: Dice,
): Pick<Write, 'change' | 'about' | 'operation'> {
  if (connection === null) {
    const status = rolls.pick(['Approved', 'Pending']);
    return { change: { connection: status, endpoint: true }, about: 'endpoint', operation: 'write' };
  }
  const next = rolls.pick(['Approved', 'Rejected', null]);
  if (next === null || next === connection) {
    return { change: { connection: null, endpoint: false }, about: 'endpoint', operation: 'delete' };
  }
  return { change: { connection: next, endpoint }, about: 'connection', operation: 'write' };
}
