import { describe, expect, test } from 'vitest';
import { isAsJudged, quietOf } from '../../shared/assessing/quiet.ts';
import { isSuspicionFree, readQuickly } from '../../shared/assessing/suspicion.ts';
import { rulesHashOf } from '../../shared/families/fingerprint.ts';
import type { Occasion } from '../../shared/lifecycle.ts';
import { newState, type ServerState } from '../../shared/lifecycle/server-state.ts';
import type { AccessChange, Readings } from '../../shared/model.ts';
import type { Answer, Ports } from '../../shared/ports.ts';
import { TransientError } from '../../shared/transient-error.ts';
import { network, server, SERVER, value, publicAccess } from '../builders.ts';
import { monitor } from '../fakes.ts';
import { at, change } from '../histories.ts';

const DAY = 86_400;
const switchedAt = (seconds: number): readonly AccessChange[] => [
  { at: at(-DAY), to: 'disabled', by: 'robin' },
  { at: at(seconds), to: 'enabled', by: 'robin' },
];
const CALM: ServerState = {
  ...newState(SERVER),
  live: true,
  observedAt: at(0),
  completedAt: at(1),
  network: network(),
  serverRow: { digest: 'd', at: at(0) },
  bodyHash: 'h',
  judgedUnder: 'c',
};

describe('a sweep whose record equals the stored reading', () => {
  test.each<{
    when: string;
    state?: Partial<ServerState>;
    graphHash?: string;
    occasion?: Partial<Occasion>;
    switched?: readonly AccessChange[];
    circumstances?: string;
    free: boolean;
  }>([
    { when: 'is enough', free: true },
    { when: 'is enough whatever the policy, where nobody tells', state: { judgedUnder: 'x' }, free: true },
    { when: 'is enough under the same policy', circumstances: 'c', free: true },
    { when: 'is not under another', circumstances: 'other', free: false },
    { when: 'is no sweep', occasion: { reason: 'http' }, free: false },
    { when: 'brings an event', occasion: { changes: [change('e1')] }, free: false },
    { when: 'is another record', graphHash: 'other', free: false },
    { when: 'is none', graphHash: '', free: false },
    { when: 'of a server that was switched before', switched: switchedAt(0), free: true },
    { when: 'of a server that was switched since', switched: switchedAt(1), free: false },
    { when: 'comes when something is due', occasion: { now: at(6 * 3600) }, free: false },
    { when: 'comes a second before', occasion: { now: at(6 * 3600 - 1) }, free: true },
    { when: 'of a server that was not found last', state: { notFoundSince: at(0) }, free: false },
  ])('$when: $free', ({ state, graphHash = 'h', occasion, switched = [], circumstances, free }) => {
    const asked = { server: SERVER, graphHash: graphHash === '' ? undefined : graphHash };
    const sweep = {
      reason: 'sweep',
      now: at(900),
      changes: [],
      runId: 'r',
      inventory: false,
      ...occasion,
    } as const;
    const environment = circumstances === undefined ? {} : { circumstances };
    expect(isSuspicionFree({ ...CALM, ...state }, asked, sweep, switched, environment)).toBe(free);
  });
});

/** ARM's answers to lists, by the last segment of the path, and the paths that it was asked for. */
function armOf(
  lists: Readonly<Record<string, Answer<readonly unknown[]>>>,
): Ports & { readonly asked: string[] } {
  const asked: string[] = [];
  const gone = { outcome: 'gone', code: '', at: at(0) } as const;
  const list: Ports['arm']['list'] = (path) => {
    asked.push(path);
    return Promise.resolve(lists[path.split('/').at(-1) ?? ''] ?? gone);
  };
  return { ...monitor().ports, arm: { get: () => Promise.resolve(gone), list }, asked };
}

const empty = (first: number, last: number): Answer<readonly unknown[]> => ({
  outcome: 'ok',
  body: [],
  firstAt: at(first),
  at: at(last),
});
const FAILED = { outcome: 'failed', reason: 'throttled', retryAfterSeconds: 7 } as const;
const DENIED = { outcome: 'denied', reason: 'denied (403)', at: at(900) } as const;
const ONE = {
  outcome: 'ok',
  body: [{ name: 'office', properties: { startIpAddress: '8.8.8.8', endIpAddress: '8.8.8.8' } }],
  firstAt: at(900),
  at: at(900),
} as const;
const WITHOUT: Readings = { publicAccess: value(publicAccess('Disabled')), delegatedSubnetId: value(null) };

