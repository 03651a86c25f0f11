import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../shared/lifecycle.ts';
import type { Change } from '../../shared/asking/request.ts';
import { connectionId, endpoint, endpointId, type Given, ruleId, SERVER } from '../builders.ts';
import { at, change, history, openFinding, type Scene } from '../histories.ts';

const OPEN = openFinding('internet-reachable');
/** What names the rule `home` in its evidence. */
const NAMES_HOME = openFinding('internet-reachable', { evidence: { rules: [ruleId('home')] } });
const OF_HOME = openFinding('wide-public-range', { subject: ruleId('home') });

const dana = (resource: string, more: Partial<Change> = {}): Change =>
  change(`dana-${resource}`, { resource, time: at(890), ...more });
const erin = (resource: string, more: Partial<Change> = {}): Change =>
  change(`erin-${resource}`, {
    resource,
    time: at(895),
    actor: { name: 'erin', id: 'erin', type: 'User', address: '' },
    ...more,
  });

const last = (...scenes: readonly Scene[]): Comparison => {
  const comparison = history(...scenes).at(-1);
  if (!comparison) throw new Error('no scene');
  return comparison;
};
const author = (comparison: Comparison): string => {
  const [row, ...more] = comparison.findings;
  if (!row || more.length > 0) throw new Error('not one row');
  return row.ActorId;
};

interface Case {
  readonly when: string;
  readonly before?: Given;
  readonly after?: Given;
  readonly finding?: typeof OPEN;
  readonly changes: readonly Change[];
  readonly author: string;
}

const OFF = 'Disabled';

describe('who opened it', () => {
  test.each<Case>([
    {
      when: 'who wrote the rule that the evidence names',
      after: { fw: ['home=8.8.8.8'] },
      finding: NAMES_HOME,
      changes: [dana(ruleId('home'))],
      author: 'dana',
    },
    {
      when: 'who wrote the rule that is the subject',
      after: { fw: ['home=8.8.8.8'] },
      finding: OF_HOME,
      changes: [dana(ruleId('home'))],
      author: 'dana',
    },
    {
      when: 'who wrote it, beside one who wrote another rule',
      after: { fw: ['home=8.8.8.8', 'office=8.8.4.4'] },
      finding: NAMES_HOME,
      changes: [dana(ruleId('home')), erin(ruleId('office'))],
      author: 'dana',
    },
    {
      when: 'nobody, where only the event of another rule came',
      after: { fw: ['home=8.8.8.8', 'office=8.8.4.4'] },
      finding: NAMES_HOME,
      changes: [erin(ruleId('office'))],
      author: '',
    },
    {
      when: 'nobody, where the event is of something that did not move: a tag of the server',
      after: { fw: ['home=8.8.8.8'] },
      finding: NAMES_HOME,
      changes: [erin(SERVER.id)],
      author: '',
    },
    {
      when: 'who switched access on before a rule that was there',
      before: { pna: OFF, fw: ['home=8.8.8.8'] },
      after: { fw: ['home=8.8.8.8'] },
      finding: NAMES_HOME,
      changes: [dana(SERVER.id)],
      author: 'dana',
    },
    {
      when: 'one person for a rule and the switch before it',
      before: { pna: OFF },
      after: { fw: ['home=8.8.8.8'] },
      finding: NAMES_HOME,
      changes: [dana(SERVER.id), dana(ruleId('home'))],
      author: 'dana',
    },
    {
      when: 'nobody, where two people share it',
      before: { pna: OFF },
      after: { fw: ['home=8.8.8.8'] },
      finding: NAMES_HOME,
      changes: [dana(SERVER.id), erin(ruleId('home'))],
      author: '',
    },
    {
      when: 'nobody, where the other half has no event',
      before: { pna: OFF },
      after: { fw: ['home=8.8.8.8'] },
      finding: NAMES_HOME,
      changes: [erin(ruleId('home'))],
      author: '',
    },
    {
      when: 'who wrote everything that moved, where the finding names nothing of it',
      after: { fw: ['home=8.8.8.8', 'office=8.8.4.4'] },
      changes: [dana(ruleId('home')), dana(ruleId('office'))],
      author: 'dana',
    },
    {
      when: 'nobody, where a part of that has no event',
      after: { fw: ['home=8.8.8.8', 'office=8.8.4.4'] },
      changes: [dana(ruleId('home'))],
      author: '',
    },
    {
      when: 'who deleted what the evidence names',
      before: { fw: ['home=8.8.8.8'] },
      finding: NAMES_HOME,
      changes: [
        dana(ruleId('home'), { operation: 'Microsoft.DBforMySQL/flexibleServers/firewallRules/delete' }),
      ],
      author: 'dana',
    },
    {
      when: 'who wrote the endpoint behind a connection',
      after: { pec: ['Approved'], endpoints: [endpoint('pe-a')] },
      finding: openFinding('endpoint-pending', { subject: connectionId('a') }),
      changes: [dana(endpointId('pe-a'))],
      author: 'dana',
    },
    {
      when: 'who decided on the connection, which moves its endpoint too',
      before: { pec: ['Pending'], endpoints: [endpoint('pe-a', {}, { status: 'pending' })] },
      after: { pec: ['Approved'], endpoints: [endpoint('pe-a')] },
      finding: openFinding('endpoint-newly-approved', { subject: connectionId('a') }),
      changes: [dana(connectionId('a'))],
      author: 'dana',
    },
    {
      when: 'nobody, where the rules could not be read before',
      before: { denied: ['firewallRules'] },
      after: { fw: ['home=8.8.8.8'] },
      finding: NAMES_HOME,
      changes: [dana(ruleId('home'))],
      author: '',
    },
    {
      when: 'nobody, where rules that nobody wrote can be read again',
      before: { denied: ['firewallRules'] },
      after: { fw: ['home=8.8.8.8'], pec: ['Approved'], endpoints: [endpoint('pe-a')] },
      finding: NAMES_HOME,
      changes: [dana(endpointId('pe-a'))],
      author: '',
    },
    {
      when: 'nobody, where nothing moved: its time had come',
      changes: [dana(SERVER.id), dana(ruleId('home'))],
      author: '',
    },
  ])('$when', ({ before = {}, after = {}, finding = OPEN, changes, author: expected }) => {
    const comparison = last(
      { at: 0, given: before },
      { at: 900, given: after, findings: [finding], reason: 'event', changes },
    );
    expect(author(comparison)).toBe(expected);
  });
});

