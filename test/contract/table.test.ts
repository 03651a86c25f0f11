import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { TableClient } from '@azure/data-tables';
import { DefaultAzureCredential } from '@azure/identity';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import type { Operation, Row, Table } from '../../shared/ports.ts';
import { azureTable } from '../../shared/state/azure-table.ts';
import { memoryTable } from '../simulation/memory-table.ts';

let azurite: Azurite;
const tables = new Map<string, Table>();

beforeAll(async () => {
  azurite = await startAzurite();
  tables.set('memory', memoryTable(Date.now));
  tables.set(
    'Azurite',
    azureTable({ connectionString: azurite.connectionString }, new DefaultAzureCredential()),
  );
});

afterAll(async () => {
  await azurite.close();
});

/** What a row tells, without its ETag. */
function told({ row, columns, text }: Row): Pick<Row, 'row' | 'columns' | 'text'> {
  return { row, columns, text };
}

async function rowsOf(table: Table, partition: string): Promise<readonly ReturnType<typeof told>[]> {
  return (await table.query(partition, '!', '~')).rows.map(told);
}

function howItWent(outcome: PromiseSettledResult<ReadonlyMap<string, string> | 'conflict'>): string {
  if (outcome.status === 'rejected') return 'an error';
  return outcome.value === 'conflict' ? 'conflict' : 'written';
}

