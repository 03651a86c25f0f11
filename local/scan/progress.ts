import type { Calls } from '../../shared/ports.ts';

/** One line on standard error that tells how far a scan is; nothing where that is no terminal. */
export function progressLine(calls: Calls): (done: number, expected: number) => void {
  const startedAt = Date.now();
  return (done, expected) => {
    if (!process.stderr.isTTY) return;
    const left = done === 0 ? '' : `, ${secondsLeft(startedAt, done, expected)} s left`;
    const made = calls.graph + calls.management;
    process.stderr.write(
      `\r${done} of ${expected} servers, ${made} calls, ${calls.throttled} throttled${left}   `,
    );
    if (done === expected) process.stderr.write('\n');
  };
}

function secondsLeft(startedAt: number, done: number, expected: number): number {
  return Math.round(((Date.now() - startedAt) / done / 1000) * (expected - done));
}
