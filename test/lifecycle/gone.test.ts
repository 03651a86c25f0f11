import { describe, expect, test } from 'vitest';
import { compareGone } from '../../shared/lifecycle/gone.ts';
import type { Comparison, Occasion } from '../../shared/lifecycle.ts';
import type { Change } from '../../shared/asking/request.ts';
import type { ServerState } from '../../shared/lifecycle/server-state.ts';
import { parseResourceId } from '../../shared/resource-id.ts';
import { endpoint, endpointId, OTHER_SUBSCRIPTION, SERVER, value } from '../builders.ts';
import { type Monitor, monitor, serverBody } from '../fakes.ts';
import { at, change, NEW, openFinding, read } from '../histories.ts';

const DAY = 86_400;
const PE = endpointId('pe-a');
const ORPHAN = 'endpoint-orphaned';
const PASS = { ruleId: 'b', status: 'pass' } as const;

type Gone = Awaited<ReturnType<typeof compareGone>>;

/** A server that was read at 0 s with one open finding, and one that was resolved before. */
function known(): ServerState {
  const both = [openFinding('a'), openFinding('b')];
  const first = read(NEW, { at: -1000, findings: both }).state;
  const second = read(first, { at: -900, findings: [openFinding('a'), PASS] }).state;
  const third = read(second, { at: -800, findings: [openFinding('a'), PASS] }).state;
  return read(third, { at: 0, reason: 'event', findings: [openFinding('a'), PASS], changes: [change('old')] })
    .state;
}

/** A private endpoint of the server as ARM tells it. */
function endpointBody(id = PE, target = SERVER.id): unknown {
  const status = { status: 'Approved', description: '' };
  return {
    id,
    location: 'westeurope',
    properties: {
      provisioningState: 'Succeeded',
      manualPrivateLinkServiceConnections: [],
      privateLinkServiceConnections: [
        { properties: { privateLinkServiceId: target, privateLinkServiceConnectionState: status } },
      ],
    },
  };
}

function missed(
  app: Monitor,
  stored: ServerState,
  seconds: number,
  more: Partial<Occasion> = {},
  named: readonly string[] = [],
): Promise<Gone> {
  const id = parseResourceId(SERVER.id);
  if (!id) throw new Error('no id');
  const occasion = {
    reason: 'recheck',
    now: at(seconds),
    changes: [],
    runId: '',
    inventory: false,
    ...more,
  } as const;
  return compareGone(stored, at(seconds), id, occasion, app.environment, named, app.ports);
}

/** The end of the server, confirmed 180 s after the first 404. */
function ended(app: Monitor, named: readonly string[] = [], stored = known()): Promise<Gone> {
  return missed(app, { ...stored, notFoundSince: at(720) }, 900, {}, named);
}

const told = ({ findings }: Pick<Comparison, 'findings'>): readonly string[] =>
  findings.map((row) => `${row.RuleId} ${row.Change} ${row.Reason}`.trim());
const recheck = (inSeconds: number) => [{ reason: 'recheck', inSeconds }];

describe('the first 404', () => {
  test('is a hint, to be asked about again', async () => {
    const gone = await missed(monitor(), known(), 900);
    expect(gone.state).toMatchObject({
      live: true,
      deletedAt: null,
      notFoundSince: at(900),
      lookDueAt: null,
    });
    expect(gone.asks).toEqual(recheck(180));
    expect([gone.findings, gone.changes, gone.refreshes]).toEqual([[], [], []]);
    expect([gone.server, gone.outcome]).toEqual([undefined, 'Unreadable']);
  });

  test('leaves a row of each event, once', async () => {
    const changes = [change('old'), change('e1'), change('e2'), change('e1')];
    const gone = await missed(monitor(), known(), 900, { changes });
    expect(gone.changes.map(({ EventId, Outcome, Summary }) => [EventId, Outcome, Summary])).toEqual([
      ['e1', 'Unreadable', 'The server was not found.'],
      ['e2', 'Unreadable', 'The server was not found.'],
    ]);
    expect(gone.state.changes.map(({ id }) => id)).toEqual(['old', 'e1', 'e2']);
  });

  test('refreshes what is open all the same', async () => {
    const gone = await missed(monitor(), known(), DAY);
    expect(gone.refreshes).toMatchObject([{ RuleId: 'a', Reach: 'unknown', State: 'Open' }]);
    expect(gone.state.findings.map(({ refreshedAt }) => refreshedAt)).toContain(at(DAY));
  });
});

