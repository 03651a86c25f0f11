import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../shared/lifecycle.ts';
import { purge, unreadableOf } from '../shared/lifecycle.ts';
import type { Finding, Rule } from '../shared/model.ts';
import type { ServerState } from '../shared/lifecycle/server-state.ts';
import { ANY, endpointId, network, SERVER, snapshot, unreadable, value } from './builders.ts';
import { at, change, history, NEW, openFinding, read, rule, type Scene, told } from './histories.ts';

const OPEN = openFinding('internet-reachable');
const PASS: Finding = { ruleId: 'internet-reachable', status: 'pass' };
const UNKNOWN: Finding = { ruleId: 'internet-reachable', status: 'unknown', reason: 'denied' };
const HOUR = 3600;
const DAY = 86_400;

const last = (...scenes: readonly Scene[]): Comparison => {
  const comparison = history(...scenes).at(-1);
  if (!comparison) throw new Error('no scene');
  return comparison;
};

describe('opening', () => {
  test('on the first reading', () => {
    const comparison = last({ at: 0, findings: [OPEN] });
    expect(told(comparison)).toEqual(['Opened']);
    expect(comparison.findings[0]).toMatchObject({ EpochSeq: 1_779_278_400_000_001, ObservedAt: at(0) });
    expect(comparison.changed).toBe(true);
  });

  test.each<{ when: string; scenes: readonly Scene[]; told: readonly string[] }>([
    {
      when: 'inventory at its first reading',
      scenes: [{ at: 0, inventory: true, findings: [OPEN] }],
      told: ['Opened FirstSeen'],
    },
    {
      when: 'a server that came later',
      scenes: [{ at: 0, inventory: false, findings: [OPEN] }],
      told: ['Opened'],
    },
    {
      when: 'what inventory shows at a later reading is news',
      scenes: [
        { at: 0, inventory: true },
        { at: 900, inventory: true, findings: [OPEN] },
      ],
      told: ['Opened'],
    },
    {
      when: 'inventory that could not be read at first is still inventory',
      scenes: [
        { at: 0, inventory: true, given: { denied: ['publicAccess', 'firewallRules'] }, findings: [UNKNOWN] },
        { at: 900, inventory: false, findings: [OPEN] },
      ],
      told: ['Opened FirstSeen'],
    },
    {
      when: 'what inventory shows after a reading that failed is news',
      scenes: [
        { at: 0, inventory: true },
        { at: 900, inventory: true, given: { denied: ['publicAccess'] } },
        { at: 1800, inventory: true, findings: [OPEN] },
      ],
      told: ['Opened'],
    },
  ])('$when', ({ scenes, told: expected }) => {
    expect(told(last(...scenes))).toEqual(expected);
  });

  test('a result that is unknown opens nothing', () => {
    expect(told(last({ at: 0, findings: [UNKNOWN], rules: [rule('internet-reachable')] }))).toEqual([]);
  });

  test.each(['Dropping', 'dropping'])('a server in state %s opens nothing', (state) => {
    const seen = { ...snapshot({ fw: [ANY] }), network: { ...network({ fw: [ANY] }), state: value(state) } };
    const comparison = last({ at: 0, snapshot: seen, findings: [OPEN] });
    expect(told(comparison)).toEqual([]);
    expect(comparison.state.findings).toEqual([]);
    expect(comparison.server?.Reach).toBe('internet');
  });

  test('what was open of a server that is being dropped stays so, and is not opened again', () => {
    const seen = { ...snapshot(), network: { ...network(), state: value('Dropping') } };
    expect(told(last({ at: 0, findings: [OPEN] }, { at: 900, snapshot: seen, findings: [OPEN] }))).toEqual(
      [],
    );
    const again = last(
      { at: 0, findings: [OPEN] },
      { at: 900, findings: [PASS] },
      { at: 970, findings: [PASS] },
      { at: 9000, snapshot: seen, findings: [OPEN] },
    );
    expect(told(again)).toEqual([]);
  });
});

