import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Fault, parseEstate, startAzure } from '../../local/azure/index.ts';
import type { Delivery, Sink } from '../../shared/ports.ts';
import type { TableName } from '../../shared/rows.ts';
import { CLOUDS } from '../../shared/settings.ts';
import { logAnalytics } from '../../shared/sinks/log-analytics.ts';
import { trust } from '../azure/secure-server.ts';
import type { FaultClass } from '../simulation/faults.ts';
import { memorySink } from '../simulation/memory-sink.ts';
import { CLOCK } from './cloud.ts';
import { chosenFaults } from './simulated-cloud.ts';

type Trouble =
  | 'it is forbidden'
  | 'it is throttled'
  | 'it fails'
  | 'it is too large'
  | 'half is stored'
  | 'the answer is lost';

interface Workspace {
  readonly sink: Sink;
  /** The rows of a table in order of arrival. */
  stored(table: TableName): readonly unknown[];
  make(trouble: Trouble | undefined): void;
  close(): Promise<void>;
}

const CLASS: Readonly<Record<Trouble, FaultClass>> = {
  'it is forbidden': 'sink outage',
  'it is throttled': 'sink throttled',
  'it fails': 'sink failing',
  'it is too large': 'sink too large',
  'half is stored': 'sink partial',
  'the answer is lost': 'sink lost acknowledgement',
};

function inMemory(): Promise<Workspace> {
  const faults = chosenFaults();
  const sink = memorySink(faults, () => CLOCK);
  return Promise.resolve({
    sink,
    stored: (table) => sink.stored.flatMap((row) => (row.table === table ? [row.row] : [])),
    make(trouble) {
      faults.choose(trouble && CLASS[trouble]);
    },
    close: () => Promise.resolve(),
  });
}

const match = '^/dataCollectionRules/';
/** How each comes about, request by request. */
const FAULTS: Readonly<Record<Trouble, () => Fault[]>> = {
  'it is forbidden': () => [{ match, status: 403 }],
  'it is throttled': () => [{ match, status: 429 }],
  'it fails': () => [{ match, status: 500 }],
  'it is too large': () => [{ match, status: 413 }],
  // The client cuts more than 1 MB into requests of its own: the first is served, the second is not.
  'half is stored': () => [
    { match, times: 1 },
    { match, status: 500 },
  ],
  'the answer is lost': () => [{ match, cutAt: 0 }],
};

async function inLogAnalytics(): Promise<Workspace> {
  const azure = await startAzure({ estate: parseEstate({}), now: () => new Date(CLOCK) });
  trust(azure.certificate);
  const cloud = CLOUDS.AzurePublicCloud;
  if (!cloud) throw new Error('no such cloud');
  const settings = { logsEndpoint: azure.url, logsRuleId: azure.ruleId, cloud };
  return {
    sink: logAnalytics(settings, azure.credential),
    stored: (table) =>
      azure
        .ingested(table)
        .map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== '$ingestionTime'))),
    make(trouble) {
      azure.switches.faults = trouble ? FAULTS[trouble]() : [];
    },
    close: () => azure.close(),
  };
}

const FINDINGS = 'DatabaseExposureFindings_CL';
const RUNS = 'DatabaseExposureRuns_CL';

function row(name: string, more: object = {}): Readonly<Record<string, unknown>> {
  return { TimeGenerated: '2026-05-20T06:59:00.000Z', FindingId: name, EpochSeq: 1, ...more };
}

describe.each([
  { kind: 'memory', start: inMemory },
  { kind: 'Log Analytics', start: inLogAnalytics },
])('the sink in $kind', ({ start }) => {
  let workspace: Workspace;
  let seen = 0;
  beforeAll(async () => {
    workspace = await start();
  });
  afterAll(() => workspace.close());
  afterEach(() => {
    workspace.make(undefined);
    seen = workspace.stored(FINDINGS).length;
  });

  const send = (rows: readonly object[], table: TableName = FINDINGS): Promise<Delivery> =>
    workspace.sink.send(
      table,
      rows.map((item) => JSON.stringify(item)),
    );
  /** What this test stored. */
  const stored = (): readonly unknown[] => workspace.stored(FINDINGS).slice(seen);

  test('stores rows as they were sent, in their order, each table its own', async () => {
    const rows = [
      row('b', { Evidence: { rules: ['office', 'ü "x" <b>'], count: 2 }, Subject: null }),
      row('a', { Complete: false, PublicAddresses: 4_294_967_296 }),
    ];
    const run = { TimeGenerated: '2026-05-20T06:59:00.000Z', Kind: 'Sweep', Problems: [] };
    expect(await send(rows)).toEqual({ accepted: true });
    expect(await send([run], RUNS)).toEqual({ accepted: true });
    expect(await send([row('c')])).toEqual({ accepted: true });
    expect(stored()).toEqual([...rows, row('c')]);
    expect(workspace.stored(RUNS)).toEqual([run]);
  });

  test('stores the same row as often as it is sent', async () => {
    await send([row('twice')]);
    await send([row('twice')]);
    expect(stored()).toEqual([row('twice'), row('twice')]);
  });

  const later = (status: number | null): Delivery => ({ accepted: false, reason: 'later', status });
  test.each<{ when: Trouble; delivery: Delivery; kept: readonly number[] }>([
    { when: 'it is forbidden', delivery: later(403), kept: [] },
    { when: 'it is throttled', delivery: later(429), kept: [] },
    { when: 'it fails', delivery: later(500), kept: [] },
    { when: 'it is too large', delivery: { accepted: false, reason: 'large', status: 413 }, kept: [] },
    { when: 'half is stored', delivery: later(500), kept: [0, 1] },
    { when: 'the answer is lost', delivery: later(null), kept: [0, 1, 2, 3] },
  ])('when $when', async ({ when, delivery, kept }) => {
    // Two of them fill a request of 1 MB: only where half is to be stored do they go by more than one.
    const size = when === 'half is stored' ? 450_000 : 10;
    const rows = [0, 1, 2, 3].map((index) => row(`${when} ${index}`, { Text: 'x'.repeat(size) }));
    workspace.make(when);
    expect(await send(rows)).toEqual(delivery);
    expect(stored()).toEqual(kept.map((index) => rows[index]));
  });

  test('takes all of it when the trouble is over', async () => {
    workspace.make('it is throttled');
    await send([row('again')]);
    workspace.make(undefined);
    expect(await send([row('again')])).toEqual({ accepted: true });
    expect(stored()).toEqual([row('again')]);
  });
});
