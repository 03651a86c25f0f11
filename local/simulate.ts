import { parseArgs } from 'node:util';
import { ABLATIONS } from '../test/simulation/ablations.ts';
import { violations } from '../test/simulation/check.ts';
import { CLASSES } from '../test/simulation/faults.ts';
import { simulate } from '../test/simulation/run.ts';
import { historyOf, shrink } from '../test/simulation/shrink.ts';

const MOST_SHOWN = 3;

/** Runs seeds of the simulation: `--seeds <count> [--from <seed>] [--ablate <guard>]`; exit status 1 when one breaks an invariant. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '500' },
      from: { type: 'string', default: '1' },
      ablate: { type: 'string' },
    },
  });
  const [count, from] = [Number(values.seeds), Number(values.from)];
  const ablation = values.ablate === undefined ? undefined : ABLATIONS[values.ablate];
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(from) || from < 0) {
    console.error('--seeds is a count of 1 or more, --from is a seed.');
    return 2;
  }
  if (values.ablate !== undefined && !ablation) {
    console.error(`--ablate is one of ${Object.keys(ABLATIONS).join(', ')}.`);
    return 2;
  }
  const failing: number[] = [];
  const broken = new Map<string, number>();
  const faults = new Map<string, number>();
  let conflicts = 0;
  const started = performance.now();
  for (let seed = from; seed < from + count; seed += 1) {
    const run = await simulate({ seed, ...(ablation ? { ablation } : {}) });
    const found = violations(run);
    for (const [fault, times] of run.faults.counts) faults.set(fault, (faults.get(fault) ?? 0) + times);
    conflicts += run.table.conflicts();
    if (found.length === 0) continue;
    failing.push(seed);
    for (const invariant of new Set(found.map((item) => item.invariant)))
      broken.set(invariant, (broken.get(invariant) ?? 0) + 1);
    console.log(`seed ${seed}: ${found[0]?.invariant ?? ''} ${found[0]?.what ?? ''}`);
    if (failing.length > MOST_SHOWN || ablation) continue;
    console.log(historyOf(await shrink({ seed })));
  }
  const each = (performance.now() - started) / count;
  console.log(
    `${count} seeds from ${from}, ${each.toFixed(1)} ms each, ${failing.length} broke an invariant`,
  );
  for (const [invariant, times] of broken) console.log(`  ${invariant}: ${times} seeds`);
  console.log(`  ETag conflicts: ${conflicts}`);
  for (const name of CLASSES) console.log(`  ${name}: ${faults.get(name) ?? 0}`);
  return failing.length === 0 ? 0 : 1;
}

process.exitCode = await main();
