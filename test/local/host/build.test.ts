import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildApp } from '../../../local/build.ts';
import { startHost } from '../../../local/host/start-host.ts';

const root = join(import.meta.dirname, 'fixtures', 'bundled');
let outFolder: string;

beforeEach(async () => {
  outFolder = await mkdtemp(join(tmpdir(), 'build-'));
});

afterEach(async () => {
  await rm(outFolder, { recursive: true, force: true });
});

const build = (source: string): Promise<void> => buildApp({ root, entry: join(root, source), outFolder });

test('the folder holds the bundle, its package.json, host.json and the policy, and nothing else', async () => {
  await writeFile(join(outFolder, 'old.txt'), 'of the build before');
  await build('functions.ts');
  expect(await readdir(outFolder)).toEqual(['host.json', 'index.cjs', 'package.json', 'policy.json']);
  expect(JSON.parse(await readFile(join(outFolder, 'package.json'), 'utf8'))).toEqual({
    name: 'sample',
    version: '1.2.3',
    main: 'index.cjs',
    type: 'commonjs',
  });
});

test('the same sources give the same bytes, without the path of the project', async () => {
  await build('functions.ts');
  const first = await readFile(join(outFolder, 'index.cjs'), 'utf8');
  await build('functions.ts');
  expect(await readFile(join(outFolder, 'index.cjs'), 'utf8')).toBe(first);
  expect(first).not.toContain(root);
});

test('it runs in a folder without node_modules, with the texts of the files inside', async () => {
  await build('functions.ts');
  const host = await startHost({
    app: outFolder,
    port: 0,
    hostname: '127.0.0.1',
    settings: {},
    log: () => undefined,
  });
  try {
    expect(host.functions).toEqual(['query']);
    const response = await fetch(`${host.url}/api/query`);
    expect(await response.json()).toEqual(['Resources\n| where name == "a"\n', '{ "rules": {} }\n']);
  } finally {
    await host.close();
  }
});

test.each([
  {
    when: 'a file that is not there',
    source: 'missing.ts',
    message: /queries\/none\.kql is no file that can be bundled/,
  },
  {
    when: 'a file that is not named',
    source: 'computed.ts',
    message: /"import\.meta" is not available with the "cjs" output format/,
  },
  { when: 'no entry', source: 'nothing.ts', message: /Could not resolve/ },
])('the build fails: $when', async ({ source, message }) => {
  await expect(build(source)).rejects.toThrow(message);
});
