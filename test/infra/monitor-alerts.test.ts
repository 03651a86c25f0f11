import { describe, expect, test } from 'vitest';
import type { TableName } from '../../shared/rows.ts';
import { alertRule, alertRules, timeline } from './alert-rules.ts';
import { CLOSED, OPEN } from './azure.ts';
import type { Rows } from './queries.ts';
import { after } from './rows.ts';
import { type Part, type Stage, stage } from './stage.ts';

const PARTS: readonly Part[] = ['sweep', 'publishPending', 'assess', 'reportFailedAssessment'];
const TABLES: readonly TableName[] = [
  'DatabaseExposureFindings_CL',
  'DatabaseExposureServers_CL',
  'DatabaseExposureChanges_CL',
  'DatabaseExposureRuns_CL',
];
const DAY = 1440;

interface Story {
  readonly when: string;
  readonly tell: (stage: Stage) => Promise<void>;
  /** What the platform makes of the rows. */
  readonly damage?: (rows: Rows) => Rows;
  /** By rule: what it tells. */
  readonly expected: Readonly<Record<string, readonly string[]>>;
}

function stop(monitor: Stage, parts = PARTS): void {
  for (const part of parts) monitor.stopped.add(part);
}

function refuse(monitor: Stage, tables = TABLES): void {
  for (const table of tables) monitor.refused.add(table);
}

function check({ tell, damage = (rows) => rows, expected }: Story): () => Promise<void> {
  return async () => {
    const monitor = stage();
    monitor.put('orders', CLOSED);
    await tell(monitor);
    const rows = damage(monitor.rows());
    const told = Object.keys(expected).map((id) => [id, timeline(alertRule(id), rows, monitor.now())]);
    expect(Object.fromEntries(told)).toEqual(expected);
  };
}

describe('the monitor is silent: the query gives a row of its own when no row comes', () => {
  test.each<Story>([
    {
      when: 'fires: deployed, and never started',
      tell: async (s) => {
        stop(s);
        await s.pass(10);
      },
      expected: { 'monitor-silent': ['5 fires'] },
    },
    {
      when: 'fires after the first deployment, and clears with the first sweep',
      tell: async (s) => {
        stop(s, ['sweep']);
        await s.pass(1);
        s.stopped.clear();
        await s.pass(40);
      },
      expected: { 'monitor-silent': ['5 fires', '20 clears'] },
    },
    {
      when: 'fires: the app is stopped, 20 minutes after its last heartbeat; clears: it runs again',
      tell: async (s) => {
        await s.pass(61);
        stop(s);
        await s.pass(60);
        s.stopped.clear();
        await s.pass(40);
      },
      expected: { 'monitor-silent': ['85 fires', '140 clears'] },
    },
    {
      when: 'fires: only the sweeps stop; heartbeats still arrive',
      tell: async (s) => {
        await s.pass(61);
        stop(s, ['sweep']);
        await s.pass(60);
        s.stopped.clear();
        await s.pass(40);
      },
      expected: { 'monitor-silent': ['100 fires', '140 clears'] },
    },
    {
      when: 'fires: only publishPending stops, which beats the heart and finishes sweeps',
      tell: async (s) => {
        await s.pass(61);
        stop(s, ['publishPending']);
        await s.pass(60);
        s.stopped.clear();
        await s.pass(20);
      },
      expected: { 'monitor-silent': ['85 fires', '125 clears'] },
    },
    {
      when: 'fires within half an hour, a day and more before an open exposure would clear: the app is stopped for good',
      tell: async (s) => {
        await s.pass(6);
        s.write('orders', OPEN);
        await s.pass(55);
        stop(s);
        await s.pass(2 * DAY);
      },
      expected: {
        'monitor-silent': ['85 fires'],
        'open-exposure': [
          ...['10 fires: orders, Critical', '10 fires: orders, High'],
          ...['2890 clears: orders, Critical', '2890 clears: orders, High'],
        ],
      },
    },
    {
      when: 'quiet: one sweep is left out',
      tell: async (s) => {
        await s.pass(61);
        stop(s, ['sweep']);
        await s.pass(20);
        s.stopped.clear();
        await s.pass(60);
      },
      expected: { 'monitor-silent': [] },
    },
    {
      when: 'quiet: the acknowledgement of every row is lost',
      tell: async (s) => {
        s.losesAcknowledgement = true;
        await s.pass(120);
      },
      expected: { 'monitor-silent': [] },
    },
    {
      when: 'quiet: rows take ten minutes to the queries',
      tell: async (s) => {
        await s.pass(30);
        s.latency = 10;
        await s.pass(90);
      },
      expected: { 'monitor-silent': [] },
    },
  ])('$when', (story) => check(story)());

  test.each([
    { minutes: 5, expected: ['80 fires'] },
    { minutes: 60, expected: ['190 fires'] },
  ])('with a sweep every $minutes minutes, two periods are waited for', async ({ minutes, expected }) => {
    const monitor = stage(undefined, minutes);
    monitor.put('orders', CLOSED);
    await monitor.pass(61);
    stop(monitor, ['sweep']);
    await monitor.pass(140);
    const rule = alertRule('monitor-silent', await alertRules(minutes));
    expect(timeline(rule, monitor.rows(), monitor.now())).toEqual(expected);
  });
});

