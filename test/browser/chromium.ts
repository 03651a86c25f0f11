import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** The Chromium to use: `CHROMIUM_PATH`, or `chromium` on the PATH; undefined: there is none. */
export function chromiumPath(): string | undefined {
  const named = process.env['CHROMIUM_PATH'] ?? '';
  const places = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'chromium'));
  return named === '' ? places.find(canRun) : named;
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A headless Chromium; throws where there is none. */
export function startBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) {
    throw new Error('There is no chromium on the PATH, and CHROMIUM_PATH names none.');
  }
  return chromium.launch({ executablePath });
}
