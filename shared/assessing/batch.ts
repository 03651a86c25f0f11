import type { Comparison } from '../lifecycle.ts';
import type { ServerRef } from '../model.ts';
import type { Request } from '../asking/request.ts';
import type { ServerResult } from '../state/runs.ts';
import type { Pack, Surrounding } from '../state/store.ts';

/** One server as a request names it. */
export interface Asked {
  readonly server: ServerRef;
  readonly graphHash: string | undefined;
}

/** What has to be published: rows that lie in the outbox, and those that the next ones replace. */
export interface Committed extends Pick<Comparison, 'refreshes' | 'server'> {
  readonly packs: readonly Pack[];
}

/** One message: what it asks, and what comes of it. */
export interface Round {
  readonly request: Request;
  /** By this process's clock. */
  readonly startedAt: number;
  /** Give up on transient failures and say so. */
  readonly last: boolean;
  /** Servers whose exposure a sweep found changed though no event had told. */
  readonly unannounced: string[];
  /** What was committed: its rows are published together at the end. */
  readonly committed: Committed[];
  readonly results: Map<string, ServerResult>;
}

/** What the servers of a message and one subscription share, read once. */
export interface Batch extends Round {
  readonly surrounding: Surrounding;
  /** The subscription is swept for the first time. */
  readonly inventory: boolean;
}
