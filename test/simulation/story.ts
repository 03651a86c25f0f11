import type { FaultClass } from './faults.ts';
import { exemptionsOf, type PolicyText, withBrokenFile } from './policies.ts';
import { type Scan, scansOf } from './scans.ts';
import { type Upgrade, upgradeOf } from './versions.ts';

/** What happens to the monitor itself while the world goes on. */
export interface Story {
  readonly upgrade: Upgrade | undefined;
  /** When the state table is lost. */
  readonly lossAt: number | undefined;
  /** Empty: no policy file, the defaults. */
  readonly policies: readonly PolicyText[];
  readonly scans: readonly Scan[];
}

/** One release, no policy file, a table that stays, and nobody asks. */
export const QUIET: Story = { upgrade: undefined, lossAt: undefined, policies: [], scans: [] };

/** Draws the story of a seed, between the start of its faults and their end. */
export function storyOf(seed: number, start: number, end: number, classes: ReadonlySet<FaultClass>): Story {
  const policies = classes.has('exemptions') ? exemptionsOf(seed, start, end) : [];
  return {
    upgrade: classes.has('two versions') ? upgradeOf(seed, start, end) : undefined,
    lossAt: classes.has('table lost') ? (start + end) / 2 : undefined,
    policies: classes.has('policy invalid') ? withBrokenFile(policies, seed, start, end) : policies,
    scans: classes.has('scans') ? scansOf(seed, start, end) : [],
  };
}
