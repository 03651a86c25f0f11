import { unsupported } from './values.ts';

const compiled = new Map<string, RegExp>();
const word = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`;
const wordBoundary = `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`;
const classes: Readonly<Record<string, string>> = {
  d: String.raw`\p{Nd}`,
  w: word,
  s: String.raw`\p{White_Space}`,
};

/**
 * The regular expression of Kusto (RE2 syntax, Unicode classes) as one of JavaScript. What RE2 does not have
 * (back references, lookaround) and what has no sure equal in JavaScript is refused.
 */
export function regexOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const [, flags = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  const body = flags === '' ? pattern : pattern.slice(flags.length + 3);
  const regex = build(pattern, translate(body, pattern, flags.includes('s')), flags);
  if (compiled.size > 500) compiled.clear();
  compiled.set(pattern, regex);
  return regex;
}

function build(pattern: string, source: string, flags: string): RegExp {
  try {
    // `s` is already in the source: RE2's dot stops at line feeds only.
    return new RegExp(source, `gu${flags.replaceAll('s', '')}`);
  } catch {
    throw unsupported('regular expression', pattern);
  }
}

function translate(body: string, pattern: string, dotAll: boolean): string {
  let out = '';
  let inClass = false;
  for (let at = 0; at < body.length; at++) {
    const char = body.charAt(at);
    if (char === '\\') {
      out += escape(body.charAt(++at), inClass, pattern);
      // The name of a Unicode class stands behind \p.
      const name = /^(?:\{\^?[A-Za-z_=]+\}|[A-Z])/.exec(body.slice(at + 1));
      if (/[pP]/.test(body.charAt(at))) {
        if (!name) throw unsupported('regular expression', pattern);
        out += name[0].startsWith('{') ? name[0] : `{${name[0]}}`;
        at += name[0].length;
      }
    } else if (inClass) {
      if (char === '[') throw unsupported('regular expression', pattern);
      inClass = char !== ']';
      out += char;
    } else if (char === '[') {
      inClass = true;
      out += char;
      if (/^\^?\]/.test(body.slice(at + 1))) throw unsupported('regular expression', pattern);
    } else if (char === '(') {
      out += group(body.slice(at), pattern);
      if (body.startsWith('(?P<', at)) at += 2;
    } else if (char === '.') out += dotAll ? String.raw`[\s\S]` : String.raw`[^\n]`;
    else if (char === ']' || char === '}' || (char === '{' && !/^\{\d+(?:,\d*)?\}/.test(body.slice(at))))
      out += char === '}' && /\{\d+(?:,\d*)?$/.test(out) ? char : `\\${char}`;
    else out += char;
  }
  return out;
}

/** The start of a group: plain, `(?:` and named groups are known. */
function group(rest: string, pattern: string): string {
  if (!rest.startsWith('(?') || rest.startsWith('(?:')) return '(';
  if (/^\(\?P<\w+>/.test(rest)) return '(?';
  if (/^\(\?<\w+>/.test(rest)) return '(';
  throw unsupported('regular expression', pattern);
}

function escape(char: string, inClass: boolean, pattern: string): string {
  const known = classes[char];
  if (known !== undefined) return inClass ? known : `[${known}]`;
  const negated = classes[char.toLowerCase()];
  if (negated !== undefined && !inClass) return `[^${negated}]`;
  if (!inClass && char === 'b') return wordBoundary;
  if (/[pP]/.test(char) || /[nrtfv]/.test(char)) return `\\${char}`;
  if (/[\^$\\.*+?()[\]{}|/-]/.test(char)) return char === '-' && !inClass ? '-' : `\\${char}`;
  if (/[!-/:-@[-`{-~ ]/.test(char)) return char;
  throw unsupported('regular expression', pattern);
}

/** Whether the pattern is found in the text. */
export function matches(pattern: string, text: string): boolean {
  const regex = regexOf(pattern);
  regex.lastIndex = 0;
  return regex.test(text);
}

/** All matches of the pattern in the text. */
export function findAll(pattern: string, text: string): readonly RegExpMatchArray[] {
  const regex = regexOf(pattern);
  // A search starts where `test` has left the shared expression.
  regex.lastIndex = 0;
  return [...text.matchAll(regex)];
}