describe('resolving', () => {
  test('two readings at least 60 s apart, and a recheck is asked for between them', () => {
    const [, second, third, fourth] = history(
      { at: 0, findings: [OPEN] },
      { at: 900, findings: [PASS], takes: 5 },
      { at: 964, findings: [PASS] },
      { at: 965, findings: [PASS] },
    );
    expect(told(second)).toEqual([]);
    expect(second?.state.findings[0]).toMatchObject({
      state: 'Open',
      pending: { to: 'resolve', since: at(905) },
    });
    expect(second?.asks).toEqual([{ reason: 'recheck', inSeconds: 70 }]);
    expect(second?.server?.OpenFindings ?? 1).toBe(1);
    expect(told(third)).toEqual([]);
    expect(told(fourth)).toEqual(['Resolved Fixed']);
    expect(fourth?.asks).toEqual([]);
    expect(fourth?.server?.OpenFindings).toBe(0);
  });

  test('Azure’s clock measures, whatever the storage service’s says', () => {
    const scenes = (skew: number): readonly Scene[] => [
      { at: 0, findings: [OPEN] },
      { at: 900, findings: [PASS] },
      { at: 930, skew, findings: [PASS] },
    ];
    expect(told(last(...scenes(100_000)))).toEqual([]);
    expect(
      told(
        last(
          { at: 0, findings: [OPEN] },
          { at: 900, findings: [PASS], skew: 500 },
          { at: 960, skew: -500, findings: [PASS] },
        ),
      ),
    ).toEqual(['Resolved Fixed']);
  });

  test('a reading that shows it again clears what waits', () => {
    const comparison = last(
      { at: 0, findings: [OPEN] },
      { at: 900, findings: [PASS] },
      { at: 970, findings: [OPEN] },
      { at: 1040, findings: [PASS] },
    );
    expect(told(comparison)).toEqual([]);
    expect(comparison.state.findings[0]?.pending?.since).toBe(at(1040));
  });

  test('a reading that cannot tell resolves nothing and keeps what waits', () => {
    const [, , third, fourth] = history(
      { at: 0, findings: [OPEN] },
      { at: 900, findings: [PASS] },
      { at: 970, findings: [UNKNOWN] },
      { at: 1040, findings: [PASS] },
    );
    expect(told(third)).toEqual([]);
    expect(third?.state.findings[0]).toMatchObject({
      state: 'Open',
      pending: { since: at(900) },
      lastSeen: at(0),
    });
    expect(told(fourth)).toEqual(['Resolved Fixed']);
  });

  test('what an earlier reading said alone asks for no recheck', () => {
    const third = last(
      { at: 0, findings: [OPEN] },
      { at: 900, findings: [PASS] },
      { at: 970, findings: [UNKNOWN] },
    );
    expect(third.asks).toEqual([]);
  });

  test('what is about to resolve is to be stored, though no row tells it', () => {
    const second = last({ at: 0, findings: [OPEN] }, { at: 900, findings: [PASS] });
    expect([second.server, second.refreshes, second.changed]).toEqual([undefined, [], true]);
  });

  test('what cannot be read keeps a finding open for ever', () => {
    const scenes = Array.from({ length: 20 }, (_, index): Scene => ({
      at: 900 * (index + 1),
      findings: [UNKNOWN],
    }));
    const all = history({ at: 0, findings: [OPEN] }, ...scenes);
    expect(all.flatMap(told)).toEqual(['Opened']);
  });

  const superseded: Finding = {
    ruleId: 'internet-reachable',
    subject: SERVER.id,
    status: 'superseded',
    by: 'x',
  };
  test.each<{ when: string; findings: readonly Finding[]; reason: string }>([
    { when: 'fixed', findings: [PASS], reason: 'Fixed' },
    { when: 'superseded', findings: [superseded], reason: 'Superseded' },
    {
      when: 'not applicable any more',
      findings: [{ ruleId: 'internet-reachable', status: 'not-applicable' }],
      reason: 'NotApplicable',
    },
    { when: 'a rule that does not judge this family', findings: [], reason: 'NotApplicable' },
  ])('$when needs two readings too', ({ findings, reason }) => {
    const [, second, third] = history(
      { at: 0, findings: [OPEN] },
      { at: 900, findings },
      { at: 960, findings },
    );
    expect(told(second)).toEqual([]);
    expect(told(third)).toEqual([`Resolved ${reason}`]);
  });

  test('a subject that is gone while others still show is fixed', () => {
    const office = openFinding('stale', { subject: `${SERVER.id}/firewallrules/office` });
    const home = openFinding('stale', { subject: `${SERVER.id}/firewallrules/home` });
    const third = last(
      { at: 0, findings: [office, home] },
      { at: 900, findings: [home] },
      { at: 960, findings: [home] },
    );
    expect(told(third)).toEqual(['Resolved Fixed']);
    expect(third.findings[0]?.Subject).toBe(office.subject);
  });

  test('a rule that is no more ends at once', () => {
    expect(told(last({ at: 0, findings: [OPEN] }, { at: 900, rules: [] }))).toEqual(['Resolved RuleRetired']);
  });

  test('so does a rule that the policy turns off, even where nothing could be read', () => {
    const given = { denied: ['publicAccess', 'firewallRules'] } as const;
    expect(told(last({ at: 0, findings: [OPEN] }, { at: 900, given, rules: [] }))).toEqual([
      'Resolved RuleRetired',
    ]);
  });
});

