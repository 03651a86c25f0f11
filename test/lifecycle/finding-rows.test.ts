import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boundEvidence,
  changeRow,
  findingRow,
  refreshRow,
  serverRow,
  serverRowDigest,
} from '../../shared/lifecycle/finding-rows.ts';
import type { Evidence, Json, ServerRef } from '../../shared/model.ts';
import type { FindingRecord } from '../../shared/lifecycle/server-state.ts';
import { AZURE, exposure, SERVER, snapshot } from '../builders.ts';
import { at, change, history, openFinding, read, NEW, rule } from '../histories.ts';

function recordOf(...given: Parameters<typeof openFinding>): FindingRecord {
  const [record] = read(NEW, { at: 0, findings: [openFinding(...given)] }).state.findings;
  if (!record) throw new Error('nothing opened');
  return record;
}

describe('a finding row', () => {
  const record = recordOf('wide-public-range', {
    subject: `${SERVER.id}/firewallrules/office`,
    severity: 'Medium',
    evidence: { count: 3 },
    notes: { age: 'old' },
  });
  const about = {
    server: SERVER,
    before: exposure({ pna: 'Disabled' }),
    after: exposure({ fw: ['8.8.8.0-8.8.8.9'] }),
    source: 'event',
    observedAt: at(5),
    change: change('e1'),
  } as const;

  test('tells the finding, the reading and the author', () => {
    expect(findingRow(record, 'Opened', rule('wide-public-range'), about)).toEqual({
      FindingId: record.findingId,
      EpochSeq: 1_779_278_400_000_001,
      Change: 'Opened',
      State: 'Open',
      Reason: '',
      RuleId: 'wide-public-range',
      RuleTitle: 'Title of wide-public-range',
      Category: 'exposure',
      Severity: 'Medium',
      ServerId: SERVER.id,
      ServerName: 'orders',
      ServerFamily: 'microsoft.dbformysql/flexibleservers',
      SubscriptionRef: '11111111-1111-1111-1111-111111111111',
      ResourceGroup: 'rg',
      Location: 'westeurope',
      Subject: `${SERVER.id}/firewallrules/office`,
      Summary: 'It is so.',
      Remediation: 'Undo it.',
      Evidence: { count: 3, age: 'old' },
      Reach: 'listed',
      ReachBefore: 'none',
      PublicAddresses: 10,
      PublicAddressesBefore: 0,
      AddedRanges: ['8.8.8.0-8.8.8.9'],
      RemovedRanges: [],
      ActorName: 'dana@contoso.example',
      ActorId: 'dana',
      ActorType: 'User',
      ActorAddress: '203.0.113.7',
      Operation: 'Microsoft.DBforMySQL/flexibleServers/write',
      CorrelationId: 'c-e1',
      ChangedAt: at(-10),
      Source: 'event',
      ObservedAt: at(5),
      LastSeen: at(0),
      Truncated: false,
    });
  });

  test('without an author and an earlier reading its columns are empty', () => {
    const row = findingRow(record, 'Opened', rule('x'), { ...about, before: undefined, change: undefined });
    expect(row).toMatchObject({
      ReachBefore: '',
      PublicAddressesBefore: null,
      ActorName: '',
      ActorId: '',
      ActorType: '',
      ActorAddress: '',
      Operation: '',
      CorrelationId: '',
      ChangedAt: null,
    });
  });

  test('a change whose time nobody told has no time, which is no empty text', () => {
    const row = findingRow(record, 'Opened', rule('x'), { ...about, change: change('e1', { time: '' }) });
    expect(row.ChangedAt).toBeNull();
  });

  test('an unknown path has null addresses, never 0', () => {
    const after = exposure({ denied: ['firewallRules'] });
    expect(findingRow(record, 'Updated', rule('x'), { ...about, after })).toMatchObject({
      Reach: 'unknown',
      PublicAddresses: null,
    });
  });

  test('the rule of Azure adds no addresses', () => {
    const after = exposure({ fw: [AZURE] });
    expect(findingRow(record, 'Updated', rule('x'), { ...about, after })).toMatchObject({
      Reach: 'azure',
      PublicAddresses: 0,
      AddedRanges: [],
    });
  });

  test('of a server that is gone nothing is known', () => {
    const row = findingRow(record, 'Resolved', undefined, { ...about, before: undefined, after: undefined });
    expect(row).toMatchObject({
      Reach: 'unknown',
      PublicAddresses: null,
      AddedRanges: [],
      RemovedRanges: [],
    });
  });

  test('names are cut to 256 characters, the subject to 1,024', () => {
    const long = 'x'.repeat(2000);
    const where = { ...SERVER, name: long, resourceGroup: long, location: long };
    const row = findingRow({ ...record, subject: long }, 'Opened', rule('x'), { ...about, server: where });
    for (const name of [row.ServerName, row.ResourceGroup, row.Location]) expect(name).toHaveLength(256);
    expect(row.Subject).toHaveLength(1024);
    expect(row.Truncated).toBe(false);
    const refresh = refreshRow({ ...record, subject: long }, where, 'none');
    expect([refresh.ServerName.length, refresh.Subject.length]).toEqual([256, 1024]);
    const ofServer = serverRow(where, exposure(), [], {}, { observedAt: at(0), runId: '' });
    expect([ofServer.ResourceGroup.length, ofServer.Location.length]).toEqual([256, 256]);
  });

  test('where it would be larger than 32 KB its texts are cut, and nothing else', () => {
    // Six bytes of JSON each: 6 KB of summary and 24 KB of remedy, beside 6 KB of subject.
    const text = (length: number): string => '\u0001'.repeat(length);
    const large = { ...record, subject: text(1024), summary: text(1000), remediation: text(4000) };
    const row = findingRow(large, 'Opened', rule('x'), about);
    expect(row).toMatchObject({ FindingId: record.findingId, Subject: large.subject, Truncated: true });
    expect(row.Summary).toBe(`${text(299)}…`);
    expect(row.Remediation).toBe(`${text(499)}…`);
  });

  test('a row of 32,000 bytes is the first that is cut', () => {
    const sized = (length: number) =>
      findingRow({ ...record, remediation: 'x'.repeat(length) }, 'Opened', rule('x'), about);
    const rest = 31_999 - Buffer.byteLength(JSON.stringify(sized(0)));
    expect(sized(rest)).toMatchObject({ Remediation: 'x'.repeat(rest), Truncated: false });
    expect(sized(rest + 1).Truncated).toBe(true);
  });

  test('a rule that is no more has its id for a title', () => {
    expect(findingRow(record, 'Resolved', undefined, about).RuleTitle).toBe('wide-public-range');
  });
});

