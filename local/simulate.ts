import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { ABLATIONS } from '../test/simulation/ablations.ts';
import { violations } from '../test/simulation/check.ts';
import { CLASSES } from '../test/simulation/faults.ts';
import { simulate } from '../test/simulation/run.ts';
import { historyOf, shrink } from '../test/simulation/shrink.ts';

const MOST_SHOWN = 3;

const SOME = 200;

/**
 * Runs seeds of the simulation: `--seeds <count> [--from <seed>] [--ablate <guard>]`; exit status 1 when one breaks an
 * invariant. Many seeds are shared out to a process a core.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '500' },
      from: { type: 'string', default: '1' },
      ablate: { type: 'string' },
      part: { type: 'boolean', default: false },
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
  if (count > SOME && !ablation && !values.part) return inParts(count, from);
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

/** One process a core, each with its share of the seeds. */
async function inParts(count: number, from: number): Promise<number> {
  const processes = availableParallelism();
  const share = Math.ceil(count / processes);
  const statuses = Array.from({ length: processes }, (_, index) => {
    const first = from + index * share;
    const seeds = Math.min(share, from + count - first);
    return seeds > 0 ? part(seeds, first) : Promise.resolve(0);
  });
  return Math.max(...(await Promise.all(statuses)));
}

function part(seeds: number, from: number): Promise<number> {
  const args = [import.meta.filename, '--part', '--seeds', String(seeds), '--from', String(from)];
  return new Promise((resolve) => {
    spawn(process.execPath, args, { stdio: 'inherit' }).once('exit', (status) => {
      resolve(status ?? 1);
    });
  });
}

process.exitCode = await main();