describe('the second', () => {
  test.each([
    { after: 161, since: 0, ends: false, asks: recheck(180) },
    { after: 162, since: 0, ends: true, asks: [] },
    { after: 720, since: 0, ends: true, asks: [] },
    { after: 721, since: 721, ends: false, asks: recheck(180) },
  ])('after $after s ends the server: $ends', async ({ after, since, ends, asks }) => {
    const gone = await missed(monitor(), { ...known(), notFoundSince: at(900) }, 900 + after);
    expect(told(gone)).toEqual(ends ? ['a Resolved Deleted'] : []);
    expect(gone.state.deletedAt).toBe(ends ? at(900 + after) : null);
    expect(gone.state.notFoundSince).toBe(at(900 + since));
    expect(gone.asks).toEqual(asks);
    expect(gone.state.findings).toHaveLength(2);
  });

  test('ends nothing while the server is in the list, and waits for the next sweep', async () => {
    const app = monitor();
    app.bodies.set(SERVER.id, serverBody(SERVER.id));
    const gone = await ended(app);
    expect([told(gone), gone.asks]).toEqual([[], []]);
    expect(gone.state).toMatchObject({ live: true, deletedAt: null, notFoundSince: at(720) });
  });
});

describe('the end', () => {
  test('leaves nothing to compare with, should a server come back under the name', async () => {
    const baseline = { approved: true } as unknown as ServerState['baseline'];
    const gone = await ended(monitor(), [], { ...known(), baseline, firstSeen: { x: at(0) } });
    expect(gone.state).toMatchObject({
      live: false,
      deletedAt: at(900),
      observedAt: '',
      network: {},
      lastKnown: {},
      baseline: null,
      firstSeen: {},
      surroundings: { endpoints: {} },
    });
    expect(gone.state.findings.map(({ state, reason }) => `${state} ${reason}`)).toEqual([
      'Resolved Deleted',
      'Resolved Fixed',
    ]);
    const row = gone.findings[0];
    expect(row).toMatchObject({ RuleTitle: 'a', Reach: 'unknown', ReachBefore: '', PublicAddresses: null });
    expect([row?.AddedRanges, row?.RemovedRanges]).toEqual([[], []]);
  });

  test.each([
    { reason: 'look', source: 'event' },
    { reason: 'second-look', source: 'event' },
    { reason: 'event', source: 'event' },
    { reason: 'sweep', source: 'sweep' },
    { reason: 'http', source: 'http' },
    { reason: 'recheck', source: 'recheck' },
  ] as const)('seen by a reading for $reason has the source $source', async ({ reason, source }) => {
    const gone = await missed(monitor(), { ...known(), notFoundSince: at(720) }, 900, { reason });
    expect(gone.findings[0]?.Source).toBe(source);
  });

  test('opens what is left behind, as news', async () => {
    const app = monitor();
    app.bodies.set(PE, endpointBody());
    const gone = await ended(app, [PE]);
    expect(told(gone)).toEqual(['a Resolved Deleted', `${ORPHAN} Opened`]);
    expect(gone.findings[1]).toMatchObject({
      Subject: PE,
      RuleTitle: 'Orphaned private endpoint or connection',
      Evidence: { case: 'server gone', status: 'approved' },
    });
    expect(gone.state.surroundings.endpoints[PE]).toMatchObject({ value: { id: PE } });
    expect(gone.state.findings).toHaveLength(3);
  });

  test('waits for an endpoint that does not answer', async () => {
    const app = monitor();
    app.bodies.set(PE, endpointBody());
    app.faults.set(PE, { answer: { outcome: 'failed', reason: 'ARM answered 503' }, times: 1 });
    const gone = await ended(app, [PE]);
    expect(told(gone)).toEqual([]);
    expect(gone.asks).toEqual(recheck(180));
    expect(gone.state).toMatchObject({ live: true, deletedAt: null, notFoundSince: at(720) });
  });

  test('asks for the endpoints in scope that are known to be there, or are named, once and in order', async () => {
    const app = monitor();
    const [gone, there, both] = [endpointId('pe-gone'), endpointId('pe-z'), endpointId('pe-b')];
    const other = endpointId('pe-x', OTHER_SUBSCRIPTION);
    for (const id of [PE, both, there]) app.bodies.set(id, endpointBody(id));
    const endpoints = {
      [there]: value(endpoint('pe-z')),
      [gone]: value('gone' as const),
      [both]: value(endpoint('pe-b')),
      [other]: value(endpoint('pe-x')),
    };
    const { state } = await ended(app, [both, PE], { ...known(), surroundings: { endpoints } });
    expect(app.reads.filter((path) => path.includes('/privateendpoints/'))).toEqual([PE, both, there]);
    expect(Object.keys(state.surroundings.endpoints).toSorted()).toEqual([PE, both, there, other].toSorted());
  });

  test('keeps what another rule said of an endpoint that is left behind', async () => {
    const app = monitor();
    app.bodies.set(PE, endpointBody());
    const { state } = read(known(), { at: 100, findings: [openFinding('c', { subject: PE })] });
    const gone = await ended(app, [PE], state);
    expect(told(gone)).toEqual(['a Resolved Deleted', 'c Resolved Deleted', `${ORPHAN} Opened`]);
  });

  test('a policy without the rule opens nothing', async () => {
    const app = monitor();
    app.bodies.set(PE, endpointBody());
    const rules = app.environment.rules.filter(({ id }) => id !== ORPHAN);
    Object.assign(app.environment, { rules });
    expect(told(await ended(app, [PE]))).toEqual(['a Resolved Deleted']);
  });
});

