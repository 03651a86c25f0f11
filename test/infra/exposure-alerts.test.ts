import { describe, expect, test } from 'vitest';
import { alertRule, timeline } from './alert-rules.ts';
import { CLOSED, HALF, LISTED, OPEN, serverId, WIDE, WIDER } from './azure.ts';
import { activityOf, ALICE, BOB } from './people.ts';
import type { Rows } from './queries.ts';
import { after, minute } from './rows.ts';
import { type Stage, stage } from './stage.ts';

const HOUR = 60;
const DAY = 24 * HOUR;

interface Story {
  readonly when: string;
  /** What `orders` is like at the first sweep; closed unless the story says otherwise. */
  readonly first?: typeof CLOSED;
  /** Begins at minute 6, after the first sweep. */
  readonly tell: (stage: Stage) => Promise<void>;
  /** What the platform makes of the rows. */
  readonly damage?: (rows: Rows) => Rows;
  readonly until?: number;
  readonly open: readonly string[];
  readonly opened: readonly string[];
}

async function play({ first = CLOSED, tell, damage = (rows) => rows }: Story): Promise<Rows> {
  const monitor = stage();
  monitor.put('orders', first);
  await monitor.pass(6);
  await tell(monitor);
  return damage(monitor.rows());
}

/** Somebody opens `orders` at minute 6; a sweep every 15 minutes follows. */
async function opens(monitor: Stage, minutes = 30): Promise<void> {
  monitor.write('orders', OPEN);
  await monitor.pass(minutes);
}

const exemption = (rule: string, upTo: unknown, expires: string): unknown => ({
  ...{ rule, server: '*/orders', upTo, expires },
  ...{ reason: 'migration', owner: 'shop team' },
});

/** Exempts everything of `orders` that is Critical or High, up to some ranges. */
function exempting(ranges: readonly string[], expires: string): string {
  const high = ['last-endpoint-lost', 'public-access-enabled', 'public-access-switched-on'];
  const wide = ['internet-reachable', 'exposure-widened', 'wide-public-range'];
  const exemptions = [
    ...high.map((rule) => exemption(rule, { severity: 'High' }, expires)),
    ...wide.map((rule) => exemption(rule, { ranges }, expires)),
  ];
  return JSON.stringify({ exemptions });
}

const OPENED_AT_6 = ['10 fires: orders, Critical', '10 fires: orders, High'];
const TOLD_AT_6 = ['10 fires: orders, private -> internet, alice@example.com'];

