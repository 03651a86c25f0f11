/** The word that is the fewest edits away from a mistyped one; undefined when none is near. */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  const text = typed.toLowerCase().slice(0, 100);
  const limit = Math.max(2, Math.floor(text.length / 3));
  let best: { word: string; edits: number } | undefined;
  for (const word of words) {
    const edits = distance(text, word.toLowerCase());
    if (edits <= limit && edits < (best?.edits ?? Infinity)) best = { word, edits };
  }
  return best?.word;
}

/** Letters to insert, delete or replace (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
