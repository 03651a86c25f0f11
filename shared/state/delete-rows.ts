import type { Operation, Table } from '../ports.ts';

const MAX_OPERATIONS = 100;

/** Deletes rows of a partition, in as few transactions as there may be; those that are gone already are fine. */
export async function deleteRows(table: Table, partition: string, rows: readonly string[]): Promise<void> {
  for (let start = 0; start < rows.length; start += MAX_OPERATIONS) {
    const part = rows.slice(start, start + MAX_OPERATIONS).map((row): Operation => ({ do: 'delete', row }));
    if ((await table.transact(partition, part)) !== 'conflict') continue;
    // Another one deleted some of them: one by one.
    for (const operation of part) await table.transact(partition, [operation]);
  }
}
