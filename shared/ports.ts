import type { TableName } from './rows.ts';
import type { Request } from './asking/request.ts';

/** A row of the state table. `columns` are few and small, and can be read without the text. */
export interface Row {
  readonly row: string;
  readonly etag: string;
  readonly columns: Readonly<Record<string, string>>;
  /** JSON; empty when only the columns were asked for. */
  readonly text: string;
}

interface Content {
  readonly row: string;
  readonly text: string;
  readonly columns?: Row['columns'];
}

export type Operation =
  | ({ readonly do: 'insert' } & Content)
  | ({ readonly do: 'put' } & Content)
  | ({ readonly do: 'replace'; readonly etag: string } & Content)
  | { readonly do: 'delete'; readonly row: string };

/** The state table: partitions of rows, one entity-group transaction a partition (100 operations at most). */
export interface Table {
  /** Rows with `from` <= row < `to` in order, and the storage service's clock at its answer. */
  query(
    partition: string,
    from: string,
    to: string,
    columnsOnly?: boolean,
  ): Promise<{ readonly rows: readonly Row[]; readonly now: string }>;
  /**
   * All or nothing. The new ETags of inserted, put and replaced rows by row, or `conflict`: an ETag did not match, a row to
   * insert exists, or one to replace or delete does not.
   */
  transact(
    partition: string,
    operations: readonly Operation[],
  ): Promise<ReadonlyMap<string, string> | 'conflict'>;
}

/** The queue `assessments`. */
export interface Queue {
  /** Visible after `delaySeconds`; a message of more than 48 KB is refused. */
  send(request: Request, delaySeconds: number): Promise<void>;
}

/** What the sink says of rows that were sent: stored for sure, or not known to be, and why. */
export type Delivery =
  | { readonly accepted: true }
  | {
      readonly accepted: false;
      /** `large`: fewer rows may go; `invalid`: some row is refused; `later`: the same rows may go later. */
      readonly reason: 'large' | 'invalid' | 'later';
      readonly status: number | null;
      readonly retryAfterSeconds?: number;
    };

export interface Sink {
  /** One request; rows are complete JSON objects of the table. */
  send(table: TableName, rows: readonly string[]): Promise<Delivery>;
}

/** How one call to ARM ended. Times are Azure's own (the `Date` header). */
export type Answer<Body> =
  | { readonly outcome: 'ok'; readonly body: Body; readonly firstAt: string; readonly at: string }
  | { readonly outcome: 'denied'; readonly reason: string; readonly at: string }
  | { readonly outcome: 'gone'; readonly code: string; readonly at: string }
  /** Not as documented: reading it again will not help. */
  | { readonly outcome: 'garbled'; readonly reason: string; readonly at: string }
  /** Throttled, failed, timed out: worth another try. */
  | { readonly outcome: 'failed'; readonly reason: string; readonly retryAfterSeconds?: number };

/** Azure Resource Manager, read only. Paths begin with `/subscriptions/`. */
export interface Arm {
  get(path: string, apiVersion: string): Promise<Answer<unknown>>;
  /** Every page of a collection (`filter`: OData, where the collection takes one), or no list at all. */
  list(path: string, apiVersion: string, filter?: string): Promise<Answer<readonly unknown[]>>;
}

export interface GraphScope {
  readonly subscriptions?: readonly string[];
  readonly managementGroups?: readonly string[];
}

export type GraphRows = readonly Readonly<Record<string, unknown>>[];

/** Azure Resource Graph: lags behind ARM. */
export interface Graph {
  /** Pages of rows as they come; ends with `complete` false when rows may be missing, with the reason. */
  query(
    kql: string,
    scope: GraphScope,
    page: (rows: GraphRows) => void,
  ): Promise<{ readonly complete: boolean; readonly problem: string }>;
}

/** This process's clock and dice: for budgets and jitter, never for a window of the lifecycle. */
export interface Process {
  now(): number;
  random(): number;
}

/** Counters of one invocation's calls. */
export interface Calls {
  graph: number;
  management: number;
  throttled: number;
}

export interface Ports {
  readonly table: Table;
  readonly queue: Queue;
  readonly sink: Sink;
  readonly arm: Arm;
  readonly graph: Graph;
  readonly process: Process;
  /** Ids and counts only: never a body, a name or an address. */
  readonly log: (message: string, facts?: Readonly<Record<string, string | number | boolean>>) => void;
  readonly calls: Calls;
  /** Events that Event Grid could not deliver and put aside. */
  readonly deadLetters: () => Promise<number>;
}
