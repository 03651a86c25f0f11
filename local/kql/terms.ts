const alphanumeric = /[\p{L}\p{N}]/u;

/** Whether a character at an edge of a match continues a term. */
const isTermCharacter = (text: string, at: number): boolean =>
  at >= 0 && at < text.length && alphanumeric.test(text.charAt(at));

/**
 * Whether `needle` stands in `text` with the wanted edges at ends of terms, which are maximal runs of letters
 * and digits. An edge of the needle that is no letter or digit ends the term itself.
 */
function standsInside(text: string, needle: string, atStart: boolean, atEnd: boolean): boolean {
  if (needle === '') return true;
  const opens = atStart && isTermCharacter(needle, 0);
  const closes = atEnd && isTermCharacter(needle, needle.length - 1);
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
    const startFits = !opens || !isTermCharacter(text, at - 1);
    if (startFits && !(closes && isTermCharacter(text, at + needle.length))) return true;
  }
  return false;
}

/** `has`: the needle is a whole term, or terms in a row, of the text. Cases are the caller's matter. */
export const hasTerm = (text: string, needle: string): boolean => standsInside(text, needle, true, true);

/** `hasprefix`: a term of the text starts with the needle. */
export const hasTermPrefix = (text: string, needle: string): boolean =>
  standsInside(text, needle, true, false);

/** `hassuffix`: a term of the text ends with the needle. */
export const hasTermSuffix = (text: string, needle: string): boolean =>
  standsInside(text, needle, false, true);
