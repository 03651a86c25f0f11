import type { Comparison } from '../lifecycle.ts';
import type { ServerRef } from '../model.ts';
import type { Request } from '../asking/request.ts';
import type { Surrounding } from '../state/store.ts';

/** One server as a request names it. */
export interface Asked {
  readonly server: ServerRef;
  readonly graphHash: string | undefined;
}

/** What a message's servers share, read once. */
export interface Batch {
  readonly request: Request;
  readonly surrounding: Surrounding;
  readonly inventory: boolean;
  /** Give up on transient failures and say so. */
  readonly last: boolean;
  /** Servers whose exposure a sweep found changed though no event had told. */
  readonly unannounced: string[];
  /** What was committed: its rows are published together at the end. */
  readonly committed: Pick<Comparison, 'findings' | 'changes' | 'refreshes' | 'server'>[];
}
