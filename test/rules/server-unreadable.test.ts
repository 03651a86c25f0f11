import { expect, test } from 'vitest';
import type { FailedReading } from '../../shared/model.ts';
import { internetReachable } from '../../shared/rules/internet-reachable.ts';
import { serverUnreadable } from '../../shared/rules/server-unreadable.ts';
import { ago, judge, SERVER, verdicts } from '../builders.ts';

function failed(more: Partial<FailedReading>): FailedReading {
  return { group: 'firewallRules', reason: 'throttled', denied: false, sweeps: 1, since: ago(900), ...more };
}

test.each([
  { when: 'denied once', failures: [failed({ denied: true, sweeps: 0 })], gives: ['OPEN Medium'] },
  { when: 'throttled once', failures: [failed({})], gives: ['PASS'] },
  { when: 'throttled in two sweeps', failures: [failed({ sweeps: 2 })], gives: ['PASS'] },
  { when: 'throttled in three sweeps', failures: [failed({ sweeps: 3 })], gives: ['OPEN Medium'] },
  { when: 'nothing failed', failures: [], gives: ['PASS'] },
  {
    when: 'two groups denied',
    failures: [failed({ denied: true }), failed({ denied: true, group: 'server' })],
    gives: ['OPEN Medium', 'OPEN Medium'],
  },
])('$when: $gives', ({ failures, gives }) => {
  expect(verdicts(serverUnreadable, {}, { failedReadings: failures })).toEqual(gives);
});

test('the rules denied: this opens, and the exposure is unknown', () => {
  const denied = { denied: ['firewallRules'] } as const;
  const failedReadings = [failed({ denied: true, reason: 'denied: firewallRules/read' })];
  expect(judge(serverUnreadable, denied, { failedReadings })[0]).toMatchObject({
    subject: `${SERVER.id}|firewallRules`,
    violation: {
      evidence: { group: 'firewallRules', denied: true },
      notes: { reason: 'denied: firewallRules/read', since: ago(900), sweeps: 1 },
    },
  });
  expect(verdicts(internetReachable, denied)).toEqual(['UNKNOWN']);
});

test.each([
  {
    when: 'denied',
    failure: failed({ denied: true }),
    summary: 'The monitor is not allowed to read "firewallRules" of the server.',
  },
  {
    when: 'failed',
    failure: failed({ sweeps: 4 }),
    summary: 'Reading "firewallRules" of the server failed in 4 sweeps in a row.',
  },
])('the finding tells why: $when', ({ failure, summary }) => {
  expect(judge(serverUnreadable, {}, { failedReadings: [failure] })).toMatchObject([
    { violation: { summary } },
  ]);
});
