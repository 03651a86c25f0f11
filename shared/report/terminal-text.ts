import { clip, visible } from './escape.ts';

/** East Asian wide and emoji blocks, which a terminal draws two columns wide. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const COMBINING = /\p{M}/u;

function columnsOf(character: string): number {
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** How many columns of a terminal the text takes. */
export function textColumns(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + columnsOf(character), 0);
}

/**
 * Foreign text for a terminal: one line, at most `max` columns, with control, bidirectional and other unseen
 * characters written out, so that no name can move the cursor, set colours or reorder the line.
 */
export function plain(text: string, max = 200): string {
  // Combining marks take no column: the length in characters is bounded too.
  const shown = visible(clip(text, max * 4));
  let columns = 0;
  let kept = '';
  for (const character of shown) {
    const next = columns + columnsOf(character);
    if (next > max) return endWithEllipsis(kept, max);
    columns = next;
    kept += character;
  }
  return kept;
}

function endWithEllipsis(text: string, max: number): string {
  if (max < 1) return '';
  const characters = Array.from(text);
  while (textColumns(characters.join('')) > max - 1) characters.pop();
  return `${characters.join('')}…`;
}

/** The text filled up with spaces to `width` columns, at its end or, for numbers, at its start. */
export function padColumns(text: string, width: number, right = false): string {
  const filler = ' '.repeat(Math.max(0, width - textColumns(text)));
  return right ? filler + text : text + filler;
}

/** Foreign text in lines of at most `width` columns, broken between words where possible. */
export function wrapPlain(text: string, width: number, max = 1_000): readonly string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  let line = '';
  for (const word of plain(text, max)
    .split(' ')
    .flatMap((each) => pieces(each, room))) {
    if (line !== '' && textColumns(line) + 1 + textColumns(word) > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function pieces(word: string, width: number): readonly string[] {
  const all: string[] = [];
  let piece = '';
  let columns = 0;
  for (const character of word) {
    const next = columnsOf(character);
    if (columns + next > width && piece !== '') {
      all.push(piece);
      piece = '';
      columns = 0;
    }
    piece += character;
    columns += next;
  }
  return [...all, piece];
}