test('a refresh row repeats the number of the last transition', () => {
  const record = recordOf('r');
  expect(refreshRow(record, SERVER, 'listed')).toEqual({
    FindingId: record.findingId,
    EpochSeq: 1_779_278_400_000_001,
    Change: 'Refreshed',
    State: 'Open',
    Reason: '',
    RuleId: 'r',
    Category: 'exposure',
    Severity: 'High',
    ServerId: SERVER.id,
    ServerName: 'orders',
    ServerFamily: 'microsoft.dbformysql/flexibleservers',
    SubscriptionRef: '11111111-1111-1111-1111-111111111111',
    Subject: SERVER.id,
    Reach: 'listed',
    LastSeen: at(0),
  });
});

describe('a server row', () => {
  const reading = { observedAt: at(0), runId: 'r1' };
  const records = [
    recordOf('a', { severity: 'Low' }),
    recordOf('b', { severity: 'High' }),
    { ...recordOf('c', { severity: 'Critical' }), state: 'Exempted' as const },
    { ...recordOf('d', { severity: 'Critical' }), state: 'Resolved' as const },
  ];

  test('counts what is open, and neither what is exempted nor what is resolved', () => {
    const seen = exposure({ fw: ['8.8.8.8', AZURE], pec: ['Approved', 'Pending'] });
    expect(serverRow(SERVER, seen, records, {}, reading)).toMatchObject({
      Reach: 'azure',
      WorstSeverity: 'High',
      OpenFindings: 2,
      PublicAddresses: 1,
      ApprovedEndpoints: 1,
      AzureServices: true,
      Complete: true,
      Unreadable: {},
      RunId: 'r1',
    });
  });

  test('no finding has no severity', () => {
    expect(serverRow(SERVER, exposure(), [], {}, reading).WorstSeverity).toBe('');
  });

  test('what could not be read makes it incomplete', () => {
    const seen = exposure({ denied: ['firewallRules'] });
    expect(serverRow(SERVER, seen, [], { firewallRules: 'denied (403)' }, reading)).toMatchObject({
      Complete: false,
      Unreadable: { firewallRules: 'denied (403)' },
      PublicAddresses: null,
      AzureServices: null,
    });
  });

  test('times and runs are no news; anything else is', () => {
    const row = serverRow(SERVER, exposure(), records, {}, reading);
    expect(serverRowDigest({ ...row, ObservedAt: at(99), RunId: 'r2' })).toBe(serverRowDigest(row));
    for (const other of [{ Reach: 'x' }, { OpenFindings: 9 }, { Complete: false }, { Location: 'y' }]) {
      expect(serverRowDigest({ ...row, ...other })).not.toBe(serverRowDigest(row));
    }
  });
});

test('a change row is the event’s, with what it led to', () => {
  const row = changeRow(SERVER.id, { ...change('e1'), outcome: 'Narrowed', summary: 'Less.' });
  expect(row).toMatchObject({ EventId: 'e1', ServerId: SERVER.id, Outcome: 'Narrowed', EventTime: at(-10) });
  const timeless = changeRow(SERVER.id, { ...change('e1', { time: '' }), outcome: 'Narrowed', summary: '' });
  expect(timeless.EventTime).toBeNull();
});

