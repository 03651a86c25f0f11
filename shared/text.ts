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
