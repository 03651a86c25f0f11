import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { ReportData, ServerView } from '../../shared/report/report-data.ts';
import {
  aChange,
  aFinding,
  anOpenServer,
  anUnknownServer,
  aReport,
  aServer,
  HOSTILE,
  SUBSCRIPTION,
} from '../report/samples.ts';
import { describeInBrowser } from './in-browser.ts';
import { axeViolations, serverNames, serverRows, textsOf, toggleOf } from './views.ts';

/** Axe takes its time on a busy machine. */
const AXE = { timeout: 120_000 };

const FOREIGN =
  '/subscriptions/99999999-9999-4999-8999-999999999999/resourcegroups/net/providers/microsoft.network/privateendpoints/far';

/** A server with more ranges than the page lists at a glance, two endpoints and eleven changes. */
const busy: ServerView = anOpenServer('busy', {
  reach: 'wide',
  publicPath: 'wide',
  publicAddresses: 120 * 256,
  azureServices: true,
  ranges: Array.from({ length: 120 }, (_, at) => `20.40.${at * 2}.0/24`),
  virtualNetworkSubnets: [`/subscriptions/${SUBSCRIPTION}/subnets/apps`],
  endpointConnections: [
    ...aServer('busy').endpointConnections,
    { id: 'far', status: 'Pending', description: 'please', endpointId: FOREIGN },
  ],
  openFindings: 3,
});
const dark = anUnknownServer('dark');

/** A report with a server of each reach and each kind of finding, change and problem. */
const everyKind: ReportData = aReport({
  servers: [
    anOpenServer('open'),
    busy,
    aServer('azure', { reach: 'azure', azureServices: true }),
    aServer('listed', { reach: 'listed', publicAddresses: 1, ranges: ['52.1.2.3'] }),
    aServer('private'),
    aServer('injected', { delegatedSubnetId: '/subnets/databases', endpointConnections: [] }),
    aServer('alone', { reach: 'none', endpointConnections: [], approvedEndpoints: 0 }),
    dark,
  ],
  findings: [
    aFinding(busy),
    aFinding(busy, {
      findingId: 'b',
      severity: 'High',
      ruleId: 'b',
      ruleTitle: 'Looks fixed',
      resolvesAfter: '2026-03-01T10:06:00Z',
    }),
    aFinding(busy, {
      findingId: 'c',
      severity: 'Medium',
      ruleId: 'c',
      actorName: '',
      actorId: '',
      documentation: '',
    }),
    aFinding(dark, { severity: 'Low', remediation: 'Give the monitor access.' }),
    aFinding(dark, { findingId: 'i', severity: 'Informational', evidence: {} }),
    aFinding(aServer('gone'), { severity: 'Low' }),
    aFinding(busy, {
      findingId: 'e',
      state: 'Exempted',
      exemption: { reason: 'Until the VPN is up', owner: 'network team', expires: '2026-03-31' },
    }),
  ],
  changes: [
    aChange(busy, {
      outcome: 'Unreadable',
      summary: 'Not read.',
      status: 'Failed',
      actorName: '',
      actorId: '',
      actorType: '',
      actorAddress: '',
    }),
    ...Array.from({ length: 10 }, (_, at) =>
      aChange(busy, { eventId: `event-${at}`, summary: `Change ${at}.` }),
    ),
  ],
  problems: Array.from({ length: 30 }, (_, at) => `Subscription ${at} did not answer.`),
});

/** The boxes whose content can only be seen by scrolling sideways. */
function overflowing(page: Page): Promise<readonly string[]> {
  return page.evaluate<
    string[]
  >(`[...document.querySelectorAll('.scroll:has(#servers), .about, .panel, .finding, pre')]
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
    .map(({ className, tagName }) => className + ' ' + tagName)`);
}

async function openAll(page: Page): Promise<void> {
  for (const name of await serverNames(page)) await toggleOf(page, name).click();
}