describe('the flap guard', () => {
  const resolved: readonly Scene[] = [
    { at: 0, findings: [OPEN] },
    { at: 900, findings: [PASS] },
    { at: 1000, findings: [PASS] },
  ];

  test('less than 180 s after it was resolved it waits for a second reading', () => {
    const [, , , fourth, fifth, sixth] = history(
      ...resolved,
      { at: 1179, findings: [OPEN] },
      { at: 1238, findings: [OPEN] },
      { at: 1239, findings: [OPEN] },
    );
    expect(told(fourth)).toEqual([]);
    expect(fourth?.asks).toEqual([{ reason: 'recheck', inSeconds: 70 }]);
    expect(told(fifth)).toEqual([]);
    expect(told(sixth)).toEqual(['Opened']);
    expect(sixth?.findings[0]?.EpochSeq).toBe(1_779_278_400_000_003);
  });

  test('a reading that cannot tell keeps what waits', () => {
    const all = history(
      ...resolved,
      { at: 1100, findings: [OPEN] },
      { at: 1130, findings: [UNKNOWN] },
      { at: 1160, findings: [OPEN] },
    );
    expect(all.flatMap(told)).toEqual(['Opened', 'Resolved Fixed', 'Opened']);
  });

  test('180 s after it opens at once', () => {
    expect(told(last(...resolved, { at: 1180, findings: [OPEN] }))).toEqual(['Opened']);
  });

  test('a flap is told to nobody', () => {
    const comparison = last(...resolved, { at: 1100, findings: [OPEN] }, { at: 1170, findings: [PASS] });
    expect(told(comparison)).toEqual([]);
    expect(comparison.state.findings[0]).toMatchObject({ state: 'Resolved', pending: null });
  });

  test('a new finding of another subject does not wait', () => {
    const other = openFinding('internet-reachable', { subject: `${SERVER.id}/firewallrules/x` });
    expect(told(last(...resolved, { at: 1100, findings: [other] }))).toEqual(['Opened']);
  });
});

describe('refreshing', () => {
  const low = openFinding('a', { severity: 'Low' });
  const informational = openFinding('b', { severity: 'Informational' });
  const medium = openFinding('c', { severity: 'Medium' });
  const findings = [low, informational, medium];
  const refreshed = (...scenes: readonly Scene[]): readonly string[] =>
    last(...scenes).refreshes.map(({ RuleId }) => RuleId);

  test.each([
    { when: 'a second before 6 hours', seconds: 6 * HOUR - 1, rules: [] },
    { when: 'after 6 hours', seconds: 6 * HOUR, rules: ['c'] },
    { when: 'a second before 24 hours', seconds: DAY - 1, rules: ['c'] },
    { when: 'after 24 hours', seconds: DAY, rules: ['a', 'b', 'c'] },
  ])('$when', ({ seconds, rules }) => {
    expect(refreshed({ at: 0, findings }, { at: seconds, findings })).toEqual(rules);
  });

  test('a refresh row has the number of the last transition and a new time', () => {
    const comparison = last({ at: 0, findings: [medium] }, { at: 6 * HOUR, findings: [medium] });
    expect(comparison.refreshes[0]).toMatchObject({
      Change: 'Refreshed',
      EpochSeq: 1_779_278_400_000_001,
      LastSeen: at(6 * HOUR),
      State: 'Open',
    });
    expect(comparison.findings).toEqual([]);
  });

  test('leaves the record as it was, but for its times', () => {
    const [first, second] = history({ at: 0, findings: [medium] }, { at: 6 * HOUR, findings: [medium] });
    const before = first?.state.findings[0];
    const after = { ...before, lastSeen: at(6 * HOUR), refreshedAt: at(6 * HOUR) };
    expect(second?.state.findings).toEqual([after]);
  });

  test('is to be stored, whether or not the server has a row', () => {
    const given = { fw: ['8.8.8.8'] };
    const comparison = last(
      { at: 0, findings: [medium] },
      { at: 5 * HOUR, given, findings: [medium] },
      { at: 6 * HOUR, given, findings: [medium] },
    );
    expect([comparison.server, comparison.refreshes.length, comparison.changed]).toEqual([
      undefined,
      1,
      true,
    ]);
  });

  test('the period begins again', () => {
    const scenes = [
      { at: 0, findings },
      { at: 6 * HOUR, findings },
      { at: 7 * HOUR, findings },
    ];
    expect(refreshed(...scenes)).toEqual([]);
  });

  test('a transition tells as much as a refresh', () => {
    const more = openFinding('c', { severity: 'Medium', evidence: { count: 2 } });
    expect(refreshed({ at: 0, findings: [medium] }, { at: 6 * HOUR, findings: [more] })).toEqual([]);
    expect(
      refreshed(
        { at: 0, findings: [medium] },
        { at: 5 * HOUR, findings: [more] },
        { at: 6 * HOUR, findings: [more] },
      ),
    ).toEqual([]);
  });

  test('an exempted finding is refreshed, a resolved one is not', () => {
    const exempt = { exemption: { reason: 'x', owner: 'y', expires: '2026-12-31' } };
    const comparison = last(
      { at: 0, findings: [medium], exempt: () => exempt },
      { at: 6 * HOUR, findings: [medium], exempt: () => exempt },
    );
    expect(comparison.refreshes).toMatchObject([{ State: 'Exempted', Reason: 'x (until 2026-12-31)' }]);
    const gone: Finding = { ruleId: 'c', status: 'pass' };
    expect(
      refreshed(
        { at: 0, findings: [medium] },
        { at: 900, findings: [gone] },
        { at: 970, findings: [gone] },
        { at: 7 * HOUR, findings: [gone] },
      ),
    ).toEqual([]);
  });

  test('what cannot be read is refreshed with its old time', () => {
    const unknown: Finding = { ruleId: 'c', status: 'unknown', reason: 'x' };
    const comparison = last({ at: 0, findings: [medium] }, { at: 6 * HOUR, findings: [unknown] });
    expect(comparison.refreshes).toMatchObject([{ RuleId: 'c', LastSeen: at(0) }]);
  });
});

