/** What a browser would make elements and attributes of; the bodies of scripts and styles are left out. */
export function tagsOf(html: string): readonly string[] {
  const bare = html.replace(/(<(script|style)\b[^>]*>)[\s\S]*?<\/\2>/g, '$1');
  return [...bare.matchAll(/<[^>]*>?/g)].map(([tag]) => tag);
}

const TAG =
  /^<(?:!doctype html|\/[a-z][a-z0-9]*|[a-z][a-z0-9]*(?:\s+[a-z][a-z-]*(?:="[^"<>]*")?)*\s*\/?)\s*>$/i;

/** Tags that are not written as ours are, or that could run something. */
export function oddTags(html: string): readonly string[] {
  return [...new Set(tagsOf(html))].filter(
    (tag) =>
      !TAG.test(tag) ||
      /\s(?:on[a-z]+|src|srcdoc|action|formaction)\s*=/i.test(tag) ||
      /=\s*"\s*(?:javascript|vbscript|data:text)/i.test(tag) ||
      /^<(?:iframe|object|embed|base|img)\b/i.test(tag),
  );
}

/** The cells of a CSV text (RFC 4180), row by row; throws where quotes do not match. */
export function cellsOf(csv: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/y;
  while (pattern.lastIndex < csv.length) {
    const match = pattern.exec(csv);
    if (!match) throw new Error('the CSV cannot be taken apart');
    rows.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '\r\n') rows.push([]);
  }
  return rows;
}

/** Every string in a JSON value, keys among them. */
export function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    yield key;
    yield* stringsIn(item);
  }
}
