/**
 * Characters that a reader cannot see or that move the text around them: controls (ESC, NUL, C1), format characters
 * (bidirectional overrides, zero-width ones, tags), separators, lone surrogates, unassigned code points.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Combining marks with nothing to combine with, or piled up over the lines around them. */
const STACKED = /(?<=^|\p{M}{3})\p{M}/gu;

/** At most `max` UTF-16 units, the last one an ellipsis where something was cut; no surrogate pair is cut in two. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, Math.max(0, max - 1));
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** The text with every unseen character written out, such as `\u202e`: what is shown is all there is. */
export function visible(text: string): string {
  // Nearly every name is printable ASCII.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(STACKED, writtenOut).replace(UNSEEN, writtenOut);
}

function writtenOut(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text for the content of an HTML element or a quoted attribute, at most `max` UTF-16 units of it. */
export function escapeHtml(text: string, max = 4_000): string {
  return visible(clip(text, max)).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}

/** JSON text with the unseen characters as escapes: the same value, safe to print on a terminal. */
export function escapeJson(json: string): string {
  // A line feed is the indentation's own; those inside of strings are escapes already.
  return json.replace(UNSEEN, (character) => {
    if (character === '\n') return character;
    return Array.from({ length: character.length }, (_, at) => unitEscape(character, at)).join('');
  });
}

function unitEscape(character: string, at: number): string {
  return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
}

/** JSON for an inline script element of HTML: no `<` can end it or open a comment in it. */
export function embedJson(value: unknown): string {
  return escapeJson(JSON.stringify(value)).replace(/[<>&]/g, (character) => unitEscape(character, 0));
}