/** A rule that came at 900 s and was found by a sweep, without an event. */
const FOUND: readonly Scene[] = [
  { at: 0 },
  { at: 900, given: { fw: ['home=8.8.8.8'] }, findings: [OF_HOME] },
];
const STILL = { given: { fw: ['home=8.8.8.8'] }, findings: [OF_HOME] };
const asksOf = ({ state }: Comparison): number | undefined => state.findings[0]?.unsigned?.asks;

describe('when it is known later', () => {
  test('a sweep that finds it asks the Activity Log, and so do the next two', () => {
    const silent = { ...STILL, authors: [] };
    const [, first, second, third, fourth] = history(
      ...FOUND.slice(0, 1),
      { ...FOUND[1], at: 900, authors: [] },
      { ...silent, at: 1800 },
      { ...silent, at: 2700 },
      { ...silent, at: 3600 },
    );
    expect([first, second, third, fourth].map((comparison) => comparison && asksOf(comparison))).toEqual([
      2, 1, 0, 0,
    ]);
  });

  test.each<{ when: string; scene: Partial<Scene>; told: readonly string[] }>([
    {
      when: 'the Activity Log',
      scene: { authors: [dana(ruleId('home'))] },
      told: ['Updated AuthorFound dana'],
    },
    {
      when: 'an event that comes late',
      scene: { reason: 'event', changes: [dana(ruleId('home'))] },
      told: ['Updated AuthorFound dana'],
    },
    { when: 'no entry of another rule', scene: { authors: [dana(ruleId('office'))] }, told: [] },
    {
      when: 'no entry from before the reading that did not show it',
      scene: { authors: [dana(ruleId('home'), { time: at(-1) })] },
      told: [],
    },
    {
      when: 'no entry from after the reading that showed it',
      scene: { authors: [erin(ruleId('home'), { time: at(902) })] },
      told: [],
    },
    {
      when: 'no entry without a date',
      scene: { authors: [dana(ruleId('home'), { time: 'soon' })] },
      told: [],
    },
    {
      when: 'no two people',
      scene: { authors: [dana(ruleId('home')), erin(ruleId('home'))] },
      told: [],
    },
    {
      when: 'nothing while the finding does not show',
      scene: {
        authors: [dana(ruleId('home'))],
        given: {},
        findings: [{ ruleId: OF_HOME.ruleId, status: 'pass' }],
      },
      told: [],
    },
  ])('$when', ({ scene, told }) => {
    const { findings } = last(...FOUND, { ...STILL, at: 1800, ...scene });
    expect(findings.map(({ Change: kind, Reason, ActorId }) => `${kind} ${Reason} ${ActorId}`)).toEqual(told);
  });

  test('an event that came while the finding did not show signs it when it shows again', () => {
    const comparison = last(
      ...FOUND,
      { at: 1000, reason: 'event', given: { denied: ['firewallRules'] }, changes: [dana(ruleId('home'))] },
      { ...STILL, at: 1800 },
    );
    expect(comparison.findings).toMatchObject([{ Reason: 'AuthorFound', ActorId: 'dana' }]);
  });

  test('what rests on more than ten things waits for nobody', () => {
    const fw = Array.from({ length: 11 }, (_, index) => `home-${index}=8.8.8.${index}`);
    expect(
      last({ at: 0 }, { at: 900, given: { fw }, findings: [OPEN] }).state.findings[0]?.unsigned,
    ).toBeNull();
    const fewer = last({ at: 0 }, { at: 900, given: { fw: fw.slice(1) }, findings: [OPEN] });
    expect(fewer.state.findings[0]?.unsigned?.moved).toHaveLength(10);
  });
});

