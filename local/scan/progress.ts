import type { Calls } from '../../shared/ports.ts';

/** Fewer answers than twice the reads that run side by side tell little of how long the rest takes. */
const TELLING = 32;

/** How far a scan is, in one line; the time left once enough servers were read to tell. */
export function progressText(done: number, expected: number, calls: Calls, elapsedMs: number): string {
  const made = calls.graph + calls.management;
  const telling = done < expected && done >= Math.min(TELLING, expected / 2);
  const left = telling ? `, ${durationWords(((elapsedMs / done) * (expected - done)) / 1000)} left` : '';
  return `${done} of ${expected} servers, ${made} calls, ${calls.throttled} throttled${left}`;
}

function durationWords(seconds: number): string {
  return seconds < 100 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

export interface Progress {
  readonly tell: (done: number, expected: number) => void;
  /** Ends the line: what comes next begins one of its own. */
  readonly end: () => void;
}

/** One line on standard error that tells how far a scan is; nothing where that is no terminal. */
export function progressLine(calls: Calls): Progress {
  if (!process.stderr.isTTY) return { tell: () => undefined, end: () => undefined };
  const show = (text: string): void => {
    process.stderr.write(`\r\u001b[K${text}`);
  };
  show('Listing the servers ...');
  let startedAt = Date.now();
  return {
    tell: (done, expected) => {
      if (done === 0) startedAt = Date.now();
      show(progressText(done, expected, calls, Date.now() - startedAt));
    },
    end: () => {
      process.stderr.write('\n');
    },
  };
}

/** Says at once that Ctrl-C was seen: the readings that are under way take their time. */
export function tellInterrupted(): void {
  process.stderr.write('\nInterrupted: ending the readings under way. Ctrl-C again ends at once.\n');
}
