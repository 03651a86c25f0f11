interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time in milliseconds since 1970; nothing happens but what was scheduled, in one fixed order. */
export interface Scheduler {
  now(): number;
  at(time: number, run: () => void): void;
  sleep(milliseconds: number): Promise<void>;
  /** Runs everything that is due until then, and what that leads to. */
  runUntil(time: number): Promise<void>;
  /** Runs until the promise is settled; throws when nothing is left that could settle it. */
  runThrough<Value>(work: Promise<Value>): Promise<Value>;
}

export function scheduler(start: number): Scheduler {
  const heap: Due[] = [];
  let clock = start;
  let order = 0;
  const step = async (): Promise<boolean> => {
    const due = pop(heap);
    if (!due) return false;
    clock = Math.max(clock, due.at);
    due.run();
    await settle();
    return true;
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
    async runThrough(work) {
      let done = false;
      const watched = work.finally(() => {
        done = true;
      });
      watched.catch(() => undefined);
      await settle();
      while (!done) if (!(await step())) throw new Error('the work waits for nothing');
      return watched;
    },
  };
}

/** Everything that the last event set going has run until it waits for a port again. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
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
