import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../shared/ports.ts';
import { mergingTransactions } from '../../shared/state/merged-transactions.ts';
import { memoryTable } from '../simulation/memory-table.ts';

interface Item {
  readonly row: string;
  readonly bytes: number;
}
type Written = ReadonlyMap<string, string> | 'conflict';
/** What is on its way, and how it ends. */
interface Sent {
  readonly partition: string;
  readonly rows: string;
  readonly end: (how?: 'conflict' | Error) => void;
}

/** What is submitted stays on its way until the test ends it; the ETag of a row is its name and the number of its transaction. */
function service(): {
  readonly sent: Sent[];
  readonly transact: (partition: string, items: readonly Item[]) => Promise<Written>;
} {
  const sent: Sent[] = [];
  const transact = mergingTransactions(
    (partition: string, items: readonly Item[]) =>
      new Promise<Written>((resolve, reject) => {
        const number = sent.length;
        const etags = new Map(items.map(({ row }) => [row, `${row}${number}`]));
        const rows = items.map(({ row }) => row).join(' ');
        const end: Sent['end'] = (how) => {
          if (how instanceof Error) reject(how);
          else resolve(how ?? etags);
        };
        sent.push({ partition, rows, end });
      }),
  );
  return { sent, transact };
}

const item = (row: string, bytes = 10): Item => ({ row, bytes });
const many = (prefix: string, count: number, bytes?: number): readonly Item[] =>
  Array.from({ length: count }, (_, index) => item(`${prefix}${index}`, bytes));
const status = (statusCode: number): Error =>
  Object.assign(new Error(`status ${statusCode}`), { statusCode });
const told = (outcome: PromiseSettledResult<Written>): unknown => {
  if (outcome.status === 'rejected') return (outcome.reason as Error).message;
  return outcome.value === 'conflict' ? 'conflict' : Object.fromEntries(outcome.value);
};
/** Lets everything happen that waits for nothing but its turn. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const rowsOf = (sent: readonly Sent[]): readonly string[] => sent.map(({ rows }) => rows);

/** Ends what is on its way, one after the other and all with success, until nothing is. */
async function endAll(sent: readonly Sent[], from: number): Promise<void> {
  for (let index = from; index < sent.length; index += 1) {
    sent[index]?.end();
    await settle();
  }
}

describe('a transaction', () => {
  test('goes at once when none of its partition is on its way, also after others have ended', async () => {
    const { sent, transact } = service();
    const first = transact('p', [item('a')]);
    expect(rowsOf(sent)).toEqual(['a']);
    sent[0]?.end();
    expect(await first).toEqual(new Map([['a', 'a0']]));
    await settle();
    const second = transact('p', [item('b'), item('c')]);
    expect(rowsOf(sent)).toEqual(['a', 'b c']);
    sent[1]?.end('conflict');
    expect(await second).toBe('conflict');
    await settle();
    void transact('p', [item('d')]);
    expect(rowsOf(sent)).toEqual(['a', 'b c', 'd']);
  });

  test('waits for the one on its way and goes with all others that do; each is told of its own rows', async () => {
    const { sent, transact } = service();
    const outcomes = [['a'], ['b', 'c'], ['d']].map((rows) =>
      transact(
        'p',
        rows.map((row) => item(row)),
      ),
    );
    await settle();
    expect(rowsOf(sent)).toEqual(['a']);
    await endAll(sent, 0);
    expect(rowsOf(sent)).toEqual(['a', 'b c d']);
    expect((await Promise.allSettled(outcomes)).map(told)).toEqual([
      { a: 'a0' },
      { b: 'b1', c: 'c1' },
      { d: 'd1' },
    ]);
  });

  test('waits for none of another partition', async () => {
    const { sent, transact } = service();
    const waiting = ['p', 'q', 'p', 'q'].map((partition, index) => transact(partition, [item(`r${index}`)]));
    expect(sent.map(({ partition, rows }) => `${partition} ${rows}`)).toEqual(['p r0', 'q r1']);
    sent[1]?.end();
    await settle();
    expect(sent.map(({ partition, rows }) => `${partition} ${rows}`)).toEqual(['p r0', 'q r1', 'q r3']);
    sent[2]?.end();
    sent[0]?.end();
    await settle();
    await endAll(sent, 3);
    expect((await Promise.allSettled(waiting)).map(told)).toEqual([
      { r0: 'r00' },
      { r1: 'r11' },
      { r2: 'r23' },
      { r3: 'r32' },
    ]);
  });
});

