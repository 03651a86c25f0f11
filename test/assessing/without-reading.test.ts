import { describe, expect, test } from 'vitest';
import type { Batch } from '../../shared/assessing/batch.ts';
import { withoutReading } from '../../shared/assessing/without-reading.ts';
import type { Change, Request } from '../../shared/asking/request.ts';
import type { FindingRecord, ServerState, StoredState } from '../../shared/lifecycle/server-state.ts';
import { insertWaiting, readState, readWaiting, writeState } from '../../shared/state/store.ts';
import { SERVER } from '../builders.ts';
import { type Monitor, monitor } from '../fakes.ts';
import { at, change, NEW, openFinding, read } from '../histories.ts';

interface Case {
  readonly app: Monitor;
  readonly stored: StoredState;
  readonly batch: Batch;
  readonly answer: (seconds: number, hasRead?: boolean) => ReturnType<typeof withoutReading>;
}

/** A stored state, and a request that was made at 0 s. */
async function given(
  reason: Request['reason'],
  state: Partial<ServerState>,
  more: { readonly changes?: readonly Change[]; readonly requestedAt?: string } = {},
): Promise<Case> {
  const app = monitor();
  const stored = await writeState(app.table, { state: { ...NEW, ...state }, etag: undefined });
  if (!stored) throw new Error('not written');
  const { changes = [], requestedAt = at(0) } = more;
  const batch: Batch = {
    request: { resources: [{ id: SERVER.id }], reason, requestedAt, changes: [...changes] },
    startedAt: 0,
    last: false,
    unannounced: [],
    committed: [],
    results: new Map(),
    surrounding: { firstRunId: undefined, namedBy: new Map(), accessChanges: new Map() },
    inventory: false,
  };
  return {
    app,
    stored,
    batch,
    answer: (seconds, hasRead = false) => withoutReading(stored, at(seconds), batch, hasRead, app.ports),
  };
}

const state = async ({ app }: Case): Promise<ServerState> =>
  (await readState(app.table, SERVER)).stored.state;
const waiting = async ({ app }: Case): Promise<readonly string[]> =>
  (await readWaiting(app.table, SERVER)).map((item) => item.change.id);
const sent = ({ app }: Case): readonly unknown[] =>
  app.messages.map(({ request, dueAt }) => [
    request.reason,
    request.requestedAt,
    (dueAt - Date.parse(app.time())) / 1000,
  ]);

/** The state moves on after it was read. */
async function overtake(one: Case, more: Partial<ServerState>): Promise<void> {
  await writeState(one.app.table, { ...one.stored, state: { ...one.stored.state, ...more } });
}

describe('a request that another reading covers', () => {
  const finished = (seconds: number): Pick<ServerState, 'finished'> => ({
    finished: { startedAt: at(seconds), outcome: 'Widened', summary: 'More.' },
  });
  const calm = read(NEW, { at: -900, findings: [openFinding('a'), openFinding('b')] }).state.findings;
  const waits = calm.map((record, index): FindingRecord =>
    index === 0 ? record : { ...record, pending: { to: 'resolve', since: at(-60), reason: 'Fixed' } },
  );

  test.each<{ when: string; reason: Request['reason']; known: Partial<ServerState>; covered: boolean }>([
    { when: 'an event, two minutes before', reason: 'event', known: finished(120), covered: true },
    { when: 'an event, a second less before', reason: 'event', known: finished(119), covered: false },
    { when: 'an HTTP request', reason: 'http', known: finished(120), covered: true },
    { when: 'a sweep, which reads for itself', reason: 'sweep', known: finished(120), covered: false },
    { when: 'a recheck', reason: 'recheck', known: finished(120), covered: false },
    { when: 'by a reading that starts now', reason: 'http', known: finished(300), covered: true },
    { when: 'by one that is to start yet', reason: 'http', known: finished(301), covered: false },
    { when: 'by none', reason: 'event', known: {}, covered: false },
    {
      when: 'with open findings',
      reason: 'http',
      known: { ...finished(120), findings: calm },
      covered: true,
    },
    {
      when: 'while one of them waits for a second reading',
      reason: 'http',
      known: { ...finished(120), findings: waits },
      covered: false,
    },
  ])('$when: $covered', async ({ reason, known, covered }) => {
    const one = await given(reason, known);
    expect(await one.answer(300)).toBe(covered ? 'assessed' : undefined);
    expect([one.batch.committed, sent(one)]).toEqual([[], []]);
  });

  test('leaves a row of each event that is new, with what that reading showed', async () => {
    const old = Array.from({ length: 20 }, (_, index) => change(`old-${index}`));
    const changes = old.map((item) => ({ ...item, outcome: 'Narrowed' as const, summary: 'Less.' }));
    const one = await given(
      'event',
      { ...finished(120), changes },
      { changes: [change('old-3'), change('new')] },
    );
    expect(await one.answer(300)).toBe('assessed');
    const kept = (await state(one)).changes;
    expect(kept.map(({ id }) => id)).toEqual([...old.slice(1).map(({ id }) => id), 'new']);
    expect(kept.at(-1)).toMatchObject({ outcome: 'Widened', summary: 'More.' });
    expect(one.batch.committed).toHaveLength(1);
    const rows = one.batch.committed.flatMap(({ packs }) => packs);
    expect(JSON.stringify(rows)).toContain('"new');
    expect(JSON.stringify(rows)).not.toContain('old-3');
  });

  test('leaves none of an event that is known', async () => {
    const known = { ...change('e1'), outcome: 'Narrowed', summary: 'Less.' } as const;
    const one = await given('event', { ...finished(120), changes: [known] }, { changes: [change('e1')] });
    expect(await one.answer(300)).toBe('assessed');
    expect(one.batch.committed).toEqual([]);
  });

  test('is looked at again when the state has moved on', async () => {
    const one = await given('event', finished(120), { changes: [change('e1')] });
    await overtake(one, { completedAt: at(250) });
    expect(await one.answer(300)).toBe('again');
    expect(one.batch.committed).toEqual([]);
  });
});