describe('after the end, what was left behind', () => {
  /** A server that ended at 900 s and left an endpoint. */
  async function left(): Promise<{ readonly app: Monitor; readonly state: ServerState }> {
    const app = monitor();
    app.bodies.set(PE, endpointBody());
    return { app, state: (await ended(app, [PE])).state };
  }

  test('is told once, and not taken for the end again', async () => {
    const { app, state } = await left();
    const again = await missed(app, state, 1800);
    expect([told(again), again.asks, again.refreshes]).toEqual([[], [], []]);
    expect(again.state).toMatchObject({ live: false, deletedAt: at(900), notFoundSince: at(720) });
    expect(again.state.findings.at(-1)).toMatchObject({ ruleId: ORPHAN, state: 'Open', lastSeen: at(1800) });
  });

  test('ends at once with the rule that told of it', async () => {
    const { app, state } = await left();
    const rules = app.environment.rules.filter(({ id }) => id !== ORPHAN);
    Object.assign(app.environment, { rules });
    expect(told(await missed(app, state, 1800))).toEqual([`${ORPHAN} Resolved RuleRetired`]);
  });

  test('resolves by two readings that do not find it', async () => {
    const { app, state } = await left();
    app.bodies.delete(PE);
    const first = await missed(app, state, 1800);
    expect([told(first), first.asks]).toEqual([[], recheck(70)]);
    app.reads.length = 0;
    const second = await missed(app, first.state, 1870);
    expect([told(second), second.asks]).toEqual([[`${ORPHAN} Resolved Fixed`], []]);
    expect(app.reads).toEqual([PE]);
    app.reads.length = 0;
    await missed(app, second.state, 2800);
    expect(app.reads).toEqual([]);
  });

  test.each([
    { when: 'beside others', before: known(), findings: 3 },
    { when: 'alone', before: { ...NEW, live: true, observedAt: at(0), completedAt: at(0) }, findings: 1 },
  ])('opens again in its record when it is there again, $when', async ({ before, findings }) => {
    const app = monitor();
    app.bodies.set(PE, endpointBody());
    const { state } = await ended(app, [PE], before);
    app.bodies.delete(PE);
    const first = await missed(app, state, 1800);
    const second = await missed(app, first.state, 1870);
    app.bodies.set(PE, endpointBody());
    const third = await missed(app, second.state, 9000, {}, [PE]);
    expect(told(third)).toEqual([`${ORPHAN} Opened`]);
    expect(third.state.findings).toHaveLength(findings);
    expect(third.state.findings.at(-1)).toMatchObject({ state: 'Open', seq: 3 });
  });

  test('stays where it may not be read', async () => {
    const { app, state } = await left();
    app.faults.set(PE, { answer: { outcome: 'denied', reason: 'denied (403)', at: at(1800) }, times: 2 });
    const first = await missed(app, state, 1800);
    const second = await missed(app, first.state, 1870);
    expect([told(first), told(second), first.asks]).toEqual([[], [], []]);
    expect(second.state.findings.at(-1)).toMatchObject({ state: 'Open', pending: null, lastSeen: at(900) });
  });

  test('stays where it does not answer, and is not asked for at once', async () => {
    const { app, state } = await left();
    app.faults.set(PE, { answer: { outcome: 'failed', reason: 'ARM answered 503' }, times: 1 });
    const again = await missed(app, state, 1800);
    expect([told(again), again.asks]).toEqual([[], []]);
    expect(again.state.deletedAt).toBe(at(900));
  });

  test('is fixed when the endpoint points elsewhere, though another is still there', async () => {
    const app = monitor();
    const other = endpointId('pe-b');
    for (const id of [PE, other]) app.bodies.set(id, endpointBody(id));
    const { state } = await ended(app, [PE, other]);
    app.bodies.set(PE, endpointBody(PE, `${SERVER.id}-2`));
    const first = await missed(app, state, 1800);
    const second = await missed(app, first.state, 1870);
    expect(told(second)).toEqual([`${ORPHAN} Resolved Fixed`]);
    expect(second.findings[0]?.Subject).toBe(PE);
  });
});

