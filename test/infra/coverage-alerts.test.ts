import { describe, expect, test } from 'vitest';
import { SUBSCRIPTION } from '../fakes.ts';
import { alertRule, timeline } from './alert-rules.ts';
import { CLOSED, LISTED, serverId, type Trouble } from './azure.ts';
import type { Rows } from './queries.ts';
import { after } from './rows.ts';
import { type Stage, stage } from './stage.ts';

const OTHER = '22222222-2222-2222-2222-222222222222';

interface Story {
  readonly when: string;
  readonly tell: (stage: Stage) => Promise<void>;
  /** What the platform makes of the rows. */
  readonly damage?: (rows: Rows) => Rows;
  /** By rule: what it tells. */
  readonly expected: Readonly<Record<string, readonly string[]>>;
}

async function check({ tell, damage = (rows) => rows, expected }: Story): Promise<void> {
  const monitor = stage([SUBSCRIPTION, OTHER]);
  monitor.put('orders', LISTED);
  monitor.put('ledger', CLOSED, OTHER);
  await tell(monitor);
  const rows = damage(monitor.rows());
  const told = Object.keys(expected).map((id) => [id, timeline(alertRule(id), rows, monitor.now())]);
  expect(Object.fromEntries(told)).toEqual(expected);
}

/** ARM answers otherwise for `orders` from minute 20 on, for some minutes. */
async function trouble(monitor: Stage, kind: Trouble, minutes: number, event = false): Promise<void> {
  await monitor.pass(20);
  monitor.azure.troubles.set(serverId('orders'), kind);
  if (event) monitor.write('orders', LISTED);
  await monitor.pass(minutes);
  monitor.azure.troubles.clear();
}

describe('failed assessments or dead letters: as the heartbeat tells', () => {
  test.each<Story>([
    {
      when: 'fires: every attempt of a message fails; clears: the next sweep reads the server well',
      tell: async (s) => {
        await trouble(s, 'broken', 9, true);
        await s.pass(30);
      },
      expected: { 'failed-assessments': ['30 fires', '35 clears'] },
    },
    {
      when: 'goes on: the sweeps fail as well',
      tell: (s) => trouble(s, 'broken', 70, true),
      expected: { 'failed-assessments': ['30 fires'] },
    },
    {
      when: 'fires: events could not be delivered; clears: they were asked for again',
      tell: async (s) => {
        await s.pass(21);
        s.deadLetters = 3;
        await s.pass(20);
        s.deadLetters = 0;
        await s.pass(20);
      },
      expected: { 'failed-assessments': ['30 fires', '50 clears'] },
    },
    {
      when: 'quiet: the server answers again at the second attempt',
      tell: async (s) => {
        await trouble(s, 'broken', 0.5, true);
        await s.pass(30);
      },
      expected: { 'failed-assessments': [] },
    },
    {
      when: 'quiet: ARM answers 503 for five minutes, and the event waits',
      tell: async (s) => {
        await trouble(s, 'failing', 5, true);
        await s.pass(30);
      },
      expected: { 'failed-assessments': [] },
    },
    {
      when: 'quiet: a server that may not be read is no failed message',
      tell: (s) => trouble(s, 'denied', 90, true),
      expected: { 'failed-assessments': [] },
    },
    {
      when: 'fires, the workspace takes nothing for an hour: the monitor is silent before this alert forgets',
      tell: async (s) => {
        await trouble(s, 'broken', 20, true);
        s.azure.troubles.set(serverId('orders'), 'broken');
        s.refused.add('DatabaseExposureRuns_CL');
        await s.pass(60);
        s.refused.clear();
        await s.pass(10);
      },
      expected: {
        'failed-assessments': ['30 fires', '70 clears', '105 fires'],
        // The sweep of minute 30 waits for its deadline: the last row of a sweep is that of minute 15.
        'monitor-silent': ['55 fires', '105 clears'],
      },
    },
    {
      when: 'quiet after the end: the platform stores a heartbeat once more (copied by hand: nothing sends it)',
      tell: async (s) => {
        await trouble(s, 'broken', 9, true);
        await s.pass(30);
      },
      damage: ({ DatabaseExposureRuns_CL: rows = [] }) => {
        const told = rows.filter(({ FailedAssessments }) => Number(FailedAssessments) > 0);
        const copies = told.map((row) => ({
          ...row,
          $ingestionTime: after(String(row.$ingestionTime), 20),
        }));
        return { DatabaseExposureRuns_CL: [...rows, ...copies] };
      },
      expected: { 'failed-assessments': ['30 fires', '35 clears'] },
    },
  ])('$when', check);
});

