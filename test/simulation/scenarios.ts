import { CLASSES, faultsOf } from './faults.ts';
import type { Plan, Write } from './plan.ts';
import { happen, prepare, type Run, startPublish, startSweep, type Tampering } from './run.ts';
import { type Facts, SERVERS, START } from './world.ts';

/** One short story without chance: some writes, their events, and the sweeps around them. */
export interface Scenario {
  readonly when: string;
  readonly initial?: Partial<Facts>;
  readonly writes: readonly (Pick<Write, 'change'> &
    Partial<Pick<Write, 'about' | 'operation'>> & { readonly at: number })[];
  /** No event arrives: the sweep alone finds it. */
  readonly lost?: boolean;
}

const RULE = { name: 'wide', start: '20.40.0.0', end: '20.47.255.255' };
const OFFICE = { name: 'office', start: '203.0.112.5', end: '203.0.112.5' };
const open = { access: 'Enabled', rules: [RULE] };

/** Seconds after the first sweep. */
export const SCENARIOS: readonly Scenario[] = [
  {
    when: 'a rule opens',
    initial: { access: 'Enabled' },
    writes: [{ at: 60, change: { rules: [RULE] }, about: 'rule' }],
  },
  { when: 'a rule is taken back', initial: open, writes: [{ at: 60, change: { rules: [] }, about: 'rule' }] },
  {
    when: 'a rule grows',
    initial: { access: 'Enabled', rules: [OFFICE] },
    writes: [{ at: 60, change: { rules: [OFFICE, RULE] }, about: 'rule' }],
  },
  {
    when: 'access is switched on',
    initial: { rules: [RULE] },
    writes: [{ at: 60, change: { access: 'Enabled' } }],
  },
  { when: 'access is switched off', initial: open, writes: [{ at: 60, change: { access: 'Disabled' } }] },
  {
    when: 'access goes on and off',
    writes: [
      { at: 60, change: { access: 'Enabled' } },
      { at: 200, change: { access: 'Disabled' } },
    ],
  },
  {
    when: 'an endpoint is rejected',
    initial: { connection: 'Approved', endpoint: true },
    writes: [{ at: 60, change: { connection: 'Rejected' }, about: 'connection' }],
  },
  {
    when: 'an endpoint is approved',
    writes: [{ at: 60, change: { connection: 'Approved', endpoint: true }, about: 'endpoint' }],
  },
  {
    when: 'the server is deleted',
    initial: open,
    writes: [{ at: 60, change: { exists: false, connection: null }, operation: 'delete' }],
  },
  {
    when: 'the server is deleted and its endpoint stays',
    initial: { connection: 'Approved', endpoint: true },
    writes: [{ at: 60, change: { exists: false, connection: null }, operation: 'delete' }],
  },
  {
    when: 'the server comes back',
    initial: { exists: false },
    writes: [{ at: 60, change: { exists: true, ...open } }],
  },
  {
    when: 'no event arrives',
    initial: { access: 'Enabled' },
    writes: [{ at: 60, change: { rules: [RULE] }, about: 'rule' }],
    lost: true,
  },
];

const CLOSED: Facts = { exists: true, access: 'Disabled', rules: [], connection: null, endpoint: false };
const ABSENT: Facts = { ...CLOSED, exists: false };
const MINUTE = 60_000;
const LAST = 50 * MINUTE;
/** Every minute at first, then less often: nothing happens any more. */
const DRAINS = [0, 1, 2, 3, 5, 8, 12, 17, 22, 27, 32, 37, 42, 47, 48, 49];

/** Plays a scenario on one server of a quiet world, with one port call tampered with. */
export async function play(
  scenario: Scenario,
  tampering: Tampering = {},
  started: (now: () => number) => void = () => undefined,
): Promise<Run> {
  const faults = faultsOf(1, 1, new Set(CLASSES));
  faults.on = false;
  const writes = scenario.writes.map((write, id): Write => ({
    id,
    server: 0,
    about: 'server',
    operation: 'write',
    ...write,
    at: START + write.at * 1000,
  }));
  const initial = SERVERS.map((_, index) => (index === 0 ? { ...CLOSED, ...scenario.initial } : ABSENT));
  const plan: Plan = { initial, writes };
  const run = prepare({ seed: 1 }, faults, plan, tampering);
  const { clock } = run;
  started(clock.now);
  for (const write of writes) happen(run, write, scenario.lost);
  for (let at = START; at < START + LAST; at += 15 * MINUTE) clock.at(at, () => void startSweep(run));
  for (const minute of DRAINS) clock.at(START + 30_000 + minute * MINUTE, () => void startPublish(run));
  await clock.runUntil(START + LAST);
  return run;
}
