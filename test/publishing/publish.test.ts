import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAzure, type EmbeddedAzure } from '../../local/azure/index.ts';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { APP_VERSION } from '../../shared/app-version.ts';
import type { Delivery, Ports, Sink, Table } from '../../shared/ports.ts';
import { pendingRows, publishCommitted, publishPartition } from '../../shared/publishing/publish.ts';
import { TABLES } from '../../shared/rows.ts';
import { CLOUDS } from '../../shared/settings.ts';
import { logAnalytics } from '../../shared/sinks/log-analytics.ts';
import { azureTable } from '../../shared/state/azure-table.ts';
import { commit } from '../../shared/state/commit.ts';
import { sendRows } from '../../shared/publishing/send.ts';
import { type Pack, readState } from '../../shared/state/store.ts';
import { CREDENTIAL, trust } from '../azure/secure-server.ts';
import { SERVER, snapshot } from '../builders.ts';
import { change, openFinding, read } from '../histories.ts';
import { tinyEstate } from '../local/azure/tiny-estate.ts';

const TABLE = 'DatabaseExposureFindings_CL';
const NOW = '2026-05-20T12:00:00.000Z';

interface Sent {
  readonly table: string;
  readonly rows: readonly string[];
}

/** A workspace that answers as it is told, and keeps what it accepted. */
function workspace(answer: (rows: readonly string[], request: number) => Delivery): Sink & {
  readonly requests: Sent[];
  readonly stored: Record<string, unknown>[];
} {
  const requests: Sent[] = [];
  const stored: Record<string, unknown>[] = [];
  return {
    requests,
    stored,
    send(table, rows) {
      requests.push({ table, rows });
      const delivery = answer(rows, requests.length);
      if (delivery.accepted) stored.push(...rows.map((row) => JSON.parse(row) as Record<string, unknown>));
      return Promise.resolve(delivery);
    },
  };
}

const ACCEPTED: Delivery = { accepted: true };
const LATER: Delivery = { accepted: false, reason: 'later', status: 429 };
const INVALID: Delivery = { accepted: false, reason: 'invalid', status: 400 };
const LARGE: Delivery = { accepted: false, reason: 'large', status: 413 };
const numbered = (count: number, text = ''): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, index) => ({ EpochSeq: index, Summary: text }));
const bytesOf = ({ rows }: Sent): number => Buffer.byteLength(`[${rows.join(',')}]`);

