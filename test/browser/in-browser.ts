import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterEach, beforeAll, describe, expect } from 'vitest';
import { reportHtml } from '../../shared/report/html.ts';
import type { ReportData } from '../../shared/report/report-data.ts';
import { chromiumPath, startBrowser } from './chromium.ts';

export interface Pages {
  /** A page in a context of its own, closed after the test. */
  readonly open: (url: string, options?: BrowserContextOptions) => Promise<Page>;
  /** The page of a report that is opened as a file. */
  readonly openReport: (data: ReportData, options?: BrowserContextOptions) => Promise<Page>;
}

interface Opened {
  readonly context: BrowserContext;
  readonly url: string;
  readonly requests: string[];
  readonly problems: string[];
}

/**
 * Tests in a real browser. After each, no page of it had an error or a warning on its console (violations of the content
 * security policy are there too) or asked for anything but itself. Where there is no browser they are left
 * out with the reason, but in CI they fail.
 */
export function describeInBrowser(title: string, tests: (pages: Pages) => void): void {
  if (chromiumPath() === undefined && !process.env['CI']) {
    describe.skip(`${title} (no chromium on the PATH, and CHROMIUM_PATH names none)`, () => {
      tests(pagesOf());
    });
  } else {
    describe(title, () => {
      tests(pagesOf());
    });
  }
}

function pagesOf(): Pages {
  let browser: Browser;
  let folder: string;
  let opened: Opened[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
    folder = await mkdtemp(join(tmpdir(), 'exposure-page-'));
    return async () => {
      await browser.close();
      await rm(folder, { recursive: true });
    };
  });

  afterEach(async () => {
    const last = opened;
    opened = [];
    for (const { context } of last) await context.close();
    for (const { url, requests, problems } of last) {
      expect(problems).toStrictEqual([]);
      expect(new Set(requests)).toStrictEqual(new Set([url]));
    }
  });

  const open = async (url: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext(options);
    const requests: string[] = [];
    const problems: string[] = [];
    opened.push({ context, url: url.replace(/#.*/, ''), requests, problems });
    context.on('request', (request) => requests.push(request.url().replace(/#.*/, '')));
    context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    context.on('weberror', (error) => problems.push(error.error().message));
    context.on('dialog', (dialog) => problems.push(`dialog: ${dialog.message()}`));
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(url);
    return page;
  };

  const openReport = async (data: ReportData, options?: BrowserContextOptions): Promise<Page> => {
    const file = join(folder, `report-${opened.length}.html`);
    await writeFile(file, reportHtml(data));
    return open(pathToFileURL(file).href, options);
  };

  return { open, openReport };
}
