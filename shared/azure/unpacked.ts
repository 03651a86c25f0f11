import { gunzipSync, inflateSync } from 'node:zlib';

/** What `unpacked` can read, for the header `accept-encoding`. */
export const ENCODINGS = 'gzip, deflate';

/**
 * The bytes of a body that has come in full; `large` when they are more than `maxBytes`, `broken` when they are cut, garbage
 * or in another encoding. At once: a stream costs more than a body of some KB is worth, and the bound holds for large ones.
 */
export function unpacked(
  body: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number,
): Buffer | 'large' | 'broken' {
  if (contentEncoding === undefined || body.length === 0) return body;
  const encoding = contentEncoding.toLowerCase();
  try {
    if (encoding === 'gzip') return gunzipSync(body, { maxOutputLength: maxBytes });
    if (encoding === 'deflate') return inflateSync(body, { maxOutputLength: maxBytes });
    return encoding === 'identity' ? body : 'broken';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
      ? 'large'
      : 'broken';
  }
}
