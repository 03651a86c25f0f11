import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const START = join(import.meta.dirname, '..', '..', 'local', 'start.ts');

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exposure-start-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function start(...given: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH }, cwd: folder };
    const child = execFile(process.execPath, [START, ...given], options, (_error, out, err) => {
      resolve({ status: child.exitCode, out, err });
    });
  });
}

test('the first minute: a sweep, a table, three changes with their rows, and a report', async () => {
  const { status, out, err } = await start('--once', '--port', '0');
  expect(err).toBe('');
  expect(status).toBe(0);
  const [, servers = '0', all = '0'] = /(\d+) of (\d+) servers/.exec(out) ?? [];
  expect(Number(servers)).toBeGreaterThanOrEqual(60);
  expect(servers).toBe(all);
  for (const text of [
    'A firewall rule opens the MySQL server "orders" to the whole Internet.',
    'internet-reachable',
    'Public access is switched on at the PostgreSQL server "ledger"',
    'The last approved private endpoint of the PostgreSQL server "payroll" is rejected.',
    'last-endpoint-lost',
    'robin.sample@contoso.example',
    'Taken back. The finding resolves when a second reading, a minute later, agrees.',
    'Wrote out/report.html.',
  ]) {
    expect(out).toContain(text);
  }
  const page = await readFile(join(folder, 'out', 'report.html'), 'utf8');
  expect(page).toMatch(/^<!doctype html>/i);
  expect(page).toContain('orders');
  // One self-contained page.
  expect(page).not.toMatch(/<(script|link|img)[^>]+(src|href)=["']?https?:/i);
}, 60_000);

test.each([{ given: ['--port', 'x'], line: '--port x is no port.' }])(
  'a wrong argument ends with its line and the usage: $line',
  async ({ given, line }) => {
    const { status, out, err } = await start(...given);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err.split('\n')[0]).toContain(line);
    expect(err).toContain('Usage: npm start');
  },
);
