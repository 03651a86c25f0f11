import type { Ports } from '../ports.ts';
import { addEventCounts, type EventCounters } from '../state/monitor.ts';

const FLUSH_MS = 5_000;

let waiting: { counts: { outOfScope: number; malformed: number }; done: Promise<void> } | undefined;

/**
 * Counts events that led to nothing, and adds them to the stored counters a few seconds later: a flood of them costs one
 * write. The promise is of that write; the function that counts need not wait for it.
 */
export function countEvent(kind: keyof EventCounters, ports: Ports): Promise<void> {
  if (!waiting) {
    const counts = { outOfScope: 0, malformed: 0 };
    const done = new Promise<void>((resolve) => {
      setTimeout(resolve, FLUSH_MS);
    }).then(async () => {
      waiting = undefined;
      try {
        await addEventCounts(ports.table, counts);
      } catch {
        ports.log('event counts were lost', counts);
      }
    });
    waiting = { counts, done };
  }
  waiting.counts[kind] += 1;
  return waiting.done;
}
