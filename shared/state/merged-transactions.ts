/** Of one transaction: the service takes 100 operations, and 4 MiB of request. */
const MAX_OPERATIONS = 100;
const MAX_BYTES = 2_000_000;

interface Item {
  readonly row: string;
  /** About what it takes in the request at most. */
  readonly bytes: number;
}

type Written = ReadonlyMap<string, string> | 'conflict';
type Submit<Sent extends Item> = (partition: string, items: readonly Sent[]) => Promise<Written>;

/** What one caller asked for, and where its answer goes. */
interface Part<Sent extends Item> {
  readonly items: readonly Sent[];
  readonly resolve: (written: Written) => void;
  readonly reject: (error: unknown) => void;
}

/** A partition with transactions on their way. */
interface Busy<Sent extends Item> {
  waiting: Part<Sent>[];
  /** Rows of what is on its way and of what waits. */
  readonly rows: Set<string>;
}

/**
 * As `submit`, in fewer transactions: what is asked for while some of a partition are on their way goes, when they have ended,
 * in as few as it fits into. Each caller is told what it would have been told alone. `submit` has to end, for others wait for it.
 */
export function mergingTransactions<Sent extends Item>(submit: Submit<Sent>): Submit<Sent> {
  const partitions = new Map<string, Busy<Sent>>();

  return (partition, items) => {
    const { promise, resolve, reject } = Promise.withResolvers<Written>();
    const part = { items, resolve, reject };
    const busy = partitions.get(partition);
    if (!busy) void sendAll(partition, part);
    // The service takes no row twice in a transaction, and who contends for one should know soon.
    else if (items.some(({ row }) => busy.rows.has(row))) void sendAlone(partition, part);
    else add(busy, part);
    return promise;
  };

  async function sendAll(partition: string, first: Part<Sent>): Promise<void> {
    const busy: Busy<Sent> = { waiting: [], rows: new Set() };
    partitions.set(partition, busy);
    add(busy, first);
    while (busy.waiting.length > 0) {
      const parts = busy.waiting;
      busy.waiting = [];
      await Promise.all(groupsOf(parts).map((group) => sendTogether(partition, group)));
      for (const { row } of parts.flatMap(({ items }) => items)) busy.rows.delete(row);
    }
    partitions.delete(partition);
  }

  async function sendTogether(partition: string, parts: readonly Part<Sent>[]): Promise<void> {
    if (parts.length > 1) {
      try {
        const items = parts.flatMap((part) => part.items);
        const written = await submit(partition, items);
        if (written !== 'conflict') {
          for (const part of parts) part.resolve(ownOf(part.items, written));
          return;
        }
      } catch (error) {
        if (!isRefused(error)) {
          for (const { reject } of parts) reject(error);
          return;
        }
      }
    }
    await Promise.all(parts.map((part) => sendAlone(partition, part)));
  }

  async function sendAlone(partition: string, { items, resolve, reject }: Part<Sent>): Promise<void> {
    try {
      resolve(await submit(partition, items));
    } catch (error) {
      reject(error);
    }
  }
}

function add<Sent extends Item>({ waiting, rows }: Busy<Sent>, part: Part<Sent>): void {
  waiting.push(part);
  for (const { row } of part.items) rows.add(row);
}

/** In order, as many together as fit. One that is too large by itself goes alone: it is for the service to refuse it. */
function groupsOf<Sent extends Item>(parts: readonly Part<Sent>[]): readonly (readonly Part<Sent>[])[] {
  const groups: Part<Sent>[][] = [];
  let [operations, bytes] = [Infinity, Infinity];
  for (const part of parts) {
    const size = part.items.reduce((sum, item) => sum + item.bytes, 0);
    if (operations + part.items.length > MAX_OPERATIONS || bytes + size > MAX_BYTES) {
      groups.push([]);
      [operations, bytes] = [0, 0];
    }
    groups.at(-1)?.push(part);
    operations += part.items.length;
    bytes += size;
  }
  return groups;
}

function ownOf(items: readonly Item[], written: ReadonlyMap<string, string>): Written {
  const own = new Map<string, string>();
  for (const { row } of items) {
    const etag = written.get(row);
    if (etag !== undefined) own.set(row, etag);
  }
  return own;
}

/**
 * For what it holds or for its size: nothing was applied, and other parts of it may be good. After any other error it may have
 * been applied, or its parts would fare no better alone.
 */
function isRefused(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return false;
  return error.statusCode === 400 || error.statusCode === 413;
}