describe('which events count', () => {
  const home = { given: { fw: ['home=8.8.8.8'] }, findings: [OF_HOME] };
  const UNSEEN = { at: 900, reason: 'event', changes: [dana(ruleId('home'))] } as const;

  test('one whose own reading did not yet show it', () => {
    expect(author(last({ at: 0 }, UNSEEN, { ...home, at: 975, reason: 'second-look' }))).toBe('dana');
  });

  test('not one that another reading more than a minute after it did not show either', () => {
    const scenes = (second: number): readonly Scene[] => [
      { at: 0 },
      UNSEEN,
      { at: second, reason: 'second-look' },
      { ...home, at: 1490 },
    ];
    expect([950, 951].map((second) => author(last(...scenes(second))))).toEqual(['dana', '']);
  });

  test('not one that is older than a reading that did not show it', () => {
    const late = dana(ruleId('home'), { time: at(100) });
    expect(author(last({ at: 0 }, { at: 200 }, { ...home, at: 900, reason: 'event', changes: [late] }))).toBe(
      '',
    );
    const stale = dana(ruleId('home'), { time: at(140) });
    expect(
      author(last({ at: 0 }, { at: 200 }, { ...home, at: 900, reason: 'event', changes: [stale] })),
    ).toBe('dana');
  });

  test('not one that a later write of the same rule has replaced', () => {
    const replaced = dana(ruleId('home'), { time: at(899) });
    const comparison = last(
      { at: 0 },
      { at: 910, reason: 'event', changes: [erin(ruleId('home'), { time: at(905) })] },
      { ...home, at: 920, reason: 'event', changes: [replaced] },
    );
    expect(author(comparison)).toBe('erin');
  });

  test('not a copy of one that a reading covered', () => {
    const moved = {
      given: { fw: ['home=8.8.8.9'] },
      findings: [openFinding('wide-public-range', { subject: ruleId('home'), severity: 'Low' })],
    };
    const event = { reason: 'event', changes: [dana(ruleId('home'))] } as const;
    expect(author(last({ at: 0 }, { ...home, ...event, at: 900 }, { ...moved, ...event, at: 910 }))).toBe('');
  });

  test('the last of several by one person', () => {
    const again = dana(ruleId('home'), { id: 'again', time: at(893), correlationId: 'c-again' });
    const comparison = last(
      { at: 0 },
      { ...home, at: 900, reason: 'event', changes: [again, dana(ruleId('home'))] },
    );
    expect(comparison.findings[0]).toMatchObject({ CorrelationId: 'c-again', ChangedAt: at(893) });
  });
});

