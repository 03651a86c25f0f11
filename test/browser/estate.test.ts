import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { type IpRange, parseCidr, parseRange } from '../../shared/ip-range.ts';
import type { FindingView, ServerView } from '../../shared/report/report-data.ts';
import { describeInBrowser } from './in-browser.ts';
import { startSampleEstate, tell, tellServer, type Told } from './sample-estate.ts';
import {
  axeViolations,
  focused,
  serverNames,
  serverRows,
  tabTo,
  textsOf,
  toggleOf,
  waitForCount,
} from './views.ts';

/** Axe looks at every element of 80 servers and 50 findings: long on a busy machine. */
const AXE = { timeout: 120_000 };

const WORST_FIRST = ['internet', 'unknown', 'azure', 'wide', 'listed', 'private', 'none'];
const LABELS: Readonly<Record<ServerView['reach'], string>> = {
  internet: 'Internet',
  azure: 'All of Azure',
  wide: 'Wide',
  listed: 'Listed',
  private: 'Private',
  none: 'No path',
  unknown: 'Unknown',
};

describeInBrowser('the report of the sample estate', ({ open }) => {
  let stack: Stack;
  let told: Told;
  let url: string;

  beforeAll(async () => {
    stack = await startSampleEstate();
    told = await tell(stack);
    url = `${stack.url}/api/report`;
  });

  afterAll(() => stack.close());

  const server = (name: string): ServerView => {
    const found = told.servers.find(({ serverName }) => serverName === name);
    if (!found) throw new Error(`no server ${name}`);
    return found;
  };

  const findingsOf = ({ serverId }: ServerView): readonly FindingView[] =>
    told.findings.filter((finding) => finding.serverId === serverId);

  const hashOf = (name: string): string => `#server=${encodeURIComponent(server(name).serverId)}`;

  const countWords = (servers: number, findings: number): string =>
    `${servers === told.servers.length ? '' : `${servers} of `}${told.servers.length} servers, ` +
    `${findings} ${findings === 1 ? 'finding' : 'findings'}`;

  /** The names on the page are those of these servers, and the findings are counted. */
  async function expectServers(page: Page, servers: readonly ServerView[], findings: number): Promise<void> {
    await waitForCount(page, countWords(servers.length, findings));
    expect((await serverNames(page)).sort()).toStrictEqual(
      servers.map(({ serverName }) => serverName).sort(),
    );
  }

  test('servers by reach and findings by severity are those of the API', async () => {
    const page = await open(url);
    const tiles = await page.locator('.tiles li').all();
    const counts = await Promise.all(
      tiles.map(async (tile) => [
        await tile.locator('.reach').textContent(),
        Number(await tile.locator('strong').textContent()),
      ]),
    );
    const reachOf = (reach: string): number => told.servers.filter((one) => one.reach === reach).length;
    const expected = Object.entries(LABELS).map(([reach, label]) => [label, reachOf(reach)]);
    expect(counts).toHaveLength(7);
    expect(Object.fromEntries(counts)).toStrictEqual(Object.fromEntries(expected));
    expect(told.servers.length).toBeGreaterThanOrEqual(60);
    expect(await textsOf(page.locator('.severities a'))).toStrictEqual(
      ['Critical', 'High', 'Medium', 'Low', 'Informational'].map(
        (severity) => `${told.findings.filter((one) => one.severity === severity).length} ${severity}`,
      ),
    );
    await waitForCount(page, countWords(told.servers.length, told.findings.length));
  });

  test('each server with its reach, addresses and findings, the most exposed first', async () => {
    const page = await open(url);
    const cells = (place: number): Promise<readonly string[]> =>
      textsOf(serverRows(page).locator(`> :nth-child(${place})`));
    const shown = await Promise.all([
      serverNames(page),
      cells(2),
      textsOf(serverRows(page).locator('.addresses b')),
      cells(5),
      cells(6),
    ]);
    const [names] = shown;
    const rows = names.map((_, row) => shown.map((column) => column[row]).join(' | '));
    const line = (one: ServerView): string => {
      const addresses = one.publicAddresses?.toLocaleString('en-US') ?? 'unknown';
      return [
        one.serverName,
        LABELS[one.reach],
        addresses + (one.azureServices ? ' + Azure' : ''),
        one.worstSeverity === '' ? 'none open' : `${one.worstSeverity} ${one.openFindings} open`,
        one.subscriptionRef,
      ].join(' | ');
    };
    expect([...rows].sort()).toStrictEqual(told.servers.map(line).sort());
    const byLine = new Map(told.servers.map((one) => [line(one), one]));
    const places = rows.map((row) => {
      const one = byLine.get(row);
      const width = one?.publicAddresses ?? Infinity;
      return [WORST_FIRST.indexOf(one?.reach ?? ''), -width] as const;
    });
    expect(places).toStrictEqual([...places].sort((a, b) => a[0] - b[0] || a[1] - b[1] || 0));
  });

  test('the open findings, page by page, are those of the API', async () => {
    const page = await open(url);
    const pages = page.getByRole('navigation', { name: 'Pages of findings' });
    const seen: string[] = [];
    for (let at = 0; at < told.findings.length; at += 50) {
      // By key: what is still being laid out may move away from under a pointer.
      if (at > 0) await pages.getByRole('button', { name: 'Next' }).press('Enter');
      await expect.poll(() => pages.textContent(), { timeout: 10_000 }).toContain(`${at + 1} to `);
      const articles = page.locator('#findings .finding');
      const [heads, summaries, servers] = await Promise.all([
        textsOf(articles.locator('h3')),
        textsOf(articles.locator('> p:nth-of-type(2)')),
        textsOf(articles.locator('a.server')),
      ]);
      seen.push(...heads.map((head, place) => [head, servers[place], summaries[place]].join(' | ')));
    }
    const expected = told.findings.map(
      ({ severity, ruleTitle, serverName, summary }) =>
        `${severity} ${ruleTitle} | ${serverName} | ${summary.replace(/\s+/g, ' ').trim()}`,
    );
    expect(seen.sort()).toStrictEqual(expected.sort());
  });

  test.each(['orders', 'ledger', 'payroll'])(
    'the details of %s: findings, commands, last changes with who made them',
    async (name) => {
      const page = await open(url);
      await toggleOf(page, name).click();
      const detail = page.locator('tr.detail');
      const one = server(name);
      const own = findingsOf(one);
      expect(own.length).toBeGreaterThan(0);
      expect((await textsOf(detail.locator('h4'))).sort()).toStrictEqual(
        own.map(({ severity, ruleTitle }) => `${severity} ${ruleTitle}`).sort(),
      );
      const commands = own.flatMap(({ remediation }) => /\baz [a-z].*/s.exec(remediation)?.[0] ?? []);
      expect((await detail.locator('pre').allTextContents()).sort()).toStrictEqual(commands.sort());
      const { changes } = await tellServer(stack, one.serverId);
      expect((await textsOf(detail.locator('.changes li'))).join('\n')).toBe(
        changes
          .map(
            ({ outcome, summary, eventTime, operation }) =>
              `${outcome}: ${summary}${eventTime.slice(0, 19).replace('T', ' ')} UTC, ` +
              `by robin.sample@contoso.example (user) from 127.0.0.1 ${operation}`,
          )
          .join('\n'),
      );
      await toggleOf(page, name).click();
      expect(await detail.count()).toBe(0);
    },
  );

  test('by keyboard: skip, search, filter, open a server, copy a command, and back', async () => {
    const page = await open(url, { permissions: ['clipboard-read', 'clipboard-write'] });
    await tabTo(page, 'Skip to the report');
    expect(await page.locator('.skip').boundingBox()).toMatchObject({ y: 8 });
    await page.keyboard.press('Enter');
    expect((await focused(page)).what).toBe('main');
    await tabTo(page, 'q');
    await page.keyboard.type('orders');
    await tabTo(page, 'reach');
    await page.keyboard.type('Internet');
    const found = told.servers.filter(
      ({ reach, serverId }) => reach === 'internet' && serverId.includes('orders'),
    );
    const findings = found.flatMap(findingsOf).length;
    await expectServers(page, found, findings);
    await tabTo(page, 'orders');
    await page.keyboard.press('Enter');
    expect(await toggleOf(page, 'orders').getAttribute('aria-expanded')).toBe('true');
    await tabTo(page, 'Copy');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toMatchObject({ what: 'Copied' });
    const first = page.locator('tr.detail pre').first();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await first.textContent());
    await tabTo(page, 'orders', 'Shift+Tab');
    await page.keyboard.press('Space');
    expect(await page.locator('tr.detail').count()).toBe(0);
    await page.keyboard.press('ArrowDown');
    expect((await focused(page)).what).toBe((await serverNames(page))[1]);
    await page.keyboard.press('ArrowUp');
    expect((await focused(page)).what).toBe('orders');
    await tabTo(page, 'Clear', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expectServers(page, told.servers, told.findings.length);
  });

  test('the search finds a server by its name', async () => {
    const page = await open(url);
    await page.getByRole('searchbox').fill(' Sandbox-LEDGER ');
    await expectServers(page, [server('sandbox-ledger')], findingsOf(server('sandbox-ledger')).length);
  });

  test.each(['203.0.200.1', '198.51.100.77', '8.8.8.8'])(
    'the search for %s finds the servers that admit it',
    async (address) => {
      const page = await open(url);
      await page.getByRole('searchbox').fill(address);
      const [wanted] = rangeOf(address);
      const admits = ({ ranges }: ServerView): boolean =>
        (ranges ?? []).some((text) =>
          rangeOf(text).some(
            ({ first, last }) => first <= (wanted?.first ?? -1) && (wanted?.first ?? -1) <= last,
          ),
        );
      const admitting = told.servers.filter(admits);
      const unknown = told.servers.filter(({ ranges }) => ranges === null).length;
      expect(admitting.length).toBeGreaterThan(0);
      await expect
        .poll(() => page.locator('#count').textContent())
        .toBe(
          countWords(admitting.length, admitting.flatMap(findingsOf).length) +
            (unknown > 0 ? `; ${unknown} servers with unknown ranges may admit it too` : ''),
        );
      expect((await serverNames(page)).sort()).toStrictEqual(
        admitting.map(({ serverName }) => serverName).sort(),
      );
    },
  );

  test('filters by reach, severity, subscription and family, alone and together', async () => {
    const page = await open(url);
    const findings = (servers: readonly ServerView[]): number => servers.flatMap(findingsOf).length;
    const critical = ({ severity }: FindingView): boolean => severity === 'Critical';
    const payments = '22222222-2222-4222-8222-222222222222';
    const mysql = 'microsoft.dbformysql/flexibleservers';

    await page.getByLabel('Reach', { exact: true }).selectOption('All of Azure');
    const azure = told.servers.filter(({ reach }) => reach === 'azure');
    await expectServers(page, azure, findings(azure));
    await page.getByRole('button', { name: 'Clear' }).click();

    await page.getByLabel('Severity', { exact: true }).selectOption('Critical');
    const bad = told.servers.filter((one) => findingsOf(one).some(critical));
    await expectServers(page, bad, told.findings.filter(critical).length);
    await page.getByRole('button', { name: 'Clear' }).click();

    await page.getByLabel('Subscription', { exact: true }).selectOption(payments);
    const paid = told.servers.filter(({ subscriptionRef }) => subscriptionRef === payments);
    await expectServers(page, paid, findings(paid));

    await page.getByLabel('Family', { exact: true }).selectOption('MySQL flexible');
    const both = paid.filter(({ serverFamily }) => serverFamily === mysql);
    expect(both.length).toBeGreaterThan(0);
    expect(both.length).toBeLessThan(paid.length);
    await expectServers(page, both, findings(both));
    expect(page.url()).toBe(`${url}#family=MySQL+flexible&subscription=${payments}`);
  });

  test('sorts by a column, which tells its direction', async () => {
    const page = await open(url);
    const header = (name: string) => page.getByRole('columnheader', { name });
    const sortOf = (name: string): Promise<string | null> => header(name).getAttribute('aria-sort');
    const names = told.servers.map(({ serverName }) => serverName).sort();
    expect(await sortOf('Reach')).toBe('descending');
    await header('Server').getByRole('button').click();
    expect(await sortOf('Server')).toBe('ascending');
    expect(await page.locator('[aria-sort]').count()).toBe(1);
    expect(await serverNames(page)).toStrictEqual(names);
    await header('Server').getByRole('button').click();
    expect(await sortOf('Server')).toBe('descending');
    expect(await serverNames(page)).toStrictEqual(names.reverse());
    await header('Public addresses').getByRole('button').click();
    expect(await sortOf('Public addresses')).toBe('descending');
    const widths = (await textsOf(serverRows(page).locator('.addresses b'))).map((text) =>
      text === 'unknown' ? Infinity : Number(text.replaceAll(/\D/g, '')),
    );
    expect(widths).toStrictEqual([...widths].sort((a, b) => (a === b ? 0 : b - a)));
  });

  test('the address of a server opens it, also after a reload; Back leads where one came from', async () => {
    const page = await open(`${url}${hashOf('payroll')}`);
    const expanded = page.locator('[aria-expanded=true]');
    expect(await textsOf(expanded)).toStrictEqual(['payroll']);
    expect((await focused(page)).what).toBe('payroll');
    await page.reload();
    expect(await textsOf(expanded)).toStrictEqual(['payroll']);

    const other = await open(url);
    await other.getByLabel('Reach', { exact: true }).selectOption('Wide');
    const wide = told.servers.filter(({ reach }) => reach === 'wide');
    await expectServers(other, wide, wide.flatMap(findingsOf).length);
    await other.locator('#findings').getByRole('link', { name: 'ledger', exact: true }).first().click();
    expect(other.url()).toBe(`${url}${hashOf('ledger')}`);
    expect(await textsOf(other.locator('[aria-expanded=true]'))).toStrictEqual(['ledger']);
    await waitForCount(other, countWords(told.servers.length, told.findings.length));
    await other.goBack();
    expect(other.url()).toBe(`${url}#reach=wide`);
    await expectServers(other, wide, wide.flatMap(findingsOf).length);
    expect(await other.locator('tr.detail').count()).toBe(0);
  });

  test('axe has nothing against it, light and dark', AXE, async () => {
    const page = await open(url);
    await toggleOf(page, 'orders').click();
    await toggleOf(page, 'payroll').click();
    expect(await axeViolations(page)).toStrictEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await axeViolations(page, 'contrast')).toStrictEqual([]);
  });
});

function rangeOf(text: string): readonly IpRange[] {
  const [first = '', last] = text.split('-');
  return [last === undefined ? parseCidr(first) : parseRange(first, last)].filter(
    (range) => range !== undefined,
  );
}