test('a row tells the reach before, but at the first reading, which has none', () => {
  const given = { fw: ['8.8.8.8'] };
  const other = openFinding('other');
  const [first, second] = history({ at: 0, given, findings: [OPEN] }, { at: 900, findings: [OPEN, other] });
  const of = (comparison: Comparison | undefined): readonly unknown[] =>
    (comparison?.findings ?? []).map(({ ReachBefore, PublicAddressesBefore, Reach }) => [
      ReachBefore,
      PublicAddressesBefore,
      Reach,
    ]);
  expect(of(first)).toEqual([['', null, 'listed']]);
  expect(of(second)).toEqual([['listed', 1, 'none']]);
});

describe('the row of the server', () => {
  test.each<{ when: string; second: Scene; row: boolean }>([
    { when: 'the same again', second: { at: 900 }, row: false },
    { when: 'another run', second: { at: 900, runId: 'r2' }, row: false },
    { when: 'the same after 6 hours', second: { at: 6 * HOUR }, row: true },
    { when: 'the same a second before', second: { at: 6 * HOUR - 1 }, row: false },
    { when: 'another reach', second: { at: 900, given: { pna: 'Disabled', fw: [ANY] } }, row: true },
    { when: 'a finding', second: { at: 900, given: { fw: [ANY] }, findings: [openFinding('x')] }, row: true },
    {
      when: 'something that cannot be read',
      second: { at: 900, given: { fw: [ANY], denied: ['tier'] } },
      row: true,
    },
  ])('$when: $row', ({ second, row }) => {
    const given = { fw: [ANY] };
    const comparison = last({ at: 0, given }, { given, ...second });
    expect(comparison.server !== undefined).toBe(row);
    expect(comparison.changed).toBe(row);
  });

  test.each<{ when: string; second: Scene; madeAt: number }>([
    { when: 'the same again', second: { at: 900 }, madeAt: 0 },
    { when: 'another reach', second: { at: 900, given: { pna: 'Disabled' } }, madeAt: 900 },
    { when: 'the same after 6 hours', second: { at: 6 * HOUR }, madeAt: 6 * HOUR },
  ])('when it was made is remembered: $when', ({ second, madeAt }) => {
    const given = { fw: [ANY] };
    expect(last({ at: 0, given }, { given, ...second }).state.serverRow?.at).toBe(at(madeAt));
  });

  test('a first reading has one', () => {
    expect(last({ at: 0, runId: 'r1' }).server).toMatchObject({ Reach: 'none', RunId: 'r1', Complete: true });
  });
});

