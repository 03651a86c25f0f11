import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildApp } from '../local/build.ts';
import type { Built } from './cloud.ts';

const ROOT = join(import.meta.dirname, '..');
const TIMED = `const started = performance.now(); require(process.argv[1]); console.log('\\n' + (performance.now() - started));`;

/** Folders of what is built for a bench. */
export interface Bundles extends Built {
  /** The deployable app. */
  readonly app: string;
  /** The SDKs that it imports, alone. */
  readonly sdks: string;
}

/** Builds the app, its SDKs alone and the bench's worker in the same way. */
export async function buildAll(folder: string): Promise<Bundles> {
  const [app, sdks, worker] = ['app', 'sdks', 'worker'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const entry = join(folder, 'sdks.ts');
  await writeFile(entry, sdkEntry(await importsOf(['shared', 'functions'])));
  await buildApp({ root: ROOT, entry: join(ROOT, 'functions', 'index.ts'), outFolder: app });
  await buildApp({ root: ROOT, entry, outFolder: sdks });
  await buildApp({ root: ROOT, entry: join(import.meta.dirname, 'worker.ts'), outFolder: worker });
  return { folder, app, sdks, worker: join(worker, 'index.cjs') };
}

/** Names that sources import from Azure's SDKs, by package; types are none. */
export function sdkImports(sources: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const statement = /^import\s+\{([^}]*)\}\s+from\s+'(@azure\/[^']+)'/gm;
  for (const [, names = '', from = ''] of sources.flatMap((source) => [...source.matchAll(statement)])) {
    for (const name of names.split(',').map((text) => text.trim())) {
      const [imported = ''] = name.split(/\s+as\s+/);
      if (imported === '' || imported.startsWith('type ')) continue;
      found.set(from, (found.get(from) ?? new Set()).add(imported));
    }
  }
  return new Map([...found].map(([from, names]) => [from, [...names].sort()]));
}

/** A module that imports the same names and keeps them, so that a bundler leaves none out. */
export function sdkEntry(imports: ReadonlyMap<string, readonly string[]>): string {
  const modules = [...imports].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = modules.map(([from, names], index) => {
    const aliases = names.map((name) => `${name} as ${name}${index}`);
    return `import { ${aliases.join(', ')} } from '${from}';`;
  });
  const kept = modules.flatMap(([, names], index) => names.map((name) => `${name}${index}`));
  return `${lines.join('\n')}\nReflect.set(globalThis, 'kept', [${kept.join(', ')}]);\n`;
}

async function importsOf(folders: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const files = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(join(ROOT, folder), { recursive: true });
      return names.filter((name) => name.endsWith('.ts')).map((name) => join(ROOT, folder, name));
    }),
  );
  return sdkImports(await Promise.all(files.flat().map((file) => readFile(file, 'utf8'))));
}

/** Milliseconds that a new process takes to load each bundle, in turns. */
export async function importTimes(
  { app, sdks }: Bundles,
  runs: number,
): Promise<{ readonly app: readonly number[]; readonly sdks: readonly number[] }> {
  const times: { app: number[]; sdks: number[] } = { app: [], sdks: [] };
  for (let run = 0; run < runs; run += 1) {
    times.sdks.push(await timeOf(sdks));
    times.app.push(await timeOf(app));
  }
  return times;
}

async function timeOf(folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', TIMED, join(folder, 'index.cjs')]);
  const milliseconds = Number(stdout.trim().split('\n').at(-1));
  if (Number.isNaN(milliseconds)) throw new Error(`${folder} could not be timed`);
  return milliseconds;
}
