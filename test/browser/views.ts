import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** The rows of the servers, without those of their details. */
export function serverRows(page: Page): Locator {
  return page.locator('#servers > tbody > tr:not(.detail)');
}

/** The names of the servers that are shown, in their order. */
export function serverNames(page: Page): Promise<string[]> {
  return page.locator('#servers .toggle').allTextContents();
}

/** The button that shows and hides the details of a server. */
export function toggleOf(page: Page, name: string): Locator {
  return page.locator('#servers').getByRole('button', { name, exact: true });
}

/** Texts as a reader takes them in: white space joined. */
export async function textsOf(locator: Locator): Promise<string[]> {
  return (await locator.allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim());
}

/** Waits for the words beside the filters, which come last: `4 of 80 servers, 9 findings`. */
export function waitForCount(page: Page, words: string): Promise<void> {
  return expect.poll(() => page.locator('#count').textContent(), { timeout: 10_000 }).toBe(words);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const LOOK_FOR = { anything: '{}', contrast: "{ runOnly: ['color-contrast', 'link-in-text-block'] }" };

/** What axe has against the page as it stands: each rule with the elements that break it. */
export async function axeViolations(
  page: Page,
  lookFor: keyof typeof LOOK_FOR = 'anything',
): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${LOOK_FOR[lookFor]})`);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

interface Focused {
  /** Id, or text, or element. */
  readonly what: string;
  readonly outline: string;
}

const FOCUSED = `(() => {
  const at = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(at);
  return { what: at.id || at.textContent.trim() || at.tagName, outline: outlineStyle + ' ' + outlineWidth };
})()`;

export function focused(page: Page): Promise<Focused> {
  return page.evaluate<Focused>(FOCUSED);
}

/** Presses Tab until the element has the focus, which every stop on the way must show. */
export async function tabTo(page: Page, what: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const stops: string[] = [];
  while (stops.length < 200) {
    await page.keyboard.press(key);
    const at = await focused(page);
    expect(at.outline, `focus on ${at.what}`).toBe('solid 3px');
    if (at.what === what) return;
    stops.push(at.what);
  }
  throw new Error(`${what} is not among ${stops.join(', ')}`);
}