describe('events', () => {
  test('each leaves one row, with what its reading showed', () => {
    const [first, second] = history(
      { at: 0 },
      {
        at: 60,
        reason: 'event',
        given: { fw: ['8.8.8.8'] },
        changes: [change('e1'), change('e2'), change('e1')],
      },
    );
    expect(first?.changes).toEqual([]);
    expect(second?.changes.map(({ EventId, Outcome }) => `${EventId} ${Outcome}`)).toEqual([
      'e1 Widened',
      'e2 Widened',
    ]);
    expect(second?.outcome).toBe('Widened');
  });

  test('an event that comes again leaves none, whatever the reading says now', () => {
    const comparison = last(
      { at: 0, reason: 'event', changes: [change('e1')] },
      { at: 60, reason: 'event', given: { fw: ['8.8.8.8'] }, changes: [change('e1'), change('e2')] },
    );
    expect(comparison.changes.map(({ EventId }) => EventId)).toEqual(['e2']);
  });

  test('a failed reading is Unreadable, and the next good one is held against the last that told', () => {
    const [, second, third] = history(
      { at: 0, given: { fw: ['8.8.8.8'] } },
      { at: 60, reason: 'event', given: { denied: ['firewallRules'] }, changes: [change('e1')] },
      { at: 120, reason: 'event', given: { fw: ['8.8.8.8'] }, changes: [change('e2')] },
    );
    expect(second?.changes[0]?.Outcome).toBe('Unreadable');
    expect(third?.changes[0]?.Outcome).toBe('Unchanged');
  });

  test('20 of them are kept, the latest', () => {
    const changes = Array.from({ length: 25 }, (_, index) => change(`e${index}`));
    const comparison = last({ at: 0, reason: 'event', changes });
    expect(comparison.changes).toHaveLength(25);
    expect(comparison.state.changes.map(({ id }) => id)).toEqual(changes.slice(5).map(({ id }) => id));
  });

  test('for 30 days, and one whose time is no time until 20 more came', () => {
    const old = change('old', { time: at(-29 * DAY) });
    const first: Scene = { at: 0, reason: 'event', changes: [old, change('odd', { time: '' })] };
    expect(last(first, { at: DAY - 1 }).state.changes.map(({ id }) => id)).toEqual(['old', 'odd']);
    expect(last(first, { at: DAY }).state.changes.map(({ id }) => id)).toEqual(['odd']);
  });

  test('each reading for an event asks for one second look, and nothing else', () => {
    const comparison = last({ at: 0, findings: [OPEN] }, { at: 60, reason: 'event', findings: [PASS] });
    expect(comparison.asks).toEqual([{ reason: 'second-look', inSeconds: 75 }]);
    expect(comparison.state.lookDueAt).toBe(at(135));
  });

  test('an event that changed nothing is to be stored', () => {
    const second = last({ at: 0 }, { at: 60, reason: 'event', changes: [change('e1')] });
    expect([second.server, second.refreshes, second.findings, second.changed]).toEqual([
      undefined,
      [],
      [],
      true,
    ]);
  });

  test('so does a look', () => {
    expect(last({ at: 0, reason: 'look' }).asks).toEqual([{ reason: 'second-look', inSeconds: 75 }]);
  });

  test.each<{ when: string; reason: 'recheck' | 'second-look'; seconds: number; dueAt: string | null }>([
    { when: 'stays due until then', reason: 'recheck', seconds: 74, dueAt: at(75) },
    {
      when: 'is made up for by another reading that comes as late',
      reason: 'recheck',
      seconds: 75,
      dueAt: null,
    },
    { when: 'is done, though it came early', reason: 'second-look', seconds: 74, dueAt: null },
  ])('the second look $when', ({ reason, seconds, dueAt }) => {
    expect(last({ at: 0, reason: 'event' }, { at: seconds, reason }).state.lookDueAt).toBe(dueAt);
  });

  test.each(['http', 'sweep', 'recheck', 'second-look'] as const)(
    'a reading for %s that takes an event along asks for its second look',
    (reason) => {
      const comparison = last(
        { at: 0, findings: [OPEN], reason: 'event' },
        { at: 75, reason, changes: [change('e1')] },
      );
      expect(comparison.asks).toEqual([{ reason: 'second-look', inSeconds: 75 }]);
      expect(comparison.state.lookDueAt).toBe(at(150));
    },
  );

  test('a second look clears it, and asks for a recheck only where something waits', () => {
    const [, second, third] = history(
      { at: 0, findings: [OPEN], reason: 'event' },
      { at: 75, findings: [PASS], reason: 'second-look' },
      { at: 145, findings: [PASS], reason: 'recheck' },
    );
    expect(second?.state.lookDueAt).toBeNull();
    expect(second?.asks).toEqual([{ reason: 'recheck', inSeconds: 70 }]);
    expect(told(third)).toEqual(['Resolved Fixed']);
    expect(third?.asks).toEqual([]);
  });

  test.each([
    { reason: 'event', source: 'event' },
    { reason: 'look', source: 'event' },
    { reason: 'second-look', source: 'event' },
    { reason: 'sweep', source: 'sweep' },
    { reason: 'http', source: 'http' },
    { reason: 'recheck', source: 'recheck' },
  ] as const)('the source of a reading for $reason is $source', ({ reason, source }) => {
    expect(last({ at: 0, reason, findings: [OPEN] }).findings[0]?.Source).toBe(source);
  });
});

