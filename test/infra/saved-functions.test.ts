import { beforeAll, describe, expect, test } from 'vitest';
import { CLOSED, LISTED, OPEN, WIDE } from './azure.ts';
import { BOB } from './people.ts';
import { ask, type Row, type Rows } from './queries.ts';
import { minute } from './rows.ts';
import { stage } from './stage.ts';

/** Equal keys have equal contents: this finds the others. */
const UNEQUAL_COPIES = `DatabaseExposureFindings_CL
| extend Payload = hash_sha256(strcat(State, Severity, RuleId, ServerId, Subject, tostring(Evidence)))
| summarize Payloads = dcount(Payload) by FindingId, EpochSeq, Change
| where Payloads > 1`;

const HOURS = 8;
let rows: Rows;

/**
 * Eight hours: orders is opened, narrowed and closed, stock widened; for some of it every acknowledgement is lost, the
 * workspace takes nothing or is slow, and refreshes follow.
 */
beforeAll(async () => {
  const monitor = stage();
  monitor.put('orders', CLOSED);
  monitor.put('stock', WIDE);
  await monitor.pass(6);
  monitor.losesAcknowledgement = true;
  monitor.write('orders', OPEN);
  await monitor.pass(10);
  monitor.losesAcknowledgement = false;
  monitor.refused.add('DatabaseExposureFindings_CL');
  monitor.write('orders', LISTED, BOB);
  await monitor.pass(20);
  monitor.refused.clear();
  monitor.latency = 30;
  monitor.write('orders', CLOSED);
  await monitor.pass(20);
  monitor.latency = 2;
  monitor.losesAcknowledgement = true;
  monitor.write('stock', OPEN);
  await monitor.pass(20);
  monitor.losesAcknowledgement = false;
  await monitor.pass(HOURS * 60 - monitor.now());
  rows = monitor.rows();
});

const at = (query: string, now = minute(HOURS * 60)): readonly Row[] => ask(query, rows, now);
const raw = (): readonly Row[] => rows.DatabaseExposureFindings_CL ?? [];
const keyOf = ({ FindingId, EpochSeq }: Row): string => `${String(FindingId)}|${String(EpochSeq)}`;

test('the story has copies, refreshes, and late rows', () => {
  const transitions = raw().filter(({ Change }) => Change !== 'Refreshed');
  expect(transitions.length).toBeGreaterThan(new Set(transitions.map(keyOf)).size);
  expect(raw().length).toBeGreaterThan(transitions.length);
});

test('rows of one key and one change have one content', () => {
  expect(at(UNEQUAL_COPIES)).toEqual([]);
});

test('and that is found where it is not so (one row is changed by hand)', () => {
  const [first] = raw();
  const other = { ...first, Subject: 'another' };
  const found = ask(UNEQUAL_COPIES, { DatabaseExposureFindings_CL: [...raw(), other] }, minute(HOURS * 60));
  expect(found).toMatchObject([{ FindingId: first?.FindingId, Payloads: 2 }]);
});

describe('DatabaseExposureTransitions', () => {
  test('gives each step once, as it first arrived, and no refresh', () => {
    const steps = at('DatabaseExposureTransitions(ago(2d))');
    const sent = raw().filter(({ Change }) => Change !== 'Refreshed');
    expect(new Set(steps.map(keyOf))).toEqual(new Set(sent.map(keyOf)));
    expect(steps).toHaveLength(new Set(sent.map(keyOf)).size);
    for (const step of steps) {
      const arrivals = sent
        .filter((row) => keyOf(row) === keyOf(step))
        .map(({ $ingestionTime }) => Date.parse(String($ingestionTime)));
      expect(Date.parse(String(step.IngestedAt))).toBe(Math.min(...arrivals));
    }
  });

  test('gives the steps of a finding in their order, by EpochSeq', () => {
    const steps = at(
      `DatabaseExposureTransitions(ago(2d))
      | where ServerName == "orders" and RuleId == "internet-reachable"
      | order by EpochSeq asc`,
    );
    expect(steps.map(({ Change, Reason }) => [Change, Reason])).toEqual([
      ['Opened', ''],
      ['Resolved', 'Fixed'],
    ]);
  });

  test('gives nothing that was sent before', () => {
    expect(at('DatabaseExposureTransitions(ago(2h))')).toEqual([]);
  });
});

describe('DatabaseExposureCurrent', () => {
  const current = `DatabaseExposureCurrent(ago(2d))
  | where Severity in ("Critical", "High")
  | order by ServerName asc, RuleId asc
  | project ServerName, RuleId, State, Reason, Reach, SeenLast`;

  test.each([
    {
      when: 'after the first sweep',
      now: 5,
      expected: [
        ['stock', 'public-access-enabled', 'FirstSeen', 'wide'],
        ['stock', 'wide-public-range', 'FirstSeen', 'wide'],
      ],
    },
    {
      when: 'at the end',
      now: HOURS * 60,
      expected: [
        ['stock', 'exposure-widened', '', 'internet'],
        ['stock', 'internet-reachable', '', 'internet'],
        ['stock', 'public-access-enabled', '', 'internet'],
      ],
    },
  ])('gives what is open, $when', ({ now, expected }) => {
    const found = at(current, minute(now));
    expect(found.map(({ ServerName, RuleId, Reason, Reach }) => [ServerName, RuleId, Reason, Reach])).toEqual(
      expected,
    );
  });

  test('gives what is open from refreshes alone, with the newest time of a reading', () => {
    const found = at(current.replace('2d', '2h'));
    expect(new Set(found.map(({ ServerName }) => ServerName))).toEqual(new Set(['stock']));
    for (const { SeenLast } of found) expect(String(SeenLast) > minute(5 * 60)).toBe(true);
  });

  test('gives the newest text there is', () => {
    const found = at('DatabaseExposureCurrent(ago(2d)) | where isempty(Summary)');
    expect(found).toEqual([]);
    expect(at('DatabaseExposureCurrent(ago(2h)) | where isnotempty(Summary)')).toEqual([]);
  });
});