describe('what goes together', () => {
  const rows = (items: readonly Item[]): string => items.map(({ row }) => row).join(' ');
  const [a60, b50, c40] = [many('a', 60), many('b', 50), many('c', 40)];
  const megabyte = 1_000_000;
  test.each<{ when: string; waiting: readonly (readonly Item[])[]; expected: readonly string[] }>([
    {
      when: '100 operations at most',
      waiting: [a60, b50, c40],
      expected: [rows(a60), rows([...b50, ...c40])],
    },
    {
      when: 'more operations than the service takes go as they were asked for: it is the one to refuse them',
      waiting: [[item('x')], many('a', 101), [item('y')]],
      expected: ['x', rows(many('a', 101)), 'y'],
    },
    {
      when: 'two million bytes at most',
      waiting: [[item('a', megabyte)], [item('b', megabyte)], [item('c', 1)], [item('d', megabyte)]],
      expected: ['a b', 'c d'],
    },
    {
      when: 'the bytes of all operations count',
      waiting: [[item('a', megabyte)], many('b', 3, 400_000), many('c', 2, 400_000)],
      expected: ['a', 'b0 b1 b2 c0 c1'],
    },
    {
      when: 'one of more bytes than that goes alone',
      waiting: [[item('a', 3 * megabyte)], [item('b', 1)], [item('c', 1)]],
      expected: ['a', 'b c'],
    },
    {
      when: 'no row twice: whoever wants one that is taken does not wait',
      waiting: [[item('a')], [item('b'), item('a')], [item('b')], [item('c')]],
      expected: ['b a', 'a b c'],
    },
    {
      when: 'no row twice, however many want it',
      waiting: [[item('a')], [item('a')], [item('a')], [item('b')]],
      expected: ['a', 'a', 'a b'],
    },
  ])('$when', async ({ waiting, expected }) => {
    const { sent, transact } = service();
    const outcomes = [transact('p', [item('first')]), ...waiting.map((items) => transact('p', items))];
    await endAll(sent, 0);
    expect(rowsOf(sent).slice(1)).toEqual(expected);
    const everyTold = (await Promise.all(outcomes)).map(
      (written) => written !== 'conflict' && [...written.keys()],
    );
    expect(everyTold).toEqual([['first'], ...waiting.map((items) => items.map(({ row }) => row))]);
  });
});

test('what does not fit goes beside the others, not behind them', async () => {
  const { sent, transact } = service();
  const outcomes = [[item('first')], [item('a')], [item('b', 3_000_000)], [item('c')]].map((items) =>
    transact('p', items),
  );
  sent[0]?.end();
  await settle();
  expect(rowsOf(sent)).toEqual(['first', 'a', 'b', 'c']);
  await endAll(sent, 1);
  await Promise.all(outcomes);
});

describe('when transactions that went together fail', () => {
  /** How each submission ends after the first, which is of a row `first`; the merged one comes before the single ones. */
  test.each<{
    when: string;
    ends: readonly (undefined | 'conflict' | Error)[];
    sent: readonly string[];
    expected: readonly unknown[];
  }>([
    {
      when: 'a conflict is told only to the one that has it',
      ends: ['conflict', undefined, 'conflict', undefined],
      sent: ['a1 a2 b c', 'a1 a2', 'b', 'c'],
      expected: [{ a1: 'a12', a2: 'a22' }, 'conflict', { c: 'c4' }],
    },
    {
      when: 'they all go well alone',
      ends: ['conflict', undefined, undefined, undefined],
      sent: ['a1 a2 b c', 'a1 a2', 'b', 'c'],
      expected: [{ a1: 'a12', a2: 'a22' }, { b: 'b3' }, { c: 'c4' }],
    },
    {
      when: 'what the service does not take is told only to the one that asked for it',
      ends: [status(400), status(400), undefined, undefined],
      sent: ['a1 a2 b c', 'a1 a2', 'b', 'c'],
      expected: ['status 400', { b: 'b3' }, { c: 'c4' }],
    },
    {
      when: 'one too large is told only to the one that asked for it',
      ends: [status(413), undefined, status(413), 'conflict'],
      sent: ['a1 a2 b c', 'a1 a2', 'b', 'c'],
      expected: [{ a1: 'a12', a2: 'a22' }, 'status 413', 'conflict'],
    },
    {
      when: 'one that gets no answer alone fails alone',
      ends: [status(400), status(500), undefined, undefined],
      sent: ['a1 a2 b c', 'a1 a2', 'b', 'c'],
      expected: ['status 500', { b: 'b3' }, { c: 'c4' }],
    },
    ...[401, 403, 404, 429, 500, 503].map((code) => ({
      when: `nothing is sent again after a status ${code}`,
      ends: [status(code)],
      sent: ['a1 a2 b c'],
      expected: Array.from({ length: 3 }, () => `status ${code}`),
    })),
    {
      when: 'nothing is sent again when it may have been applied',
      ends: [new Error('no answer in time')],
      sent: ['a1 a2 b c'],
      expected: Array.from({ length: 3 }, () => 'no answer in time'),
    },
  ])('$when', async ({ ends, sent: expectedSent, expected }) => {
    const { sent, transact } = service();
    const first = transact('p', [item('first')]);
    const outcomes = Promise.allSettled([
      transact('p', [item('a1'), item('a2')]),
      transact('p', [item('b')]),
      transact('p', [item('c')]),
    ]);
    sent[0]?.end();
    await first;
    await settle();
    for (const [index, how] of ends.entries()) {
      sent[index + 1]?.end(how);
      await settle();
    }
    expect(rowsOf(sent).slice(1)).toEqual(expectedSent);
    expect((await outcomes).map(told)).toEqual(expected);
    await settle();
    void transact('p', [item('later')]);
    expect(rowsOf(sent).at(-1)).toBe('later');
  });

  test('those asked for meanwhile go after the last of the parts has ended', async () => {
    const { sent, transact } = service();
    const outcomes = ['first', 'a', 'b'].map((row) => transact('p', [item(row)]));
    sent[0]?.end();
    await settle();
    sent[1]?.end('conflict');
    await settle();
    outcomes.push(transact('p', [item('c')]));
    sent[3]?.end();
    await settle();
    expect(rowsOf(sent)).toEqual(['first', 'a b', 'a', 'b']);
    sent[2]?.end();
    await settle();
    expect(rowsOf(sent)).toEqual(['first', 'a b', 'a', 'b', 'c']);
    await endAll(sent, 4);
    expect((await Promise.allSettled(outcomes)).map(told)).toEqual([
      { first: 'first0' },
      { a: 'a2' },
      { b: 'b3' },
      { c: 'c4' },
    ]);
  });
});

