import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { reportHtml } from '../../shared/report/html.ts';
import type { PageModel } from '../../shared/report/page-model.ts';
import type { ReportData } from '../../shared/report/report-data.ts';
import {
  aChange,
  aFinding,
  anOpenServer,
  anUnknownServer,
  aReport,
  aServer,
  HOSTILE_CASES,
  serverId,
} from './samples.ts';

/** The page without style, script and data: what is seen without JavaScript. */
const seen = (page: string) => page.replace(/<(style|script)[^>]*>[^]*?<\/\1>/g, '');

/** What is left for the eye: tags gone, white space joined. */
const textOf = (page: string) =>
  seen(page)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

const dataOf = (page: string): PageModel => {
  const json = /<script type="application\/json" id="data">([^]*?)<\/script>/.exec(page)?.[1] ?? '';
  return JSON.parse(json) as PageModel;
};

describe('reportHtml', () => {
  const orders = anOpenServer('orders');
  const dark = anUnknownServer('dark');

  test('the policy allows exactly the style and the script of the page, and nothing else', () => {
    const page = reportHtml(aReport({ servers: [orders] }));
    const hash = (text = '') => createHash('sha256').update(text).digest('base64');
    const style = /<style>([^]*?)<\/style>/.exec(page)?.[1];
    const script = /<script>([^]*?)<\/script>/.exec(page)?.[1];
    expect(style).toContain(':root');
    expect(script).toContain("'use strict'");
    expect(page).toContain(
      `content="default-src 'none'; style-src 'sha256-${hash(style)}'; script-src 'sha256-${hash(script)}'; ` +
        `img-src data:; base-uri 'none'; form-action 'none'"`,
    );
  });

  test('nothing in the page is fetched or needs a style or script of its own', () => {
    const page = reportHtml(
      aReport({ servers: [orders], findings: [aFinding(orders)], changes: [aChange(orders)] }),
    );
    expect(page).not.toMatch(/\ssrc=|url\(|@import|<link(?! rel="icon" href="data:,")/);
    expect(seen(page)).not.toMatch(/\sstyle=|\son[a-z]+=/);
    // `<!--` inside of a script would change where it ends.
    expect(/<script>([^]*?)<\/script>/.exec(page)?.[1]).not.toMatch(/<!--|<script/);
  });

  test('servers by reach, with counts in words', () => {
    const text = textOf(reportHtml(aReport({ servers: [orders, dark, aServer('a'), aServer('b')] })));
    expect(text).toContain('1 server can be reached from the whole Internet. 1 server could not be judged.');
    expect(text).toContain('1 Internet Half of all IPv4');
    expect(text).toContain('0 All of Azure');
    expect(text).toContain('2 Private ');
    expect(text).toContain('1 Unknown ');
  });

  test.each([
    {
      when: 'no server at all',
      servers: [],
      verdict: 'No database server was found in this scope.',
    },
    {
      when: 'every server private',
      servers: [aServer('a')],
      verdict: 'No server can be reached from public addresses.',
    },
    {
      when: 'a server unknown: no all-clear',
      servers: [aServer('a'), dark],
      verdict: 'No server is known to have a public path. 1 server could not be judged.',
    },
    {
      when: 'Azure as a whole',
      servers: [aServer('a', { reach: 'azure' }), aServer('b', { reach: 'azure' })],
      verdict: '2 servers can be reached from any Azure tenant.',
    },
  ])('$when', ({ servers, verdict }) => {
    expect(textOf(reportHtml(aReport({ servers })))).toContain(` ${verdict} `);
  });

  test('nothing found while something did not answer is no all-clear', () => {
    const text = textOf(reportHtml(aReport({ problems: ['Subscription b did not answer.'] })));
    expect(text).toContain(' No database server was read. ');
    expect(text).not.toContain('was found in this scope');
  });

  test('a scan claims nothing of sweeps and changes', () => {
    const scan = { isScan: true, lastSweep: null } as const;
    const text = textOf(reportHtml(aReport({ ...scan, servers: [orders] })));
    expect(text).toContain('. One scan, without a history.');
    expect(text).toContain('A scan sees what is, not what changed.');
    expect(text).toContain('Everything in scope was read.');
    const part = textOf(reportHtml(aReport({ ...scan, problems: ['Interrupted.'] })));
    expect(part).not.toContain('Everything in scope was read.');
  });

  test('beside what got wider stands how it is now', () => {
    const text = textOf(
      reportHtml(aReport({ servers: [orders], changes: [aChange(orders), aChange(aServer('gone'))] })),
    );
    expect(text).toContain('firewallRules/write Now: Internet ');
    expect(text).toContain('firewallRules/write The server is gone. ');
  });

  test('an unknown server is nowhere shown as 0, private or none', () => {
    const page = reportHtml(aReport({ servers: [dark] }));
    const [row] = /<tr>\s*<th scope="row">[^]*?<\/tr>/.exec(page) ?? [''];
    expect(textOf(row)).toBe(
      ' dark MySQL flexible, westeurope Unknown unknown ranges unknown unknown none open 11111111-1111-4111-8111-111111111111 ',
    );
    expect(row).toContain('class="bar unknown"');
    const [server] = dataOf(page).servers;
    expect(server).toMatchObject({
      count: 'unknown',
      bar: null,
      ranges: null,
      private: 'unknown',
      rules: null,
    });
    expect(textOf(page)).toContain('firewallRules: access denied (403)');
  });

  test('the most exposed server comes first, with its exact count and widest range', () => {
    const wide = aServer('wide', {
      reach: 'wide',
      publicAddresses: 65_793,
      ranges: ['198.51.100.0/24', '20.40.0.0/16', '52.1.2.3'],
    });
    const page = reportHtml(aReport({ servers: [aServer('a'), wide, orders] }));
    expect(dataOf(page).servers.map(({ name }) => name)).toStrictEqual(['orders', 'wide', 'a']);
    expect(textOf(page)).toContain('3,702,390,784 0.0.0.0/0, every public address');
    expect(textOf(page)).toContain('65,793 widest of 3: 20.40.0.0/16, 65,536 addresses');
  });

  test('what got wider in the last seven days, and who did it', () => {
    const changes = [
      aChange(orders, { summary: 'New rule.' }),
      aChange(orders, { summary: 'Just inside.', eventTime: '2026-02-22T10:05:00Z' }),
      aChange(orders, { summary: 'Too old.', eventTime: '2026-02-22T10:04:59Z' }),
      aChange(orders, { summary: 'Narrower.', outcome: 'Narrowed' }),
      aChange(orders, { summary: 'No time.', eventTime: 'soon' }),
      aChange(orders, { outcome: 'Unreadable' }),
    ];
    const text = textOf(reportHtml(aReport({ servers: [orders], changes })));
    expect(text).toContain(
      'orders New rule. 2026-03-01 09:58:40 UTC , by dana@contoso.example (user) from 203.0.113.9',
    );
    expect(text).toContain('Just inside.');
    expect(text).toContain('No time.');
    expect(text).not.toContain('Too old.');
    expect(text).not.toContain('Narrower.');
    expect(text).toContain('The effect of 1 other change could not be read.');
  });

  test('a finding with its remedy, command, evidence and author', () => {
    const text = textOf(reportHtml(aReport({ servers: [orders], findings: [aFinding(orders)] })));
    expect(text).toContain('1 open finding: 1 Critical');
    expect(text).toContain('Remedy: Delete the rule or narrow it.');
    expect(text).toContain(
      ' az mysql flexible-server firewall-rule delete --resource-group data --name orders ',
    );
    expect(text).toContain('Evidence ranges 0.0.0.0/0 admitted 4,294,967,296');
    expect(text).toContain('firewallrules/allow-all');
    expect(text).toContain('by dana@contoso.example (user)');
  });

  test('findings that are about to resolve say so; exempted ones say until when', () => {
    const findings = [
      aFinding(orders, { resolvesAfter: '2026-03-01T10:06:00Z' }),
      aFinding(orders, {
        findingId: 'accepted',
        state: 'Exempted',
        exemption: { reason: 'Until the VPN is up', owner: 'network team', expires: '2026-03-31' },
      }),
      aFinding(orders, { findingId: 'done', state: 'Resolved', summary: 'Long gone.' }),
    ];
    const text = textOf(reportHtml(aReport({ servers: [orders], findings })));
    expect(text).toContain('a second reading at or after 2026-03-01 10:06:00 UTC agrees');
    expect(text).toContain('2026-03-31 in 30 days');
    expect(text).toContain('network team Until the VPN is up');
    expect(text).not.toContain('Long gone.');
    expect(text).toContain('1 open finding: 1 Critical');
  });

  test('a finding of a server that is not in the list keeps its server', () => {
    const page = reportHtml(aReport({ findings: [aFinding(orders)] }));
    expect(dataOf(page).findings[0]).toMatchObject({
      server: -1,
      about: { id: serverId('orders'), name: 'orders' },
    });
    expect(textOf(page)).toContain(' orders MySQL flexible');
  });

  test('without JavaScript there are 200 servers, and a word of the others', () => {
    const servers = Array.from({ length: 203 }, (_, at) => aServer(`server-${at}`));
    const page = reportHtml(aReport({ servers }));
    expect(page.match(/<th scope="row">/g)).toHaveLength(200);
    expect(textOf(page)).toContain('The 200 most exposed of 203 servers.');
    expect(dataOf(page).servers).toHaveLength(203);
  });

  test.each([
    { when: 'problems', part: { problems: ['Subscription b: 403.'] }, text: 'Subscription b: 403.' },
    { when: 'everything read', part: {}, text: 'Everything in scope was read.' },
    { when: 'no sweep yet', part: { lastSweep: null }, text: 'No sweep has finished yet.' },
    { when: 'no sweep and no problem', part: { lastSweep: null }, text: 'No problem is on record.' },
    {
      when: 'a partial sweep is not all',
      part: { lastSweep: { finishedAt: '2026-03-01T10:00:30Z', partial: true } },
      text: 'The last sweep was not complete.',
    },
    {
      when: 'a partial sweep',
      part: { lastSweep: { finishedAt: '2026-03-01T10:00:30Z', partial: true } },
      text: 'Last sweep finished 2026-03-01 10:00:30 UTC , not complete',
    },
  ])('coverage: $when', ({ part, text }) => {
    expect(textOf(reportHtml(aReport(part)))).toContain(text);
  });

  test.each(HOSTILE_CASES)('$when', ({ text }) => {
    const page = reportHtml(everywhere(text));
    // The same elements with the same attributes as with a harmless text.
    expect(skeleton(page)).toStrictEqual(skeleton(reportHtml(everywhere('harmless'))));
    expect(page).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}/u);
    expect(page.length).toBeLessThan(1_500_000);
    expect(dataOf(page).servers).toHaveLength(1);
  });
});

