import { describe, expect, test } from 'vitest';
import type { Severity } from '../../shared/model.ts';
import type { FindingRecord } from '../../shared/lifecycle/server-state.ts';
import * as transition from '../../shared/lifecycle/transitions.ts';
import { ranges, SERVER } from '../builders.ts';
import { at, change, openFinding, rule } from '../histories.ts';

const RULE = rule('wide-public-range');
const NOTE = { reason: 'Migration', owner: 'dana', expires: '2026-06-30' };
const times = (seconds: number, takes = 0): transition.Times => ({
  observedAt: at(seconds),
  completedAt: at(seconds + takes),
  now: at(seconds),
});
const opening = (seconds: number, more: Partial<Parameters<typeof transition.open>[1]> = {}) => ({
  server: SERVER,
  rule: RULE,
  finding: openFinding(RULE.id),
  coverage: { exemption: null },
  times: times(seconds),
  inventory: false,
  ...more,
});
const OPEN = transition.open(undefined, opening(0)).record;
const EXEMPTED = transition.open(undefined, opening(0, { coverage: { exemption: NOTE } })).record;
const RESOLVED = transition.resolve(OPEN, 'Fixed', times(100), true).record;

describe('open', () => {
  test.each<{ when: string; more: object; transition: string; state: string; reason: string }>([
    { when: 'news', more: {}, transition: 'Opened', state: 'Open', reason: '' },
    {
      when: 'inventory',
      more: { inventory: true },
      transition: 'Opened',
      state: 'Open',
      reason: 'FirstSeen',
    },
    {
      when: 'covered by an exemption',
      more: { coverage: { exemption: NOTE } },
      transition: 'Exempted',
      state: 'Exempted',
      reason: 'Migration (until 2026-06-30)',
    },
  ])('$when', ({ more, transition: kind, state, reason }) => {
    const step = transition.open(undefined, opening(0, more));
    expect(step).toMatchObject({ transition: kind, changed: true, record: { state, reason, seq: 1 } });
  });

  test('the epoch is the second in which the record was made, and stays', () => {
    expect(OPEN.epoch).toBe(1_779_278_400);
    const again = transition.open(RESOLVED, opening(1000));
    expect(again.record).toMatchObject({
      epoch: 1_779_278_400,
      seq: 3,
      resolvedAt: null,
      openedAt: at(1000),
    });
    expect(transition.epochSeq(again.record)).toBe(1_779_278_400_000_003);
  });

  test('the epoch is a whole second', () => {
    const now = '2026-05-20T12:00:00.900Z';
    const step = transition.open(undefined, opening(0, { times: { ...times(0), now } }));
    expect(step.record.epoch).toBe(1_779_278_400);
  });

  test('what a finding does not tell is empty', () => {
    expect(OPEN).toMatchObject({ notes: {}, ranges: null, exemption: null, resolvedAt: null, pending: null });
  });

  test('what waits keeps who made what the first reading saw', () => {
    const cause = change('e1');
    const first = transition.open(RESOLVED, opening(110)).record;
    expect(first.pending).toEqual({ to: 'open', since: at(110), reason: '' });
    const signed = { ...first, pending: { to: 'open' as const, since: at(110), reason: '', cause } };
    expect(transition.open(signed, opening(120)).record.pending).toEqual({ ...signed.pending });
    expect(transition.open(signed, opening(170)).cause).toEqual(cause);
  });

  test('texts are cut: a summary to 1,000, a remedy to 4,000, what exempts it to 500 characters', () => {
    const x = 'x'.repeat(5000);
    const { record } = transition.open(
      undefined,
      opening(0, {
        rule: { ...RULE, fix: x },
        finding: openFinding(RULE.id, { summary: x }),
        coverage: { exemption: { ...NOTE, reason: x } },
      }),
    );
    expect([record.summary, record.remediation, record.reason].map((text) => text.length)).toEqual([
      1000, 4000, 500,
    ]);
  });

  test('a subject that is left out is the server', () => {
    const { ruleId, status, severity, violation } = openFinding(RULE.id);
    const finding = { ruleId, status, severity, violation };
    expect(transition.open(undefined, opening(0, { finding })).record.subject).toBe(SERVER.id);
  });

  test('the remedy is the rule’s sentence and its command', () => {
    const withCommand = { ...RULE, command: () => 'az x' };
    expect(transition.open(undefined, opening(0, { rule: withCommand })).record.remediation).toBe(
      'Undo it. az x',
    );
  });

  test.each([
    { seconds: 101, opens: false },
    { seconds: 279, opens: false },
    { seconds: 280, opens: true },
    { seconds: 100_000, opens: true },
  ])('resolved at 100 s, again at $seconds s: opens at once $opens', ({ seconds, opens }) => {
    const step = transition.open(RESOLVED, opening(seconds));
    expect(step.transition).toBe(opens ? 'Opened' : undefined);
    expect(step.record.state).toBe(opens ? 'Open' : 'Resolved');
    expect(step.record.pending?.to).toBe(opens ? undefined : 'open');
    expect(step.changed).toBe(true);
  });

  test.each([
    { when: '59 s after the last answer of the first', first: 110, takes: 5, second: 174, opens: false },
    { when: '60 s after it', first: 110, takes: 5, second: 175, opens: true },
  ])('the second reading $when: $opens', ({ first, takes, second, opens }) => {
    const waiting = transition.open(RESOLVED, opening(first, { times: times(first, takes) })).record;
    const step = transition.open(waiting, opening(second));
    expect(step.transition).toBe(opens ? 'Opened' : undefined);
    if (!opens) expect(step).toMatchObject({ changed: false, record: { pending: { since: at(115) } } });
  });

  test('the guard is of the storage service’s clock, the confirmation of Azure’s', () => {
    const azureBehind = { observedAt: at(-5000), completedAt: at(-5000), now: at(300) };
    expect(transition.open(RESOLVED, opening(0, { times: azureBehind })).transition).toBe('Opened');
    const waiting = transition.open(RESOLVED, opening(0, { times: { ...azureBehind, now: at(150) } })).record;
    const later = { observedAt: at(-4950), completedAt: at(-4950), now: at(100_000) };
    expect(transition.open(waiting, opening(0, { times: later })).transition).toBeUndefined();
  });

  test('a reading in which it does not show drops what waits', () => {
    const waiting = transition.open(RESOLVED, opening(110)).record;
    expect(transition.keepResolved(waiting)).toMatchObject({ changed: true, record: { pending: null } });
    expect(transition.keepResolved(RESOLVED)).toEqual({ changed: false, record: RESOLVED });
  });
});

