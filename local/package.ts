import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { buildApp } from './build.ts';

/** One file of an archive. */
export interface ZipEntry {
  /** With slashes, relative. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** 1 January 1980, the first day that a zip knows: the time of a build is nobody's business. */
const DATE = (1 << 5) | 1;
/** Names are UTF-8. */
const FLAGS = 0x0800;
const VERSION = 20;
const MADE_ON_UNIX = (3 << 8) | VERSION;
const REGULAR_FILE = 0o100644;

/**
 * A zip of the files, sorted by name. They are stored, not compressed, because the bytes of a compressor change with its
 * version: the same files give the same bytes with any Node.
 * @throws RangeError beyond 4 GB or 65,535 files.
 */
export function zipOf(entries: readonly ZipEntry[]): Uint8Array {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of sorted) {
    const nameBytes = Buffer.from(name);
    const about = describe(nameBytes.length, content);
    const head = Buffer.concat([signature(0x04034b50), about, nameBytes]);
    files.push(head, Buffer.from(content));
    directory.push(signature(0x02014b50), u16(MADE_ON_UNIX), about, place(offset), nameBytes);
    offset += head.length + content.length;
  }
  const listing = Buffer.concat(directory);
  const count = u16(sorted.length);
  const end = [u16(0), u16(0), count, count, u32(listing.length), u32(offset), u16(0)];
  return Buffer.concat([...files, listing, signature(0x06054b50), ...end]);
}

/** What the file's own header and the directory say alike: versions, date, checksum, sizes, no extra field. */
function describe(nameLength: number, content: Uint8Array): Buffer {
  const stored = u16(0);
  const time = u16(0);
  const size = u32(content.length);
  const checksum = u32(crc32(content));
  return Buffer.concat([
    ...[u16(VERSION), u16(FLAGS), stored, time, u16(DATE)],
    ...[checksum, size, size, u16(nameLength), u16(0)],
  ]);
}

/** The rest of a directory entry: no comment, first disk, binary, the mode of a plain file, where it begins. */
function place(offset: number): Buffer {
  return Buffer.concat([u16(0), u16(0), u16(0), u32(REGULAR_FILE * 0x10000), u32(offset)]);
}

const signature = u32;

function u16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

/** Builds the deployable folder and writes it as a zip. */
export async function packageApp(root: string, outFolder: string, zipFile: string): Promise<void> {
  await buildApp({ root, entry: join(root, 'functions', 'index.ts'), outFolder });
  const names = await readdir(outFolder);
  const entries = names.map(async (name) => ({ name, content: await readFile(join(outFolder, name)) }));
  await mkdir(dirname(zipFile), { recursive: true });
  await writeFile(zipFile, zipOf(await Promise.all(entries)));
}

async function main(): Promise<void> {
  const root = dirname(import.meta.dirname);
  const zipFile = join(root, 'out', 'database-exposure-monitor.zip');
  await packageApp(root, join(root, 'dist'), zipFile);
  console.log(`${relative(root, zipFile)} is ready to be deployed.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