const STORIES: readonly Story[] = [
  {
    when: 'fires: opened',
    tell: (s) => opens(s),
    open: OPENED_AT_6,
    opened: TOLD_AT_6,
  },
  {
    when: 'clears: repaired, and told once',
    tell: async (s) => {
      await opens(s, 15);
      s.write('orders', CLOSED);
      await s.pass(15);
    },
    open: [...OPENED_AT_6, '25 clears: orders, Critical', '25 clears: orders, High'],
    opened: TOLD_AT_6,
  },
  {
    when: 'fires for each step, also on a server that has an alert: widened by somebody else',
    tell: async (s) => {
      s.write('orders', WIDE);
      await s.pass(15);
      s.write('orders', WIDER, BOB);
      await s.pass(15);
      s.write('orders', OPEN);
      await s.pass(15);
    },
    open: ['10 fires: orders, High', '40 fires: orders, Critical'],
    opened: [
      '10 fires: orders, private -> wide, alice@example.com',
      '25 fires: orders, wide -> wide, bob@example.com',
      '40 fires: orders, wide -> internet, alice@example.com',
    ],
  },
  {
    when: 'clears in part: narrowed, which is not told',
    tell: async (s) => {
      await opens(s, 15);
      s.write('orders', LISTED);
      await s.pass(15);
    },
    open: [...OPENED_AT_6, '25 clears: orders, Critical'],
    opened: TOLD_AT_6,
  },
  {
    when: 'clears: the server is deleted',
    tell: async (s) => {
      await opens(s, 15);
      s.remove('orders');
      await s.pass(40);
    },
    open: [...OPENED_AT_6, '40 clears: orders, Critical', '40 clears: orders, High'],
    opened: TOLD_AT_6,
  },
  {
    when: 'goes on: the server cannot be read any more, for two days and six hours',
    tell: async (s) => {
      await opens(s, 15);
      s.azure.troubles.set(serverId('orders'), 'denied');
      await s.pass(2 * DAY + 6 * HOUR);
    },
    open: OPENED_AT_6,
    opened: TOLD_AT_6,
  },
  {
    when: 'clears: exempted; fires again: the exemption has ended',
    tell: async (s) => {
      await opens(s, 15);
      s.policy = exempting(['0.0.0.0/0'], '2026-05-20');
      await s.pass(12 * HOUR + 15);
    },
    open: [
      ...OPENED_AT_6,
      ...['35 clears: orders, Critical', '35 clears: orders, High'],
      ...['725 fires: orders, Critical', '725 fires: orders, High'],
    ],
    opened: [...TOLD_AT_6, '725 fires: orders, internet -> internet, not known'],
  },
  {
    when: 'quiet: exempted from the start; fires: grown beyond the exemption',
    tell: async (s) => {
      s.policy = exempting(['20.40.0.0/16'], '2026-06-01');
      s.write('orders', WIDE);
      await s.pass(15);
      s.write('orders', WIDER);
      await s.pass(15);
    },
    open: ['25 fires: orders, High'],
    opened: ['25 fires: orders, wide -> wide, alice@example.com'],
  },
  {
    when: 'quiet: duplicates, because the acknowledgement of every row is lost for half an hour',
    tell: async (s) => {
      s.losesAcknowledgement = true;
      await opens(s);
      s.losesAcknowledgement = false;
      await s.pass(15);
    },
    open: OPENED_AT_6,
    opened: TOLD_AT_6,
  },
  {
    when: 'quiet: a copy of the opening comes together with the end, and stays',
    tell: async (s) => {
      s.losesAcknowledgement = true;
      await opens(s, 0.1);
      s.losesAcknowledgement = false;
      s.refused.add('DatabaseExposureFindings_CL');
      await s.pass(15);
      s.write('orders', CLOSED);
      await s.pass(15);
      s.refused.clear();
      await s.pass(30);
    },
    open: [...OPENED_AT_6, '40 clears: orders, Critical', '40 clears: orders, High'],
    opened: TOLD_AT_6,
  },
  {
    when: 'quiet: the platform stores the opening once more, long after the end (copied by hand: nothing sends it)',
    tell: async (s) => {
      await opens(s, 15);
      s.write('orders', CLOSED);
      await s.pass(45);
    },
    damage: ({ DatabaseExposureFindings_CL: rows = [] }) => {
      const copies = rows
        .filter(({ Change }) => Change === 'Opened')
        .map((row) => ({ ...row, $ingestionTime: after(String(row.$ingestionTime), 40) }));
      return { DatabaseExposureFindings_CL: [...rows, ...copies] };
    },
    open: [...OPENED_AT_6, '25 clears: orders, Critical', '25 clears: orders, High'],
    opened: TOLD_AT_6,
  },
  {
    when: 'goes on by refreshes for two days and six hours, and is told once',
    tell: (s) => opens(s, 2 * DAY + 6 * HOUR),
    open: OPENED_AT_6,
    opened: TOLD_AT_6,
  },
  {
    when: 'quiet: a refresh is late and comes after the end',
    tell: async (s) => {
      await opens(s, 6 * HOUR - 1);
      s.latency = 90;
      await s.pass(12);
      s.latency = 2;
      s.write('orders', CLOSED);
      await s.pass(2 * HOUR);
    },
    open: [...OPENED_AT_6, '385 clears: orders, Critical', '385 clears: orders, High'],
    opened: TOLD_AT_6,
  },
  {
    when: 'fires late: the workspace takes nothing for an hour',
    tell: async (s) => {
      s.refused.add('DatabaseExposureFindings_CL');
      await opens(s, HOUR);
      s.refused.clear();
      await s.pass(30);
    },
    open: ['70 fires: orders, Critical', '70 fires: orders, High'],
    opened: ['70 fires: orders, private -> internet, alice@example.com'],
  },
  {
    when: 'fires late: the workspace takes nothing for two days and an hour',
    tell: async (s) => {
      s.refused.add('DatabaseExposureFindings_CL');
      await opens(s, 2 * DAY + HOUR);
      s.refused.clear();
      await s.pass(30);
    },
    open: ['2950 fires: orders, Critical', '2950 fires: orders, High'],
    opened: ['2950 fires: orders, private -> internet, alice@example.com'],
  },
  {
    when: 'told late, quiet otherwise: opened and repaired while the workspace takes nothing',
    tell: async (s) => {
      s.refused.add('DatabaseExposureFindings_CL');
      await opens(s, 15);
      s.write('orders', CLOSED);
      await s.pass(45);
      s.refused.clear();
      await s.pass(30);
    },
    open: [],
    opened: ['70 fires: orders, private -> internet, alice@example.com'],
  },
  {
    when: 'fires late: rows take an hour and a half from the acceptance to the queries',
    tell: async (s) => {
      s.latency = 90;
      await opens(s, 2 * HOUR);
    },
    open: ['100 fires: orders, Critical', '100 fires: orders, High'],
    opened: ['100 fires: orders, private -> internet, alice@example.com'],
  },
  {
    when: 'quiet: the inventory, and its refreshes',
    first: OPEN,
    tell: (s) => s.pass(7 * HOUR),
    open: [],
    opened: [],
  },
  {
    when: 'fires: the inventory is widened',
    first: WIDE,
    tell: (s) => opens(s),
    open: OPENED_AT_6,
    opened: ['10 fires: orders, wide -> internet, alice@example.com'],
  },
  {
    when: 'fires as open only: the inventory is narrowed, and what is left of it is no inventory any more',
    first: OPEN,
    tell: async (s) => {
      s.write('orders', HALF);
      await s.pass(15);
    },
    open: OPENED_AT_6,
    opened: [],
  },
  {
    when: 'quiet: nothing above Medium',
    tell: async (s) => {
      s.policy = JSON.stringify({
        defaults: { profile: 'open' },
        rules: { 'public-access-switched-on': { enabled: false } },
      });
      s.write('orders', { ...LISTED, endpoint: true });
      await s.pass(30);
    },
    open: [],
    opened: [],
  },
  {
    when: 'quiet: the author is found later, after the sweep told of a change without an event',
    tell: async (s) => {
      s.put('orders', OPEN);
      await s.pass(12);
      s.azure.activity.push(activityOf(serverId('orders'), minute(6), BOB));
      await s.pass(30);
    },
    open: ['20 fires: orders, Critical', '20 fires: orders, High'],
    opened: ['20 fires: orders, private -> internet, not known'],
  },
  {
    when: 'fires with the author of two rules, whose events come one after the other',
    first: { access: 'Enabled', rules: {}, endpoint: true },
    tell: async (s) => {
      s.put('orders', {
        ...OPEN,
        rules: { ...OPEN.rules, lab: ['203.0.112.9', '203.0.112.9'] },
        endpoint: true,
      });
      s.tell(`${serverId('orders')}/firewallRules/lab`, minute(6), ALICE);
      await s.pass(0.05);
      s.tell(`${serverId('orders')}/firewallRules/everything`, minute(6), ALICE);
      await s.pass(30);
    },
    open: OPENED_AT_6,
    opened: ['10 fires: orders, private -> internet, alice@example.com'],
  },
  {
    when: 'fires with the id alone, where the setting keeps no names',
    tell: (s) => {
      s.actorDetail = 'id';
      return opens(s);
    },
    open: OPENED_AT_6,
    opened: ['10 fires: orders, private -> internet, 00000000-0000-0000-0000-0000000000aa'],
  },
  {
    when: 'fires apart for each server, a new one too',
    tell: async (s) => {
      s.put('stock', OPEN);
      await opens(s);
    },
    open: [...OPENED_AT_6, ...['20 fires: stock, Critical', '20 fires: stock, High']],
    opened: [...TOLD_AT_6, '20 fires: stock, new -> internet, not known'],
  },
];

describe('open, and opened or widened', () => {
  test.each(STORIES)('$when', async (story) => {
    const rows = await play(story);
    const last = Math.max(
      ...Object.values(rows).flatMap((all) => all.map((row) => Date.parse(String(row.$ingestionTime)))),
    );
    const until = (last - Date.parse(minute(0))) / 60_000 + 10;
    expect({
      open: timeline(alertRule('open-exposure'), rows, until),
      opened: timeline(alertRule('new-exposure'), rows, until),
    }).toEqual({ open: story.open, opened: story.opened });
  });
});