describeInBrowser('the page', ({ openReport }) => {
  test('axe has nothing against any kind of content, light and dark', AXE, async () => {
    const page = await openReport(everyKind, { reducedMotion: 'reduce' });
    await openAll(page);
    await page.getByLabel('Findings', { exact: true }).selectOption('all');
    await expect.poll(() => page.locator('#findings-title').textContent()).toBe('All findings, worst first');
    expect(await axeViolations(page)).toStrictEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await axeViolations(page, 'contrast')).toStrictEqual([]);
  });

  test('the details of a server list its last changes, and count the older ones', async () => {
    const page = await openReport(everyKind);
    await toggleOf(page, 'busy').click();
    const changes = await textsOf(page.locator('tr.detail .changes li'));
    expect(changes).toHaveLength(11);
    expect(changes[0]).toBe(
      'Unreadable: Not read.2026-03-01 09:58:40 UTC, by not known Microsoft.DBforMySQL/flexibleServers/firewallRules/write (Failed)',
    );
    expect(changes[1]).toBe(
      'Widened: Change 0.2026-03-01 09:58:40 UTC, by dana@contoso.example (user) from 203.0.113.9 ' +
        'Microsoft.DBforMySQL/flexibleServers/firewallRules/write',
    );
    expect(changes[10]).toBe('and 1 older.');
    await page.getByRole('searchbox').fill('DANA@contoso');
    await expect.poll(() => serverNames(page)).toStrictEqual(['dark', 'busy']);
  });

  test('a server that was read and is unknown all the same is told', async () => {
    const unclear = aServer('unclear', { reach: 'unknown', publicPath: 'perimeter' });
    const page = await openReport(aReport({ servers: [unclear, dark, aServer('private')] }));
    const panel = page.getByRole('region', { name: 'What could not be read' });
    await expect.poll(() => panel.textContent()).toContain('could be read but not judged');
    await panel.getByRole('link', { name: '1 server' }).first().click();
    expect(await serverNames(page)).toStrictEqual(['dark', 'unclear']);
  });

  test('nothing moves, and nothing is wider than a telephone', AXE, async () => {
    const page = await openReport(everyKind, {
      viewport: { width: 390, height: 844 },
      reducedMotion: 'reduce',
    });
    await openAll(page);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await overflowing(page)).toStrictEqual([]);
    expect(await axeViolations(page)).toStrictEqual([]);
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
    expect(await page.evaluate('getComputedStyle(document.documentElement).scrollBehavior')).toBe('auto');
  });

  test('on paper: no filters and buttons, but which part is shown, opened details and evidence', async () => {
    const findings = Array.from({ length: 60 }, (_, at) => aFinding(busy, { findingId: `finding-${at}` }));
    const page = await openReport({ ...everyKind, findings });
    await toggleOf(page, 'busy').click();
    await page.evaluate(`addEventListener('beforeprint', () => {
      window.openOnPaper = document.querySelectorAll('details[open]').length;
    })`);
    // A4 with the margins of a browser.
    await page.setViewportSize({ width: 720, height: 1_000 });
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(720);
    for (const hidden of [
      '#q',
      '#reach',
      '.copy >> nth=0',
      '.skip',
      '.result button',
      '#finding-pages button >> nth=0',
    ]) {
      expect(await page.locator(hidden).isVisible(), hidden).toBe(false);
    }
    expect(await page.locator('#finding-pages').innerText()).toBe('1 to 50 of 60');
    expect(await page.locator('.result').innerText()).toBe('8 servers, 60 findings');
    expect(await page.locator('tr.detail').isVisible()).toBe(true);
    expect(await page.locator('tr.detail pre').first().isVisible()).toBe(true);
    await page.pdf();
    // 50 articles of the list and 60 of the opened server, each with its evidence.
    expect(await page.evaluate('window.openOnPaper')).toBe(110);
    expect(await page.locator('details[open]').count()).toBe(0);
  });

  test('without JavaScript the first servers and findings are there', async () => {
    const page = await openReport(everyKind, { javaScriptEnabled: false });
    expect(await page.locator('#filters').isVisible()).toBe(false);
    expect(await textsOf(serverRows(page).locator('a.server'))).toStrictEqual([
      'open',
      'dark',
      'azure',
      'busy',
      'listed',
      'injected',
      'private',
      'alone',
    ]);
    expect(await page.locator('#findings .finding').count()).toBe(6);
    expect(await page.locator('#findings pre').first().isVisible()).toBe(true);
  });

  test('hostile names are text', async () => {
    const names = HOSTILE.map((text) => text.slice(0, 100));
    const servers = names.map((text, at) =>
      anOpenServer(text, {
        serverId: `/servers/${at}/${text}`,
        serverFamily: text,
        subscriptionRef: text,
        location: text,
        ranges: [text],
        delegatedSubnetId: text,
        unreadable: { [text]: text },
      }),
    );
    const page = await openReport(
      aReport({
        scope: names.join(' '),
        servers,
        findings: servers.map((server, at) =>
          aFinding(server, {
            findingId: String(at),
            ruleTitle: server.serverName,
            summary: server.serverName,
            remediation: `x az x ${server.serverName}`,
          }),
        ),
        changes: servers.map((server) =>
          aChange(server, { summary: server.serverName, actorName: server.serverName }),
        ),
        problems: names,
      }),
    );
    await openAll(page);
    const shown = await serverNames(page);
    expect(shown).toHaveLength(names.length);
    expect(shown).toContain('<script>alert(1)</script>');
    expect(shown).toContain('</script><img src=x onerror=alert(1)>');
    expect(shown).toContain('prod\\u202egnp.exe');
    expect(shown).toContain('\\u001b[31mred\\u001b]0;title\\u0007\\u009b2J');
    // Nothing of them became an element, and no character that moves or hides text is left.
    expect(await page.locator('img, iframe, object, svg[onload], [onmouseover], [onerror]').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(2);
    expect(await page.locator('body').innerText()).not.toMatch(/[^\P{Cc}\n\t]|\p{Cf}|\p{Cs}/u);
    expect(await page.locator('tr.detail .changes li').count()).toBe(names.length);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });
});