describe('still open', () => {
  const kept = (known: FindingRecord, more: Partial<Parameters<typeof opening>[1]> = {}): transition.Step =>
    transition.keepOpen(known, opening(900, more));

  test('the same again is told to nobody, and seen', () => {
    const step = kept(OPEN);
    expect(step.transition).toBeUndefined();
    expect(step.changed).toBe(false);
    expect(step.record).toEqual({ ...OPEN, lastSeen: at(900) });
  });

  test('ages, times and texts are no change', () => {
    const finding = openFinding(RULE.id, { summary: 'Other words.', notes: { ageDays: 9 } });
    const step = kept(OPEN, { finding });
    expect(step.transition).toBeUndefined();
    expect(step.record).toMatchObject({ summary: 'Other words.', notes: { ageDays: 9 }, seq: 1 });
  });

  test.each<{ when: string; before: object; after: object; reason: string }>([
    { when: 'graver', before: { severity: 'Low' }, after: { severity: 'High' }, reason: 'Widened' },
    { when: 'less grave', before: { severity: 'Critical' }, after: { severity: 'High' }, reason: 'Narrowed' },
    {
      when: 'another count',
      before: { evidence: { count: 1 } },
      after: { evidence: { count: 2 } },
      reason: '',
    },
    {
      when: 'the same keys in another order',
      before: { evidence: { a: 1, b: 2 } },
      after: { evidence: { b: 2, a: 1 } },
      reason: 'none',
    },
    {
      when: 'more ranges',
      before: { ranges: ranges('8.8.8.8') },
      after: { ranges: ranges('8.8.8.0-8.8.8.9') },
      reason: 'Widened',
    },
    {
      when: 'fewer ranges',
      before: { ranges: ranges('8.8.8.0-8.8.8.9') },
      after: { ranges: ranges('8.8.8.8') },
      reason: 'Narrowed',
    },
    {
      when: 'other ranges',
      before: { ranges: ranges('8.8.8.8') },
      after: { ranges: ranges('9.9.9.9') },
      reason: 'Widened',
    },
    {
      when: 'fewer ranges at a graver severity: the ranges speak',
      before: { ranges: ranges('8.8.8.0-8.8.8.9'), severity: 'Low' },
      after: { ranges: ranges('8.8.8.8'), severity: 'High' },
      reason: 'Narrowed',
    },
    {
      when: 'no ranges any more, at a graver severity',
      before: { ranges: ranges('8.8.8.8'), severity: 'Low' },
      after: { severity: 'High' },
      reason: 'Widened',
    },
    {
      when: 'ranges for the first time, at a lesser severity',
      before: { severity: 'High' },
      after: { ranges: ranges('8.8.8.8'), severity: 'Low' },
      reason: 'Narrowed',
    },
  ])('$when', ({ before, after, reason }) => {
    const known = transition.open(undefined, opening(0, { finding: openFinding(RULE.id, before) })).record;
    const step = kept(known, { finding: openFinding(RULE.id, after) });
    expect(step.transition).toBe(reason === 'none' ? undefined : 'Updated');
    expect(step.changed).toBe(reason !== 'none');
    if (reason !== 'none') expect(step.record).toMatchObject({ reason, seq: 2, transitionAt: at(900) });
  });

  test('what was about to resolve is not, and nobody is told', () => {
    const pending = transition.resolve(OPEN, 'Fixed', times(100), false).record;
    expect(kept(pending)).toMatchObject({ changed: true, record: { pending: null, seq: 1 } });
    expect(kept(pending).transition).toBeUndefined();
  });

  test.each<{
    when: string;
    known: FindingRecord;
    coverage: transition.Coverage;
    transition?: string;
    state: string;
    reason: string;
  }>([
    {
      when: 'an exemption comes',
      known: OPEN,
      coverage: { exemption: NOTE },
      transition: 'Exempted',
      state: 'Exempted',
      reason: 'Migration (until 2026-06-30)',
    },
    {
      when: 'it stays',
      known: EXEMPTED,
      coverage: { exemption: NOTE },
      state: 'Exempted',
      reason: 'Migration (until 2026-06-30)',
    },
    {
      when: 'it has a later end',
      known: EXEMPTED,
      coverage: { exemption: { ...NOTE, expires: '2026-07-31' } },
      transition: 'Exempted',
      state: 'Exempted',
      reason: 'Migration (until 2026-07-31)',
    },
    {
      when: 'it has another owner',
      known: EXEMPTED,
      coverage: { exemption: { ...NOTE, owner: 'erin' } },
      transition: 'Exempted',
      state: 'Exempted',
      reason: 'Migration (until 2026-06-30)',
    },
    {
      when: 'it ends',
      known: EXEMPTED,
      coverage: { exemption: null, ended: 'ExemptionEnded' },
      transition: 'Updated',
      state: 'Open',
      reason: 'ExemptionEnded',
    },
    {
      when: 'it is taken out of the policy',
      known: EXEMPTED,
      coverage: { exemption: null },
      transition: 'Updated',
      state: 'Open',
      reason: 'ExemptionEnded',
    },
    {
      when: 'it is outgrown',
      known: EXEMPTED,
      coverage: { exemption: null, ended: 'ExemptionOutgrown' },
      transition: 'Updated',
      state: 'Open',
      reason: 'ExemptionOutgrown',
    },
  ])('$when', ({ known, coverage, transition: kind, state, reason }) => {
    const step = kept(known, { coverage });
    expect([step.transition, step.changed]).toEqual([kind, kind !== undefined]);
    expect(step.record).toMatchObject({ state, reason, seq: kind ? 2 : 1, exemption: coverage.exemption });
  });

  test('an exempted finding that narrows is updated and stays exempted', () => {
    const step = kept(EXEMPTED, {
      coverage: { exemption: NOTE },
      finding: openFinding(RULE.id, { evidence: { count: 0 } }),
    });
    expect(step).toMatchObject({
      transition: 'Updated',
      record: { state: 'Exempted', reason: 'Migration (until 2026-06-30)' },
    });
  });
});

