import { expect, test } from 'vitest';
import { CLASSES, faultsOf } from './faults.ts';
import { type Facts, SERVERS, START } from './world.ts';
import { happen, prepare, type Run, startPublish, startSweep } from './run.ts';
import type { Write } from './plan.ts';

const MINUTE = 60_000;
const OPEN: Facts = {
  exists: true,
  access: 'Enabled',
  rules: [{ name: 'wide', start: '20.40.0.0', end: '20.47.255.255' }],
  connection: null,
  endpoint: false,
};

/** One open server in a quiet world. */
function quiet(): Run {
  const faults = faultsOf(1, 1, new Set(CLASSES));
  faults.on = false;
  const initial = SERVERS.map((_, index) => (index === 0 ? OPEN : { ...OPEN, exists: false }));
  return prepare({ seed: 1, trace: true }, faults, { initial, writes: [] });
}

function write(id: number, at: number, change: Partial<Facts>): Write {
  return { id, at: START + at, server: 0, change, about: 'rule', operation: 'write' };
}

function readings(run: Run, from: number, to: number): number {
  const id = SERVERS[0]?.id;
  return run.readings.filter(({ server, at }) => {
    const time = Date.parse(at) - START;
    return server === id && time >= from && time < to;
  }).length;
}

test('two thousand copies of an event in a minute lead to a reading each five seconds, and few after', async () => {
  const run = quiet();
  const { clock } = run;
  void startSweep(run);
  clock.at(START + 2 * MINUTE, () => run.world.write(SERVERS[0] ?? fail(), clock.now(), { rules: [] }));
  for (let copy = 0; copy < 2000; copy += 1)
    happen(run, { ...write(1, 2 * MINUTE + copy * 30, { rules: [] }) });
  await clock.runUntil(START + 20 * MINUTE);
  expect(readings(run, 2 * MINUTE, 3 * MINUTE)).toBeLessThanOrEqual(30);
  expect(readings(run, 2 * MINUTE, 12 * MINUTE)).toBeLessThanOrEqual(60);
}, 120_000);

test('a finding that waits for a second reading breeds no messages while nothing can be read', async () => {
  const run = quiet();
  const { clock } = run;
  for (let at = START; at < START + 360 * MINUTE; at += 15 * MINUTE) clock.at(at, () => void startSweep(run));
  for (let at = START; at < START + 360 * MINUTE; at += 5 * MINUTE)
    clock.at(at, () => void startPublish(run));
  happen(run, write(1, 60_000, { rules: [] }));
  clock.at(START + 100_000, () => {
    run.denied.add(SERVERS[0]?.id ?? '');
  });
  await clock.runUntil(START + 360 * MINUTE);
  const assessed = run.log.filter((line) => line.includes(' assess '));
  expect(assessed.length).toBeLessThanOrEqual(60);
  expect(run.queue.waiting()).toBeLessThanOrEqual(1);
});

function fail(): never {
  throw new Error('the world has no servers');
}