describe('rows are not accepted: told by the heartbeat, where that still arrives', () => {
  const opensDuring = async (s: Stage, minutes: number, tables?: readonly TableName[]): Promise<void> => {
    await s.pass(20.5);
    refuse(s, tables);
    s.write('orders', OPEN);
    await s.pass(minutes);
    s.refused.clear();
    await s.pass(30);
  };

  test.each<Story>([
    {
      when: 'fires: the workspace refuses the rows of one table for 40 minutes; clears with the next heartbeat',
      tell: (s) => opensDuring(s, 40, ['DatabaseExposureFindings_CL']),
      expected: { 'rows-not-published': ['45 fires', '70 clears'], 'monitor-silent': [] },
    },
    {
      when: 'quiet: it refuses them for 14 minutes',
      tell: (s) => opensDuring(s, 14, ['DatabaseExposureFindings_CL']),
      expected: { 'rows-not-published': [], 'monitor-silent': [] },
    },
    {
      when: 'quiet, but the monitor is silent: the workspace refuses everything, the heartbeat too',
      tell: (s) => opensDuring(s, 40),
      expected: { 'rows-not-published': [], 'monitor-silent': ['45 fires', '70 clears'] },
    },
    {
      when: 'quiet, but the monitor is silent: the workspace refuses everything for six hours',
      tell: (s) => opensDuring(s, 360),
      expected: { 'rows-not-published': [], 'monitor-silent': ['45 fires', '390 clears'] },
    },
    {
      when: 'fires: every acknowledgement is lost for 40 minutes, so nobody knows that the rows are there',
      tell: async (s) => {
        await s.pass(20.5);
        s.losesAcknowledgement = true;
        s.write('orders', OPEN);
        await s.pass(40);
        s.losesAcknowledgement = false;
        await s.pass(20);
      },
      expected: { 'rows-not-published': ['45 fires', '70 clears'], 'monitor-silent': [] },
    },
    {
      when: 'quiet: every acknowledgement is lost for ten minutes',
      tell: async (s) => {
        await s.pass(20.5);
        s.losesAcknowledgement = true;
        s.write('orders', OPEN);
        await s.pass(10);
        s.losesAcknowledgement = false;
        await s.pass(30);
      },
      expected: { 'rows-not-published': [], 'monitor-silent': [] },
    },
    {
      when: 'quiet after the end: the platform stores a heartbeat of the outage once more (copied by hand: nothing sends it)',
      tell: (s) => opensDuring(s, 40, ['DatabaseExposureFindings_CL']),
      damage: ({ DatabaseExposureRuns_CL: rows = [] }) => {
        const told = rows.filter(({ OldestPendingSeconds }) => Number(OldestPendingSeconds) > 900);
        const copies = told.map((row) => ({
          ...row,
          $ingestionTime: after(String(row.$ingestionTime), 25),
        }));
        return { DatabaseExposureRuns_CL: [...rows, ...copies] };
      },
      expected: { 'rows-not-published': ['45 fires', '70 clears'] },
    },
    {
      when: 'quiet: a row is refused for what it holds and set aside (the metric alert of refused calls tells)',
      tell: async (s) => {
        await s.pass(20.5);
        s.unfit = '"RuleId":"internet-reachable"';
        s.write('orders', OPEN);
        await s.pass(60);
      },
      expected: {
        'rows-not-published': [],
        'open-exposure': ['25 fires: orders, Critical', '25 fires: orders, High'],
      },
    },
  ])('$when', (story) => check(story)());
});