describe('coverage is lost: as the rows of the sweeps tell, which still come', () => {
  test.each<Story>([
    {
      when: 'fires with the next sweep: a subscription does not answer; clears: it answers again',
      tell: async (s) => {
        await s.pass(20);
        s.azure.silent.add(OTHER);
        await s.pass(30);
        s.azure.silent.clear();
        await s.pass(30);
      },
      expected: { 'coverage-lost': ['35 fires', '65 clears'] },
    },
    {
      when: 'fires: a server cannot be read for an hour; clears: it can be read again',
      tell: async (s) => {
        await trouble(s, 'denied', 80);
        await s.pass(20);
      },
      expected: { 'coverage-lost': ['95 fires', '110 clears'] },
    },
    {
      when: 'fires: ARM answers 503 for an hour for a server that Resource Graph shows changed',
      tell: async (s) => {
        await s.pass(20);
        s.put('orders', CLOSED);
        s.azure.troubles.set(serverId('orders'), 'failing');
        await s.pass(80);
      },
      expected: { 'coverage-lost': ['95 fires'] },
    },
    {
      when: 'quiet: a server cannot be read for 50 minutes',
      tell: async (s) => {
        await trouble(s, 'denied', 50);
        await s.pass(40);
      },
      expected: { 'coverage-lost': [] },
    },
    {
      when: 'fires: Resource Graph tells half for an hour',
      tell: async (s) => {
        await s.pass(20);
        s.azure.graphProblem = 'Resource Graph truncated its answer';
        await s.pass(80);
      },
      expected: { 'coverage-lost': ['95 fires'] },
    },
    {
      when: 'fires: the policy file cannot be used for an hour, and the last valid one stays in force',
      tell: async (s) => {
        await s.pass(20);
        s.policyProblems = ['The policy file could not be used: line 3: not JSON.'];
        await s.pass(80);
      },
      expected: { 'coverage-lost': ['95 fires'] },
    },
    {
      when: 'fires: no assessment ends, so each sweep is told at its deadline',
      tell: async (s) => {
        await s.pass(20);
        s.stopped.add('assess');
        await s.pass(95);
      },
      expected: { 'coverage-lost': ['110 fires'], 'monitor-silent': [] },
    },
    {
      when: 'quiet here: no sweep at all, which the silence of the monitor tells',
      tell: async (s) => {
        await s.pass(20);
        s.stopped.add('sweep');
        s.azure.troubles.set(serverId('orders'), 'denied');
        await s.pass(90);
      },
      expected: { 'coverage-lost': [], 'monitor-silent': ['55 fires'] },
    },
    {
      when: 'quiet: the acknowledgements of the sweeps are lost for half an hour',
      tell: async (s) => {
        s.losesAcknowledgement = true;
        await s.pass(30);
        s.losesAcknowledgement = false;
        await s.pass(60);
      },
      expected: { 'coverage-lost': [] },
    },
    {
      when: 'quiet: the row of a sweep that a subscription did not answer comes after that of the next one',
      tell: async (s) => {
        await s.pass(20);
        s.azure.silent.add(OTHER);
        s.latency = 25;
        await s.pass(12);
        s.azure.silent.clear();
        s.latency = 2;
        await s.pass(58);
      },
      expected: { 'coverage-lost': [] },
    },
    {
      when: 'fires late: the workspace takes no row of a run for two hours, in which a server cannot be read',
      tell: async (s) => {
        s.refused.add('DatabaseExposureRuns_CL');
        await trouble(s, 'denied', 95);
        s.refused.clear();
        await s.pass(15);
      },
      expected: { 'coverage-lost': ['120 fires', '125 clears'] },
    },
    {
      when: 'quiet: scans that a subscription did not answer are no sweeps',
      tell: async (s) => {
        await s.pass(20);
        for (let scans = 0; scans < 6; scans += 1) {
          s.azure.silent.add(OTHER);
          await s.scan();
          await s.pass(1);
          s.azure.silent.clear();
          await s.pass(14);
        }
      },
      expected: { 'coverage-lost': [] },
    },
  ])('$when', check);
});