describe('sending', () => {
  test('every row is stamped', async () => {
    const sink = workspace(() => ACCEPTED);
    await sendRows(sink, TABLE, [{ FindingId: 'f1' }], NOW);
    expect(sink.stored).toEqual([
      { TimeGenerated: NOW, SchemaVersion: 1, AppVersion: APP_VERSION, FindingId: 'f1' },
    ]);
  });

  test('nothing to send is no request', async () => {
    const sink = workspace(() => ACCEPTED);
    expect(await sendRows(sink, TABLE, [], NOW)).toEqual({ accepted: new Set(), refused: new Set() });
    expect(sink.requests).toEqual([]);
  });

  test('at most 900,000 bytes a request, by the bytes and not by the characters', async () => {
    const sink = workspace(() => ACCEPTED);
    const { accepted } = await sendRows(sink, TABLE, numbered(300, '漢'.repeat(3000)), NOW);
    expect(accepted.size).toBe(300);
    expect(sink.requests.length).toBeGreaterThan(2);
    for (const request of sink.requests) expect(bytesOf(request)).toBeLessThanOrEqual(900_000);
    expect(sink.stored.map(({ EpochSeq }) => EpochSeq)).toEqual(
      numbered(300).map(({ EpochSeq }) => EpochSeq),
    );
  });

  test('a row larger than that goes alone', async () => {
    const sink = workspace(() => ACCEPTED);
    await sendRows(sink, TABLE, [...numbered(2), ...numbered(1, 'x'.repeat(950_000)), ...numbered(2)], NOW);
    expect(sink.requests.map(({ rows }) => rows.length)).toEqual([2, 1, 2]);
  });

  test.each([{ bad: [3] }, { bad: [0, 7] }, { bad: [0, 1, 2, 3, 4, 5, 6, 7] }, { bad: [] }])(
    'the rows $bad are found, and the others stored once',
    async ({ bad }) => {
      const isBad = (row: string): boolean =>
        bad.includes((JSON.parse(row) as { EpochSeq: number }).EpochSeq);
      const sink = workspace((rows) => (rows.some(isBad) ? INVALID : ACCEPTED));
      const { accepted, refused } = await sendRows(sink, TABLE, numbered(8), NOW);
      expect(refused).toEqual(new Set(bad));
      expect([...accepted].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7].filter((index) => !bad.includes(index)));
      expect(sink.stored.map(({ EpochSeq }) => EpochSeq).sort()).toEqual([...accepted].sort());
    },
  );

  test('a request that is too large is halved', async () => {
    const sink = workspace((rows) => (rows.length > 3 ? LARGE : ACCEPTED));
    const { accepted } = await sendRows(sink, TABLE, numbered(10), NOW);
    expect(accepted.size).toBe(10);
    expect(sink.stored.map(({ EpochSeq }) => EpochSeq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('later: what follows is not even tried', async () => {
    const sink = workspace((_, request) => (request === 1 ? ACCEPTED : LATER));
    const { accepted, refused } = await sendRows(sink, TABLE, numbered(300, 'x'.repeat(10_000)), NOW);
    expect(sink.requests).toHaveLength(2);
    expect(accepted.size).toBe(sink.requests[0]?.rows.length);
    expect(refused.size).toBe(0);
  });

  test('later in the middle of a search refuses nothing more', async () => {
    const sink = workspace((rows, request) => (request > 2 ? LATER : rows.length > 1 ? INVALID : ACCEPTED));
    const { accepted, refused } = await sendRows(sink, TABLE, numbered(4), NOW);
    expect([accepted.size, refused.size]).toEqual([0, 0]);
  });

  test('halves of characters are replaced', async () => {
    const sink = workspace(() => ACCEPTED);
    await sendRows(sink, TABLE, [{ Summary: 'a\ud800b', Evidence: { list: ['\udc00'] } }], NOW);
    expect(sink.requests[0]?.rows[0]).not.toContain('\\ud');
    expect(sink.stored[0]).toMatchObject({ Summary: 'a\ufffdb', Evidence: { list: ['\ufffd'] } });
  });
});

describe('the outbox', () => {
  let azurite: Azurite;
  let table: Table;
  let server: typeof SERVER;
  beforeAll(async () => {
    azurite = await startAzurite();
    table = azureTable({ connectionString: azurite.connectionString }, CREDENTIAL);
  });
  afterAll(() => azurite.close());
  beforeEach(() => {
    const subscription = randomUUID();
    server = { ...SERVER, subscription, id: SERVER.id.replace(SERVER.subscription, subscription) };
  });

  const portsOf = (sink: Sink): Ports =>
    ({
      table,
      sink,
      log: () => undefined,
      calls: { graph: 0, management: 0, throttled: 0 },
    }) as unknown as Ports;

  /** Commits a reading with one finding for each name, and one event. */
  async function committed(ports: Ports, ...names: readonly string[]): Promise<readonly Pack[]> {
    const { stored, now } = await readState(table, server);
    const findings = names.map((name) => openFinding(name));
    const changes = [change(`e-${names.join()}`)];
    const comparison = read(stored.state, {
      at: 0,
      snapshot: { ...snapshot(), server },
      findings,
      reason: 'event',
      changes,
    });
    const packs = await commit(ports, stored, comparison, [], now);
    if (!packs) throw new Error('another one wrote first');
    return packs;
  }

  const left = async (): Promise<number> => (await table.query(server.subscription, 'o|', 'o}')).rows.length;

  test('what is accepted leaves it', async () => {
    const sink = workspace(() => ACCEPTED);
    const ports = portsOf(sink);
    await committed(ports, 'a', 'b');
    expect(await pendingRows(table)).toMatchObject({ rows: 3, parked: 0 });
    expect(await publishPartition(ports, server.subscription)).toBe(0);
    expect(await left()).toBe(0);
    expect(sink.requests.map((request) => [request.table, request.rows.length])).toEqual([
      ['DatabaseExposureFindings_CL', 2],
      ['DatabaseExposureChanges_CL', 1],
    ]);
    expect(await publishPartition(ports, server.subscription)).toBe(0);
    expect(sink.requests).toHaveLength(2);
  });

  test('what is not stays, until it is', async () => {
    let open = false;
    const sink = workspace(() => (open ? ACCEPTED : LATER));
    const ports = portsOf(sink);
    await committed(ports, 'a');
    expect(await publishPartition(ports, server.subscription)).toBe(2);
    expect(await publishPartition(ports, server.subscription)).toBe(2);
    expect(await left()).toBe(1);
    open = true;
    expect(await publishPartition(ports, server.subscription)).toBe(0);
    expect(await left()).toBe(0);
    expect(sink.stored).toHaveLength(2);
  });

  test('one table of two: all of the pack is sent again, and none of it is lost', async () => {
    let open = false;
    const sink = workspace((rows) =>
      open || rows.some((row) => row.includes('FindingId')) ? ACCEPTED : LATER,
    );
    const ports = portsOf(sink);
    await committed(ports, 'a');
    expect(await publishPartition(ports, server.subscription)).toBe(2);
    open = true;
    expect(await publishPartition(ports, server.subscription)).toBe(0);
    const keys = sink.stored.map(({ FindingId, EpochSeq, EventId }) => [FindingId, EpochSeq, EventId].join());
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(2);
  });

  test('a row that is refused is parked, and stands in nobody’s way', async () => {
    const sink = workspace((rows) => (rows.some((row) => row.includes('"bad"')) ? INVALID : ACCEPTED));
    const ports = portsOf(sink);
    await committed(ports, 'good', 'bad', 'fine');
    expect(await publishPartition(ports, server.subscription)).toBe(0);
    expect(await left()).toBe(0);
    const { rows } = await table.query(server.subscription, 'k|', 'k}');
    expect(rows.map(({ text }) => JSON.parse(text) as unknown)).toMatchObject([
      { table: TABLE, row: { RuleId: 'bad' } },
    ]);
    expect(sink.stored.map(({ RuleId }) => RuleId)).toEqual(['good', 'fine', undefined]);
    expect((await pendingRows(table)).parked).toBe(1);
  });

  test('two that publish at once lose nothing', async () => {
    const sink = workspace(() => ACCEPTED);
    const ports = portsOf(sink);
    await committed(ports, 'a');
    const results = await Promise.all([1, 2, 3].map(() => publishPartition(ports, server.subscription)));
    expect(results).toEqual([0, 0, 0]);
    expect(await left()).toBe(0);
    expect(new Set(sink.stored.map(({ RuleId }) => RuleId))).toEqual(new Set(['a', undefined]));
  });

  test('what a message has just committed is sent without asking for it again, and leaves it', async () => {
    const sink = workspace(() => ACCEPTED);
    const ports = portsOf(sink);
    await committed(ports, 'earlier');
    const packs = await committed(ports, 'a', 'b');
    await publishCommitted(ports, [{ packs, refreshes: [], server: undefined }], NOW);
    expect(sink.stored.map(({ RuleId }) => RuleId)).toEqual(['a', 'b', undefined]);
    expect(await left()).toBe(1);
  });

  test('what a message has just committed waits where it is not accepted', async () => {
    const ports = portsOf(workspace(() => LATER));
    const packs = await committed(ports, 'a');
    await publishCommitted(ports, [{ packs, refreshes: [], server: undefined }], NOW);
    expect(await left()).toBe(1);
  });

  test('server and refresh rows are sent once, and lost without harm', async () => {
    const sink = workspace(() => LATER);
    const ports = portsOf(sink);
    const { stored } = await readState(table, server);
    const first = read(stored.state, { at: 0, findings: [openFinding('a')] });
    const second = read(first.state, { at: 6 * 3600, findings: [openFinding('a')] });
    const rows = [first, second].map((comparison) => ({ ...comparison, packs: [] }));
    await publishCommitted(ports, rows, NOW);
    expect(sink.requests.map((request) => [request.table, request.rows.length])).toEqual([
      ['DatabaseExposureServers_CL', 2],
      ['DatabaseExposureFindings_CL', 1],
    ]);
    expect(await left()).toBe(0);
  });

  describe('into the embedded workspace', () => {
    let azure: EmbeddedAzure;
    let ports: Ports;
    beforeAll(async () => {
      const tables = Object.entries(TABLES);
      const streams = Object.fromEntries(tables.map(([name, columns]) => [`Custom-${name}`, columns]));
      azure = await startAzure({ estate: tinyEstate(), streams });
      trust(azure.certificate);
      const cloud = CLOUDS.AzurePublicCloud;
      if (!cloud) throw new Error('no such cloud');
      ports = portsOf(
        logAnalytics({ logsEndpoint: azure.url, logsRuleId: azure.ruleId, cloud }, azure.credential),
      );
    });
    afterAll(() => azure.close());
    const arrived = (): number =>
      azure.ingested(TABLE).filter(({ SubscriptionRef }) => SubscriptionRef === server.subscription).length;

    test.each([
      { when: 'throttled', fault: { status: 429, headers: { 'retry-after': '1' } }, copies: 1 },
      { when: 'failing', fault: { status: 503 }, copies: 1 },
      { when: 'reset', fault: { reset: true }, copies: 1 },
      { when: 'its acknowledgement lost', fault: { cutAt: 0 }, copies: 2 },
    ])('$when: the rows arrive at the next try', async ({ fault, copies }) => {
      await committed(ports, 'a');
      azure.switches.faults.push({ match: 'Findings_CL', times: 1, ...fault });
      expect(await publishPartition(ports, server.subscription)).toBe(2);
      expect(await publishPartition(ports, server.subscription)).toBe(0);
      expect(arrived()).toBe(copies);
    });

    test('a role that comes late', async () => {
      azure.switches.ingestionForbidden = true;
      await committed(ports, 'a');
      expect(await publishPartition(ports, server.subscription)).toBe(2);
      expect(arrived()).toBe(0);
      azure.switches.ingestionForbidden = false;
      expect(await publishPartition(ports, server.subscription)).toBe(0);
      expect(arrived()).toBe(1);
    });
  });
});
