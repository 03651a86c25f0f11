import { APP_VERSION } from '../../shared/app-version.ts';
import { SCHEMA_VERSION } from '../../shared/rows.ts';
import { ANY } from '../builders.ts';
import { change, pipeline, type Seen } from './pipeline.ts';
import type { Row, Rows } from './queries.ts';
import { heartbeat, hour, minute, sweep } from './rows.ts';

const DAYS = 30;
const SWEEPS_A_DAY = 96;
const HEARTBEATS_A_DAY = 288;
const FULL_READS_A_DAY = 4;
const PAGE = 1000;

const TEN_RULES = Array.from({ length: 10 }, (_, i) => `203.0.113.${i * 4}`);

/** An estate of twenty kinds: one server open to the internet, eleven that admit ten addresses, eight that are private. */
const KINDS: readonly Seen[] = [
  { fw: [...TEN_RULES, ANY], more: { pna: 'Enabled' } },
  ...Array.from({ length: 11 }, () => ({ fw: TEN_RULES, more: { pna: 'Enabled' } })),
  ...Array.from({ length: 8 }, () => ({ fw: [], more: { pna: 'Disabled', pec: ['Approved'] } })),
];
const PUBLIC_SHARE = 12 / 20;

interface Volume {
  readonly rows: number;
  readonly bytes: number;
}

const NOTHING: Volume = { rows: 0, bytes: 0 };

/** As a row is sent: without what the tests add. */
function sizeOf(row: Row): number {
  const sent = Object.entries(row).filter(([name]) => name !== '$ingestionTime');
  return Buffer.byteLength(
    JSON.stringify({ ...Object.fromEntries(sent), SchemaVersion: SCHEMA_VERSION, AppVersion: APP_VERSION }),
  );
}

function volumeOf(rows: readonly Row[], times = 1): Volume {
  const bytes = rows.reduce((sum, row) => sum + sizeOf(row), 0);
  return { rows: rows.length * times, bytes: bytes * times };
}

const sum = (...volumes: readonly Volume[]): Volume =>
  volumes.reduce((all, { rows, bytes }) => ({ rows: all.rows + rows, bytes: all.bytes + bytes }), NOTHING);

/** What twenty servers send in a calm day: their rows are sent again every six hours, or once a day where severity is low. */
function calmDay(): Volume {
  const estate = pipeline();
  const readAt = (time: string): void => {
    for (const [index, seen] of KINDS.entries())
      estate.read(nameOf(index), time, { ...seen, inventory: true });
  };
  for (const hours of [0, 6, 12, 18, 24]) readAt(hour(hours));
  return volumeOf(afterTheFirst(estate.rows));
}

function afterTheFirst(rows: Rows): readonly Row[] {
  return Object.values(rows)
    .flat()
    .filter((row) => String(row.TimeGenerated) > minute(0));
}

function nameOf(index: number): string {
  return `orders-production-${String(index).padStart(2, '0')}`;
}

/** What one change by an event and its repair send: change rows, transitions, server rows. */
function oneIncident(): Volume {
  const estate = pipeline();
  const name = nameOf(0);
  const closed = { fw: TEN_RULES, more: { pna: 'Enabled' } };
  estate.read(name, minute(0), { ...closed, inventory: true });
  estate.read(name, minute(1), {
    fw: [...TEN_RULES, ANY],
    more: closed.more,
    changes: [change(name, minute(1))],
  });
  estate.read(name, minute(31), { ...closed, changes: [change(name, minute(31))] });
  estate.read(name, minute(33), closed);
  return volumeOf(afterTheFirst(estate.rows));
}

export interface Cost {
  readonly servers: number;
  readonly readsPerSweep: number;
  readonly readsAMonth: number;
  readonly pagesAMonth: number;
  readonly rowsAMonth: number;
  readonly gigabytesAMonth: number;
}

/** Calls and rows of a month, with one incident a server in it. */
export function costOf(servers: number): Cost {
  const estate = servers / KINDS.length;
  const withRules = servers * PUBLIC_SHARE;
  const isPrivate = servers - withRules;
  // A list of rules at every sweep where public access is on; every six hours the server itself; and of a private one its
  // list and its endpoint too.
  const readsADay = withRules * (SWEEPS_A_DAY + FULL_READS_A_DAY) + isPrivate * FULL_READS_A_DAY * 3;
  const pages = 2 + Math.ceil(servers / PAGE) + Math.ceil(isPrivate / PAGE);
  const day = calmDay();
  const runs = sum(
    volumeOf([sweep(minute(0), { GraphCalls: 4, ManagementCalls: withRules, Throttled: 0 })], SWEEPS_A_DAY),
    volumeOf([heartbeat(minute(0))], HEARTBEATS_A_DAY),
  );
  const incident = oneIncident();
  const month = sum(
    { rows: day.rows * estate * DAYS, bytes: day.bytes * estate * DAYS },
    { rows: runs.rows * DAYS, bytes: runs.bytes * DAYS },
    { rows: incident.rows * servers, bytes: incident.bytes * servers },
  );
  return {
    servers,
    readsPerSweep: withRules,
    readsAMonth: readsADay * DAYS,
    pagesAMonth: pages * SWEEPS_A_DAY * DAYS,
    rowsAMonth: month.rows,
    gigabytesAMonth: month.bytes / 1e9,
  };
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** One row of the table in docs/operations.md, cell by cell. */
export function cellsOf(cost: Cost): readonly string[] {
  return [
    whole(cost.servers),
    whole(cost.readsPerSweep),
    whole(cost.readsAMonth),
    whole(cost.pagesAMonth),
    whole(Number(cost.rowsAMonth.toPrecision(2))),
    String(Number(cost.gigabytesAMonth.toPrecision(2))),
  ];
}

/** Bytes of a row to the nearest hundred, by what it is, as the documentation tells them. */
export function rowSizes(): Readonly<Record<string, number>> {
  const estate = pipeline();
  const name = nameOf(0);
  estate.read(name, minute(0), { fw: TEN_RULES, more: { pna: 'Enabled' } });
  estate.read(name, minute(1), {
    fw: [...TEN_RULES, ANY],
    more: { pna: 'Enabled' },
    changes: [change(name, minute(1))],
  });
  estate.read(name, hour(7), { fw: [...TEN_RULES, ANY], more: { pna: 'Enabled' } });
  const findings = estate.rows.DatabaseExposureFindings_CL ?? [];
  const mean = (rows: readonly Row[]): number => Math.round(volumeOf(rows).bytes / rows.length / 100) * 100;
  return {
    transition: mean(findings.filter(({ Change }) => Change !== 'Refreshed')),
    refresh: mean(findings.filter(({ Change }) => Change === 'Refreshed')),
    server: mean(estate.rows.DatabaseExposureServers_CL ?? []),
    change: mean(estate.rows.DatabaseExposureChanges_CL ?? []),
    sweep: mean([sweep(minute(0), { GraphCalls: 4, ManagementCalls: 600, Throttled: 0 })]),
    heartbeat: mean([heartbeat(minute(0))]),
  };
}
