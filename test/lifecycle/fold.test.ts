import { describe, expect, test } from 'vitest';
import { fold } from '../../shared/lifecycle/fold.ts';
import { findingIdOf } from '../../shared/identity.ts';
import type { Finding, Severity } from '../../shared/model.ts';
import type { OpenFinding } from '../../shared/lifecycle/transitions.ts';
import { SERVER } from '../builders.ts';
import { at, history, NEW, openFinding, read, rule, told } from '../histories.ts';

const TOO_MANY = 'too-many-findings';
const RULE = rule(TOO_MANY, 'Informational');

/** So many findings of one rule, each about a firewall rule of its own. */
function many(count: number, ruleId: string, severity: Severity = 'Low'): readonly OpenFinding[] {
  return Array.from({ length: count }, (_, index) =>
    openFinding(ruleId, { severity, subject: `${SERVER.id}/firewallrules/${ruleId}-${index}` }),
  );
}

const idOf = ({ ruleId, subject = SERVER.id }: Finding): string => findingIdOf(SERVER.id, ruleId, subject);
const folded = (findings: readonly Finding[]): Finding | undefined =>
  fold(findings, [], SERVER.id, RULE).findings.find(({ ruleId }) => ruleId === TOO_MANY);

describe('when', () => {
  test.each<{ when: string; findings: readonly Finding[]; rest: object | undefined; kept: number }>([
    { when: '200', findings: many(200, 'a'), rest: undefined, kept: 200 },
    { when: '201', findings: many(201, 'a'), rest: { folded: 2, byRule: { a: 2 } }, kept: 199 },
    {
      when: '128 stale and 128 redundant rules',
      findings: [...many(128, 'stale-temporary-rule', 'Medium'), ...many(128, 'redundant-firewall-rule')],
      rest: { folded: 57, byRule: { 'redundant-firewall-rule': 57 } },
      kept: 199,
    },
  ])('$when findings', ({ findings, rest, kept }) => {
    const result = fold(findings, [], SERVER.id, RULE);
    const open = result.findings.filter(({ status }) => status === 'open');
    const others = open.filter(({ ruleId }) => ruleId !== TOO_MANY);
    expect(others).toHaveLength(kept);
    expect(result.ids.size).toBe(findings.length - kept);
    const made = result.findings.find(({ ruleId }) => ruleId === TOO_MANY);
    if (rest === undefined) expect(made).toEqual({ ruleId: TOO_MANY, status: 'pass' });
    else expect(made).toMatchObject({ status: 'open', subject: SERVER.id, violation: { evidence: rest } });
  });

  test('what is not open does not count', () => {
    const passes = Array.from({ length: 300 }, (_, index): Finding => ({
      ruleId: `p${index}`,
      status: 'pass',
    }));
    expect(folded([...passes, ...many(200, 'a')])).toEqual({ ruleId: TOO_MANY, status: 'pass' });
  });

  test('an open finding that this reading cannot tell of still counts', () => {
    const records = read(NEW, { at: 0, findings: many(50, 'b') }).state.findings;
    const findings: Finding[] = [...many(151, 'a'), { ruleId: 'b', status: 'unknown', reason: 'denied' }];
    const result = fold(findings, records, SERVER.id, RULE);
    expect(result.ids.size).toBe(2);
    const resolved = records.map((record) => ({ ...record, state: 'Resolved' as const }));
    expect(fold(findings, resolved, SERVER.id, RULE).ids.size).toBe(0);
  });

  test.each<{ when: string; said: Finding; folded: number }>([
    { when: 'of one of them', said: { ruleId: 'b', status: 'unknown', reason: 'x' }, folded: 2 },
    {
      when: 'of its subject',
      said: { ruleId: 'b', subject: `${SERVER.id}/firewallrules/b-0`, status: 'unknown', reason: 'x' },
      folded: 2,
    },
    {
      when: 'of another subject',
      said: { ruleId: 'b', subject: `${SERVER.id}/firewallrules/b-9`, status: 'unknown', reason: 'x' },
      folded: 0,
    },
    { when: 'of another rule', said: { ruleId: 'c', status: 'unknown', reason: 'x' }, folded: 0 },
    { when: 'nothing: it passes', said: { ruleId: 'b', status: 'pass' }, folded: 0 },
  ])(
    'one finding beside 200 others, of which a reading cannot tell $when: $folded',
    ({ said, folded: count }) => {
      const records = read(NEW, { at: 0, findings: many(1, 'b') }).state.findings;
      expect(fold([...many(200, 'a'), said], records, SERVER.id, RULE).ids.size).toBe(count);
    },
  );

  test('what the rule itself says does not stand beside what is made of it', () => {
    const own: Finding = { ruleId: TOO_MANY, status: 'not-applicable' };
    const made = { ruleId: TOO_MANY, status: 'pass' } as const;
    expect(fold([own, ...many(2, 'a')], [], SERVER.id, RULE).findings).toEqual([...many(2, 'a'), made]);
  });

  test('a policy without the rule folds nothing', () => {
    expect(fold(many(500, 'a'), [], SERVER.id, undefined).ids.size).toBe(0);
  });
});

