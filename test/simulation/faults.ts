import { dice, type Dice } from './dice.ts';
import { START } from './world.ts';

/** The first classes; a seed has each of them with one half's chance. */
const FIRST = [
  'lost events',
  'late events',
  'doubled events',
  'disordered events',
  'door closed',
  'arm throttled',
  'arm failing',
  'arm spurious 404',
  'arm hanging',
  'arm stale',
  'arm garbled',
  'arm 403 window',
  'arm 404 window',
  'arm lists failing',
  'graph lag',
  'graph failing',
  'graph truncated',
  'storage read errors',
  'storage write errors',
  'storage applied but error',
  'queue errors',
  'sink throttled',
  'sink failing',
  'sink partial',
  'sink lost acknowledgement',
  'sink too large',
  'sink outage',
  'crashes',
  'pauses',
  'overlapping sweeps',
  'double drains',
  'wrong clocks',
] as const;
/** Classes that came later, and their chances: drawn each by itself, so that the seeds from before stay as they were. */
const LATER = {
  'two versions': 0.4,
  'table lost': 0.3,
  exemptions: 0.4,
  'policy invalid': 0.3,
  scans: 0.4,
} as const;
export const LATER_CLASSES = Object.keys(LATER) as (keyof typeof LATER)[];
/** Every class of faults. */
export const CLASSES = [...FIRST, ...LATER_CLASSES];
export type FaultClass = (typeof CLASSES)[number];

/** What a seed injects, and how often it happened. */
export interface Faults {
  readonly classes: ReadonlySet<FaultClass>;
  /** True, and counted, with this chance while faults are on and the class is. */
  hit(fault: FaultClass, probability: number): boolean;
  /** True, and counted, inside the class's one window. */
  within(fault: FaultClass, time: number): boolean;
  dice(name: string): Dice;
  on: boolean;
  readonly counts: Map<FaultClass, number>;
  readonly pauseMs: number;
}

const MINUTE = 60_000;
const WINDOWS: Partial<Record<FaultClass, readonly [number, number]>> = {
  'door closed': [20, 60],
  'arm 403 window': [10, 40],
  'arm 404 window': [3, 14],
  'graph lag': [10, 30],
  'sink outage': [10, 40],
};

/** Counts what happened of a class, however it was brought about. */
export function happened({ counts }: Pick<Faults, 'counts'>, fault: FaultClass, times = 1): void {
  counts.set(fault, (counts.get(fault) ?? 0) + times);
}

/** Draws the classes of a seed; `without`: classes that are switched off to find out which one it is. */
export function faultsOf(seed: number, hours: number, without: ReadonlySet<FaultClass> = new Set()): Faults {
  const swarm = dice(seed, 'swarm');
  const drawn: FaultClass[] = FIRST.filter(() => swarm.chance(0.5));
  drawn.push(...LATER_CLASSES.filter((name) => dice(seed, `drawn ${name}`).chance(LATER[name])));
  const classes = new Set(drawn.filter((name) => !without.has(name)));
  const rates = new Map<FaultClass, number>(FIRST.map((name) => [name, swarm.between(0.3, 1.7)]));
  const pauseMs = swarm.chance(0.5) ? 2 * MINUTE : 20 * MINUTE;
  const windows = new Map<FaultClass, { readonly from: number; readonly to: number }>(
    FIRST.map((name) => {
      const [least, most] = WINDOWS[name] ?? [0, 0];
      const from = START + swarm.between(0.05, 0.7) * hours * 60 * MINUTE;
      return [name, { from, to: from + swarm.between(least, most) * MINUTE }];
    }),
  );
  const streams = new Map<string, Dice>();
  const stream = (name: string): Dice => {
    const known = streams.get(name) ?? dice(seed, name);
    streams.set(name, known);
    return known;
  };
  const counts = new Map<FaultClass, number>();
  const count = (fault: FaultClass): true => {
    happened({ counts }, fault);
    return true;
  };
  const faults: Faults = {
    classes,
    on: true,
    counts,
    pauseMs,
    dice: stream,
    hit(fault, probability) {
      if (!faults.on || !classes.has(fault)) return false;
      return stream(fault).chance(probability * (rates.get(fault) ?? 1)) && count(fault);
    },
    within(fault, time) {
      const window = windows.get(fault);
      if (!faults.on || !classes.has(fault) || !window) return false;
      return time >= window.from && time < window.to && count(fault);
    },
  };
  return faults;
}
