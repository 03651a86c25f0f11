import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { APP_VERSION } from '../shared/app-version.ts';
import { readSettings } from '../shared/settings.ts';

const read = (file: string): string => readFileSync(file, 'utf8');

const markdownIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file))
    .sort();

const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdownIn('docs')];
const DECISIONS = markdownIn('docs/decisions').map(read).join('\n');
const manifest = z
  .object({
    version: z.string(),
    scripts: z.record(z.string(), z.string()),
    dependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(read('package.json')));

/** Names that `readSettings` asks the environment for; storage by identity, so that each of its settings is asked for. */
function settingsRead(): readonly string[] {
  const names = new Set(['AzureWebJobsStorage']);
  const values: Readonly<Record<string, string>> = {
    MONITOR_SUBSCRIPTIONS: '11111111-1111-4111-8111-111111111111',
    LOGS_INGESTION_ENDPOINT: 'https://ingestion.example',
    LOGS_INGESTION_RULE_ID: 'dcr-00000000000000000000000000000000',
    AzureWebJobsStorage__accountName: 'exposuremonitor',
  };
  const environment = new Proxy(values, {
    get(target, name): string | undefined {
      if (typeof name === 'string') names.add(name);
      return typeof name === 'string' ? target[name] : undefined;
    },
  });
  readSettings(environment);
  return [...names].sort();
}

/** First cells of the table below a heading. */
function firstCells(page: string, heading: string): readonly string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].flatMap(([, cell]) => cell ?? []);
}

/** GitHub's anchors of a page's headings. */
function anchorsOf(page: string): readonly string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function brokenLinks(file: string): readonly string[] {
  const text = read(file).replace(/^ *```[^]*?^ *```/gm, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => link ?? []);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : join(dirname(file), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
  });
}

test('the settings table of the README names exactly the settings that are read', () => {
  expect([...firstCells(read('README.md'), 'Settings')].sort()).toEqual(settingsRead());
});

test.each(settingsRead())('the messages about %s are explained', (name) => {
  expect(read('docs/troubleshooting.md')).toContain(name);
});

test.each(PAGES)('the relative links of %s lead somewhere', (file) => {
  expect(brokenLinks(file)).toEqual([]);
});

test.each(Object.keys(manifest.dependencies))('the runtime dependency %s has its reason', (name) => {
  expect(DECISIONS).toContain(`\`${name}\``);
});

test('every decision is listed', () => {
  const index = read('docs/decisions/README.md');
  const files = readdirSync('docs/decisions').filter((file) => file !== 'README.md');
  expect(files.filter((file) => !index.includes(`(${file})`))).toEqual([]);
});

test('code, package and changelog agree on the version', () => {
  const newest = /^## \[([^\]]+)\]/m.exec(read('CHANGELOG.md'))?.[1];
  expect([APP_VERSION, newest]).toEqual([manifest.version, manifest.version]);
});

test.each(PAGES)('the package scripts that %s names exist', (file) => {
  const named = [...read(file).matchAll(/\bnpm run ([a-z][a-z:-]*)/g)].flatMap(([, script]) => script ?? []);
  expect(named.filter((script) => !(script in manifest.scripts))).toEqual([]);
});

test('the rule that CONTRIBUTING shows is the one of the repository', () => {
  expect(read('CONTRIBUTING.md')).toContain(
    `\`\`\`ts\n${read('shared/rules/too-many-firewall-rules.ts')}\`\`\``,
  );
});

test('every action of the workflow is pinned by its commit', () => {
  const used = [...read('.github/workflows/ci.yml').matchAll(/uses: (\S+)/g)].flatMap(
    ([, action]) => action ?? [],
  );
  expect(used.length).toBeGreaterThan(0);
  expect(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
});
