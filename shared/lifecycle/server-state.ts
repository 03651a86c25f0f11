import * as z from 'zod';
import type { Baseline } from '../drift.ts';
import type { Category, Evidence, Readings, ServerRef, Severity, Snapshot, Surroundings } from '../model.ts';
import type { IpRange } from '../ip-range.ts';
import type { Change } from '../asking/request.ts';
import { TransientError } from '../transient-error.ts';
import type { Moved } from './moved.ts';

export type FindingState = 'Open' | 'Exempted' | 'Resolved';

export interface ExemptionNote {
  readonly reason: string;
  readonly owner: string;
  readonly expires: string;
}

/** What a first reading said and a second, at least 60 s later, has to confirm. */
export interface Pending {
  readonly to: 'open' | 'resolve';
  /** Azure's time of the last answer of the first reading. */
  readonly since: string;
  readonly reason: string;
  /** Who made what the first reading saw. */
  readonly cause?: Change;
}

/** What moved when a finding did, between which times that was written, and how often the Activity Log is still to be asked by whom. */
export interface Unsigned {
  readonly moved: readonly Moved[];
  readonly since: string;
  readonly until: string;
  readonly asks: number;
}

/** One finding over time. */
export interface FindingRecord {
  readonly findingId: string;
  readonly ruleId: string;
  readonly subject: string;
  readonly category: Category;
  readonly severity: Severity;
  readonly state: FindingState;
  readonly reason: string;
  /** 1, 2, ... one per transition; `epoch` is fixed when the record is made (Unix seconds). */
  readonly seq: number;
  readonly epoch: number;
  readonly openedAt: string;
  /** When the last transition was committed: the storage service's clock. */
  readonly transitionAt: string;
  /** The event's own time of the change behind the last transition; null: no event. */
  readonly changedAt: string | null;
  readonly lastSeen: string;
  readonly refreshedAt: string;
  readonly summary: string;
  readonly remediation: string;
  readonly evidence: Evidence;
  readonly notes: Evidence;
  readonly ranges: readonly IpRange[] | null;
  readonly actor: Change['actor'] | null;
  /** Set while nobody knows who made the last transition. */
  readonly unsigned: Unsigned | null;
  readonly exemption: ExemptionNote | null;
  readonly resolvedAt: string | null;
  readonly pending: Pending | null;
}

export type ChangeOutcome = 'Widened' | 'Narrowed' | 'Unchanged' | 'Unreadable';

export interface ChangeRecord extends Change {
  readonly outcome: ChangeOutcome;
  readonly summary: string;
}

/** How often in a row a group of readings failed. */
export interface FailureRecord {
  readonly sweeps: number;
  readonly since: string;
  readonly reason: string;
  readonly denied: boolean;
}

/** Everything that the monitor remembers of one server. */
export interface ServerState {
  readonly version: 1;
  readonly server: ServerRef;
  /** It was there when its subscription was swept for the first time: what it then showed is no news. */
  readonly inventory: boolean;
  /** False: two confirmed 404s, or never found. */
  readonly live: boolean;
  readonly deletedAt: string | null;
  /** `Date` headers of the first and last answer of the last reading that was kept; empty before the first. */
  readonly observedAt: string;
  readonly completedAt: string;
  readonly firstObservedAt: string;
  readonly network: Readings;
  /** The last values of the facets that the last reading could not read. */
  readonly lastKnown: Readings;
  readonly surroundings: Surroundings;
  /** Hash of the stored reading of the body and of the endpoints, in the normal form of a Resource Graph record. */
  readonly bodyHash: string;
  readonly baseline: Baseline | null;
  readonly findings: readonly FindingRecord[];
  readonly firstSeen: Readonly<Record<string, string>>;
  readonly failures: Readonly<Record<string, FailureRecord>>;
  readonly changes: readonly ChangeRecord[];
  /** The claim of the last reading for an event or over HTTP; its look and recheck included. */
  readonly lastReadStartedAt: string | null;
  /** A look is enqueued for the events that came too soon. */
  readonly nextLookAt: string | null;
  /** The second look after the last event reading. */
  readonly lookDueAt: string | null;
  /** The last finished reading for an event, look or HTTP request. */
  readonly finished: {
    readonly startedAt: string;
    readonly outcome: ChangeOutcome;
    readonly summary: string;
  } | null;
  readonly notFoundSince: string | null;
  /** The circumstances (environment.ts) under which the last reading was judged. */
  readonly judgedUnder: string;
  /** Under the same circumstances the same reading is judged the same, whenever that is (renewal.ts). */
  readonly steady: boolean;
  /** The last server row: a digest of its columns, and when it was made. */
  readonly serverRow: { readonly digest: string; readonly at: string } | null;
}

/** A state as stored: with the ETag that a change of it must match; undefined: nothing is stored yet. */
export interface StoredState {
  readonly state: ServerState;
  readonly etag: string | undefined;
}

const VERSION: ServerState['version'] = 1;
const Stored = z.object({ version: z.int().min(1), server: z.looseObject({ id: z.string() }) });
/** An upgrade is under way: an instance of the newer version may take the message then. */
const NEWER_SECONDS = 300;

/** Reads a stored state; undefined: a newer version of the app wrote it. */
export function knownState(text: string): ServerState | undefined {
  const value: unknown = JSON.parse(text);
  return Stored.parse(value).version <= VERSION ? (value as ServerState) : undefined;
}

/** Reads a stored state; throws `TransientError` when a newer version of the app wrote it. */
export function parseState(text: string): ServerState {
  const state = knownState(text);
  if (!state) throw newerState();
  return state;
}

/** What an older version must not touch is asked for again later. */
export function newerState(): TransientError {
  return new TransientError('a newer version of the app wrote the state', NEWER_SECONDS);
}

/** The state of a server of which nothing is known but its id. */
export function newState(server: ServerRef): ServerState {
  return {
    version: VERSION,
    server,
    inventory: false,
    live: false,
    deletedAt: null,
    observedAt: '',
    completedAt: '',
    firstObservedAt: '',
    network: {},
    lastKnown: {},
    surroundings: { endpoints: {} },
    bodyHash: '',
    baseline: null,
    findings: [],
    firstSeen: {},
    failures: {},
    changes: [],
    lastReadStartedAt: null,
    nextLookAt: null,
    lookDueAt: null,
    finished: null,
    notFoundSince: null,
    judgedUnder: '',
    steady: false,
    serverRow: null,
  };
}

/** The last reading as a snapshot; undefined before the first. */
export function storedSnapshot(state: ServerState): Snapshot | undefined {
  if (state.observedAt === '') return undefined;
  const { server, observedAt, completedAt, network, surroundings } = state;
  return { server, observedAt, completedAt, found: state.live, network, surroundings };
}