describe.each(['memory', 'Azurite'])('the state table in %s', (kind) => {
  const table = (): Table => {
    const found = tables.get(kind);
    if (!found) throw new Error('no such table');
    return found;
  };
  let count = 0;
  const partition = (): string => `partition-${(count += 1)}`;
  const insert = (row: string, text = row): Operation => ({ do: 'insert', row, text });

  test('tells an ETag for every row that it wrote, and the row by it', async () => {
    const p = partition();
    const etags = await table().transact(p, [
      insert('a'),
      { do: 'put', row: 'b', text: 'two', columns: { n: '2' } },
    ]);
    if (etags === 'conflict') throw new Error('a conflict');
    const { rows } = await table().query(p, '!', '~');
    expect(rows.map(({ row, etag }) => [row, etag])).toEqual([...etags]);
    expect(rows.map(told)).toEqual([
      { row: 'a', columns: {}, text: 'a' },
      { row: 'b', columns: { n: '2' }, text: 'two' },
    ]);
  });

  test.each<{ when: string; operation: Operation }>([
    { when: 'a row to insert is there', operation: insert('a', 'again') },
    {
      when: 'a row to replace has another ETag',
      operation: {
        do: 'replace',
        row: 'a',
        text: 'x',
        etag: 'W/"datetime\'2020-01-01T00%3A00%3A00.0000000Z\'"',
      },
    },
    {
      when: 'a row to replace is not there',
      operation: {
        do: 'replace',
        row: 'c',
        text: 'x',
        etag: 'W/"datetime\'2020-01-01T00%3A00%3A00.0000000Z\'"',
      },
    },
    { when: 'a row to delete is not there', operation: { do: 'delete', row: 'c' } },
  ])('says conflict and changes nothing when $when', async ({ operation }) => {
    const p = partition();
    await table().transact(p, [insert('a')]);
    expect(await table().transact(p, [insert('b'), operation])).toBe('conflict');
    expect(await rowsOf(table(), p)).toEqual([{ row: 'a', columns: {}, text: 'a' }]);
  });

  test('replaces a row whole with the ETag that was read, once', async () => {
    const p = partition();
    await table().transact(p, [{ do: 'insert', row: 'a', text: '1', columns: { old: 'yes' } }]);
    const [first] = (await table().query(p, 'a', 'b')).rows;
    const replace: Operation = { do: 'replace', row: 'a', text: '2', etag: first?.etag ?? '' };
    expect(await table().transact(p, [replace])).not.toBe('conflict');
    expect(await table().transact(p, [replace])).toBe('conflict');
    expect(await rowsOf(table(), p)).toEqual([{ row: 'a', columns: {}, text: '2' }]);
  });

  test('puts over whatever is there, and deletes', async () => {
    const p = partition();
    await table().transact(p, [{ do: 'put', row: 'a', text: '1' }, insert('b')]);
    await table().transact(p, [
      { do: 'put', row: 'a', text: '2', columns: { n: '2' } },
      { do: 'delete', row: 'b' },
    ]);
    expect(await rowsOf(table(), p)).toEqual([{ row: 'a', columns: { n: '2' }, text: '2' }]);
  });

  test('answers a half-open range in order, of one partition', async () => {
    const [p, other] = [partition(), partition()];
    await table().transact(
      p,
      ['s|3', 's|1', 'o|1', 's|2', 't|1'].map((row) => insert(row)),
    );
    await table().transact(other, [insert('s|0')]);
    expect((await table().query(p, 's|', 's}')).rows.map(({ row }) => row)).toEqual(['s|1', 's|2', 's|3']);
    expect((await table().query(p, 's|1', 's|3')).rows.map(({ row }) => row)).toEqual(['s|1', 's|2']);
    expect((await table().query(p, 'x|', 'x}')).rows).toEqual([]);
  });

  test('leaves the text out when only columns are asked for', async () => {
    const p = partition();
    await table().transact(p, [{ do: 'insert', row: 'a', text: 'long', columns: { serverId: '/x' } }]);
    const { rows } = await table().query(p, 'a', 'b', true);
    expect(rows.map(told)).toEqual([{ row: 'a', columns: { serverId: '/x' }, text: '' }]);
  });

  test('keeps a state of a megabyte of JSON', async () => {
    const p = partition();
    const findings = Array.from({ length: 8000 }, (_, id) => ({
      id,
      text: `finding ${id} of ü ${'x'.repeat(90)}`,
    }));
    const text = JSON.stringify(findings);
    expect(text.length).toBeGreaterThan(1_000_000);
    await table().transact(p, [insert('a', text)]);
    expect((await table().query(p, 'a', 'b')).rows[0]?.text).toBe(text);
  });

  test('takes 100 operations and no more', async () => {
    const p = partition();
    const rows = Array.from({ length: 101 }, (_, index) => insert(`r${String(index).padStart(3, '0')}`));
    expect(await table().transact(p, rows.slice(0, 100))).not.toBe('conflict');
    await expect(table().transact(partition(), rows)).rejects.toThrow();
    expect(await rowsOf(table(), p)).toHaveLength(100);
  });

  /** As many transactions at once, of a row to insert and two to put; one may be another. */
  const atOnce = (p: string, count: number, other?: readonly Operation[]) =>
    Promise.allSettled(
      Array.from({ length: count }, (_, index) => {
        const puts = ['b', 'c'].map((kind): Operation => ({
          do: 'put',
          row: `${kind}|${index}`,
          text: 'old',
        }));
        const operations = [insert(`a|${index}`), ...puts];
        return table().transact(p, other && index === MIDDLE ? other : operations);
      }),
    );
  const MIDDLE = 30;

  test('tells each of 60 transactions at once the ETags of its own rows', async () => {
    const p = partition();
    const outcomes = await atOnce(p, 60);
    const replaced = outcomes.map((outcome, index) => {
      if (outcome.status === 'rejected' || outcome.value === 'conflict') throw new Error(`${index} failed`);
      expect([...outcome.value.keys()]).toEqual([`a|${index}`, `b|${index}`, `c|${index}`]);
      return table().transact(
        p,
        [...outcome.value].map(([row, etag]): Operation => ({
          do: 'replace',
          row,
          etag,
          text: `new ${row}`,
        })),
      );
    });
    expect((await Promise.all(replaced)).filter((written) => written === 'conflict')).toEqual([]);
    const rows = await rowsOf(table(), p);
    expect(rows).toHaveLength(180);
    for (const { row, text } of rows) expect(text).toBe(`new ${row}`);
  });

  test.each<{ when: string; other: readonly Operation[]; expected: string }>([
    {
      when: 'has a conflict',
      other: [insert('mine'), insert('taken')],
      expected: 'conflict',
    },
    {
      when: 'has a row twice',
      other: [insert('mine'), insert('mine')],
      expected: 'an error',
    },
    {
      when: 'has too many operations',
      other: Array.from({ length: 101 }, (_, index) => insert(`mine${index}`)),
      expected: 'an error',
    },
    { when: 'has no operation', other: [], expected: 'an error' },
  ])(
    'tells it to one of 60 transactions at once, and to no other, when it $when',
    async ({ other, expected }) => {
      const p = partition();
      await table().transact(p, [insert('taken')]);
      const outcomes = await atOnce(p, 60, other);
      const wanted = outcomes.map((_, index) => (index === MIDDLE ? expected : 'written'));
      expect(outcomes.map(howItWent)).toEqual(wanted);
      const rows = await rowsOf(table(), p);
      expect(rows).toHaveLength(59 * 3 + 1);
      expect(rows.filter(({ row }) => row.startsWith('mine'))).toEqual([]);
    },
  );

  test.each<{ when: string; count: number; text: string }>([
    { when: 'that no compression makes small', count: 12, text: randomBytes(300_000).toString('base64') },
    { when: 'of quotes, twice as long in JSON', count: 100, text: '"'.repeat(29_000) },
    { when: 'of signs that are three bytes each', count: 100, text: '€'.repeat(29_000) },
  ])('keeps texts at once $when, of more bytes than one request may have', async ({ count, text }) => {
    const p = partition();
    const outcomes = Array.from({ length: count }, (_, index) =>
      table().transact(p, [insert(`r${index}`, text)]),
    );
    for (const written of await Promise.all(outcomes)) expect(written).not.toBe('conflict');
    const rows = await rowsOf(table(), p);
    expect(rows).toHaveLength(count);
    expect(rows.filter((row) => row.text !== text)).toEqual([]);
  });

  test('tells the time of the storage service in whole seconds', async () => {
    const { now } = await table().query(partition(), 'a', 'b');
    expect(now).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  });

  test('keeps each of 500 increments that 100 writers make at once, and they did get in each other’s way', async () => {
    const p = partition();
    await table().transact(p, [insert('counter', '0')]);
    let conflicts = 0;
    const increment = async (): Promise<void> => {
      for (;;) {
        const [found] = (await table().query(p, 'counter', 'counter~')).rows;
        const text = String(Number(found?.text) + 1);
        const operation: Operation = { do: 'replace', row: 'counter', text, etag: found?.etag ?? '' };
        if ((await table().transact(p, [operation])) !== 'conflict') return;
        conflicts += 1;
        await pause(Math.random() * 300);
      }
    };
    const writers = Array.from({ length: 100 }, async () => {
      for (let time = 0; time < 5; time += 1) await increment();
    });
    await Promise.all(writers);
    expect((await rowsOf(table(), p))[0]?.text).toBe('500');
    expect(conflicts).toBeGreaterThan(0);
  }, 180_000);
});