describe('resolve', () => {
  test.each([
    { when: '59 s after the last answer of the first', second: 164, resolves: false },
    { when: '60 s after it', second: 165, resolves: true },
    { when: 'a day later', second: 86_400, resolves: true },
    { when: 'before it, by Azure’s clock', second: 90, resolves: false },
  ])('the second reading $when: $resolves', ({ second, resolves }) => {
    const first = transition.resolve(OPEN, 'Fixed', times(100, 5), false);
    expect(first).toMatchObject({
      changed: true,
      record: { state: 'Open', seq: 1, pending: { since: at(105) } },
    });
    expect(first.transition).toBeUndefined();
    const step = transition.resolve(first.record, 'Fixed', times(second), false);
    expect(step.transition).toBe(resolves ? 'Resolved' : undefined);
    expect(step.record.seq).toBe(resolves ? 2 : 1);
    if (!resolves) expect(step).toMatchObject({ changed: false, record: { pending: { since: at(105) } } });
  });

  test('at once where one reading settles it', () => {
    expect(transition.resolve(EXEMPTED, 'RuleRetired', times(10), true)).toMatchObject({
      transition: 'Resolved',
      record: {
        state: 'Resolved',
        reason: 'RuleRetired',
        resolvedAt: at(10),
        exemption: null,
        pending: null,
      },
    });
  });

  test('what waits keeps who made what the first reading saw', () => {
    const cause = change('e1');
    const first = transition.resolve(OPEN, 'Fixed', times(100), false).record;
    expect(first.pending).toEqual({ to: 'resolve', since: at(100), reason: 'Fixed' });
    const signed = { ...OPEN, pending: { to: 'resolve' as const, since: at(100), reason: 'Fixed', cause } };
    const second = transition.resolve(signed, 'Superseded', times(130), false).record;
    expect(second.pending).toEqual({ to: 'resolve', since: at(100), reason: 'Superseded', cause });
    expect(transition.resolve(second, 'Fixed', times(160), false)).toMatchObject({ changed: true, cause });
  });

  test('what waited to open again does not wait to resolve', () => {
    const pending = { to: 'open', since: at(0), reason: '', cause: change('e1') } as const;
    const step = transition.resolve({ ...OPEN, pending }, 'Fixed', times(100), false);
    expect(step.record.pending).toEqual({ to: 'resolve', since: at(100), reason: 'Fixed' });
  });

  test('the reason is that of the reading that confirms', () => {
    const first = transition.resolve(OPEN, 'Fixed', times(100), false).record;
    expect(transition.resolve(first, 'Superseded', times(200), false).record.reason).toBe('Superseded');
  });
});

test('a reading that cannot tell leaves the record as it is', () => {
  const pending = transition.resolve(OPEN, 'Fixed', times(100), false).record;
  expect(transition.keep(pending)).toEqual({ record: pending, changed: false });
});

test.each<{ when: string; more: Parameters<typeof openFinding>[1] }>([
  { when: 'without ranges', more: { notes: { ageDays: 9 } } },
  { when: 'with ranges', more: { notes: {}, ranges: ranges('8.8.8.8') } },
])('a record $when tells the finding that it was made of', ({ more }) => {
  const finding = openFinding(RULE.id, { subject: `${SERVER.id}/firewallrules/x`, ...more });
  const { record } = transition.open(undefined, opening(0, { finding }));
  expect(transition.asKnown(record)).toEqual(finding);
});

test('the gravest severity has rank 0', () => {
  const all: readonly Severity[] = ['Critical', 'High', 'Medium', 'Low', 'Informational'];
  expect(all.map(transition.rankOf)).toEqual([0, 1, 2, 3, 4]);
});
