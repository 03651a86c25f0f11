import { describe, expect, test } from 'vitest';
import { csvCell, reportCsv } from '../../shared/report/csv.ts';
import { aFinding, anOpenServer, anUnknownServer, aReport, HOSTILE_CASES } from './samples.ts';

/** Reads RFC 4180 as it is written: an independent reader of what `reportCsv` writes. */
function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  let at = 0;
  while (at < text.length) {
    if (text[at] !== '"') throw new Error(`no quote at ${at}`);
    let cell = '';
    for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1) {
      if (text[at] === undefined) throw new Error('no end');
      cell += text.charAt(at);
      if (text[at] === '"') at += 1;
    }
    rows.at(-1)?.push(cell);
    at += 1;
    if (text[at] === ',') at += 1;
    else if (text.slice(at, at + 2) === '\r\n') {
      at += 2;
      if (at < text.length) rows.push([]);
    } else throw new Error(`no end of the cell at ${at}`);
  }
  return rows;
}

describe('csvCell', () => {
  test.each([
    { when: 'plain', text: 'orders', cell: '"orders"' },
    { when: 'empty', text: '', cell: '""' },
    { when: 'quotes and commas', text: 'a "b", c', cell: '"a ""b"", c"' },
    { when: 'an equals sign', text: '=1+1', cell: `"'=1+1"` },
    { when: 'a plus', text: '+1', cell: `"'+1"` },
    { when: 'a minus', text: '-1', cell: `"'-1"` },
    { when: 'an at', text: '@SUM(A1)', cell: `"'@SUM(A1)"` },
    { when: 'a tab', text: '\t=1', cell: `"'\t=1"` },
    { when: 'a carriage return', text: '\r=1', cell: `"'\r=1"` },
    { when: 'a full-width equals sign', text: '＝1', cell: `"'＝1"` },
    { when: 'a sign further on', text: 'a=1', cell: '"a=1"' },
    { when: 'a right-to-left override', text: 'a\u202eb', cell: '"a\\u202eb"' },
    { when: 'a lone surrogate', text: '\ud800', cell: '"\\ud800"' },
  ])('$when', ({ text, cell }) => {
    expect(csvCell(text)).toBe(cell);
  });

  test('a cell stays below what spreadsheets take', () => {
    expect(csvCell('a'.repeat(65_536))).toHaveLength(32_002);
  });
});

describe('reportCsv', () => {
  test('one row a finding, worst first, with the reach of its server', () => {
    const orders = anOpenServer('orders');
    const dark = anUnknownServer('dark');
    const rows = readCsv(
      reportCsv(
        aReport({
          servers: [dark, orders],
          findings: [
            aFinding(anOpenServer('gone'), { severity: 'Low' }),
            aFinding(dark, { severity: 'Medium' }),
            aFinding(orders),
          ],
        }),
      ),
    );
    const [head = [], ...body] = rows;
    const cells = (column: string) => body.map((row) => row[head.indexOf(column)]);
    expect(cells('serverName')).toStrictEqual(['orders', 'dark', 'gone']);
    expect(cells('publicAddresses')).toStrictEqual(['3702390784', 'unknown', 'unknown']);
    expect(cells('reach')).toStrictEqual(['internet', 'unknown', 'unknown']);
    expect(cells('findingId')).toStrictEqual(['finding-orders', 'finding-dark', 'finding-gone']);
  });

  test('no finding: the head alone', () => {
    expect(readCsv(reportCsv(aReport()))).toHaveLength(1);
  });

  test.each(HOSTILE_CASES)('$when', ({ text }) => {
    const server = anOpenServer(text);
    const finding = aFinding(server, { summary: text, actorName: text, evidence: { [text]: text } });
    const [head = [], row = [], ...more] = readCsv(
      reportCsv(aReport({ servers: [server], findings: [finding] })),
    );
    expect(more).toHaveLength(0);
    expect(row).toHaveLength(head.length);
    for (const cell of row) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  });
});