describe('who deleted it', () => {
  const deleted = (seconds: number, resource = SERVER.id, operation = 'x/delete'): Change =>
    change(`e${seconds}`, { resource, operation, time: at(seconds) });

  // The last reading that found the server was at 0 s, and may have shown what was true a minute before.
  test.each<{ when: string; changes: readonly Change[]; actor: string }>([
    { when: 'the deletion', changes: [deleted(850)], actor: 'dana' },
    { when: 'one in capitals', changes: [deleted(850, SERVER.id, 'X/DELETE')], actor: 'dana' },
    { when: 'one a minute before the last reading', changes: [deleted(-60)], actor: 'dana' },
    { when: 'one before that, of a server that was made anew', changes: [deleted(-61)], actor: '' },
    { when: 'a write', changes: [deleted(850, SERVER.id, 'x/delete/action')], actor: '' },
    { when: 'a write after it', changes: [deleted(850), deleted(860, SERVER.id, 'x/write')], actor: '' },
    {
      when: 'a later write of something else',
      changes: [deleted(850), deleted(860, PE, 'x/write')],
      actor: 'dana',
    },
    { when: 'the deletion of something else', changes: [deleted(850, PE)], actor: '' },
    { when: 'nothing', changes: [], actor: '' },
  ])('the end tells by $when: "$actor"', async ({ changes, actor }) => {
    const gone = await missed(monitor(), { ...known(), notFoundSince: at(720) }, 900, { changes });
    expect(gone.findings.map(({ ActorId }) => ActorId)).toEqual([actor]);
  });

  test('what is told of its parts ends by its deletion too', async () => {
    const { state } = read(known(), { at: 100, findings: [openFinding('c', { subject: PE })] });
    const changes = [deleted(850), deleted(860, PE, 'x/write')];
    const gone = await missed(monitor(), { ...state, notFoundSince: at(720) }, 900, { changes });
    expect(gone.findings.map(({ Subject, ActorId }) => [Subject, ActorId])).toEqual([
      [SERVER.id, 'dana'],
      [PE, 'dana'],
    ]);
  });

  // The server ended at 900 s.
  test.each([
    { when: 'its deletion', change: deleted(1790, PE), actor: 'dana' },
    { when: 'one a minute before the end of the server', change: deleted(840, PE), actor: 'dana' },
    { when: 'one before that', change: deleted(839, PE), actor: '' },
    { when: 'the deletion of the server', change: deleted(1790), actor: '' },
  ])('what was left behind ends by $when: "$actor"', async ({ change: event, actor }) => {
    const app = monitor();
    app.bodies.set(PE, endpointBody());
    const { state } = await ended(app, [PE]);
    app.bodies.delete(PE);
    const first = await missed(app, state, 1800, { changes: [event] });
    const second = await missed(app, first.state, 1870);
    expect(second.findings.map(({ Subject, ActorId }) => [Subject, ActorId])).toEqual([[PE, actor]]);
  });
});
