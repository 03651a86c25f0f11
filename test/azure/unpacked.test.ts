import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { unpacked } from '../../shared/azure/unpacked.ts';

const LIMIT = 1000;
const text = '{"name":"orders"}';
const bytes = Buffer.from(text);

test.each<{ when: string; body: Buffer; encoding: string | undefined; result: string }>([
  { when: 'no encoding', body: bytes, encoding: undefined, result: text },
  { when: 'identity', body: bytes, encoding: 'identity', result: text },
  { when: 'gzip', body: gzipSync(text), encoding: 'gzip', result: text },
  { when: 'gzip in capitals', body: gzipSync(text), encoding: 'GZIP', result: text },
  {
    when: 'gzip in two parts',
    body: Buffer.concat([gzipSync('{"name":'), gzipSync('"orders"}')]),
    encoding: 'gzip',
    result: text,
  },
  { when: 'deflate', body: deflateSync(text), encoding: 'deflate', result: text },
  { when: 'an empty body, whatever it calls itself', body: Buffer.alloc(0), encoding: 'gzip', result: '' },
  {
    when: 'as much as is allowed',
    body: gzipSync('x'.repeat(1000)),
    encoding: 'gzip',
    result: 'x'.repeat(1000),
  },
  { when: 'a byte more, gzip', body: gzipSync('x'.repeat(1001)), encoding: 'gzip', result: 'large' },
  { when: 'a byte more, deflate', body: deflateSync('x'.repeat(1001)), encoding: 'deflate', result: 'large' },
  { when: 'a bomb', body: gzipSync(Buffer.alloc(50_000_000)), encoding: 'gzip', result: 'large' },
  { when: 'gzip that is cut', body: gzipSync(text).subarray(0, -9), encoding: 'gzip', result: 'broken' },
  {
    when: 'gzip without its checksum',
    body: gzipSync(text).subarray(0, -8),
    encoding: 'gzip',
    result: 'broken',
  },
  { when: 'text that calls itself gzip', body: bytes, encoding: 'gzip', result: 'broken' },
  { when: 'deflate without its frame', body: deflateRawSync(text), encoding: 'deflate', result: 'broken' },
  { when: 'Brotli', body: brotliCompressSync(text), encoding: 'br', result: 'broken' },
  { when: 'text in an unknown encoding', body: bytes, encoding: 'zstd', result: 'broken' },
  { when: 'gzip twice', body: gzipSync(gzipSync(text)), encoding: 'gzip, gzip', result: 'broken' },
])('$when', ({ body, encoding, result }) => {
  expect(unpacked(body, encoding, LIMIT).toString()).toBe(result);
});
