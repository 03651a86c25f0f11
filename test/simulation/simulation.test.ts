import { expect, test } from 'vitest';
import { violations } from './check.ts';
import { CLASSES } from './faults.ts';
import regressions from './regressions.json' with { type: 'json' };
import { simulate } from './run.ts';
import { historyOf, shrink } from './shrink.ts';

const SEEDS = 500;
const LEAST = 100;

/** The history of a seed that breaks an invariant, made small; empty when it breaks none. */
async function complaintOf(seed: number, count: Map<string, number>): Promise<string> {
  const run = await simulate({ seed });
  for (const [fault, times] of run.faults.counts) count.set(fault, (count.get(fault) ?? 0) + times);
  count.set('conflicts', (count.get('conflicts') ?? 0) + run.table.conflicts());
  return violations(run).length === 0 ? '' : historyOf(await shrink({ seed }));
}

test(`${SEEDS} seeds and those that failed once hold every invariant, and every fault class happened`, async () => {
  const counts = new Map<string, number>();
  const seeds = new Set([...regressions, ...Array.from({ length: SEEDS }, (_, index) => index + 1)]);
  for (const seed of seeds) expect(await complaintOf(seed, counts)).toBe('');
  const seldom = [...CLASSES, 'conflicts'].filter((name) => (counts.get(name) ?? 0) < LEAST);
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
