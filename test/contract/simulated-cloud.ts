import { fakeArm, fakeGraph } from '../simulation/azure.ts';
import type { Dice } from '../simulation/dice.ts';
import type { FaultClass, Faults } from '../simulation/faults.ts';
import { world } from '../simulation/world.ts';
import { CLOCK, type Cloud, initialFacts, type Trouble } from './cloud.ts';

const CLASS: Readonly<Record<Trouble, FaultClass>> = {
  'ARM denies the first server': 'arm 403 window',
  'ARM hides the first server': 'arm 404 window',
  'ARM is throttled': 'arm throttled',
  'ARM is throttled for an hour': 'arm throttled',
  'ARM fails': 'arm failing',
  'ARM does not find what it has': 'arm spurious 404',
  'ARM answers 202': 'arm garbled',
  'ARM hangs': 'arm hanging',
  'ARM lists fail': 'arm lists failing',
  'Resource Graph is throttled': 'graph failing',
  'Resource Graph truncates': 'graph truncated',
  'Resource Graph is half an hour behind': 'graph lag',
};

export interface ChosenFaults extends Faults {
  /** The one class that strikes, at every call. */
  choose(fault: FaultClass | undefined, dice?: 'low' | 'high'): void;
}

/** Faults that strike because a test says so, not by chance. */
export function chosenFaults(): ChosenFaults {
  let chosen: FaultClass | undefined;
  let high = false;
  const dice: Dice = {
    next: () => (high ? 0.999 : 0),
    chance: () => high,
    between: (from, to) => (high ? to : from),
    below: () => 0,
    pick: (items) => (high ? items.at(-1) : undefined) ?? items[0],
  };
  return {
    classes: new Set(),
    counts: new Map(),
    on: true,
    pauseMs: 0,
    hit: (fault) => fault === chosen,
    within: (fault) => fault === chosen,
    dice: () => dice,
    choose(fault, way = 'low') {
      chosen = fault;
      high = way === 'high';
    },
  };
}

/** The ports of the simulation over its world. */
export function simulatedCloud(): Promise<Cloud> {
  let time = CLOCK;
  const now = (): number => time;
  const faults = chosenFaults();
  const truth = world(initialFacts, CLOCK);
  const options = { world: truth, faults, now, readings: [], denied: new Set<string>(), activity: [] };
  return Promise.resolve({
    arm: fakeArm(options),
    graph: fakeGraph(options),
    write(server, change) {
      truth.write(server, time, change);
    },
    passSeconds(seconds) {
      time += seconds * 1000;
    },
    make(trouble) {
      faults.choose(CLASS[trouble], trouble === 'ARM is throttled for an hour' ? 'high' : 'low');
    },
    calm() {
      faults.choose(undefined);
    },
    close: () => Promise.resolve(),
  });
}
