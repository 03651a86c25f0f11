import type { Json } from './model.ts';

/** Column types of a Log Analytics stream. */
export type ColumnType = 'string' | 'int' | 'long' | 'boolean' | 'datetime' | 'dynamic';
export type Columns = Readonly<Record<string, ColumnType>>;

const EVERY_ROW = { TimeGenerated: 'datetime', SchemaVersion: 'int', AppVersion: 'string' } as const;

const ACTOR = {
  ActorName: 'string',
  ActorId: 'string',
  ActorType: 'string',
  ActorAddress: 'string',
} as const;

export const FINDINGS = {
  ...EVERY_ROW,
  FindingId: 'string',
  EpochSeq: 'long',
  Change: 'string',
  State: 'string',
  Reason: 'string',
  RuleId: 'string',
  RuleTitle: 'string',
  Category: 'string',
  Severity: 'string',
  ServerId: 'string',
  ServerName: 'string',
  ServerFamily: 'string',
  SubscriptionRef: 'string',
  ResourceGroup: 'string',
  Location: 'string',
  Subject: 'string',
  Summary: 'string',
  Remediation: 'string',
  Evidence: 'dynamic',
  Reach: 'string',
  ReachBefore: 'string',
  PublicAddresses: 'long',
  PublicAddressesBefore: 'long',
  AddedRanges: 'dynamic',
  RemovedRanges: 'dynamic',
  ...ACTOR,
  Operation: 'string',
  CorrelationId: 'string',
  ChangedAt: 'datetime',
  Source: 'string',
  ObservedAt: 'datetime',
  LastSeen: 'datetime',
  Truncated: 'boolean',
} as const satisfies Columns;

export const SERVERS = {
  ...EVERY_ROW,
  ServerId: 'string',
  ServerName: 'string',
  ServerFamily: 'string',
  SubscriptionRef: 'string',
  ResourceGroup: 'string',
  Location: 'string',
  Reach: 'string',
  WorstSeverity: 'string',
  RunId: 'string',
  PublicAddresses: 'long',
  ApprovedEndpoints: 'int',
  OpenFindings: 'int',
  AzureServices: 'boolean',
  Complete: 'boolean',
  Unreadable: 'dynamic',
  ObservedAt: 'datetime',
} as const satisfies Columns;

export const CHANGES = {
  ...EVERY_ROW,
  EventId: 'string',
  ServerId: 'string',
  Operation: 'string',
  Status: 'string',
  ...ACTOR,
  CorrelationId: 'string',
  Outcome: 'string',
  Summary: 'string',
  EventTime: 'datetime',
} as const satisfies Columns;

export const RUNS = {
  ...EVERY_ROW,
  RunId: 'string',
  Kind: 'string',
  StartedAt: 'datetime',
  FinishedAt: 'datetime',
  Expected: 'int',
  Assessed: 'int',
  Unreadable: 'int',
  Skipped: 'int',
  GraphCalls: 'int',
  ManagementCalls: 'int',
  Throttled: 'int',
  EventsOutOfScope: 'int',
  EventsMalformed: 'int',
  PendingRows: 'int',
  OldestPendingSeconds: 'int',
  FailedAssessments: 'int',
  DeadLetters: 'int',
  Partial: 'boolean',
  Problems: 'dynamic',
} as const satisfies Columns;

/** The tables of the workspace with exactly the columns that code, Bicep and queries share. */
export const TABLES = {
  DatabaseExposureFindings_CL: FINDINGS,
  DatabaseExposureServers_CL: SERVERS,
  DatabaseExposureChanges_CL: CHANGES,
  DatabaseExposureRuns_CL: RUNS,
} as const;

export type TableName = keyof typeof TABLES;

interface Values {
  readonly string: string;
  readonly int: number | null;
  readonly long: number | null;
  readonly boolean: boolean | null;
  readonly datetime: string | null;
  readonly dynamic: Json;
}

type EveryRow = keyof typeof EVERY_ROW;

/** A row without what is the same in every row and stamped when it is sent. */
export type RowOf<C extends Columns> = { readonly [K in Exclude<keyof C, EveryRow>]: Values[C[K]] };
export type FindingRow = RowOf<typeof FINDINGS>;
export type ServerRow = RowOf<typeof SERVERS>;
export type ChangeRow = RowOf<typeof CHANGES>;
export type RunRow = RowOf<typeof RUNS>;

export const SCHEMA_VERSION = 1;

/** A refresh row repeats what an alert needs and leaves the rest empty. */
export type RefreshRow = Pick<
  FindingRow,
  | 'FindingId'
  | 'EpochSeq'
  | 'Change'
  | 'State'
  | 'Reason'
  | 'RuleId'
  | 'Category'
  | 'Severity'
  | 'ServerId'
  | 'ServerName'
  | 'ServerFamily'
  | 'SubscriptionRef'
  | 'Subject'
  | 'Reach'
  | 'LastSeen'
>;
