import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { TABLES } from '../../shared/rows.ts';
import { INFRA } from './queries.ts';

const Column = z.strictObject({ name: z.string(), type: z.string() });
const deployed = z
  .record(z.string(), z.array(Column))
  .parse(JSON.parse(readFileSync(join(INFRA, 'tables.json'), 'utf8')));

const every = 'datetime TimeGenerated; int SchemaVersion; string AppVersion';
const actor = 'string ActorName ActorId ActorType ActorAddress Operation CorrelationId';

/** The columns that operators, alert rules and scripts bind to, written out a second time. */
const PUBLISHED = {
  DatabaseExposureFindings_CL: `${every}; ${actor};
    string FindingId Change State Reason RuleId RuleTitle Category Severity;
    string ServerId ServerName ServerFamily SubscriptionRef ResourceGroup Location Subject Summary Remediation;
    string Reach ReachBefore Source; long EpochSeq PublicAddresses PublicAddressesBefore;
    dynamic Evidence AddedRanges RemovedRanges; datetime ChangedAt ObservedAt LastSeen; boolean Truncated`,
  DatabaseExposureServers_CL: `${every};
    string ServerId ServerName ServerFamily SubscriptionRef ResourceGroup Location Reach WorstSeverity RunId;
    long PublicAddresses; int ApprovedEndpoints OpenFindings; boolean AzureServices Complete;
    dynamic Unreadable; datetime ObservedAt`,
  DatabaseExposureChanges_CL: `${every}; ${actor};
    string EventId ServerId Status Outcome Summary; datetime EventTime`,
  DatabaseExposureRuns_CL: `${every}; string RunId Kind; datetime StartedAt FinishedAt;
    int Expected Assessed Unreadable Skipped GraphCalls ManagementCalls Throttled EventsOutOfScope EventsMalformed;
    int PendingRows OldestPendingSeconds FailedAssessments DeadLetters; boolean Partial; dynamic Problems`,
};

function columnsOf(text: string): Readonly<Record<string, string>> {
  const groups = text.split(';').map((group) => group.trim().split(/\s+/));
  return Object.fromEntries(groups.flatMap(([type = '', ...names]) => names.map((name) => [name, type])));
}

describe.each(Object.entries(PUBLISHED))('%s', (name, text) => {
  const published = columnsOf(text);
  const columns = deployed[name] ?? [];

  test('is deployed with the published columns', () => {
    expect(Object.fromEntries(columns.map((column) => [column.name, column.type]))).toEqual(published);
    expect(columns).toHaveLength(Object.keys(published).length);
  });

  test('is written by the code with the published columns', () => {
    expect(Object.fromEntries(Object.entries(TABLES).map(([key, value]) => [key, value]))[name]).toEqual(
      published,
    );
  });

  test('has names that Log Analytics takes', () => {
    const reserved = ['_ResourceId', 'id', '_SubscriptionId', 'TenantId', 'Type', 'UniqueId', 'Title'];
    for (const column of columns) {
      expect(column.name).toMatch(/^[A-Za-z]\w{0,44}$/);
      expect(reserved).not.toContain(column.name);
    }
  });
});

test('no table is deployed that is not published', () => {
  expect(Object.keys(deployed)).toEqual(Object.keys(PUBLISHED));
});
