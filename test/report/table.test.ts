import { describe, expect, test } from 'vitest';
import { findingLine, plain, reportTable } from '../../shared/report/table.ts';
import { textColumns } from '../../shared/report/terminal-text.ts';
import {
  aFinding,
  anOpenServer,
  anUnknownServer,
  aReport,
  aServer,
  HOSTILE,
  HOSTILE_CASES,
  SUBSCRIPTION,
} from './samples.ts';

const WIDE = { colour: false, width: 160 };

/** The line of one server, its columns parted by single bars. */
const line = (table: string, name: string) =>
  table
    .split('\n')
    .find((each) => each.includes(name))
    ?.split(/ {2,}/)
    .join('|');

describe('plain', () => {
  test.each([
    { when: 'a name', text: 'orders', max: 20, shown: 'orders' },
    { when: 'a sequence that clears the screen', text: '\u001b[2Jx', max: 20, shown: '\\u001b[2Jx' },
    { when: 'a name too long', text: 'abcdef', max: 4, shown: 'abc…' },
    { when: 'wide characters', text: '東京都', max: 5, shown: '東京…' },
    { when: 'no room', text: 'abc', max: 0, shown: '' },
  ])('$when', ({ text, max, shown }) => {
    expect(plain(text, max)).toBe(shown);
  });
});

describe('reportTable', () => {
  test('servers stand worst first, with exact counts', () => {
    const table = reportTable(
      aReport({
        servers: [
          aServer('quiet'),
          anUnknownServer('dark'),
          aServer('shop', { reach: 'azure', azureServices: true, worstSeverity: 'High', openFindings: 2 }),
          anOpenServer('orders'),
        ],
      }),
      WIDE,
    );
    expect(line(table, 'orders')).toBe(
      `Internet|3,702,390,784|orders|MySQL flexible|${SUBSCRIPTION}|Critical|1`,
    );
    expect(line(table, 'dark')).toBe(`Unknown|unknown|dark|MySQL flexible|${SUBSCRIPTION}|-|0`);
    expect(line(table, 'shop')).toBe(`All of Azure|0 + Azure|shop|MySQL flexible|${SUBSCRIPTION}|High|2`);
    expect(line(table, 'quiet')).toBe(`Private|0|quiet|MySQL flexible|${SUBSCRIPTION}|-|0`);
    const order = [...table.matchAll(/ (orders|dark|shop|quiet) /g)].map(([, name]) => name);
    expect(order).toStrictEqual(['orders', 'dark', 'shop', 'quiet']);
    expect(table).toMatch(/^Internet +1 {2}/m);
    expect(table).toMatch(/^Listed +0 {2}/m);
    expect(table).toContain('1 server could not be read completely.');
  });

  test('an empty estate says so, with what could not be read', () => {
    expect(reportTable(aReport(), { colour: false, width: 100 })).toContain(
      'No database server was found in this scope.',
    );
    const table = reportTable(aReport({ problems: ['Subscription b: access denied.'] }), WIDE);
    expect(table).toContain('No database server was read.');
    expect(table).toContain('- Subscription b: access denied.');
    expect(table).toContain('No open finding of High or worse.');
  });

  test('thirty findings of High or worse, and how many more', () => {
    const servers = Array.from({ length: 32 }, (_, at) => anOpenServer(`server-${at}`));
    const mild = aFinding(aServer('mild'), { severity: 'Medium', summary: 'Mild.' });
    const gone = aFinding(aServer('gone'), { state: 'Resolved', summary: 'Gone.' });
    const findings = [...servers.map((server) => aFinding(server, { summary: 'Open to all.' })), mild, gone];
    const table = reportTable(aReport({ servers, findings }), WIDE);
    expect(table.match(/Open to all\./g)).toHaveLength(30);
    expect(table).toContain('... and 2 more.');
    expect(table).toContain('1 open finding of Medium or less.');
    expect(table).not.toContain('Mild.');
    expect(table).not.toContain('Gone.');
  });

  test('a finding that is about to resolve says so', () => {
    const server = anOpenServer('orders');
    const findings = [aFinding(server, { resolvesAfter: '2026-03-01T10:06:00Z' })];
    expect(reportTable(aReport({ servers: [server], findings }), WIDE)).toContain('Looks fixed:');
  });

  test.each([40, 60, 80, 120, 200])('no line is wider than %i columns, whatever the names are', (width) => {
    const servers = HOSTILE.map((name) => anOpenServer(name));
    const findings = servers.map((server) => aFinding(server, { summary: server.serverName }));
    const table = reportTable(
      aReport({ servers, findings, problems: [...HOSTILE], scope: HOSTILE.join(' ') }),
      { colour: false, width },
    );
    for (const each of table.split('\n')) expect(textColumns(each)).toBeLessThanOrEqual(width);
    expect(table).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}/u);
  });

  test('colours come only when asked for', () => {
    const data = aReport({ servers: [anOpenServer('open')] });
    expect(reportTable(data, WIDE)).not.toContain('\u001b');
    expect(reportTable(data, { ...WIDE, colour: true })).toContain('\u001b[31mInternet');
  });
});

describe('findingLine', () => {
  const server = anOpenServer('orders');
  const command =
    'az mysql flexible-server firewall-rule delete --resource-group data --name orders --rule-name allow-all --yes';

  test('what changed, by whom, from how many to how many, how to undo it', () => {
    const view = aFinding(server, { publicAddresses: 3_702_390_784, publicAddressesBefore: 256 });
    expect(findingLine(view)).toBe(
      [
        'CRITICAL Opened: orders (MySQL flexible): The firewall rules admit 4,294,967,296 addresses.',
        '  Changed by: dana@contoso.example (user) at 2026-03-01 09:58:40 UTC. Public addresses: 256 -> 3,702,390,784.',
        '  Undo: Delete the rule or narrow it.',
        `    ${command}`,
      ].join('\n'),
    );
  });

  test.each([
    { when: 'a count that is unknown', part: { publicAddresses: null }, text: 'Public addresses: unknown.' },
    { when: 'nobody known', part: { actorName: '', actorId: '' }, text: 'Changed by: not known' },
    {
      when: 'only an id',
      part: { actorName: '', actorId: 'abc', actorType: '' },
      text: 'Changed by: abc at',
    },
    { when: 'wider than before', part: { reason: 'Widened', epochSeq: 2 }, text: 'CRITICAL Widened: orders' },
    {
      when: 'resolved',
      part: { state: 'Resolved', reason: 'Fixed' },
      text: 'CRITICAL Resolved (Fixed): orders',
    },
    { when: 'exempted', part: { state: 'Exempted' }, text: 'CRITICAL Exempted: orders' },
    {
      when: 'about to resolve',
      part: { resolvesAfter: '2026-03-01T10:06:00Z' },
      text: 'resolves when a reading after 2026-03-01 10:06:00 UTC agrees',
    },
  ] as const)('$when', ({ part, text }) => {
    expect(findingLine(aFinding(server, part))).toContain(text);
  });

  test.each(HOSTILE_CASES)('$when', ({ text }) => {
    const view = aFinding(anOpenServer(text), {
      summary: text,
      actorName: text,
      remediation: `Undo. az x ${text}`,
    });
    const lines = findingLine(view).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines.join('')).not.toMatch(/\p{Cc}|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}/u);
  });
});
