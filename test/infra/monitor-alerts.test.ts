import { describe, expect, test } from 'vitest';
import { alert, type Row } from './queries.ts';
import { at, calm, heartbeat, minute, runs, sweep } from './rows.ts';

interface Story {
  readonly when: string;
  readonly rows: readonly Row[];
  readonly now: number;
  readonly fires: boolean;
}

function tell(name: string, stories: readonly Story[]): void {
  describe(name, () => {
    test.each(stories)('$when', ({ rows, now, fires }) => {
      expect(alert(name, runs(...rows), minute(now))).toHaveLength(fires ? 1 : 0);
    });
  });
}

const beats = (from: number, to: number): readonly Row[] =>
  calm(from, to).filter((row) => row.Kind === 'Heartbeat');
const sweeps = (from: number, to: number): readonly Row[] =>
  calm(from, to).filter((row) => row.Kind === 'Sweep');

tell('monitor-silent', [
  { when: 'fires: nothing ever came', rows: [], now: 0, fires: true },
  { when: 'fires: nothing for 36 minutes', rows: calm(0, 60), now: 98, fires: true },
  {
    when: 'fires: heartbeats, but no sweep for two periods',
    rows: [...calm(0, 60), ...beats(65, 100)],
    now: 100,
    fires: true,
  },
  {
    when: 'fires: sweeps, but no heartbeat for 20 minutes',
    rows: [...calm(0, 60), ...sweeps(75, 90)],
    now: 95,
    fires: true,
  },
  { when: 'fires: the last row is older than the range', rows: calm(0, 15), now: 3000, fires: true },
  { when: 'clears: rows come again', rows: [...calm(0, 60), ...calm(120, 125)], now: 128, fires: false },
  { when: 'quiet: one sweep is late', rows: [...calm(0, 60), ...beats(65, 95)], now: 96, fires: false },
  { when: 'quiet: rows that came twice', rows: [...calm(0, 60), ...calm(0, 60)], now: 62, fires: false },
]);

const waiting = (sent: number, seconds: number): Row =>
  heartbeat(minute(sent), { PendingRows: 7, OldestPendingSeconds: seconds });

tell('rows-not-published', [
  {
    when: 'fires: the oldest row is older than 900 s',
    rows: [...beats(0, 10), waiting(15, 901)],
    now: 18,
    fires: true,
  },
  {
    when: 'clears: the next heartbeat has none',
    rows: [waiting(15, 901), ...beats(20, 20)],
    now: 23,
    fires: false,
  },
  { when: 'quiet: 900 s', rows: [waiting(15, 900)], now: 18, fires: false },
  {
    when: 'quiet: a copy of the old heartbeat',
    rows: [waiting(15, 901), ...beats(20, 20), waiting(15, 901)],
    now: 23,
    fires: false,
  },
  { when: 'quiet here: no heartbeat at all (monitor-silent tells)', rows: [], now: 18, fires: false },
  { when: 'quiet: a sweep has no such columns', rows: sweeps(0, 15), now: 18, fires: false },
]);

tell('failed-assessments', [
  {
    when: 'fires: a failed assessment',
    rows: [heartbeat(minute(5), { FailedAssessments: 1 })],
    now: 8,
    fires: true,
  },
  { when: 'fires: a dead letter', rows: [heartbeat(minute(5), { DeadLetters: 3 })], now: 8, fires: true },
  {
    when: 'clears: the next heartbeat has none',
    rows: [heartbeat(minute(5), { DeadLetters: 3 }), heartbeat(minute(10))],
    now: 13,
    fires: false,
  },
  {
    when: 'quiet: a copy of the old heartbeat',
    rows: [heartbeat(minute(10)), heartbeat(minute(5), { DeadLetters: 3 })],
    now: 13,
    fires: false,
  },
  { when: 'quiet: calm', rows: calm(0, 30), now: 32, fires: false },
]);

const bad = (started: number): Row => sweep(minute(started), { Assessed: 9, Unreadable: 1 });
const silent = (started: number): Row =>
  sweep(minute(started), {
    Partial: true,
    Problems: ['Subscription 22222222-2222-2222-2222-222222222222 did not answer.'],
  });

tell('coverage-lost', [
  {
    when: 'fires: a server unreadable for an hour',
    rows: [sweep(minute(0)), ...[15, 30, 45, 60, 75].map(bad)],
    now: 80,
    fires: true,
  },
  {
    when: 'fires: never a complete sweep, for an hour',
    rows: [0, 15, 30, 45, 60].map(bad),
    now: 65,
    fires: true,
  },
  {
    when: 'fires: servers skipped for an hour',
    rows: [0, 30, 60].map((m) => sweep(minute(m), { Skipped: 2, Partial: true })),
    now: 65,
    fires: true,
  },
  {
    when: 'fires at once: a subscription did not answer',
    rows: [sweep(minute(0)), silent(15)],
    now: 20,
    fires: true,
  },
  {
    when: 'clears: the next sweep is complete',
    rows: [...[0, 15, 30, 45, 60].map(bad), sweep(minute(75))],
    now: 80,
    fires: false,
  },
  {
    when: 'clears: the subscription answers again',
    rows: [silent(0), sweep(minute(15))],
    now: 20,
    fires: false,
  },
  {
    when: 'quiet: unreadable for less than an hour',
    rows: [sweep(minute(0)), ...[15, 30, 45, 60].map(bad)],
    now: 65,
    fires: false,
  },
  {
    when: 'quiet: a copy of an old row comes late',
    rows: [silent(0), sweep(minute(15)), { ...silent(0), TimeGenerated: minute(19) }],
    now: 20,
    fires: false,
  },
  { when: 'quiet here: no sweep (monitor-silent tells)', rows: beats(0, 60), now: 60, fires: false },
  {
    when: 'quiet: a scan is no sweep',
    rows: [
      at(minute(5), {
        RunId: 'scan',
        Kind: 'Scan',
        StartedAt: minute(4),
        Unreadable: 3,
        Partial: true,
        Problems: [],
      }),
    ],
    now: 70,
    fires: false,
  },
]);
