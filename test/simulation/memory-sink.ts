import type { Sink } from '../../shared/ports.ts';
import type { TableName } from '../../shared/rows.ts';
import type { Faults } from './faults.ts';

export interface Stored {
  readonly at: number;
  readonly table: TableName;
  readonly row: Readonly<Record<string, unknown>>;
  readonly bytes: number;
}

/** Log Analytics in memory: what it stores is not always what it says. */
export function memorySink(faults: Faults, now: () => number): Sink & { readonly stored: Stored[] } {
  const stored: Stored[] = [];
  const keep = (table: TableName, rows: readonly string[]): void => {
    for (const text of rows) {
      const row = JSON.parse(text) as Record<string, unknown>;
      stored.push({ at: now(), table, row, bytes: Buffer.byteLength(text) });
    }
  };
  return {
    stored,
    send(table, rows) {
      const later = (status: number | null): Awaited<ReturnType<Sink['send']>> => ({
        accepted: false,
        reason: 'later',
        status,
      });
      if (faults.within('sink outage', now())) return Promise.resolve(later(403));
      if (faults.hit('sink throttled', 0.05)) return Promise.resolve(later(429));
      if (faults.hit('sink failing', 0.03)) return Promise.resolve(later(500));
      if (rows.length > 2 && faults.hit('sink too large', 0.1))
        return Promise.resolve({ accepted: false, reason: 'large', status: 413 });
      if (rows.length > 1 && faults.hit('sink partial', 0.05)) {
        keep(table, rows.slice(0, Math.ceil(rows.length / 2)));
        return Promise.resolve(later(500));
      }
      keep(table, rows);
      if (faults.hit('sink lost acknowledgement', 0.04)) return Promise.resolve(later(null));
      return Promise.resolve({ accepted: true });
    },
  };
}
