import { describe, expect, test } from 'vitest';
import { checkKql, runKql } from '../../../local/kql/index.ts';

const schema = {
  TimeGenerated: 'datetime',
  FindingId: 'string',
  EpochSeq: 'long',
  Change: 'string',
  State: 'string',
  Reason: 'string',
  RuleId: 'string',
  Category: 'string',
  Severity: 'string',
  ServerId: 'string',
  ServerName: 'string',
  ServerFamily: 'string',
  SubscriptionRef: 'string',
  Subject: 'string',
  Summary: 'string',
  Evidence: 'dynamic',
  Reach: 'string',
  LastSeen: 'datetime',
} as const;

interface Finding {
  readonly id: string;
  readonly seq: number;
  readonly change: string;
  readonly state: string;
  readonly at: string;
  readonly reach?: string;
  readonly summary?: string;
  readonly evidence?: unknown;
  readonly ingested?: string;
}

const row = ({ id, seq, change, state, at, reach, summary, evidence, ingested }: Finding) => ({
  TimeGenerated: at,
  FindingId: id,
  EpochSeq: seq,
  Change: change,
  State: state,
  RuleId: 'rule',
  Severity: 'High',
  ServerId: `/servers/${id}`,
  Subject: 'server',
  LastSeen: at,
  ...(reach && { Reach: reach }),
  ...(summary && { Summary: summary }),
  ...(evidence !== undefined && { Evidence: evidence }),
  ...(ingested && { $ingestionTime: ingested }),
});

const opened = {
  id: 'f1',
  seq: 1001,
  change: 'Opened',
  state: 'Open',
  at: '2024-05-01T01:00:00Z',
  reach: 'Internet',
  summary: 'Open to all.',
  evidence: { b: 1, a: [2] },
};
const rows = [
  // Sent twice: the second copy arrived first.
  { ...opened, ingested: '2024-05-01T01:05:00Z' },
  { ...opened, at: '2024-05-01T01:01:00Z', ingested: '2024-05-01T01:02:00Z' },
  { id: 'f1', seq: 1001, change: 'Refreshed', state: 'Open', at: '2024-05-01T06:00:00Z', reach: 'Internet' },
  {
    id: 'f1',
    seq: 1002,
    change: 'Updated',
    state: 'Open',
    at: '2024-05-01T07:00:00Z',
    reach: 'Some',
    summary: 'Open to some.',
  },
  { id: 'f1', seq: 1002, change: 'Refreshed', state: 'Open', at: '2024-05-01T11:00:00Z', reach: 'Few' },
  // Arrived after the row that resolves it.
  { id: 'f2', seq: 7, change: 'Resolved', state: 'Resolved', at: '2024-05-01T02:00:00Z' },
  { id: 'f2', seq: 6, change: 'Opened', state: 'Open', at: '2024-05-01T03:00:00Z' },
  // Only a refresh row is young enough.
  { id: 'f3', seq: 2, change: 'Opened', state: 'Open', at: '2024-04-01T00:00:00Z', summary: 'Old.' },
  { id: 'f3', seq: 2, change: 'Refreshed', state: 'Open', at: '2024-05-01T05:00:00Z', reach: 'Vnet' },
].map(row);

const functions = {
  Transitions: `(from: datetime) {
    DatabaseExposureFindings_CL
    | where TimeGenerated > from and Change != "Refreshed"
    | summarize arg_min(ingestion_time(), *) by FindingId, EpochSeq
}`,
  OpenNow: `(from: datetime) {
    DatabaseExposureFindings_CL
    | where TimeGenerated > from
    | summarize arg_max(EpochSeq, State, Reason, RuleId, Category, Severity, ServerId, ServerName, ServerFamily, SubscriptionRef, Subject),
        Reach = arg_max(TimeGenerated, Reach), Summary = take_anyif(Summary, isnotempty(Summary)), SeenLast = max(LastSeen), Copies = count() by FindingId
    | where State == "Open"
}`,
};
const conflicts = `DatabaseExposureFindings_CL
| extend Payload = hash_sha256(strcat(State, Severity, RuleId, ServerId, Subject, tostring(Evidence)))
| summarize Payloads = dcount(Payload) by FindingId, EpochSeq, Change
| where Payloads > 1`;

const ask = (query: string, of = rows) =>
  runKql(query, {
    tables: { DatabaseExposureFindings_CL: { schema, rows: of } },
    functions,
    now: new Date('2024-05-01T12:00:00Z'),
  });

describe('queries over findings', () => {
  test('every transition once, from its first copy', () => {
    const found = ask(
      'Transitions(ago(2d)) | project FindingId, EpochSeq, Change, TimeGenerated | sort by FindingId asc, EpochSeq asc',
    );
    expect(found.rows.map((each) => Object.values(each))).toEqual([
      ['f1', 1001, 'Opened', '2024-05-01T01:01:00Z'],
      ['f1', 1002, 'Updated', '2024-05-01T07:00:00Z'],
      ['f2', 6, 'Opened', '2024-05-01T03:00:00Z'],
      ['f2', 7, 'Resolved', '2024-05-01T02:00:00Z'],
    ]);
  });

  test('what is open now, by the last transition and not by the time', () => {
    const found = ask('OpenNow(ago(2d)) | project FindingId, EpochSeq, ServerId, Summary, SeenLast, Copies');
    expect(found.rows.map((each) => Object.values(each))).toEqual([
      ['f1', 1002, '/servers/f1', 'Open to all.', '2024-05-01T11:00:00Z', 5],
      ['f3', 2, '/servers/f3', '', '2024-05-01T05:00:00Z', 1],
    ]);
  });

  test('a name before an arg_max of two columns names the first of them', () => {
    const { columns, rows: open } = ask('OpenNow(ago(2d))');
    expect(columns.map(({ name }) => name).slice(-6)).toEqual([
      'Subject',
      'Reach',
      'Reach1',
      'Summary',
      'SeenLast',
      'Copies',
    ]);
    expect(open[0]).toMatchObject({ Reach: '2024-05-01T11:00:00Z', Reach1: 'Few' });
  });

  test('copies of one transition do not differ', () => {
    expect(ask(conflicts).rows).toEqual([]);
  });

  test('copies that differ are found', () => {
    const changed = row({ ...opened, evidence: { b: 2, a: [2] } });
    expect(ask(conflicts, [...rows, changed]).rows).toEqual([
      { FindingId: 'f1', EpochSeq: 1001, Change: 'Opened', Payloads: 2 },
    ]);
  });

  test('the language service has nothing against them', () => {
    const schemas = { DatabaseExposureFindings_CL: schema };
    const queries = ['Transitions(ago(2d))', 'OpenNow(ago(2d))', conflicts];
    expect(queries.flatMap((query) => checkKql(query, schemas, functions))).toEqual([]);
  });
});
