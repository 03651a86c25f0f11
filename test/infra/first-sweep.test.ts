import { beforeAll, describe, expect, test } from 'vitest';
import { ANY } from '../builders.ts';
import { change, pipeline } from './pipeline.ts';
import { alert, ask, type Rows, WORKBOOK_QUERIES } from './queries.ts';
import { hour, minute, serverId } from './rows.ts';

const SERVERS = 10_000;
const OPEN = { fw: [ANY], more: { pna: 'Enabled' } } as const;
const CLOSED = { fw: [], more: { pna: 'Disabled', pec: ['Approved'] } } as const;

/** Every tenth server of the estate is wide open when the monitor sees it for the first time. */
const estate = pipeline();
const name = (index: number): string => `server-${String(index).padStart(5, '0')}`;

beforeAll(() => {
  for (let index = 0; index < SERVERS; index += 1) {
    estate.read(name(index), minute(index / 1000), {
      ...(index % 10 === 0 ? OPEN : CLOSED),
      inventory: true,
    });
  }
});

const fired = (rows: Rows, now: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    ['first-sweep', 'new-exposure', 'open-exposure', 'storm'].map((rule) => [
      rule,
      alert(rule, rows, now).length,
    ]),
  );

describe('the first sweep of 10,000 servers, as the pipeline sends it', () => {
  test('gives one alert, which says on how many servers there are findings', () => {
    expect(fired(estate.rows, minute(15))).toEqual({
      'first-sweep': 1,
      'new-exposure': 0,
      'open-exposure': 0,
      storm: 0,
    });
    expect(alert('first-sweep', estate.rows, minute(15))).toMatchObject([{ Servers: 1000 }]);
  });

  test('the alert clears after an hour', () => {
    expect(alert('first-sweep', estate.rows, minute(75))).toEqual([]);
  });

  test('copies of its rows change no count', () => {
    const rows = estate.rows.DatabaseExposureFindings_CL ?? [];
    const twice = { DatabaseExposureFindings_CL: [...rows, ...rows] };
    const once = alert('first-sweep', estate.rows, minute(15));
    expect(alert('first-sweep', twice, minute(15))).toEqual(once);
  });

  test('a server that is created wide open afterwards has its own alert', () => {
    estate.read('late', minute(61), { ...OPEN, changes: [change('late', minute(60))] });
    const opened = alert('new-exposure', estate.rows, minute(65));
    expect(new Set(opened.map((row) => row.ServerId))).toEqual(new Set([serverId('late')]));
    expect(opened[0]).toMatchObject({ ReachChange: 'new -> internet', Author: 'alice@example.com' });
    const open = alert('open-exposure', estate.rows, minute(65));
    expect(new Set(open.map((row) => row.ServerId))).toEqual(new Set([serverId('late')]));
    expect(alert('storm', estate.rows, minute(65))).toEqual([]);
  });

  test('and its alert clears when it is repaired', () => {
    estate.read('late', minute(90), { ...CLOSED, changes: [change('late', minute(90))] });
    estate.read('late', minute(92), CLOSED);
    expect(alert('open-exposure', estate.rows, minute(95))).toEqual([]);
  });

  test('refreshes of the inventory stay quiet', () => {
    estate.read(name(0), hour(7), OPEN);
    expect(fired(estate.rows, hour(7.1))).toEqual({
      'first-sweep': 0,
      'new-exposure': 0,
      'open-exposure': 0,
      storm: 0,
    });
  });

  test('the workbook counts every server once', () => {
    const rows = ask(WORKBOOK_QUERIES.estate ?? '', estate.rows, hour(7.1));
    expect(rows).toEqual([
      { Reach: 'internet', Servers: 1000 },
      { Reach: 'private', Servers: 9001 },
    ]);
  });
});
