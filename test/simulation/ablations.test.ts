import { expect, test } from 'vitest';
import { ABLATIONS } from './ablations.ts';
import { violations } from './check.ts';
import { type Ablation, simulate } from './run.ts';

const MOST_SEEDS = 200;

/** The first seed to which the checker objects; undefined: none of 200. */
async function firstObjection(ablation: Ablation): Promise<number | undefined> {
  for (let seed = 1; seed <= MOST_SEEDS; seed += 1) {
    if (violations(await simulate({ seed, ablation })).length > 0) return seed;
  }
  return undefined;
}

test.each(Object.entries(ABLATIONS))(
  'without %s the checker objects within 200 seeds',
  async (_, ablation) => {
    expect(await firstObjection(ablation)).toBeDefined();
  },
  300_000,
);