describe('what is kept', () => {
  test('a resolved finding for 30 days', () => {
    const resolved: readonly Scene[] = [
      { at: 0, findings: [OPEN] },
      { at: 900, findings: [PASS] },
      { at: 1000, findings: [PASS] },
    ];
    expect(last(...resolved, { at: 1000 + 30 * DAY - 1, findings: [PASS] }).state.findings).toHaveLength(1);
    expect(last(...resolved, { at: 1000 + 30 * DAY, findings: [PASS] }).state.findings).toEqual([]);
  });

  test('300 of those that are resolved, the last ones, and all that are open', () => {
    const [record] = last({ at: 0, findings: [OPEN] }).state.findings;
    if (!record) throw new Error('nothing opened');
    const resolved = Array.from({ length: 302 }, (_, index) => {
      // 7 and 302 have no common divisor: the times are 0 to 301 s, in no order.
      const resolvedAt = at((index * 7) % 302);
      return { ...record, findingId: `r${index}`, state: 'Resolved' as const, resolvedAt };
    });
    const open = { ...record, findingId: 'open' };
    const all = [...resolved.slice(0, 150), open, ...resolved.slice(150)];
    const oldest = all.filter(({ resolvedAt }) => resolvedAt === at(0) || resolvedAt === at(1));
    expect(oldest).toHaveLength(2);
    expect(purge(all, at(400))).toEqual(all.filter((item) => !oldest.includes(item)));
  });

  test('a finding that opens after its record is gone sorts after it', () => {
    const all = history(
      { at: 0, findings: [OPEN] },
      { at: 900, findings: [PASS] },
      { at: 1000, findings: [PASS] },
      { at: 1000 + 31 * DAY, findings: [PASS] },
      { at: 1000 + 32 * DAY, findings: [OPEN] },
    );
    const numbers = all.flatMap(({ findings }) => findings.map(({ EpochSeq }) => EpochSeq));
    expect(numbers).toHaveLength(3);
    expect([...numbers].sort((a, b) => Number(a) - Number(b))).toEqual(numbers);
  });

  test('the last values of what could not be read, until it can', () => {
    const [, second, third] = history(
      { at: 0, given: { fw: ['8.8.8.8'] } },
      { at: 900, given: { denied: ['firewallRules'] } },
      { at: 1800, given: { fw: [] } },
    );
    expect(second?.state.lastKnown).toMatchObject({ firewallRules: { value: [{ start: '8.8.8.8' }] } });
    expect(third?.state.lastKnown).toEqual({});
  });

  test('through every reading that fails', () => {
    const denied: Scene['given'] = { denied: ['firewallRules'] };
    const third = last(
      { at: 0, given: { fw: ['8.8.8.8'] } },
      { at: 900, given: denied },
      { at: 1800, given: denied },
    );
    expect(third.state.lastKnown).toMatchObject({ firewallRules: { value: [{ start: '8.8.8.8' }] } });
  });

  test('of what could never be read none', () => {
    const given = { denied: ['firewallRules'] } as const;
    expect(last({ at: 0, given }, { at: 900, given }).state.lastKnown).toEqual({});
  });

  test('what is read of a server that was gone brings it back', () => {
    const gone: ServerState = { ...NEW, live: false, deletedAt: at(-100), notFoundSince: at(-300) };
    expect(read(gone, { at: 0 }).state).toMatchObject({ live: true, deletedAt: null, notFoundSince: null });
  });

  test('when it was first read', () => {
    expect(last({ at: 0 }, { at: 900 }).state).toMatchObject({ firstObservedAt: at(0), observedAt: at(900) });
  });
});