describe('a look', () => {
  test.each<{
    when: string;
    readAt: number | null;
    waits: boolean;
    seconds: number;
    answer: string | undefined;
    asks: readonly unknown[];
  }>([
    { when: 'before any reading', readAt: null, waits: false, seconds: 9, answer: undefined, asks: [] },
    {
      when: 'of the moment of the last one',
      readAt: 0,
      waits: false,
      seconds: 9,
      answer: undefined,
      asks: [],
    },
    { when: 'that the last one answered', readAt: 1, waits: false, seconds: 9, answer: 'assessed', asks: [] },
    { when: 'for events that it left', readAt: 1, waits: true, seconds: 6, answer: undefined, asks: [] },
    {
      when: 'for events that it may still take along',
      readAt: 1,
      waits: true,
      seconds: 5,
      answer: 'assessed',
      asks: [['look', at(0), 5]],
    },
  ])('$when', async ({ readAt, waits, seconds, answer, asks }) => {
    const one = await given('look', { lastReadStartedAt: readAt === null ? null : at(readAt) });
    if (waits) await insertWaiting(one.app.table, SERVER, change('e1'));
    expect(await one.answer(seconds)).toBe(answer);
    expect(sent(one)).toEqual(asks);
  });
});

test.each([
  { when: 'nothing to look at', dueAt: null, seconds: 75, answer: 'assessed' },
  { when: 'two seconds early: another follows', dueAt: 75, seconds: 73, answer: 'assessed' },
  { when: 'a second early', dueAt: 75, seconds: 74, answer: undefined },
  { when: 'in time', dueAt: 75, seconds: 75, answer: undefined },
])('a second look: $when', async ({ dueAt, seconds, answer }) => {
  const one = await given('second-look', { lookDueAt: dueAt === null ? null : at(dueAt) });
  expect(await one.answer(seconds)).toBe(answer);
});

describe('an event soon after a reading', () => {
  const READ = { lastReadStartedAt: at(0) };
  const changes = [change('e1'), change('e2')];

  test.each([
    { seconds: 3, delay: 2 },
    { seconds: 3.4, delay: 2 },
    { seconds: 4.5, delay: 1 },
    { seconds: 4.999, delay: 1 },
  ])('$seconds s: it waits for a look five seconds after the reading', async ({ seconds, delay }) => {
    const one = await given('event', READ, { changes });
    expect(await one.answer(seconds)).toBe('assessed');
    expect(sent(one)).toEqual([['look', at(seconds), delay]]);
    expect((await state(one)).nextLookAt).toBe(at(5));
    expect((await waiting(one)).toSorted()).toEqual(['e1', 'e2']);
  });

  test('five seconds after it is read for', async () => {
    const one = await given('event', READ, { changes });
    expect(await one.answer(5)).toBeUndefined();
    expect(await waiting(one)).toEqual([]);
  });

  test('is read for at once where a reading of its own could not be committed', async () => {
    expect(await (await given('event', READ, { changes })).answer(3, true)).toBeUndefined();
  });

  test('that has its row already does not wait', async () => {
    const known = { ...change('e1'), outcome: 'Narrowed', summary: 'Less.' } as const;
    const one = await given('event', { ...READ, changes: [known] }, { changes });
    await one.answer(3);
    expect(await waiting(one)).toEqual(['e2']);
  });

  test('does not ask for a second look beside the first', async () => {
    const one = await given('event', { ...READ, nextLookAt: at(5) }, { changes });
    expect(await one.answer(3)).toBe('assessed');
    expect(sent(one)).toEqual([]);
    expect(await waiting(one)).toHaveLength(2);
  });

  test('is looked at again when that look has just begun', async () => {
    const one = await given('event', { ...READ, nextLookAt: at(5) }, { changes });
    await overtake(one, { lastReadStartedAt: at(2) });
    expect(await one.answer(3)).toBe('again');
  });

  test.each([
    { when: 'five minutes ago', nextLookAt: at(-297), asks: [] },
    { when: 'a second earlier, and is lost', nextLookAt: at(-298), asks: [['look', at(3), 2]] },
  ])('asks for a look where the last was due $when', async ({ nextLookAt, asks }) => {
    const one = await given('event', { ...READ, nextLookAt }, { changes });
    expect(await one.answer(3)).toBe('assessed');
    expect(sent(one)).toEqual(asks);
  });

  test('is looked at again when the state has moved on', async () => {
    const one = await given('event', READ, { changes });
    await overtake(one, { completedAt: at(2) });
    expect(await one.answer(3)).toBe('again');
  });
});
