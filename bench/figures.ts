import type { EventRun } from './events.ts';
import { factsOf, neededCalls, type Nth, readsBySubscription, throttleFloor } from './needed.ts';
import { median, quantile } from './statistics.ts';
import type { Run, Scenario, SweepRun } from './sweeps.ts';

/** One measured figure beside its floor. */
export interface Figure {
  readonly what: string;
  readonly where: string;
  readonly unit: string;
  readonly value: number;
  /** Measured in the same run or worked out from it; null: there is none. */
  readonly floor: number | null;
  /** What is held against the target: `value` / `floor`, or `value` where there is no floor. */
  readonly ratio: number;
  readonly target: { readonly atMost: number } | { readonly atLeast: number } | null;
  /** A count that holds on every machine: missing it fails the bench. Times never do. */
  readonly isCount: boolean;
  readonly runs: number;
}

const MEBIBYTE = 1024 * 1024;
const NTH: readonly Nth[] = ['first', 'second'];

/** The figures of one scenario: medians over its runs. */
export function sweepFigures(
  scenario: Scenario,
  runs: readonly Run[],
  facts: ReturnType<typeof factsOf>,
): readonly Figure[] {
  const { size, latencyMs, throttled } = scenario;
  const place = `${size.servers} servers, ${latencyMs} ms${throttled ? ', throttled' : ''}`;
  const make = figureMaker(runs.length);
  const found = (['internet', 'azure'] as const).map((reach) =>
    make({
      what: `servers open to ${reach === 'azure' ? 'all of Azure' : 'the internet'} that were found`,
      where: place,
      unit: 'share',
      value: Math.min(...runs.map((run) => run.found[reach])),
      floor: 1,
      target: { atLeast: 1 },
      isCount: true,
    }),
  );
  const sweeps = NTH.flatMap((nth) => {
    const where = `${place}, ${nth} sweep`;
    const of = runs.map((run) => run[nth]);
    return [
      ...countFigures(of, where, nth, facts).map(make),
      ...timeFigures(of, where, nth, facts, throttled).map(make),
    ];
  });
  return [...found, ...sweeps];
}

type Draft = Omit<Figure, 'ratio' | 'runs'>;

function figureMaker(runs: number): (draft: Draft) => Figure {
  return (draft) => ({
    ...draft,
    ratio: draft.floor === null ? draft.value : draft.value / draft.floor,
    runs,
  });
}

function countFigures(
  runs: readonly SweepRun[],
  where: string,
  nth: Nth,
  facts: ReturnType<typeof factsOf>,
): readonly Draft[] {
  const calls = Math.max(...runs.map((run) => run.calls.graph + run.calls.management));
  const throttled = Math.max(...runs.map((run) => run.calls.throttled));
  const assessed = Math.min(...runs.map(({ measure }) => measure.assessed));
  const atMost = nth === 'first' ? 2.1 : 1.05;
  const needed = neededCalls(facts, nth);
  const of = { where, isCount: true };
  return [
    { ...of, what: 'calls', unit: 'calls', value: calls, floor: needed, target: { atMost } },
    {
      ...of,
      what: 'servers assessed',
      unit: 'servers',
      value: assessed,
      floor: facts.servers.length,
      target: { atLeast: 1 },
    },
    {
      ...of,
      what: 'calls that Azure refused',
      unit: 'calls',
      value: throttled,
      floor: null,
      target: { atMost: 0 },
    },
  ];
}

function timeFigures(
  runs: readonly SweepRun[],
  where: string,
  nth: Nth,
  facts: ReturnType<typeof factsOf>,
  throttled: boolean,
): readonly Draft[] {
  const of = { where, isCount: false };
  const middle = (pick: (run: SweepRun) => number): number => median(runs.map(pick));
  const seconds = middle(({ measure }) => measure.wallMs / 1000);
  const drafts: Draft[] = [];
  if (throttled) {
    const pages = middle(({ calls }) => calls.graph);
    const floor = throttleFloor(readsBySubscription(facts, nth), pages);
    const known = floor > 0 ? { floor, target: { atMost: 1.1 } } : { floor: null, target: null };
    return [{ ...of, what: 'wall time', unit: 's', value: seconds, ...known }];
  }
  const cpu = middle(({ measure }) => measure.cpuMs);
  const floorCpu = middle(({ floor }) => floor?.cpuMs ?? NaN);
  drafts.push(
    { ...of, what: 'CPU', unit: 'ms', value: cpu, floor: floorCpu, target: { atMost: 2 } },
    { ...of, what: 'wall time', unit: 's', value: seconds, floor: null, target: null },
  );
  const peak = middle(({ measure }) => measure.peakBytes) / MEBIBYTE;
  drafts.push({ ...of, what: 'peak memory', unit: 'MiB', value: peak, floor: null, target: { atMost: 150 } });
  const transactions = middle(({ measure }) => measure.storage.transactions);
  const queries = middle(({ measure }) => measure.storage.queries);
  for (const [what, value] of [
    ['table transactions', transactions],
    ['table queries', queries],
  ] as const)
    drafts.push({ ...of, what, unit: 'calls', value, floor: null, target: null });
  return drafts;
}

/** Figures of events, one server each; `readMs`: single reads of a bare loop. */
export function eventFigures(
  { milliseconds, readsPerEvent }: EventRun,
  readMs: readonly number[],
  where: string,
  targetMs: number,
): readonly Figure[] {
  const make = figureMaker(milliseconds.length);
  const floor = median(readMs);
  const at = (share: number): Draft => ({
    what: `event to committed finding, p${share * 100}`,
    where,
    unit: 'ms',
    value: quantile(milliseconds, share),
    floor,
    target: null,
    isCount: false,
  });
  const p95 = { ...make(at(0.95)), ratio: quantile(milliseconds, 0.95), target: { atMost: targetMs } };
  const reads: Draft = {
    what: 'reads of ARM per event',
    where,
    unit: 'calls',
    value: readsPerEvent,
    floor: 1,
    target: { atMost: 2 },
    isCount: true,
  };
  return [make(at(0.5)), p95, make(reads)];
}

/** Figures of loading the bundle and of the pure core. */
export function codeFigures(
  imports: { readonly app: readonly number[]; readonly sdks: readonly number[] },
  judged: readonly number[],
): readonly Figure[] {
  const load: Draft = {
    what: 'import of the built app',
    where: 'new process',
    unit: 'ms',
    value: median(imports.app),
    floor: median(imports.sdks),
    target: { atMost: 1.3 },
    isCount: false,
  };
  const core: Draft = {
    what: 'servers judged a second',
    where: 'every rule, 10 firewall rules each',
    unit: 'servers',
    value: median(judged),
    floor: null,
    target: { atLeast: 20_000 },
    isCount: false,
  };
  return [figureMaker(imports.app.length)(load), figureMaker(judged.length)(core)];
}

/** Whether a figure meets its target; undefined: it has none. */
export function isMet({ ratio, target }: Figure): boolean | undefined {
  if (target === null) return undefined;
  return 'atMost' in target ? ratio <= target.atMost : ratio >= target.atLeast;
}

/** Counts that do not hold: what the exit status tells. */
export function brokenCounts(figures: readonly Figure[]): readonly Figure[] {
  return figures.filter((figure) => figure.isCount && isMet(figure) === false);
}