describe('evidence within 8 KB', () => {
  const size = (evidence: Evidence): number => Buffer.byteLength(JSON.stringify(evidence));

  test('what fits is whole', () => {
    const evidence = { text: 'x'.repeat(8 * 1024 - 11) };
    expect(size(evidence)).toBe(8 * 1024);
    expect(boundEvidence(evidence)).toEqual({ evidence, truncated: false });
    expect(boundEvidence({ text: `${evidence.text}x` }).truncated).toBe(true);
  });

  test('long lists are shortened to 50, then to 10', () => {
    const rules = Array.from({ length: 80 }, (_, index) => `rule ${index} ${'x'.repeat(100)}`);
    const bound = boundEvidence({ rules, count: 80 });
    expect(bound.truncated).toBe(true);
    expect(bound.evidence.rules).toEqual(rules.slice(0, 50));
    expect(bound.evidence.count).toBe(80);
    const wide = rules.map((text) => text + 'y'.repeat(200));
    expect(boundEvidence({ rules: wide, count: 80 }).evidence.rules).toHaveLength(10);
  });

  test('long texts are cut to 256 characters, then to 128, and maps to as many entries', () => {
    const texts = (count: number, length: number): Evidence =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'x'.repeat(length)]));
    // 30 texts of 400 characters are 12 KB, of 256 less than 8 KB; 50 of 256 are more, and of 128 less.
    const lengths = (evidence: Evidence): readonly unknown[] => [
      ...new Set(Object.values(boundEvidence(evidence).evidence).map((text) => (text as string).length)),
    ];
    expect(lengths(texts(30, 400))).toEqual([256]);
    expect(lengths(texts(50, 400))).toEqual([128]);
    const { evidence } = boundEvidence({ byName: texts(80, 120), count: 80 });
    expect([Object.keys(evidence.byName as object).length, evidence.count]).toEqual([50, 80]);
  });

  test('what is nothing stays nothing, beside what is not single', () => {
    const list = Array.from({ length: 10 }, () => Array(10).fill('x'.repeat(128)) as Json);
    expect(boundEvidence({ list, map: { a: list }, none: null })).toEqual({
      evidence: { list: null, map: null, none: null },
      truncated: true,
    });
  });

  test('what is single outlives what is not', () => {
    const deep = (depth: number): Json => (depth === 0 ? 'x'.repeat(120) : Array(10).fill(deep(depth - 1)));
    expect(boundEvidence({ deep: deep(3), count: 7 })).toEqual({
      evidence: { deep: null, count: 7 },
      truncated: true,
    });
  });

  test('nothing that fits leaves an empty record', () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key-${index}`, 'x']));
    expect(boundEvidence(many)).toEqual({ evidence: {}, truncated: true });
  });

  test('a half of a character is replaced, whatever its size', () => {
    const bound = boundEvidence({ name: 'a\ud800' });
    expect(bound).toEqual({ evidence: { name: 'a\ufffd' }, truncated: false });
  });

  test('any evidence ends within the bound and well-formed', () => {
    const halves = fc.constantFrom('\ud800', '\udfff', 'a', '\ud83d\ude00', '\u0000');
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 1200 }), fc.string({ unit: halves }));
    const json = fc.oneof(
      text,
      fc.array(text, { maxLength: 12 }),
      fc.jsonValue(),
      fc.dictionary(fc.string(), text),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json, { maxKeys: 8 }), (given) => {
        const { evidence } = boundEvidence(given as Evidence);
        expect(size(evidence)).toBeLessThanOrEqual(8 * 1024);
        expect(JSON.stringify(evidence)).not.toMatch(/\\ud[89a-f]/);
      }),
      { numRuns: 60 },
    );
  });
});

test('no name makes a row larger than 32 KB', () => {
  const hostile = [
    'x'.repeat(100_000),
    '\u0000'.repeat(100_000),
    '"\\'.repeat(50_000),
    '漢'.repeat(100_000),
    '😀'.repeat(50_000),
    '\ud800'.repeat(100_000),
    `'; rm -rf / #$(x)\n`.repeat(5000),
  ];
  for (const text of hostile) {
    const server: ServerRef = { ...SERVER, name: text, resourceGroup: text, location: text };
    const violation = { subject: text, summary: text, evidence: { name: text, list: Array(100).fill(text) } };
    const finding = openFinding('r', { ...violation, notes: { note: text } });
    const seen = { ...snapshot(), server };
    const shell = { ...rule('r'), command: () => text };
    const actor = { name: text.slice(0, 256), id: text.slice(0, 128), type: 'User', address: '' } as const;
    const [comparison] = history({
      at: 0,
      snapshot: seen,
      findings: [finding],
      rules: [shell],
      reason: 'event',
      changes: [change('e', { operation: text.slice(0, 256), actor })],
    });
    for (const row of [...(comparison?.findings ?? []), ...(comparison?.changes ?? []), comparison?.server]) {
      expect(Buffer.byteLength(JSON.stringify(row))).toBeLessThan(32 * 1024);
    }
  }
});
