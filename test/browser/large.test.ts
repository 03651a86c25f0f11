import { expect, test } from 'vitest';
import type { ServerView } from '../../shared/report/report-data.ts';
import { aFinding, anOpenServer, aReport, aServer } from '../report/samples.ts';
import { describeInBrowser } from './in-browser.ts';
import { serverNames, serverRows, waitForCount } from './views.ts';

/** 10,000 servers: every hundredth is open, with one finding; every tenth other admits one /24 of its own. */
const servers: readonly ServerView[] = Array.from({ length: 10_000 }, (_, at) => {
  const name = `server-${String(at).padStart(4, '0')}`;
  if (at % 100 === 0) return anOpenServer(name);
  if (at % 10 !== 0) return aServer(name);
  const ranges = [`20.${Math.floor(at / 100)}.${at % 100}.0/24`];
  return aServer(name, { reach: 'listed', publicPath: 'limited', publicAddresses: 256, ranges });
});

describeInBrowser('the page of 10,000 servers', ({ openReport }) => {
  test('counts, filters and pages all of them, and holds a few hundred rows', async () => {
    const open = servers.filter(({ reach }) => reach === 'internet');
    const findings = open.map((server) => aFinding(server));
    const page = await openReport(aReport({ servers, findings }));
    await waitForCount(page, '10,000 servers, 100 findings');
    expect(await page.locator('.tiles strong').allTextContents()).toStrictEqual([
      '100',
      '0',
      '0',
      '900',
      '9,000',
      '0',
      '0',
    ]);
    expect(await serverRows(page).count()).toBe(200);
    expect(await page.locator('#findings .finding').count()).toBe(50);
    expect(await page.locator('*').count()).toBeLessThan(8_000);

    await page.getByLabel('Reach', { exact: true }).selectOption('Listed');
    await waitForCount(page, '900 of 10,000 servers, 0 findings');
    await page
      .getByRole('navigation', { name: 'Pages of servers' })
      .getByRole('button', { name: 'Last' })
      .click();
    expect(await serverRows(page).count()).toBe(100);
    expect((await serverNames(page)).at(-1)).toBe('server-9990');

    await page.getByRole('button', { name: 'Clear' }).click();
    await waitForCount(page, '10,000 servers, 100 findings');
    // The hundred open servers, and server-1230.
    await page.getByRole('searchbox').fill('20.12.30.7');
    await waitForCount(page, '101 of 10,000 servers, 100 findings');
    expect((await serverNames(page)).at(-1)).toBe('server-1230');

    await page.getByRole('searchbox').fill('server-77');
    await waitForCount(page, '100 of 10,000 servers, 1 finding');
    expect(await serverRows(page).count()).toBe(100);
  });
});