describe('which', () => {
  test('the least severe, and its severity is the highest of them', () => {
    const findings = [...many(1, 'low'), ...many(198, 'high', 'High'), ...many(3, 'medium', 'Medium')];
    const result = fold(findings, [], SERVER.id, RULE);
    const ids = new Set(many(3, 'medium', 'Medium').map(idOf));
    expect([...result.ids].filter((id) => ids.has(id))).toHaveLength(2);
    expect(result.ids.has(idOf(many(1, 'low')[0] ?? openFinding('low')))).toBe(true);
    expect(folded(findings)).toMatchObject({
      severity: 'Medium',
      violation: { severity: 'Medium', evidence: { folded: 3, byRule: { medium: 2, low: 1 } } },
    });
  });

  test('the severity is that of the gravest of them', () => {
    const findings = [...many(199, 'a', 'High'), ...many(1, 'b', 'Medium'), ...many(1, 'c')];
    expect(folded(findings)).toMatchObject({ severity: 'Medium', violation: { evidence: { folded: 2 } } });
  });

  test('also of those that this reading cannot tell', () => {
    const ofB = many(2, 'b', 'Low');
    const records = read(NEW, { at: 0, findings: ofB }).state.findings;
    const cannotTell = ofB.map(({ ruleId, subject = '' }): Finding => ({
      ruleId,
      subject,
      status: 'unknown',
      reason: 'denied',
    }));
    const result = fold([...many(199, 'a', 'High'), ...cannotTell], records, SERVER.id, RULE);
    expect(result.ids).toEqual(new Set(records.map(({ findingId }) => findingId)));
    expect(result.findings.filter(({ status }) => status === 'unknown')).toEqual(cannotTell);
    expect(result.findings.at(-1)).toMatchObject({
      severity: 'Low',
      violation: {
        summary: '2 findings of this server are folded into this one.',
        evidence: { folded: 2, byRule: { b: 2 } },
      },
    });
  });

  test('ties go by the id of the finding, whatever the order of the findings', () => {
    const findings = many(220, 'a');
    const sorted = findings.map(idOf).sort();
    const expected = new Set(sorted.slice(199));
    expect(fold(findings, [], SERVER.id, RULE).ids).toEqual(expected);
    expect(fold([...findings].reverse(), [], SERVER.id, RULE).ids).toEqual(expected);
  });
});

describe('over time', () => {
  const rules = [RULE, rule('a'), rule('b')];
  const base = { rules, reason: 'sweep' as const };

  test('what is folded ends at once, superseded, and the fold opens in its place', () => {
    const [first, second] = history(
      { ...base, at: 0, findings: many(200, 'a') },
      { ...base, at: 900, findings: [...many(200, 'a'), ...many(1, 'b', 'High')] },
    );
    expect(told(first)).toHaveLength(200);
    expect([...told(second)].sort()).toEqual([
      'Opened',
      'Opened',
      'Resolved Superseded',
      'Resolved Superseded',
    ]);
    const row = second?.findings.find(({ RuleId }) => RuleId === TOO_MANY);
    expect(row).toMatchObject({
      Change: 'Opened',
      Severity: 'Low',
      Evidence: { folded: 2, byRule: { a: 2 } },
    });
    const open = second?.state.findings.filter(({ state }) => state !== 'Resolved');
    expect(open).toHaveLength(200);
  });

  test('a further reading of the same tells nothing', () => {
    const findings = many(300, 'a');
    const [, second] = history({ ...base, at: 0, findings }, { ...base, at: 900, findings });
    expect(told(second)).toEqual([]);
    expect(second?.changed).toBe(false);
  });

  test('more of them update the count', () => {
    const [, second] = history(
      { ...base, at: 0, findings: many(300, 'a') },
      { ...base, at: 900, findings: many(301, 'a') },
    );
    const row = second?.findings.find(({ RuleId }) => RuleId === TOO_MANY);
    expect(row).toMatchObject({ Change: 'Updated', Evidence: { folded: 102 } });
  });

  test('200 again: each stands for itself, and the fold resolves after two readings', () => {
    const [, second, third] = history(
      { ...base, at: 0, findings: many(201, 'a') },
      { ...base, at: 900, findings: many(200, 'a') },
      { ...base, at: 970, findings: many(200, 'a') },
    );
    const restored = [...many(201, 'a').slice(0, 200)].filter((finding) =>
      fold(many(201, 'a'), [], SERVER.id, RULE).ids.has(idOf(finding)),
    );
    expect(told(second)).toEqual(restored.map(() => 'Opened'));
    expect(told(third)).toContain('Resolved Fixed');
    const open = third?.state.findings.filter(({ state }) => state === 'Open') ?? [];
    expect(open.some(({ ruleId }) => ruleId === TOO_MANY)).toBe(false);
    expect(third?.state.observedAt).toBe(at(970));
  });
});
