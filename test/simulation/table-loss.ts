import { Change } from '../../shared/asking/request.ts';
import type { Operation } from '../../shared/ports.ts';
import type { OutboxRow } from '../../shared/state/store.ts';
import type { MemoryTable } from './memory-table.ts';

/**
 * What went with the state table when it was lost. What the checker then has to allow, and nothing more:
 * - I2, I4: rows that waited in the outbox count as told; after the loss a finding begins anew, with a larger epoch.
 * - I1: a finding that was told before and is no longer true stays open in the workspace, for nobody remembers it; one that
 *   is true has to be told again.
 * - I8: the time until an exposure has to be told starts again.
 * - A reading that found nothing stored before the loss and is committed after it makes a record with the time of its start: where
 *   another reading had begun in between, its rows sort before those that were lost. Such findings are not judged.
 * - Change rows: those that waited are gone, and a copy of an event that was told already is told once more.
 */
export interface Loss {
  readonly at: number;
  /** Rows for the workspace that were committed and perhaps not sent. */
  readonly outbox: readonly OutboxRow[];
  /** Ids of events that waited for a reading. */
  readonly waiting: ReadonlySet<string>;
}

/** Empties the table. */
export function loseTable(table: MemoryTable, at: number): Loss {
  const texts = (from: string, to: string): readonly string[] =>
    table.partitions().flatMap((partition) => table.peek(partition, from, to).map(({ text }) => text));
  const outbox = texts('o|', 'o}').flatMap((text) => JSON.parse(text) as OutboxRow[]);
  const waiting = new Set(texts('w|', 'w}').map((text) => Change.parse(JSON.parse(text)).id));
  table.wipe();
  return { at, outbox, waiting };
}

/** Notes the findings of which a transaction tells. */
export function noteStraddling(straddling: Set<string>, operations: readonly Operation[]): void {
  for (const operation of operations) {
    if (operation.do !== 'put' || !operation.row.startsWith('o|')) continue;
    for (const { row } of JSON.parse(operation.text) as OutboxRow[]) {
      if (typeof row.FindingId === 'string') straddling.add(row.FindingId);
    }
  }
}