test('the unreadable facets, with their reasons', () => {
  expect(unreadableOf({ network: { ...network(), state: unreadable('denied (403)') } })).toEqual({
    state: 'denied (403)',
  });
});

describe('any history', () => {
  const RULES: readonly Rule[] = ['a', 'b', 'c'].map((id) => rule(id));
  const result = (ruleId: string): fc.Arbitrary<Finding> =>
    fc.oneof(
      fc
        .record({ count: fc.integer({ min: 1, max: 3 }) })
        .map((evidence) => openFinding(ruleId, { evidence })),
      fc.constant<Finding>({ ruleId, status: 'pass' }),
      fc.constant<Finding>({ ruleId, status: 'unknown', reason: 'x' }),
      fc.constant<Finding>({ ruleId, status: 'not-applicable' }),
      fc.constant<Finding>({ ruleId, subject: SERVER.id, status: 'superseded', by: 'z' }),
    );
  const scene = fc.record({
    after: fc.integer({ min: 1, max: 400 }),
    findings: fc.tuple(result('a'), result('b'), result('c')),
    reason: fc.constantFrom('event', 'sweep', 'recheck', 'second-look', 'http'),
    exempted: fc.boolean(),
    dropped: fc.integer({ min: 0, max: 9 }),
    skew: fc.integer({ min: -30, max: 30 }),
  });

  test('numbers are 1..n, opening and ending take turns, and no transition lacks its reason', () => {
    fc.assert(
      fc.property(fc.array(scene, { minLength: 1, maxLength: 40 }), (given) => {
        let seconds = 0;
        const note = { reason: 'r', owner: 'o', expires: '2027-01-01' };
        const scenes = given.map(({ after, findings, reason, exempted, dropped, skew }): Scene => {
          seconds += after;
          return {
            at: seconds,
            skew,
            findings,
            reason,
            rules: dropped === 0 ? RULES.slice(1) : RULES,
            exempt: () => ({ exemption: exempted ? note : null }),
          };
        });
        const all = history(...scenes);
        const rows = all.flatMap(({ findings }) => findings);
        for (const [, own] of Map.groupBy(rows, ({ FindingId }) => FindingId)) {
          expect(own.map(({ EpochSeq }) => Number(EpochSeq) % 1_000_000)).toEqual(
            own.map((_, index) => index + 1),
          );
          expect(new Set(own.map(({ EpochSeq }) => Math.floor(Number(EpochSeq) / 1_000_000))).size).toBe(1);
          let isOpen = false;
          for (const { Change, State, Reason } of own) {
            if (Change === 'Opened') expect(isOpen).toBe(false);
            if (Change === 'Updated' || Change === 'Resolved') expect(isOpen).toBe(true);
            if (Change === 'Resolved') {
              expect(['Fixed', 'NotApplicable', 'Superseded', 'RuleRetired']).toContain(Reason);
            }
            if (Change === 'Exempted') expect(Reason).toBe('r (until 2027-01-01)');
            if (Change === 'Opened') expect(['', 'FirstSeen']).toContain(Reason);
            isOpen = Change !== 'Resolved';
            expect(State === 'Resolved').toBe(!isOpen);
          }
        }
        for (const comparison of all) {
          for (const record of comparison.state.findings) {
            expect(record.state === 'Resolved').toBe(record.resolvedAt !== null);
            if (record.state === 'Exempted') expect(record.exemption).not.toBeNull();
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('nothing is resolved as fixed but by two readings at least 60 s apart that agree', () => {
    fc.assert(
      fc.property(fc.array(scene, { minLength: 1, maxLength: 30 }), (given) => {
        let seconds = 0;
        let shownAt = -Infinity;
        let goneSince: number | undefined;
        let state = NEW;
        for (const { after, findings } of given) {
          seconds += after;
          const [finding] = findings;
          if (finding.status === 'open') [shownAt, goneSince] = [seconds, undefined];
          else if (finding.status !== 'unknown') goneSince ??= seconds;
          const comparison = read(state, { at: seconds, findings: [finding], rules: [rule('a')] });
          ({ state } = comparison);
          for (const { Change } of comparison.findings) {
            if (Change !== 'Resolved') continue;
            expect(seconds - (goneSince ?? Infinity)).toBeGreaterThanOrEqual(60);
            expect(shownAt).toBeLessThan(goneSince ?? -Infinity);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('a comparison changes nothing that it is given, and says the same twice', () => {
    fc.assert(
      fc.property(scene, scene, (first, second) => {
        const { state } = read(NEW, { at: 0, findings: first.findings, rules: RULES });
        const frozen = JSON.stringify(state);
        const once = read(state, { at: 900, findings: second.findings, rules: RULES });
        expect(JSON.stringify(state)).toBe(frozen);
        expect(read(state, { at: 900, findings: second.findings, rules: RULES })).toEqual(once);
      }),
      { numRuns: 50 },
    );
  });
});

describe('half a reading', () => {
  const high = openFinding('public-access-enabled', { severity: 'High', evidence: { count: 2 } });
  const medium = openFinding('public-access-enabled', { severity: 'Medium', evidence: { count: 0 } });
  const critical = openFinding('public-access-enabled', { severity: 'Critical', evidence: { count: 9 } });
  const denied = { denied: ['firewallRules'] } as const;
  const endpoint = { endpoints: [{ id: endpointId('pe'), is: 'denied' }] } as const;

  test.each<{ when: string; scenes: readonly Scene[]; told: readonly string[]; severity: string }>([
    {
      when: 'makes nothing less grave: the rules that could not be read may be what made it so',
      scenes: [
        { at: 0, findings: [high] },
        { at: 900, given: denied, findings: [medium] },
      ],
      told: [],
      severity: 'High',
    },
    {
      when: 'and a whole one does',
      scenes: [
        { at: 0, findings: [high] },
        { at: 900, given: denied, findings: [medium] },
        { at: 1800, findings: [medium] },
      ],
      told: ['Updated Narrowed'],
      severity: 'Medium',
    },
    {
      when: 'is whole for a rule that asks for no endpoint, where an endpoint could not be read',
      scenes: [
        { at: 0, findings: [high] },
        { at: 900, given: endpoint, findings: [medium] },
      ],
      told: ['Updated Narrowed'],
      severity: 'Medium',
    },
    {
      when: 'is half for a rule that asks for the endpoints',
      scenes: [
        { at: 0, findings: [high] },
        {
          at: 900,
          given: endpoint,
          findings: [medium],
          rules: [{ ...rule('public-access-enabled'), needs: ['surroundings'] }],
        },
      ],
      told: [],
      severity: 'High',
    },
    {
      when: 'tells what is as grave as before',
      scenes: [
        { at: 0, findings: [high] },
        {
          at: 900,
          given: denied,
          findings: [openFinding('public-access-enabled', { severity: 'High', evidence: { count: 5 } })],
        },
      ],
      told: ['Updated'],
      severity: 'High',
    },
    {
      when: 'makes it graver',
      scenes: [
        { at: 0, findings: [high] },
        { at: 900, given: denied, findings: [critical] },
      ],
      told: ['Updated Widened'],
      severity: 'Critical',
    },
  ])('$when', ({ scenes, told: expected, severity }) => {
    const comparison = last(...scenes);
    expect(told(comparison)).toEqual(expected);
    expect(comparison.state.findings[0]).toMatchObject({ severity, lastSeen: at(scenes.at(-1)?.at ?? 0) });
  });

  test.each<{ when: string; given: Scene['given']; waits: boolean }>([
    { when: 'that fail in another way, or not often enough', given: denied, waits: false },
    { when: 'that succeed', given: {}, waits: true },
    { when: 'that succeed, where others fail', given: { denied: ['virtualNetworkRules'] }, waits: true },
  ])(
    'what says that readings fail is about to resolve by readings $when: $waits',
    ({ given = {}, waits }) => {
      const fails = openFinding('server-unreadable', { subject: `${SERVER.id}|firewallRules` });
      const other = openFinding('other', { subject: `${SERVER.id}|firewallRules` });
      const { findings } = last(
        { at: 0, given: denied, findings: [fails, other] },
        { at: 900, given, findings: [] },
      ).state;
      expect(findings.map(({ ruleId, pending }) => [ruleId, pending !== null])).toEqual([
        ['server-unreadable', waits],
        ['other', true],
      ]);
    },
  );

  test('ends an exemption all the same', () => {
    const note = { reason: 'Moving', owner: 'data', expires: at(600) };
    const comparison = last(
      { at: 0, findings: [high], exempt: () => ({ exemption: note }) },
      {
        at: 900,
        given: denied,
        findings: [medium],
        exempt: () => ({ exemption: null, ended: 'ExemptionEnded' }),
      },
    );
    expect(told(comparison)).toEqual(['Updated ExemptionEnded']);
    expect(comparison.state.findings[0]).toMatchObject({ state: 'Open', severity: 'High' });
  });
});
