import type { BaselineMode } from './judging/context.ts';
import type { Exempt } from './lifecycle.ts';
import type { Rule, ServerRef } from './model.ts';
import type { ServerPolicy } from './policy.ts';
import type { ActorDetail } from './settings.ts';

/** The policy as the pipeline asks it. */
export interface Policy {
  readonly of: (server: ServerRef) => ServerPolicy;
  readonly exemptions: (server: ServerRef, now: string) => Exempt;
}

/** What holds for every assessment of an invocation. */
export interface Environment {
  /** Subscriptions in scope, lower-cased: nothing outside is read. */
  readonly scope: readonly string[];
  /** The rules that the policy has not switched off. */
  readonly rules: readonly Rule[];
  readonly policy: Policy;
  readonly baselineMode: BaselineMode;
  /** What is kept of who made a change. */
  readonly actorDetail: ActorDetail;
  /**
   * Names everything beside its reading by which a server is judged: policy, scope, version of the app. A server that was judged
   * under the same and reads the same need not be judged again; left out: every sweep judges every server.
   */
  readonly circumstances?: string;
  /** Why another policy is in force than the file's. */
  readonly problems: readonly string[];
  /** What is in force and wants somebody's eye: exemptions that end soon. */
  readonly notices: readonly string[];
  /** Subscription -> tenant, as the last sweep saw them. */
  readonly tenants: Readonly<Record<string, string>>;
}