/** Refused by the service, whatever the table holds. */
const BAD = 'bad';
const row = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ do: fc.constant('insert' as const), row, text: fc.constantFrom('1', '2', BAD) }),
  fc.record({ do: fc.constant('put' as const), row, text: fc.constantFrom('3', '4') }),
  fc.record({
    do: fc.constant('replace' as const),
    row,
    text: fc.constant('5'),
    etag: fc.integer({ min: 1, max: 9 }).map((version) => `W/"${version}"`),
  }),
  fc.record({ do: fc.constant('delete' as const), row }),
);
const transaction = fc.uniqueArray(operation, { minLength: 1, maxLength: 3, selector: (one) => one.row });
const START: readonly Operation[] = ['a', 'b', 'c'].map((name) => ({ do: 'insert', row: name, text: '0' }));

interface Own extends Item {
  readonly operation: Operation;
  /** Which transaction of which caller it is of. */
  readonly of: string;
}

test('everybody is told, and the table holds, what it would be if all had gone one after the other', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.array(transaction, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 10 }),
      async (scheduler, callers) => {
        const table = memoryTable(() => 0);
        await table.transact('p', START);
        /** What reached the table: applied together, or without effect for one alone. */
        const order: (readonly string[])[] = [];
        const pause = (): Promise<void> => scheduler.schedule(Promise.resolve());
        const submit = async (partition: string, items: readonly Own[]): Promise<Written> => {
          const operations = items.map((own) => own.operation);
          const of = [...new Set(items.map((own) => own.of))];
          const isBad = operations.some((one) => one.do === 'insert' && one.text === BAD);
          await pause();
          const written = isBad ? status(400) : await table.transact(partition, operations);
          if (written instanceof Map || of.length === 1) order.push(of);
          await pause();
          if (written instanceof Error) throw written;
          return written;
        };
        const transact = mergingTransactions(submit);
        const outcomes = new Map<string, unknown>();
        const asked = new Map<string, readonly Operation[]>();
        const work = callers.map(async (transactions, caller) => {
          for (const [index, operations] of transactions.entries()) {
            const of = `${caller}.${index}`;
            asked.set(of, operations);
            const items = operations.map((one): Own => ({ row: one.row, bytes: 1, operation: one, of }));
            const [outcome] = await Promise.allSettled([transact('p', items)]);
            outcomes.set(of, told(outcome));
          }
        });
        await scheduler.waitFor(Promise.all(work));

        const happened = order.flat();
        expect([...happened].sort()).toEqual([...asked.keys()].sort());
        for (const [caller, transactions] of callers.entries()) {
          const own = happened.filter((of) => of.startsWith(`${caller}.`));
          expect(own).toEqual(transactions.map((_, index) => `${caller}.${index}`));
        }
        const serial = memoryTable(() => 0);
        await serial.transact('p', START);
        for (const of of happened) {
          const operations = asked.get(of) ?? [];
          const isBad = operations.some((one) => one.do === 'insert' && one.text === BAD);
          const written = isBad ? 'status 400' : await serial.transact('p', operations);
          expect(outcomes.get(of)).toEqual(written instanceof Map ? Object.fromEntries(written) : written);
        }
        expect(table.peek('p', '!', '~')).toEqual(serial.peek('p', '!', '~'));
      },
    ),
    { numRuns: 300 },
  );
});
