import type { Operation, Row, Table } from '../../shared/ports.ts';

interface Entry {
  readonly etag: string;
  readonly columns: Row['columns'];
  readonly text: string;
}

const MAX_OPERATIONS = 100;
const MAX_BYTES = 4 * 1024 * 1024;

/** The state table in memory. Its methods act at once; `peek` looks without being a port. */
export interface MemoryTable extends Table {
  readonly peek: (partition: string, from: string, to: string) => readonly Row[];
  readonly partitions: () => readonly string[];
  /** The largest row that was ever written, in characters. */
  readonly largest: () => number;
  readonly conflicts: () => number;
  /** The account, or a backup of it from before the first row, is all that is left. */
  readonly wipe: () => void;
  /** What sees every transaction that was applied, whatever its caller was told. */
  onApplied: (partition: string, operations: readonly Operation[]) => void;
}

/** `now`: the storage service's clock; it tells whole seconds, as a `Date` header does. */
export function memoryTable(now: () => number): MemoryTable {
  const partitions = new Map<string, Map<string, Entry>>();
  const sorted = new Map<string, string[]>();
  let versions = 0;
  let largest = 0;
  let conflicts = 0;

  const rowsOf = (partition: string): Map<string, Entry> => {
    const known = partitions.get(partition) ?? new Map<string, Entry>();
    partitions.set(partition, known);
    return known;
  };
  const peek = (partition: string, from: string, to: string, columnsOnly = false): readonly Row[] => {
    const rows = partitions.get(partition);
    if (!rows) return [];
    const names = sorted.get(partition) ?? [...rows.keys()].sort();
    sorted.set(partition, names);
    const found: Row[] = [];
    for (let index = firstFrom(names, from); index < names.length; index += 1) {
      const row = names[index] ?? '';
      if (row >= to) break;
      const entry = rows.get(row);
      if (!entry) continue;
      const { etag, columns, text } = entry;
      found.push({ row, etag, columns, text: columnsOnly ? '' : text });
    }
    return found;
  };
  const isConflict = (rows: ReadonlyMap<string, Entry>, operation: Operation): boolean => {
    const entry = rows.get(operation.row);
    if (operation.do === 'insert') return entry !== undefined;
    if (operation.do === 'put') return false;
    return operation.do === 'replace' ? entry?.etag !== operation.etag : entry === undefined;
  };
  const table: MemoryTable = {
    peek,
    partitions: () => [...partitions.keys()],
    largest: () => largest,
    conflicts: () => conflicts,
    wipe: () => {
      partitions.clear();
      sorted.clear();
    },
    onApplied: () => undefined,
    query(partition, from, to, columnsOnly) {
      const seconds = Math.floor(now() / 1000) * 1000;
      return Promise.resolve({
        rows: peek(partition, from, to, columnsOnly),
        now: new Date(seconds).toISOString(),
      });
    },
    transact(partition, operations) {
      if (operations.length === 0 || operations.length > MAX_OPERATIONS)
        return Promise.reject(new Error(`${operations.length} operations in one transaction`));
      if (new Set(operations.map(({ row }) => row)).size < operations.length)
        return Promise.reject(new Error('a row twice in one transaction'));
      const size = operations.reduce((sum, item) => sum + ('text' in item ? item.text.length : 0), 0);
      if (size > MAX_BYTES) return Promise.reject(new Error(`${size} characters in one transaction`));
      const rows = rowsOf(partition);
      if (operations.some((operation) => isConflict(rows, operation))) {
        conflicts += 1;
        return Promise.resolve('conflict');
      }
      const etags = new Map<string, string>();
      for (const operation of operations) {
        const { row } = operation;
        if (rows.has(row) === (operation.do === 'delete')) sorted.delete(partition);
        if (operation.do === 'delete') {
          rows.delete(row);
          continue;
        }
        versions += 1;
        const etag = `W/"${versions}"`;
        largest = Math.max(largest, operation.text.length);
        rows.set(row, { etag, columns: operation.columns ?? {}, text: operation.text });
        etags.set(row, etag);
      }
      table.onApplied(partition, operations);
      return Promise.resolve(etags);
    },
  };
  return table;
}

/** The place of the first name that is not before `from`. */
function firstFrom(names: readonly string[], from: string): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((names[middle] ?? '') < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
