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