/** All tags of a page without the values of their attributes. */
function skeleton(page: string): readonly string[] {
  const tags = page.replace(/<(style|script)>[^]*?<\/\1>/g, '').match(/<[^>]*>/g) ?? [];
  return tags.map((tag) => tag.replace(/"[^"]*"/g, '""'));
}

/** A report in which every text that comes from outside is this one. */
function everywhere(text: string): ReportData {
  const server = anOpenServer(text, {
    serverId: `/x/${text}`,
    serverFamily: text,
    subscriptionRef: text,
    resourceGroup: text,
    location: text,
    state: text,
    ranges: [text],
    publicPath: text,
    delegatedSubnetId: text,
    virtualNetworkSubnets: [text],
    complete: false,
    unreadable: { [text]: text },
    endpointConnections: [{ id: text, status: text, description: text, endpointId: text }],
    observedAt: text,
  });
  const finding = aFinding(server, {
    ruleId: text,
    ruleTitle: text,
    subject: text,
    summary: text,
    remediation: `${text} az x ${text}`,
    evidence: { [text]: text, list: [text], deep: { [text]: text } },
    documentation: `javascript:${text}`,
    openedAt: text,
    actorName: text,
  });
  const exemption = { reason: text, owner: text, expires: text };
  return aReport({
    scope: text,
    appVersion: text,
    generatedAt: text,
    servers: [server],
    findings: [finding, { ...finding, state: 'Exempted', exemption }],
    changes: [aChange(server, { summary: text, operation: text, actorName: text, actorAddress: text })],
    problems: [text],
  });
}
