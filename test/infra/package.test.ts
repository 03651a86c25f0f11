import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageApp, zipOf } from '../../local/package.ts';

/** Reads a zip by its directory, as every unpacker does; stored files only. */
function unzip(zip: Buffer): ReadonlyMap<string, Buffer> {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  let at = zip.readUInt32LE(end + 16);
  const files = new Map<string, Buffer>();
  for (let count = zip.readUInt16LE(end + 10); count > 0; count -= 1) {
    expect(zip.toString('latin1', at, at + 4)).toBe('PK\x01\x02');
    const [size, nameLength, offset] = [
      zip.readUInt32LE(at + 24),
      zip.readUInt16LE(at + 28),
      zip.readUInt32LE(at + 42),
    ];
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28);
    const content = zip.subarray(start, start + size);
    expect(zip.readUInt32LE(at + 16)).toBe(crc32(content));
    files.set(name, content);
    at += 46 + nameLength;
  }
  expect(at).toBe(end);
  return files;
}

describe('a zip', () => {
  const entries = [
    { name: 'b.json', content: Buffer.from('{}') },
    { name: 'a/ä.txt', content: Buffer.from('text') },
  ];

  test('holds what was put in, sorted by name', () => {
    const files = unzip(Buffer.from(zipOf(entries)));
    expect([...files]).toEqual([
      ['a/ä.txt', Buffer.from('text')],
      ['b.json', Buffer.from('{}')],
    ]);
  });

  test('has the same bytes in whatever order they came', () => {
    expect(zipOf([...entries].reverse())).toEqual(zipOf(entries));
  });

  test('may be empty', () => {
    expect(unzip(Buffer.from(zipOf([])))).toEqual(new Map());
  });
});

describe('npm run package', () => {
  const root = join(import.meta.dirname, '..', '..');
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'package-'));
    await packageApp(root, join(folder, 'first'), join(folder, 'first.zip'));
    await packageApp(root, join(folder, 'second'), join(folder, 'other', 'second.zip'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('gives the same bytes for the same sources, wherever and whenever', async () => {
    const first = await readFile(join(folder, 'first.zip'));
    expect(first.equals(await readFile(join(folder, 'other', 'second.zip')))).toBe(true);
  });

  test('holds the files of dist/, and nothing else', async () => {
    const files = unzip(await readFile(join(folder, 'first.zip')));
    expect([...files.keys()]).toEqual((await readdir(join(folder, 'first'))).sort());
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['host.json', 'index.cjs', 'package.json', 'policy.json']),
    );
  });
});
