interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time in milliseconds since 1970; nothing happens but what was scheduled, in one fixed order. */
export interface Scheduler {
  readonly now: () => number;
  readonly at: (time: number, run: () => void) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Runs everything that is due until then, and what that leads to. */
  readonly runUntil: (time: number) => Promise<void>;
}

export function scheduler(start: number): Scheduler {
  const heap: Due[] = [];
  let clock = start;
  let order = 0;
  let steps = 0;
  const step = async (): Promise<void> => {
    const due = pop(heap);
    if (!due) return;
    clock = Math.max(clock, due.at);
    due.run();
    steps += 1;
    await settle(steps % BREATH === 0);
  };
  const at = (time: number, run: () => void): void => {
    push(heap, { at: Math.max(time, clock), order: order++, run });
  };
  return {
    now: () => clock,
    at,
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        at(clock + milliseconds, resolve);
      }),
    async runUntil(time) {
      while ((heap[0]?.at ?? Infinity) <= time) await step();
      clock = Math.max(clock, time);
    },
  };
}

/** After so many steps whoever else waits for the process gets a turn. */
const BREATH = 256;

/**
 * Everything that the last event set going has run until it waits for a port again: promises settle before the next tick,
 * and nothing here waits for anything else. The turn of the event loop would do as well, and costs more.
 */
function settle(breathe: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (breathe) setImmediate(resolve);
    else process.nextTick(resolve);
  });
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Due[], due: Due): void {
  heap.push(due);
  let child = heap.length - 1;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    const above = heap[parent];
    if (!above || !isBefore(due, above)) break;
    heap[child] = above;
    child = parent;
  }
  heap[child] = due;
}

function pop(heap: Due[]): Due | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (!first || !last || heap.length === 0) return first;
  let hole = 0;
  for (;;) {
    const left = 2 * hole + 1;
    const right = left + 1;
    const [a, b] = [heap[left], heap[right]];
    const smaller = a && b ? (isBefore(a, b) ? left : right) : left;
    const lesser = heap[smaller];
    if (!lesser || !isBefore(lesser, last)) break;
    heap[hole] = lesser;
    hole = smaller;
  }
  heap[hole] = last;
  return first;
}
