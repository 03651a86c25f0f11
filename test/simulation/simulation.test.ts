import { expect, test } from 'vitest';
import { violations } from './check.ts';
import { CLASSES, type FaultClass, LATER_CLASSES } from './faults.ts';
import regressions from './regressions.json' with { type: 'json' };
import { type Options, simulate } from './run.ts';
import { historyOf, shrink } from './shrink.ts';

const SEEDS = 500;
const LEAST = 100;

/** The history of a seed that breaks an invariant, made small; empty when it breaks none. */
async function complaintOf(options: Options, count: Map<string, number>): Promise<string> {
  const run = await simulate(options);
  for (const [fault, times] of run.faults.counts) count.set(fault, (count.get(fault) ?? 0) + times);
  const others = { conflicts: run.table.conflicts(), 'older states read': run.migrated };
  for (const [name, times] of Object.entries(others)) count.set(name, (count.get(name) ?? 0) + times);
  return violations(run).length === 0 ? '' : historyOf(await shrink(options));
}

/** Seeds that were found before a class came are played without it, as they were; and as they are now. */
const EARLIER: Partial<Options> = { without: new Set<FaultClass>(LATER_CLASSES), judgesAlways: true };

test.each(regressions)('seed $seed, in which $was, holds every invariant', async ({ seed, hours }) => {
  expect(await complaintOf({ seed, hours, ...EARLIER }, new Map())).toBe('');
  expect(await complaintOf({ seed, hours }, new Map())).toBe('');
});

test(`${SEEDS} seeds hold every invariant, and every fault class happened`, async () => {
  const counts = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed += 1) expect(await complaintOf({ seed }, counts)).toBe('');
  const seldom = [...CLASSES, 'conflicts', 'older states read'].filter(
    (name) => (counts.get(name) ?? 0) < LEAST,
  );
  expect(seldom).toEqual([]);
}, 600_000);

test('the same seed gives the same history', async () => {
  const [first, second] = [
    await simulate({ seed: 7, trace: true }),
    await simulate({ seed: 7, trace: true }),
  ];
  expect(first.log.length).toBeGreaterThan(100);
  expect(second.log).toEqual(first.log);
});
