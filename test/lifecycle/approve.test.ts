import { describe, expect, test } from 'vitest';
import { approve, approvedBaseline, DRIFT_RULES } from '../../shared/lifecycle/approve.ts';
import type { Baseline } from '../../shared/drift.ts';
import { evaluate } from '../../shared/evaluate.ts';
import { serverRowDigest } from '../../shared/lifecycle/finding-rows.ts';
import { type AccessChange, NOT_APPROVED, type Finding, type Rule } from '../../shared/model.ts';
import { serverPolicy } from '../../shared/policy.ts';
import * as registry from '../../shared/rules/index.ts';
import { type FindingRecord, newState, type ServerState } from '../../shared/lifecycle/server-state.ts';
import { open } from '../../shared/lifecycle/transitions.ts';
import {
  ago,
  ANY,
  AT,
  AZURE,
  baseline,
  connection,
  context,
  exposure,
  type Given,
  network,
  SERVER,
  snapshot,
  unreadable,
  value,
} from '../builders.ts';

const RULES: readonly Rule[] = Object.values(registry);
const NOW = '2026-05-20T12:10:00.000Z';
const APPROVAL = { by: 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeee01', reason: 'New office', at: NOW };

interface Around {
  readonly baseline: Baseline | typeof NOT_APPROVED;
  readonly switched?: readonly AccessChange[];
}

function said(given: Given, around: Around): readonly Finding[] {
  const known = around.baseline;
  const about = context({
    baseline: known === NOT_APPROVED ? unreadable(NOT_APPROVED) : value(known),
    accessChanges: value(around.switched ?? []),
  });
  return evaluate(snapshot(given), about, RULES, serverPolicy());
}

/** The state after a reading: every finding that the rules open is open. */
function stateOf(given: Given, around: Around): ServerState {
  const times = { observedAt: AT, completedAt: AT, now: AT };
  const findings = said(given, around).flatMap((finding): FindingRecord[] => {
    const rule = RULES.find(({ id }) => id === finding.ruleId);
    if (finding.status !== 'open' || !rule) return [];
    const coverage = { exemption: null };
    return [open(undefined, { server: SERVER, rule, finding, coverage, times, inventory: false }).record];
  });
  return {
    ...newState(SERVER),
    live: true,
    observedAt: AT,
    completedAt: AT,
    network: network(given),
    baseline: around.baseline === NOT_APPROVED ? null : around.baseline,
    findings,
  };
}

function approved(given: Given, around: Around, stored = stateOf(given, around)): ReturnType<typeof approve> {
  const seen = exposure(given);
  const next = approvedBaseline(stored, seen, APPROVAL);
  if (!next) throw new Error('the reading is not complete');
  const findings = said(given, { ...around, baseline: next });
  return approve(stored, next, findings, RULES, seen, NOW);
}

const shut = baseline({ pna: 'Disabled' });
const flap: readonly AccessChange[] = [
  { at: ago(7200), to: 'enabled', by: 'robin' },
  { at: ago(3600), to: 'disabled', by: 'robin' },
];

describe('an approval ends the drift', () => {
  test.each<{ when: string; was: Around; now: Given; ends: readonly string[] }>([
    {
      when: 'of a range that was added',
      was: { baseline: baseline({ fw: ['203.0.113.5'] }) },
      now: { fw: ['203.0.113.5', '198.51.100.0-198.51.100.255'] },
      ends: ['exposure-widened'],
    },
    {
      when: 'of all of Azure',
      was: { baseline: baseline({ fw: ['203.0.113.5'] }) },
      now: { fw: ['203.0.113.5', AZURE] },
      ends: ['exposure-widened'],
    },
    {
      when: 'of a server that was opened',
      was: { baseline: shut },
      now: { fw: ['203.0.113.5'] },
      ends: ['exposure-widened', 'public-access-switched-on'],
    },
    {
      when: 'of a server that left its subnet',
      was: { baseline: baseline({ injected: true, pna: 'Disabled' }) },
      now: { pna: 'Disabled' },
      ends: ['vnet-integration-removed'],
    },
    {
      when: 'of public access that was on for a while',
      was: { baseline: shut, switched: flap },
      now: { pna: 'Disabled' },
      ends: ['public-access-flap'],
    },
    {
      when: 'of rules that came while public access was off',
      was: { baseline: shut },
      now: { pna: 'Disabled', fw: [ANY] },
      ends: ['latent-rules-changed'],
    },
    {
      when: 'of the last endpoint',
      was: { baseline: baseline({ pec: ['Approved'] }) },
      now: { pec: ['Rejected'] },
      ends: ['last-endpoint-lost'],
    },
    {
      when: 'of one endpoint of two',
      was: { baseline: baseline({ pec: ['Approved', 'Approved'] }) },
      now: { pec: ['Approved'] },
      ends: ['approved-endpoint-lost'],
    },
    {
      when: 'of an endpoint that is new',
      was: { baseline: baseline({ pec: [connection('a')] }) },
      now: { pec: [connection('a'), connection('b')] },
      ends: ['endpoint-newly-approved'],
    },
    {
      when: 'of a server that nobody had approved',
      was: { baseline: NOT_APPROVED },
      now: { fw: ['203.0.113.5'] },
      ends: ['baseline-missing'],
    },
    { when: 'where there is none: nothing', was: { baseline: shut }, now: { pna: 'Disabled' }, ends: [] },
  ])('$when', ({ was, now, ends }) => {
    const stored = stateOf(now, was);
    const { state, findings } = approved(now, was, stored);
    expect(findings.map(({ RuleId }) => RuleId).sort()).toEqual(ends);
    for (const row of findings) {
      expect(row).toMatchObject({
        Change: 'Resolved',
        State: 'Resolved',
        Reason: 'Approved',
        Source: 'http',
      });
    }
    const openBefore = stored.findings.map(({ ruleId }) => ruleId);
    const openAfter = state.findings.filter((record) => record.state === 'Open').map(({ ruleId }) => ruleId);
    expect(openAfter).toEqual(openBefore.filter((id) => !DRIFT_RULES.includes(id)));
  });
});

test('what the rules of state say stays open, whoever approves', () => {
  const given = { fw: [ANY] };
  const { state } = approved(given, { baseline: shut });
  const stillOpen = state.findings.filter((record) => record.state === 'Open').map(({ ruleId }) => ruleId);
  expect(stillOpen).toContain('internet-reachable');
  expect(stillOpen).not.toContain('exposure-widened');
});

test('a row of the transition follows the last one, with the reach as it is', () => {
  const given = { fw: ['203.0.113.5'] };
  const around = { baseline: shut };
  const before = stateOf(given, around);
  const { state, findings } = approved(given, around, before);
  const row = findings.find(({ RuleId }) => RuleId === 'public-access-switched-on');
  const known = before.findings.find(({ ruleId }) => ruleId === 'public-access-switched-on');
  const record = state.findings.find(({ ruleId }) => ruleId === 'public-access-switched-on');
  if (!row || !known || !record) throw new Error('there is no such finding');
  expect(row.EpochSeq).toBe(known.epoch * 1_000_000 + 2);
  expect([row.Reach, row.ReachBefore, row.PublicAddresses]).toEqual(['listed', 'listed', 1]);
  expect([row.AddedRanges, row.RemovedRanges, row.ActorId]).toEqual([[], [], '']);
  expect(record).toMatchObject({ seq: 2, resolvedAt: NOW, transitionAt: NOW, pending: null });
});

test('an exempted drift ends too, and a resolved one is left as it is', () => {
  const given = { fw: ['203.0.113.5'] };
  const around = { baseline: shut };
  const stored = stateOf(given, around);
  const note = { reason: 'known', owner: 'alex', expires: '2026-07-01' };
  const findings = stored.findings.map((record): FindingRecord => {
    if (record.ruleId === 'exposure-widened') return { ...record, state: 'Exempted', exemption: note };
    if (record.ruleId !== 'public-access-switched-on') return record;
    return { ...record, state: 'Resolved', reason: 'Fixed', resolvedAt: AT };
  });
  const { state, findings: rows } = approved(given, around, { ...stored, findings });
  expect(rows.map(({ RuleId }) => RuleId)).toEqual(['exposure-widened']);
  const reasons = Object.fromEntries(state.findings.map(({ ruleId, reason }) => [ruleId, reason]));
  expect(reasons).toMatchObject({ 'exposure-widened': 'Approved', 'public-access-switched-on': 'Fixed' });
});

test.each<{ when: string; findings: readonly Finding[]; ends: boolean }>([
  { when: 'it passes', findings: [{ ruleId: 'exposure-widened', status: 'pass' }], ends: true },
  {
    when: 'it does not apply',
    findings: [{ ruleId: 'exposure-widened', status: 'not-applicable' }],
    ends: true,
  },
  {
    when: 'it cannot tell of this subject',
    findings: [{ ruleId: 'exposure-widened', subject: SERVER.id, status: 'unknown', reason: 'x' }],
    ends: false,
  },
  {
    when: 'it speaks of another subject only',
    findings: [
      { ruleId: 'other', status: 'pass' },
      { ruleId: 'exposure-widened', subject: '/x', status: 'unknown', reason: 'x' },
    ],
    ends: true,
  },
  { when: 'only another rule speaks', findings: [{ ruleId: 'other', status: 'pass' }], ends: false },
  {
    when: 'it is no rule of drift',
    findings: [{ ruleId: 'public-access-enabled', status: 'pass' }],
    ends: false,
  },
])('what a rule opened ends, where $when: $ends', ({ findings, ends }) => {
  const given = { fw: ['203.0.113.5'] };
  const stored = stateOf(given, { baseline: shut });
  const { findings: rows } = approve(stored, shut, findings, RULES, exposure(given), NOW);
  expect(rows.map(({ RuleId, RuleTitle }) => [RuleId, RuleTitle])).toEqual(
    ends ? [['exposure-widened', 'Exposure widened against the approved baseline']] : [],
  );
});

test('a rule that cannot tell, or is switched off, keeps its finding', () => {
  const given = { fw: ['203.0.113.5'] };
  const stored = stateOf(given, { baseline: shut });
  const seen = exposure(given);
  const next = approvedBaseline(stored, seen, APPROVAL);
  if (!next) throw new Error('the reading is not complete');
  const cannotTell: Finding = { ruleId: 'exposure-widened', status: 'unknown', reason: 'fw: denied' };
  expect(approve(stored, next, [cannotTell], RULES, seen, NOW).findings).toEqual([]);
});

describe('the baseline', () => {
  const fw = ['203.0.113.0-203.0.113.3'];

  test('is the exposure that was read, with who approved it, when and why', () => {
    const given = { fw, pec: [connection('a'), connection('b', 'Pending')] };
    expect(approvedBaseline(stateOf(given, { baseline: shut }), exposure(given), APPROVAL)).toEqual({
      switch: 'enabled',
      subnetId: null,
      publicPath: 'limited',
      ranges: [{ first: 3405803776, last: 3405803779 }],
      allRanges: [{ first: 3405803776, last: 3405803779 }],
      azureServices: false,
      azureRule: false,
      approvedConnections: [{ id: connection('a').id, endpointId: connection('a').endpointId }],
      observedAt: AT,
      approved: true,
      approvedAt: NOW,
      approvedBy: APPROVAL.by,
      reason: 'New office',
    });
  });

  test('keeps 500 characters of the reason', () => {
    const stored = stateOf({ fw }, { baseline: shut });
    const made = approvedBaseline(stored, exposure({ fw }), { ...APPROVAL, reason: 'x'.repeat(501) });
    expect(made?.reason).toBe(`${'x'.repeat(499)}…`);
  });

  test.each<{ when: string; given: Given; state?: Partial<ServerState> }>([
    { when: 'the rules could not be read', given: { fw, denied: ['firewallRules'] } },
    { when: 'the switch is absent', given: { fw, pna: undefined } },
    { when: 'the server was not found last', given: { fw }, state: { notFoundSince: AT } },
    { when: 'the server was deleted', given: { fw }, state: { live: false } },
  ])('is none where $when', ({ given, state }) => {
    const stored = { ...stateOf(given, { baseline: shut }), ...state };
    expect(approvedBaseline(stored, exposure(given), APPROVAL)).toBeUndefined();
  });
});

test('the server row tells of fewer findings, and is no news where nothing ended', () => {
  const given = { fw: ['203.0.113.5'] };
  const first = approved(given, { baseline: shut });
  expect(first.server?.OpenFindings).toBe(
    first.state.findings.filter((record) => record.state === 'Open').length,
  );
  expect([first.server?.RunId, first.server?.ObservedAt]).toEqual(['', AT]);
  expect(first.state.serverRow).toEqual({ digest: first.server && serverRowDigest(first.server), at: NOW });
  const again = approved(given, { baseline: baseline(given) }, first.state);
  expect([again.server, again.findings]).toEqual([undefined, []]);
  expect(again.state.serverRow).toEqual(first.state.serverRow);
  const earlier = { ...first.state, serverRow: { digest: first.state.serverRow?.digest ?? '', at: AT } };
  expect(approved(given, { baseline: baseline(given) }, earlier).state.serverRow?.at).toBe(AT);
});
