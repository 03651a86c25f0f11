import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, formatMessages } from 'esbuild';
import type { OnLoadResult, PartialMessage, Plugin } from 'esbuild';
import * as z from 'zod';

/** What the deployable folder is made of. */
export interface BuildOptions {
  /** The project: its package.json, host.json and policy.json go into the result. */
  readonly root: string;
  /** The module that registers the functions. */
  readonly entry: string;
  /** Is emptied first. */
  readonly outFolder: string;
}

const BUNDLE = 'index.cjs';
const COPIED = ['host.json', 'policy.json', 'policy.schema.json'];
const ASSETS = ['.kql', '.json', '.html', '.css', '.js'];
/** `readFileSync(new URL('./queries/servers.kql', import.meta.url), 'utf8')`, however it is broken into lines. */
const ASSET_READ =
  /\breadFileSync\(\s*new URL\(\s*(['"])([^'"]+)\1\s*,\s*import\.meta\.url\s*,?\s*\)\s*,\s*(['"])utf-?8\3\s*,?\s*\)/g;

/**
 * Writes the deployable folder: one CommonJS bundle with the texts that the sources read from beside them, its
 * package.json, host.json and the policy. The same sources give the same bytes.
 * @throws Error when something cannot be bundled, or a file beside a source is read in a way that a bundle cannot.
 */
export async function buildApp({ root, entry, outFolder }: BuildOptions): Promise<void> {
  await rm(outFolder, { recursive: true, force: true });
  const bundle = await bundleOf(root, entry, join(outFolder, BUNDLE));
  await mkdir(outFolder, { recursive: true });
  await writeFile(join(outFolder, BUNDLE), bundle);
  await writeFile(join(outFolder, 'package.json'), manifestOf(root));
  for (const file of COPIED.filter((name) => existsSync(join(root, name)))) {
    await copyFile(join(root, file), join(outFolder, file));
  }
}

async function bundleOf(root: string, entry: string, outfile: string): Promise<Uint8Array> {
  const { outputFiles, warnings } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: ['@azure/functions-core'],
    minify: false,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [inlineAssets],
  });
  // A bundle has no import.meta, for one: what still asks for it would fail in Azure only. Packages guard their uses.
  const ours = warnings.filter(({ location }) => location?.file.includes('node_modules') !== true);
  if (ours.length > 0) throw new Error((await formatMessages(ours, { kind: 'error' })).join('\n').trim());
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error('The bundler gave no file.');
  return bundle.contents;
}

const inlineAssets: Plugin = {
  name: 'inline-assets',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\.ts$/ }, ({ path }) =>
      path.includes('node_modules') ? undefined : inlineReads(path),
    );
  },
};

function inlineReads(path: string): OnLoadResult {
  const errors: PartialMessage[] = [];
  const contents = readFileSync(path, 'utf8').replace(
    ASSET_READ,
    (call: string, _quote: string, name: string) => {
      const file = resolve(dirname(path), name);
      if (ASSETS.includes(extname(file)) && existsSync(file))
        return JSON.stringify(readFileSync(file, 'utf8'));
      errors.push({
        text: `${name} is no file that can be bundled`,
        location: { file: path, lineText: call },
      });
      return call;
    },
  );
  return { contents, loader: 'ts', errors };
}

function manifestOf(root: string): string {
  const { name, version } = z
    .object({ name: z.string(), version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  return `${JSON.stringify({ name, version, main: BUNDLE, type: 'commonjs' }, null, 2)}\n`;
}

async function main(): Promise<void> {
  const root = dirname(import.meta.dirname);
  const outFolder = join(root, 'dist');
  await buildApp({ root, entry: join(root, 'functions', 'index.ts'), outFolder });
  console.log(`${relative(root, outFolder)}/ is ready to be deployed.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
