import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenBucket } from '../../shared/azure/token-bucket.ts';

const START = Date.parse('2026-05-20T12:00:00Z');

test('the burst goes at once, then the rate tells how long to wait', () => {
  const bucket = tokenBucket(3, 2);
  const waits = Array.from({ length: 5 }, () => bucket.take(START, 10_000));
  expect(waits).toEqual([0, 0, 0, 500, 1000]);
});

test('time fills it again, and no further than the burst', () => {
  const bucket = tokenBucket(2, 1);
  bucket.take(START, 0);
  bucket.take(START, 0);
  expect(bucket.take(START + 1000, 0)).toBe(0);
  expect([1, 2, 3].map(() => bucket.take(START + 600_000, 10_000))).toEqual([0, 0, 1000]);
});

test('a wait that is too long takes nothing', () => {
  const bucket = tokenBucket(1, 1);
  expect(bucket.take(START, 0)).toBe(0);
  expect(bucket.take(START, 999)).toBeUndefined();
  expect(bucket.take(START, 999)).toBeUndefined();
  expect(bucket.take(START, 1000)).toBe(1000);
});

test('a refusal halves burst and rate for a minute', () => {
  const bucket = tokenBucket(4, 2);
  bucket.refused(START);
  expect([1, 2, 3].map(() => bucket.take(START, 10_000))).toEqual([0, 0, 1000]);
  expect(bucket.take(START + 59_000, 10_000)).toBe(0);
});

test('a clock that goes back neither fills nor throws', () => {
  const bucket = tokenBucket(1, 1);
  expect(bucket.take(START, 0)).toBe(0);
  expect(bucket.take(START - 3_600_000, 5000)).toBe(1000);
});

test('in any window no more calls go than burst + rate x window', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      (steps, burst, rate) => {
        const bucket = tokenBucket(burst, rate);
        let now = START;
        const went: number[] = [];
        for (const step of steps) {
          now += step;
          const wait = bucket.take(now, 60_000);
          if (wait !== undefined) went.push(now + wait);
        }
        went.sort((a, b) => a - b);
        for (const [index, from] of went.entries()) {
          for (const [other, to] of went.entries()) {
            if (other < index) continue;
            // Waits are whole milliseconds: one call may come that much early.
            const allowed = burst + ((to - from + 1) / 1000) * rate;
            expect(other - index + 1).toBeLessThanOrEqual(Math.floor(allowed + 1e-6) + 1);
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});
