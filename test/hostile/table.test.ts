import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import type { Operation, Table } from '../../shared/ports.ts';
import { azureTable } from '../../shared/state/azure-table.ts';
import { CREDENTIAL } from '../azure/secure-server.ts';
import { HOSTILE } from './strings.ts';

let azurite: Azurite;
let table: Table;

beforeAll(async () => {
  azurite = await startAzurite();
  table = azureTable({ connectionString: azurite.connectionString }, CREDENTIAL);
});
afterAll(() => azurite.close());

test('every string comes back from the table as it was stored', async () => {
  const texts = new Map(
    HOSTILE.map((text, index) => [String(index).padStart(4, '0'), JSON.stringify({ text })]),
  );
  const operations = [...texts].map(([row, text]): Operation => ({
    do: 'insert',
    row,
    text,
    columns: { row },
  }));
  for (let start = 0; start < operations.length; start += 40) {
    const part = operations.slice(start, start + 40);
    expect(await table.transact('p', part), `rows from ${start}`).not.toBe('conflict');
  }
  const { rows } = await table.query('p', '!', '~');
  expect(rows).toHaveLength(texts.size);
  for (const { row, text } of rows) expect(text).toBe(texts.get(row));
});
