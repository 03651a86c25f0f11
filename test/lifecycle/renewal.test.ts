import { describe, expect, test } from 'vitest';
import { areRulesDue, calmUntil, isSteady } from '../../shared/lifecycle/renewal.ts';
import { type FindingRecord, newState, type ServerState } from '../../shared/lifecycle/server-state.ts';
import { open } from '../../shared/lifecycle/transitions.ts';
import type { Readings } from '../../shared/model.ts';
import { serverPolicy } from '../../shared/policy.ts';
import { type Given, network, ruleId, SERVER, unreadable, value } from '../builders.ts';
import { at, openFinding, rule } from '../histories.ts';

const HOUR = 3600;
const DAY = 86_400;

function record(severity: 'High' | 'Low', more: Partial<FindingRecord> = {}): FindingRecord {
  const opened = open(undefined, {
    server: SERVER,
    rule: rule('a', severity),
    finding: openFinding('a', { severity }),
    coverage: { exemption: null },
    times: { observedAt: at(0), completedAt: at(0), now: at(0) },
    inventory: false,
  });
  return { ...opened.record, ...more };
}

function exempted(expires: string): FindingRecord {
  return record('High', { state: 'Exempted', exemption: { reason: 'r', owner: 'o', expires } });
}

test.each([
  { when: 'in force, just read', isClosed: false, rulesAt: at(0), seconds: 1, due: true },
  { when: 'behind a closed switch, never read', isClosed: true, rulesAt: '', seconds: 0, due: true },
  { when: 'a second before a day', isClosed: true, rulesAt: at(0), seconds: DAY - 1, due: false },
  { when: 'after a day', isClosed: true, rulesAt: at(0), seconds: DAY, due: true },
])('rules $when are due: $due', ({ isClosed, rulesAt, seconds, due }) => {
  expect(areRulesDue(isClosed, rulesAt, at(seconds))).toBe(due);
});

describe('a reading that equals the stored one', () => {
  const CALM: ServerState = {
    ...newState(SERVER),
    live: true,
    observedAt: at(0),
    completedAt: at(0),
    network: network(),
    serverRow: { digest: 'd', at: at(0) },
  };

  test.each<{ when: string; state: Partial<ServerState>; seconds: number }>([
    { when: 'until the body is read again', state: {}, seconds: 6 * HOUR },
    { when: 'of an hour ago', state: { observedAt: at(-HOUR) }, seconds: 5 * HOUR },
    {
      when: 'until the row of the server is due',
      state: { serverRow: { digest: 'd', at: at(-2 * HOUR) } },
      seconds: 4 * HOUR,
    },
    {
      when: 'until a grave finding is refreshed, after six hours',
      state: { findings: [record('Low'), record('High', { refreshedAt: at(-3 * HOUR) })] },
      seconds: 3 * HOUR,
    },
    {
      when: 'until a light one is, after a day',
      state: { findings: [record('Low', { refreshedAt: at(-22 * HOUR) })] },
      seconds: 2 * HOUR,
    },
    {
      when: 'whatever is resolved',
      state: { findings: [record('High', { state: 'Resolved', refreshedAt: at(-5 * HOUR) })] },
      seconds: 6 * HOUR,
    },
    {
      when: 'until an exemption ends at its time',
      state: { findings: [exempted(at(HOUR))] },
      seconds: HOUR,
    },
    {
      // The readings are of noon on 20 May: the day after the 19th began twelve hours before.
      when: 'until the day of an exemption has ended',
      state: { findings: [exempted('2026-05-19')] },
      seconds: -12 * HOUR,
    },
    { when: 'until a look that is to come', state: { lookDueAt: at(75) }, seconds: 75 },
    {
      when: 'though rules were seen before',
      state: { firstSeen: { [ruleId('office')]: at(-DAY) } },
      seconds: 6 * HOUR,
    },
  ])('has nothing to say $when', ({ state, seconds }) => {
    expect(calmUntil({ ...CALM, ...state })).toBe(at(seconds));
  });

  test.each<{ when: string; state: Partial<ServerState> }>([
    { when: 'the server is gone', state: { live: false } },
    { when: 'no row of the server was made yet', state: { serverRow: null } },
    { when: 'the server was not found last', state: { notFoundSince: at(-100) } },
    {
      when: 'one finding of several waits for a second reading',
      state: {
        findings: [
          record('High'),
          record('High', { pending: { to: 'resolve', since: at(0), reason: 'Fixed' } }),
        ],
      },
    },
    {
      when: 'something grows old, among much that does not',
      state: { firstSeen: { [ruleId('office')]: at(-DAY), [`${SERVER.id}/x|pending`]: at(-60) } },
    },
    { when: 'one facet of many could not be read', state: { network: network({ denied: ['tier'] }) } },
  ])('is not enough where $when', ({ state }) => {
    expect(calmUntil({ ...CALM, ...state })).toBeUndefined();
  });

  test.each([
    { asks: 1, calm: false },
    { asks: 0, calm: true },
  ])('while the Activity Log is to be asked $asks times for an author: $calm', ({ asks, calm }) => {
    const unsigned = { moved: [{ ids: [SERVER.id], isThere: true }], since: at(-900), until: at(0), asks };
    const state = { ...CALM, findings: [record('High', { unsigned })] };
    expect(calmUntil(state) !== undefined).toBe(calm);
  });
});

describe('what is judged the same whenever it is judged', () => {
  const named = (...names: readonly string[]): Readings =>
    network({ fw: names.map((name) => `${name}=8.8.8.8`) });
  const replica: Given = { replica: { sourceId: null } };

  test.each<{ when: string; findings?: readonly FindingRecord[]; readings: Readings; steady: boolean }>([
    { when: 'a server without rules', readings: network(), steady: true },
    { when: 'rules of names that say nothing', readings: named('office', 'home'), steady: true },
    { when: 'open findings', findings: [record('High')], readings: network(), steady: true },
    {
      when: 'one exemption, which may end',
      findings: [record('High'), exempted('2026-06-30')],
      readings: network(),
      steady: false,
    },
    { when: 'a replica, held against its source', readings: network(replica), steady: false },
    { when: 'a role that is not known', readings: { firewallRules: value([]) }, steady: false },
    {
      when: 'a role that could not be read',
      readings: { ...network(), replication: unreadable() },
      steady: false,
    },
    {
      when: 'one temporary rule, which grows old',
      readings: named('office', 'ClientIPAddress_2026-5-1'),
      steady: false,
    },
    { when: 'one in other letters', readings: named('QUERY-EDITOR-abc'), steady: false },
    { when: 'rules that could not be read', readings: network({ denied: ['firewallRules'] }), steady: true },
  ])('$when: $steady', ({ findings = [], readings, steady }) => {
    expect(isSteady(findings, readings, serverPolicy())).toBe(steady);
  });
});
