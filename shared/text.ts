/** Cuts text to a number of UTF-16 units at a code point boundary, lone surrogates replaced: nothing unbounded or ill-formed leaves. */
export function cut(text: string, max: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= max) return whole;
  const end = whole.slice(0, max - 1);
  return `${end.isWellFormed() ? end : end.slice(0, -1)}…`;
}

/** JSON with the keys of every object in order: equal values give equal texts. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

const HALF = /\\ud[89a-f]/i;

/** JSON text without halves of characters: a strict reader takes none, and they go as escapes that look harmless. */
export function wellFormedJson(json: string, indent = 0): string {
  if (!HALF.test(json)) return json;
  return JSON.stringify(JSON.parse(json), (_, value: unknown) => wholeText(value), indent);
}

function wholeText(value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

/** The first sentences that fit into so many bytes of JSON, each cut to 4,000 characters, and how many there are besides. */
export function boundedList(texts: readonly string[], maxBytes: number): readonly string[] {
  const shown: string[] = [];
  let bytes = 0;
  for (const text of texts) {
    const short = cut(text, 4_000);
    bytes += Buffer.byteLength(JSON.stringify(short)) + 1;
    if (bytes > maxBytes) return [...shown, `And ${texts.length - shown.length} more.`];
    shown.push(short);
  }
  return shown;
}
