export const MAX_PATTERN = 200;
/** Each of these multiplies what one more character of a name costs. */
const MAX_QUANTIFIERS = 3;

const TOKEN = /\\.|\[(?:\\.|[^\]\\])*\]|\(\?:|[()|*+?]|\{\d+(?:,\d*)?\}|[^]/gsy;

/**
 * Why a regular expression may not run on names that strangers choose; undefined: it may. At most three quantifiers, none
 * on a group that holds another one or a choice, no look-around and no back-reference: what is left ends in bounded time.
 */
export function patternFault(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN) return `is longer than ${MAX_PATTERN} characters`;
  try {
    new RegExp(pattern, 'i');
  } catch {
    return 'is not a regular expression';
  }
  const groups: { varies: boolean }[] = [];
  let closed: { varies: boolean } | undefined;
  let quantifiers = 0;
  let previous = '';
  for (const [token] of pattern.matchAll(TOKEN)) {
    if (/^\\[1-9k]/.test(token)) return 'holds a back-reference';
    if (token === '?' && previous === '(') return 'holds a group other than ( ) and (?: )';
    const isLazy = token === '?' && isQuantifier(previous);
    if (isQuantifier(token) && !isLazy) {
      quantifiers += 1;
      if (quantifiers > MAX_QUANTIFIERS) return `holds more than ${MAX_QUANTIFIERS} quantifiers`;
      if (closed?.varies) return 'holds a quantifier on a group with a quantifier or a choice inside';
      for (const group of groups) group.varies = true;
    }
    if (token === '|') for (const group of groups) group.varies = true;
    if (token === '(' || token === '(?:') groups.push({ varies: false });
    closed = token === ')' ? groups.pop() : undefined;
    previous = token;
  }
  return undefined;
}

function isQuantifier(token: string): boolean {
  return token === '*' || token === '+' || token === '?' || /^\{\d/.test(token);
}