describe('the first reading', () => {
  const home = { at: 900, given: { fw: ['home=8.8.8.8'] }, findings: [NAMES_HOME], reason: 'event' } as const;

  test.each<{ when: string; scene: Scene; author: string }>([
    {
      when: 'of a new server: who made it and its rule',
      scene: { ...home, changes: [dana(SERVER.id), dana(ruleId('home'))] },
      author: 'dana',
    },
    {
      when: 'of a new server: nobody for its rule alone',
      scene: { ...home, changes: [dana(ruleId('home'))] },
      author: '',
    },
    {
      when: 'of one that was there: who wrote the rule that the finding names',
      scene: { ...home, inventory: true, changes: [dana(ruleId('home'))] },
      author: 'dana',
    },
    {
      when: 'of one that was there: nobody for what the finding does not name',
      scene: { ...home, inventory: true, findings: [OPEN], changes: [dana(ruleId('home')), dana(SERVER.id)] },
      author: '',
    },
    {
      when: 'of one that was there: nobody for a deletion that does not show yet',
      scene: {
        ...home,
        inventory: true,
        changes: [
          dana(ruleId('home'), { operation: 'Microsoft.DBforMySQL/flexibleServers/firewallRules/delete' }),
        ],
      },
      author: '',
    },
  ])('$when', ({ scene, author: expected }) => {
    expect(author(last(scene))).toBe(expected);
  });
});

describe('what two readings settle', () => {
  const home: Scene = { at: 0, given: { fw: ['home=8.8.8.8'] }, findings: [OF_HOME] };
  const passes = { ruleId: OF_HOME.ruleId, status: 'pass' } as const;
  const gone = { given: {}, findings: [passes] };

  test('is signed by who made what the first one saw', () => {
    const comparison = last(
      home,
      { ...gone, at: 900, reason: 'event', changes: [dana(ruleId('home'))] },
      {
        at: 975,
        given: { fw: ['office=8.8.4.4'] },
        findings: [passes],
        reason: 'event',
        changes: [erin(ruleId('office'))],
      },
    );
    expect(author(comparison)).toBe('dana');
  });

  test('is nobody’s where the first one did not know', () => {
    const comparison = last(
      home,
      { ...gone, at: 900 },
      {
        at: 975,
        given: { fw: ['office=8.8.4.4'] },
        findings: [passes],
        reason: 'event',
        changes: [erin(ruleId('office'))],
      },
    );
    expect(author(comparison)).toBe('');
  });
});

describe('what no write brought about', () => {
  const NOTE = { reason: 'Migration', owner: 'dana', expires: '2026-06-30' };
  const home: Scene = { at: 0, given: { fw: ['home=8.8.8.8'] }, findings: [OF_HOME] };
  const moved = {
    at: 900,
    given: { fw: ['home=8.8.8.9'] },
    reason: 'event',
    changes: [erin(ruleId('home'))],
  } as const;
  const covered = { exempt: () => ({ exemption: NOTE }) };

  test.each<{ when: string; scenes: readonly Scene[]; author: string }>([
    { when: 'a rule that is no more', scenes: [home, { ...moved, findings: [], rules: [] }], author: '' },
    { when: 'a new exemption', scenes: [home, { ...moved, findings: [OF_HOME], ...covered }], author: '' },
    {
      when: 'the end of one',
      scenes: [
        { ...home, ...covered },
        { ...moved, findings: [OF_HOME], exempt: () => ({ exemption: null, ended: 'ExemptionEnded' }) },
      ],
      author: '',
    },
    {
      when: 'but not where somebody made more than it covers',
      scenes: [
        { ...home, ...covered },
        { ...moved, findings: [OF_HOME], exempt: () => ({ exemption: null, ended: 'ExemptionOutgrown' }) },
      ],
      author: 'erin',
    },
    {
      when: 'another exemption',
      scenes: [
        { ...home, ...covered },
        { ...moved, findings: [OF_HOME], exempt: () => ({ exemption: { ...NOTE, expires: '2026-07-31' } }) },
      ],
      author: '',
    },
  ])('$when', ({ scenes, author: expected }) => {
    expect(author(last(...scenes))).toBe(expected);
  });
});
