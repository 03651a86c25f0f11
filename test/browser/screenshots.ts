import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startBrowser } from './chromium.ts';
import { startSampleEstate, tell } from './sample-estate.ts';

// Makes the pictures of the documentation: node test/browser/screenshots.ts

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'images');
const SIZE = { width: 1280, height: 1200 };

const stack = await startSampleEstate();
const browser = await startBrowser();
try {
  await mkdir(FOLDER, { recursive: true });
  const { servers } = await tell(stack);
  const orders = servers.find(({ serverName }) => serverName === 'orders');
  if (!orders) throw new Error('The sample estate has no server "orders".');
  const pictures = [
    { file: 'report.png', colorScheme: 'light', hash: '' },
    { file: 'report-dark.png', colorScheme: 'dark', hash: '' },
    {
      file: 'report-server.png',
      colorScheme: 'light',
      hash: `#server=${encodeURIComponent(orders.serverId)}`,
    },
  ] as const;
  for (const { file, colorScheme, hash } of pictures) {
    const page = await browser.newPage({ colorScheme, viewport: SIZE, reducedMotion: 'reduce' });
    await page.goto(`${stack.url}/api/report${hash}`);
    await page.screenshot({ path: join(FOLDER, file) });
    await page.close();
  }
} finally {
  await browser.close();
  await stack.close();
}
