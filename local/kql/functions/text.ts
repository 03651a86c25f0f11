import { createHash } from 'node:crypto';
import { toText } from '../casts.ts';
import { matches, findAll } from '../regex.ts';
import { refuseEarly, textOf } from '../predicates.ts';
import { unsupported } from '../values.ts';
import type { ColumnType, Value } from '../values.ts';
import { argument, atMost, ofAll } from './build.ts';
import type { Build } from './build.ts';

/** A function of texts only (strings, or dynamics by their text). */
function ofTexts(type: ColumnType, count: number, apply: (...texts: readonly string[]) => Value): Build {
  return (args, name) => {
    atMost(args, count, name);
    argument(args, count - 1, name);
    const texts = args.map((arg) => textOf(arg, name));
    return { type, evaluate: (row, run) => apply(...texts.map((text) => text(row, run))) };
  };
}

/** The characters of a text; a character beyond 16 bits is one. */
const charactersOf = (text: string): readonly string[] => Array.from(text);

const substring: Build = (args, name) => {
  atMost(args, 3, name);
  const text = textOf(argument(args, 0, name), name);
  const start = argument(args, 1, name);
  const length = args[2];
  return {
    type: 'string',
    evaluate: (row, run) => {
      const characters = charactersOf(text(row, run));
      const from = start.evaluate(row, run);
      const count = length ? length.evaluate(row, run) : characters.length;
      if (typeof from !== 'number' || typeof count !== 'number') return '';
      const first = from < 0 ? Math.max(0, characters.length + from) : from;
      return characters.slice(first, first + Math.max(0, count)).join('');
    },
  };
};

const split: Build = (args, name) => {
  atMost(args, 3, name);
  const text = textOf(argument(args, 0, name), name);
  const delimiter = textOf(argument(args, 1, name), name);
  const index = args[2];
  return {
    type: 'dynamic',
    evaluate: (row, run) => {
      const by = delimiter(row, run);
      if (by === '') throw unsupported('delimiter', '');
      const pieces = text(row, run).split(by);
      if (!index) return pieces;
      const at = index.evaluate(row, run);
      if (typeof at !== 'number' || at < 0) throw unsupported('index', `of ${name} that is null or negative`);
      return pieces.slice(at, at + 1);
    },
  };
};

/** `trim(regex, text)`, `trim_start`, `trim_end`: takes matches away as long as there are any. */
const trim =
  (atStart: boolean, atEnd: boolean): Build =>
  (args, name) => {
    atMost(args, 2, name);
    const pattern = argument(args, 0, name);
    refuseEarly(pattern);
    const regex = textOf(pattern, name);
    const text = textOf(argument(args, 1, name), name);
    return {
      type: 'string',
      evaluate: (row, run) => {
        const unit = `(?:${regex(row, run)})+`;
        const whole = text(row, run);
        const [front = ''] = atStart ? (findAll(`^${unit}`, whole)[0] ?? []) : [];
        const rest = whole.slice(front.length);
        const [back = ''] = atEnd ? (findAll(`${unit}$`, rest)[0] ?? []) : [];
        return rest.slice(0, rest.length - back.length);
      },
    };
  };

/** `extract(regex, group, text)`: the text of a group of the first match, empty without one. */
const extract: Build = (args, name) => {
  atMost(args, 3, name);
  const pattern = argument(args, 0, name);
  refuseEarly(pattern);
  const regex = textOf(pattern, name);
  const group = argument(args, 1, name);
  const text = textOf(argument(args, 2, name), name);
  return {
    type: 'string',
    evaluate: (row, run) => {
      const number = group.evaluate(row, run);
      const [found] = findAll(regex(row, run), text(row, run));
      return found && typeof number === 'number' ? (found[number] ?? '') : '';
    },
  };
};

/** `replace_regex`: `\1` in the new text is the text of group 1. */
const replaceRegex = ofTexts('string', 3, (text = '', pattern = '', rewrite = '') =>
  findAll(pattern, text).reduceRight((changed, found) => {
    const at = found.index ?? 0;
    const filled = rewrite.replace(/\\(\d)/g, (_, digit: string) => found[Number(digit)] ?? '');
    return changed.slice(0, at) + filled + changed.slice(at + found[0].length);
  }, text),
);

/** Plain texts are counted with overlaps, matches of a regular expression without. */
function countOf(text: string, search: string, kind = 'normal'): number {
  if (kind === 'regex') return matches(search, text) ? findAll(search, text).length : 0;
  if (kind !== 'normal') throw unsupported('kind of countof', kind);
  if (search === '') throw unsupported('text to search', '');
  let count = 0;
  for (let at = text.indexOf(search); at >= 0; at = text.indexOf(search, at + 1)) count++;
  return count;
}

const countof: Build = (args, name) => {
  const build = ofTexts('long', args.length === 3 ? 3 : 2, (text = '', search = '', kind) =>
    countOf(text, search, kind),
  );
  return build(args, name);
};

const joinTexts = (values: readonly Value[], types: readonly ColumnType[], delimiter: string): string =>
  values.map((value, index) => toText(value, types[index] ?? 'string')).join(delimiter);

export const textFunctions: Readonly<Record<string, Build>> = {
  strcat: ofAll('string', (values, types) => joinTexts(values, types, '')),
  strcat_delim: ofAll('string', ([delimiter = '', ...values], types) =>
    joinTexts(values, types.slice(1), toText(delimiter, 'string')),
  ),
  strlen: ofTexts('long', 1, (text = '') => charactersOf(text).length),
  tolower: ofTexts('string', 1, (text = '') => text.toLowerCase()),
  toupper: ofTexts('string', 1, (text = '') => text.toUpperCase()),
  substring,
  split,
  trim: trim(true, true),
  trim_start: trim(true, false),
  trim_end: trim(false, true),
  extract,
  replace_string: ofTexts('string', 3, (text = '', from = '', to = '') => {
    if (from === '') throw unsupported('text to replace', '');
    return text.replaceAll(from, () => to);
  }),
  replace_regex: replaceRegex,
  countof,
  hash_sha256: ofTexts('string', 1, (text = '') => createHash('sha256').update(text, 'utf8').digest('hex')),
};