describe('the rules alone', () => {
  const MS = server('MS');
  const OPEN = { ...CALM, server: MS, network: network({ family: 'MS' }) };
  const closed = (rulesAt: number): Readings => ({
    ...WITHOUT,
    firewallRules: { value: [], at: at(rulesAt) },
  });

  test('make a reading from their first to their last answer, where they are as before', async () => {
    const ports = armOf({ firewallRules: empty(904, 906), virtualNetworkRules: empty(903, 905) });
    expect(await readQuickly(OPEN, at(902), false, ports)).toEqual({
      server: MS,
      observedAt: at(903),
      completedAt: at(906),
      found: true,
      network: {
        ...OPEN.network,
        firewallRules: { value: [], at: at(906) },
        virtualNetworkRules: { value: [], at: at(905) },
      },
      surroundings: { endpoints: {} },
    });
  });

  test.each<{ when: string; lists: Readonly<Record<string, Answer<readonly unknown[]>>> }>([
    { when: 'differ', lists: { firewallRules: ONE, virtualNetworkRules: empty(900, 900) } },
    { when: 'may not be read', lists: { firewallRules: DENIED, virtualNetworkRules: empty(900, 900) } },
  ])('that $when need the whole server', async ({ lists }) => {
    expect(await readQuickly(OPEN, at(900), false, armOf(lists))).toBeUndefined();
  });

  test('that could not be read before either need the whole server', async () => {
    const before = { ...OPEN, network: network({ family: 'MS', denied: ['firewallRules'] }) };
    const ports = armOf({ firewallRules: DENIED, virtualNetworkRules: empty(900, 900) });
    expect(await readQuickly(before, at(900), false, ports)).toBeUndefined();
  });

  test('that do not answer are asked for again, or need the whole server at the last attempt', async () => {
    const ports = armOf({ firewallRules: FAILED, virtualNetworkRules: empty(900, 900) });
    const error = await readQuickly(OPEN, at(900), false, ports).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ message: 'throttled', retryAfterSeconds: 7 });
    expect(await readQuickly(OPEN, at(900), true, ports)).toBeUndefined();
  });

  test.each([
    { when: 'read within the day', readings: closed(900 - DAY + 1), reads: 0 },
    { when: 'read a day ago', readings: closed(900 - DAY), reads: 1 },
    { when: 'never read', readings: WITHOUT, reads: 1 },
  ])('behind a closed switch, $when, are asked for $reads times', async ({ readings, reads }) => {
    const ports = armOf({ firewallRules: empty(900, 900) });
    const answer = await readQuickly({ ...CALM, network: readings }, at(900), false, ports);
    expect(ports.asked).toHaveLength(reads);
    expect(answer === 'unchanged').toBe(reads === 0);
  });
});

describe('the columns of the states', () => {
  const KNOWN = {
    quietUnder: 'c',
    quietUntil: at(3600),
    bodyHash: 'h',
    readAt: at(0),
    rulesHash: 'x',
    rulesAt: at(0),
    closed: '',
  };
  const item = { server: SERVER, graphHash: 'h' };

  test.each<{
    when: string;
    known?: Partial<typeof KNOWN>;
    switched?: readonly AccessChange[];
    now?: number;
    due: boolean | undefined;
  }>([
    { when: 'as it was', due: true },
    { when: 'closed, and read within the day', known: { closed: 'yes' }, due: false },
    { when: 'closed, and read a day ago', known: { closed: 'yes', rulesAt: at(900 - DAY) }, due: true },
    { when: 'a second before something is due', now: 3599, due: true },
    { when: 'when something is due', now: 3600, due: undefined },
    { when: 'under another policy', known: { quietUnder: 'other' }, due: undefined },
    { when: 'with another record', known: { bodyHash: 'other' }, due: undefined },
    { when: 'switched before it was read', switched: switchedAt(0), due: true },
    { when: 'switched since', switched: switchedAt(1), due: undefined },
  ])('of a server $when', ({ known, switched, now = 900, due }) => {
    const accessChanges = new Map(switched ? [[SERVER.id, switched]] : []);
    const surrounding = { firstRunId: 'r', namedBy: new Map(), accessChanges };
    const columns = new Map([[SERVER.id, { ...KNOWN, ...known }]]);
    const quiet = quietOf([item], { surrounding }, { circumstances: 'c' }, { columns, now: at(now) });
    expect(quiet).toEqual(due === undefined ? [] : [{ item, rulesHash: 'x', rulesAreDue: due }]);
  });

  test('of a server that nobody has read are none', () => {
    const surrounding = { firstRunId: 'r', namedBy: new Map(), accessChanges: new Map() };
    const none = { columns: new Map(), now: at(0) };
    expect(quietOf([{ ...item, graphHash: undefined }], { surrounding }, {}, none)).toEqual([]);
  });
});

describe('what was judged before', () => {
  const item = { server: SERVER, graphHash: 'h' };
  const rulesHash = rulesHashOf({ firewallRules: value([]) }) ?? '';
  const quiet = { item, rulesAreDue: true, rulesHash };

  test.each<{ when: string; list: Answer<readonly unknown[]>; due: boolean; as: boolean; reads: number }>([
    { when: 'rules that are as they were', list: empty(900, 900), due: true, as: true, reads: 1 },
    { when: 'rules that differ', list: ONE, due: true, as: false, reads: 1 },
    { when: 'rules that may not be read', list: DENIED, due: true, as: false, reads: 1 },
    { when: 'rules that are not due', list: ONE, due: false, as: true, reads: 0 },
  ])('holds for $when: $as', async ({ list, due, as, reads }) => {
    const ports = armOf({ firewallRules: list });
    expect(await isAsJudged({ ...quiet, rulesAreDue: due }, { last: false }, ports)).toBe(as);
    expect(ports.asked).toHaveLength(reads);
  });

  test('is asked for again while the rules do not answer, and does not hold at the last attempt', async () => {
    const ports = armOf({ firewallRules: FAILED });
    const error = await isAsJudged(quiet, { last: false }, ports).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: 'throttled', retryAfterSeconds: 7 });
    expect(await isAsJudged(quiet, { last: true }, ports)).toBe(false);
  });
});
