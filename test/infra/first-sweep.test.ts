import { beforeAll, describe, expect, test } from 'vitest';
import { alertRule, evaluate, timeline } from './alert-rules.ts';
import { CLOSED, OPEN, serverId } from './azure.ts';
import { ask, WORKBOOK_QUERIES } from './queries.ts';
import { minute } from './rows.ts';
import { type Stage, stage } from './stage.ts';

/** Twenty subscriptions of 500 servers, of which every tenth is wide open when the monitor sees it for the first time. */
const SUBSCRIPTIONS = Array.from(
  { length: 20 },
  (_, index) => `11111111-1111-1111-1111-${digits(index, 12)}`,
);
const SERVERS = 10_000;
/** Milliseconds that a sweep of all of them may take on a busy machine. */
const SLOW = 180_000;

function digits(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

const TOLD = ['first-sweep', 'open-exposure', 'new-exposure', 'storm'] as const;

/** What each rule has told by a minute. */
function told(monitor: Stage, until: number): Readonly<Record<string, readonly string[]>> {
  const rows = monitor.rows();
  return Object.fromEntries(TOLD.map((id) => [id, timeline(alertRule(id), rows, until)]));
}

const QUIET = { 'open-exposure': [], 'new-exposure': [], storm: [] };

describe('the first sweep of 10,000 servers', () => {
  let monitor: Stage;

  beforeAll(async () => {
    monitor = stage(SUBSCRIPTIONS);
    for (let index = 0; index < SERVERS; index += 1) {
      const subscription = SUBSCRIPTIONS[index % SUBSCRIPTIONS.length];
      monitor.put(`server-${digits(index, 5)}`, index % 200 < 20 ? OPEN : CLOSED, subscription);
    }
    await monitor.pass(13);
  }, SLOW);

  test('raises one alert, which says on how many servers there are how many findings', () => {
    expect(told(monitor, 15)).toEqual({ ...QUIET, 'first-sweep': ['5 fires'] });
    // Each is reachable from the internet, and has public access on.
    const found = evaluate(alertRule('first-sweep'), monitor.rows(), minute(15));
    expect(found).toEqual([{ Findings: 2000, Servers: 1000 }]);
  });

  test('is shown by reach, each server once', () => {
    expect(ask(WORKBOOK_QUERIES.estate ?? '', monitor.rows(), minute(13))).toEqual([
      { Reach: 'internet', Servers: 1000 },
      { Reach: 'private', Servers: 9000 },
    ]);
  });

  test(
    'is followed by an alert of its own for a server that is created wide open afterwards',
    async () => {
      monitor.put('late', OPEN, SUBSCRIPTIONS[0]);
      await monitor.pass(5);
      expect(told(monitor, 20)).toEqual({
        'first-sweep': ['5 fires'],
        'open-exposure': ['20 fires: late, Critical', '20 fires: late, High'],
        'new-exposure': ['20 fires: late, new -> internet, not known'],
        storm: [],
      });
    },
    SLOW,
  );
});

/** Sixty servers, open from the beginning. */
async function inventory(
  more: (monitor: Stage) => Promise<void>,
  before?: (monitor: Stage) => void,
): Promise<Stage> {
  const monitor = stage();
  for (let index = 0; index < 60; index += 1) monitor.put(`server-${digits(index, 2)}`, OPEN);
  before?.(monitor);
  await monitor.pass(5);
  await more(monitor);
  return monitor;
}

describe('the first sweep of sixty servers', () => {
  test.each<{
    when: string;
    tell: (monitor: Stage) => Promise<void>;
    before?: (monitor: Stage) => void;
    until: number;
    expected: readonly string[];
  }>([
    {
      when: 'fires, and clears after an hour; refreshes stay quiet',
      tell: (monitor) => monitor.pass(420),
      until: 420,
      expected: ['5 fires', '65 clears'],
    },
    {
      when: 'quiet: nothing is open',
      tell: (monitor) => monitor.pass(20),
      before: (monitor) => {
        for (const id of monitor.azure.servers.keys()) monitor.azure.servers.set(id, CLOSED);
      },
      until: 20,
      expected: [],
    },
    {
      when: 'fires late: the workspace takes nothing for two hours',
      tell: async (monitor) => {
        await monitor.pass(115);
        monitor.refused.clear();
        await monitor.pass(80);
      },
      before: (monitor) => monitor.refused.add('DatabaseExposureFindings_CL'),
      until: 200,
      expected: ['125 fires', '185 clears'],
    },
    {
      when: 'clears an hour after the first copies: the acknowledgements of ten minutes are lost',
      tell: async (monitor) => {
        await monitor.pass(5);
        monitor.losesAcknowledgement = false;
        await monitor.pass(70);
      },
      before: (monitor) => (monitor.losesAcknowledgement = true),
      until: 80,
      expected: ['5 fires', '65 clears'],
    },
  ])('$when', async ({ tell, before, until, expected }) => {
    const monitor = await inventory(tell, before);
    expect(told(monitor, until)).toEqual({ ...QUIET, 'first-sweep': expected });
  });

  test('counts no copy', async () => {
    const monitor = await inventory(
      (stopped) => stopped.pass(5),
      (fresh) => (fresh.losesAcknowledgement = true),
    );
    expect(monitor.rows().DatabaseExposureFindings_CL?.length).toBeGreaterThan(240);
    expect(evaluate(alertRule('first-sweep'), monitor.rows(), minute(10))).toEqual([
      { Findings: 120, Servers: 60 },
    ]);
  });

  test('leaves a server that comes later its own alert, which clears with the repair', async () => {
    const monitor = await inventory(async (running) => {
      running.write('late', OPEN);
      await running.pass(20);
      running.write('late', CLOSED);
      await running.pass(20);
    });
    expect(told(monitor, 45)).toEqual({
      'first-sweep': ['5 fires'],
      'open-exposure': [
        ...['10 fires: late, Critical', '10 fires: late, High'],
        ...['30 clears: late, Critical', '30 clears: late, High'],
      ],
      'new-exposure': ['10 fires: late, new -> internet, alice@example.com'],
      storm: [],
    });
    expect(monitor.azure.servers.has(serverId('late'))).toBe(true);
  });
});

describe('storm', () => {
  /** Closed servers, some of which somebody opens at minute 6: seven findings each. */
  async function storm(opened: number, more: (monitor: Stage) => Promise<void>): Promise<Stage> {
    const monitor = stage();
    for (let index = 0; index < 40; index += 1) monitor.put(`server-${digits(index, 2)}`, CLOSED);
    await monitor.pass(6);
    open(monitor, 0, opened);
    await more(monitor);
    return monitor;
  }

  function open(monitor: Stage, from: number, to: number): void {
    for (let index = from; index < to; index += 1) monitor.write(`server-${digits(index, 2)}`, OPEN);
  }

  const rule = alertRule('storm');

  test.each<{
    when: string;
    opened: number;
    tell: (monitor: Stage) => Promise<void>;
    expected: readonly string[];
  }>([
    {
      when: 'fires, and clears 15 minutes later: 27 servers with 189 findings, and three new ones with four each: 201',
      opened: 27,
      tell: async (monitor) => {
        for (const name of ['late', 'later', 'latest']) monitor.write(name, OPEN);
        await monitor.pass(30);
      },
      expected: ['10 fires', '25 clears'],
    },
    {
      when: 'quiet: 28 servers with 196 findings, and a new one with four: 200',
      opened: 28,
      tell: async (monitor) => {
        monitor.write('late', OPEN);
        await monitor.pass(30);
      },
      expected: [],
    },
    {
      when: 'quiet: 196 findings, and as many half an hour later',
      opened: 28,
      tell: async (monitor) => {
        await monitor.pass(30);
        open(monitor, 28, 40);
        await monitor.pass(30);
      },
      expected: [],
    },
    {
      when: 'quiet: 196 findings that are sent every minute, because their acknowledgements are lost',
      opened: 28,
      tell: async (monitor) => {
        monitor.losesAcknowledgement = true;
        await monitor.pass(10);
        monitor.losesAcknowledgement = false;
        await monitor.pass(20);
      },
      expected: [],
    },
    {
      when: 'quiet: their refreshes, six hours later',
      opened: 28,
      tell: (monitor) => monitor.pass(400),
      expected: [],
    },
    {
      when: 'quiet: all of them are widened and narrowed again, which opens nothing',
      opened: 28,
      tell: async (monitor) => {
        await monitor.pass(30);
        for (const id of monitor.azure.servers.keys())
          monitor.azure.servers.set(id, { ...OPEN, endpoint: true });
        await monitor.pass(40);
      },
      expected: [],
    },
    {
      when: 'fires late: the workspace takes nothing for an hour',
      opened: 29,
      tell: async (monitor) => {
        monitor.refused.add('DatabaseExposureFindings_CL');
        await monitor.pass(60);
        monitor.refused.clear();
        await monitor.pass(30);
      },
      expected: ['70 fires', '85 clears'],
    },
  ])('$when', async ({ opened, tell, expected }) => {
    const monitor = await storm(opened, tell);
    expect(timeline(rule, monitor.rows(), monitor.now() + 5)).toEqual(expected);
  });
});