test('a state too large for a row is an error of its own transaction, and of none that is asked for at once', async () => {
  const table = tables.get('Azurite');
  if (!table) throw new Error('no such table');
  const texts = ['a', 'b', randomBytes(1_000_000).toString('base64'), 'd'];
  const outcomes = await Promise.allSettled(
    texts.map((text, index) => table.transact('large', [{ do: 'insert', row: `r${index}`, text }])),
  );
  expect(outcomes.map(howItWent)).toEqual(['written', 'written', 'an error', 'written']);
  expect((await rowsOf(table, 'large')).map(({ row }) => row)).toEqual(['r0', 'r1', 'r3']);
});

test('a table that somebody deleted is an error, no conflict, and is made again', async () => {
  const table = tables.get('Azurite');
  if (!table) throw new Error('no such table');
  const insert: Operation = { do: 'insert', row: 'a', text: 'a' };
  await table.transact('before', [insert]);
  const client = TableClient.fromConnectionString(azurite.connectionString, 'exposure', {
    allowInsecureConnection: true,
  });
  for (const work of [() => table.transact('p', [insert]), () => table.query('p', '!', '~')]) {
    await client.deleteTable();
    await expect(work()).rejects.toThrow();
    expect((await table.query('before', '!', '~')).rows).toEqual([]);
    expect(await table.transact('p', [{ do: 'put', row: 'a', text: 'a' }])).not.toBe('conflict');
  }
});

test('a table that somebody deleted is made again for those that waited for the one that met it', async () => {
  const table = tables.get('Azurite');
  if (!table) throw new Error('no such table');
  const client = TableClient.fromConnectionString(azurite.connectionString, 'exposure', {
    allowInsecureConnection: true,
  });
  const put = (row: string): Promise<ReadonlyMap<string, string> | 'conflict'> =>
    table.transact('p', [{ do: 'put', row, text: 'at once' }]);
  await put('before');
  await client.deleteTable();
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(put));
  expect(outcomes.map(howItWent)).toEqual(['an error', 'written', 'written']);
  expect((await rowsOf(table, 'p')).map(({ row }) => row)).toEqual(['b', 'c']);
});
