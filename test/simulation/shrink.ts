import { type Violation, violations, statesOf } from './check.ts';
import { CLASSES, type FaultClass } from './faults.ts';
import { type Options, type Run, simulate } from './run.ts';

/** A failing seed made small: the fault classes and the writes that it takes, and what happened. */
export interface Shrunk {
  readonly options: Options;
  readonly run: Run;
  readonly found: readonly Violation[];
}

/** Switches off what a failure does not need, as long as the same invariant breaks. */
export async function shrink(options: Options): Promise<Shrunk> {
  const first = await judged(options);
  const kinds = new Set(first.found.map(({ invariant }) => invariant));
  let smallest = options;
  const stillFails = async (candidate: Options): Promise<boolean> => {
    const { found } = await judged(candidate);
    return found.some(({ invariant }) => kinds.has(invariant));
  };
  const drawn = first.run.faults.classes;
  for (const name of CLASSES.filter((one) => drawn.has(one))) {
    const without: ReadonlySet<FaultClass> = new Set([...(smallest.without ?? []), name]);
    if (await stillFails({ ...smallest, without })) smallest = { ...smallest, without };
  }
  const ids = first.run.plan.writes.map(({ id }) => id);
  for (let size = Math.ceil(ids.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < ids.length; start += size) {
      const part = ids.slice(start, start + size).filter((id) => !smallest.dropped?.has(id));
      if (part.length === 0) continue;
      const dropped = new Set([...(smallest.dropped ?? []), ...part]);
      if (await stillFails({ ...smallest, dropped })) smallest = { ...smallest, dropped };
    }
  }
  return { options: smallest, ...(await judged({ ...smallest, trace: true })) };
}

async function judged(
  options: Options,
): Promise<{ readonly run: Run; readonly found: readonly Violation[] }> {
  const run = await simulate(options);
  return { run, found: violations(run) };
}

/** The history of a failing seed, for people. */
export function historyOf({ options, run, found }: Shrunk): string {
  return [
    `seed ${options.seed}`,
    ...found.map(({ invariant, what }) => `${invariant}: ${what}`),
    `faults: ${[...run.faults.classes].join(', ') || 'none'}`,
    ...run.log,
    ...statesOf(run),
  ].join('\n');
}
