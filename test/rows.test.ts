import { describe, expect, test } from 'vitest';
import { changeRow, findingRow, refreshRow, serverRow } from '../shared/lifecycle/finding-rows.ts';
import { type Columns, TABLES, type TableName } from '../shared/rows.ts';
import { exposure, SERVER } from './builders.ts';
import { at, change, history, openFinding, rule } from './histories.ts';

/** The tables as they are published, column by column: operators, alert rules and scripts bind to them. */
const PUBLISHED: Readonly<Record<TableName, Readonly<Record<string, string>>>> = {
  DatabaseExposureFindings_CL: {
    string:
      'AppVersion FindingId Change State Reason RuleId RuleTitle Category Severity ServerId ServerName ServerFamily SubscriptionRef ResourceGroup Location Subject Summary Remediation Reach ReachBefore ActorName ActorId ActorType ActorAddress Operation CorrelationId Source',
    int: 'SchemaVersion',
    long: 'EpochSeq PublicAddresses PublicAddressesBefore',
    boolean: 'Truncated',
    datetime: 'TimeGenerated ChangedAt ObservedAt LastSeen',
    dynamic: 'Evidence AddedRanges RemovedRanges',
  },
  DatabaseExposureServers_CL: {
    string:
      'AppVersion ServerId ServerName ServerFamily SubscriptionRef ResourceGroup Location Reach WorstSeverity RunId',
    int: 'SchemaVersion ApprovedEndpoints OpenFindings',
    long: 'PublicAddresses',
    boolean: 'AzureServices Complete',
    datetime: 'TimeGenerated ObservedAt',
    dynamic: 'Unreadable',
  },
  DatabaseExposureChanges_CL: {
    string:
      'AppVersion EventId ServerId Operation Status ActorName ActorId ActorType ActorAddress CorrelationId Outcome Summary',
    int: 'SchemaVersion',
    datetime: 'TimeGenerated EventTime',
  },
  DatabaseExposureRuns_CL: {
    string: 'AppVersion RunId Kind',
    int: 'SchemaVersion Expected Assessed Unreadable Skipped GraphCalls ManagementCalls Throttled EventsOutOfScope EventsMalformed PendingRows OldestPendingSeconds FailedAssessments DeadLetters',
    boolean: 'Partial',
    datetime: 'TimeGenerated StartedAt FinishedAt',
    dynamic: 'Problems',
  },
};
const STAMPED = ['TimeGenerated', 'SchemaVersion', 'AppVersion'];

test.each(Object.keys(TABLES) as TableName[])('the columns of %s are exactly the published ones', (name) => {
  const published = Object.entries(PUBLISHED[name]).flatMap(([type, columns]) =>
    columns.split(' ').map((column) => [column, type]),
  );
  const columns: Columns = TABLES[name];
  expect(columns).toEqual(Object.fromEntries(published));
});

/** The columns of a row but for those that are stamped when it is sent. */
const columnsOf = (name: TableName): readonly string[] =>
  Object.keys(TABLES[name])
    .filter((column) => !STAMPED.includes(column))
    .sort();

describe('what is made of a finding, a server, a change', () => {
  const [comparison] = history({
    at: 0,
    findings: [openFinding('internet-reachable')],
    changes: [change('e1')],
    reason: 'event',
  });
  const [record] = comparison?.state.findings ?? [];
  if (!record) throw new Error('nothing opened');

  test('a finding row has every column', () => {
    const row = findingRow(record, 'Opened', rule('internet-reachable'), {
      server: SERVER,
      before: undefined,
      after: undefined,
      source: 'sweep',
      observedAt: at(0),
      change: undefined,
    });
    expect(Object.keys(row).sort()).toEqual(columnsOf('DatabaseExposureFindings_CL'));
  });

  test('a refresh row has those that it needs, and no more', () => {
    expect(Object.keys(refreshRow(record, SERVER, 'internet')).sort()).toEqual(
      'Category Change EpochSeq FindingId LastSeen Reach Reason RuleId ServerFamily ServerId ServerName Severity State Subject SubscriptionRef'.split(
        ' ',
      ),
    );
  });

  test('a server row has every column', () => {
    const row = serverRow(SERVER, exposure(), [record], {}, { observedAt: at(0), runId: '' });
    expect(Object.keys(row).sort()).toEqual(columnsOf('DatabaseExposureServers_CL'));
  });

  test('a change row has every column', () => {
    const row = changeRow(SERVER.id, { ...change('e1'), outcome: 'Widened', summary: '' });
    expect(Object.keys(row).sort()).toEqual(columnsOf('DatabaseExposureChanges_CL'));
  });
});
