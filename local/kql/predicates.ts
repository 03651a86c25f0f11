import { toText } from './casts.ts';
import { oncePerRun } from './compile.ts';
import type { Evaluate, Scalar } from './compile.ts';
import { matches, regexOf } from './regex.ts';
import { hasTerm, hasTermPrefix, hasTermSuffix } from './terms.ts';
import { unsupported } from './values.ts';

type Test = (text: string, needle: string) => boolean;

const tests: Readonly<Record<string, Test>> = {
  Has: hasTerm,
  HasPrefix: hasTermPrefix,
  HasSuffix: hasTermSuffix,
  Contains: (text, needle) => text.includes(needle),
  StartsWith: (text, needle) => text.startsWith(needle),
  EndsWith: (text, needle) => text.endsWith(needle),
};

interface Predicate {
  readonly test: Test;
  readonly caseSensitive: boolean;
  readonly wanted: boolean;
}

function predicateOf(kind: string): Predicate | undefined {
  const same: Test = (text, needle) => text === needle;
  if (kind === 'EqualTildeExpression') return { test: same, caseSensitive: false, wanted: true };
  if (kind === 'BangTildeExpression') return { test: same, caseSensitive: false, wanted: false };
  const [, not, name = '', cs] = /^(Not)?([A-Za-z]+?)(Cs)?Expression$/.exec(kind) ?? [];
  const test = Object.hasOwn(tests, name) ? tests[name] : undefined;
  return test && { test, caseSensitive: cs !== undefined, wanted: not === undefined };
}

/** A scalar as text for a string operator: strings, and dynamics by their text; other types need a cast. */
export function textOf(scalar: Scalar, operator: string): (...of: Parameters<Evaluate>) => string {
  const { type, evaluate } = scalar;
  if (type !== 'string' && type !== 'dynamic') throw unsupported('operand', `${type} of ${operator}`);
  return (row, run) => toText(evaluate(row, run), type);
}

const lower = (text: string): string => text.toLowerCase();
const asIs = (text: string): string => text;

/** The operators on two texts (`has`, `contains`, `=~`, ...), or undefined when the kind of node is none. */
export function compileTextPredicate(kind: string, left: Scalar, right: Scalar): Evaluate | undefined {
  if (kind === 'MatchesRegexExpression') return compileRegex(left, right);
  const predicate = predicateOf(kind);
  if (!predicate) return undefined;
  const { test, wanted } = predicate;
  const fold = predicate.caseSensitive ? asIs : lower;
  const text = textOf(left, kind);
  const needle = textOf(right, kind);
  if (!right.constant) return (row, run) => test(fold(text(row, run)), fold(needle(row, run))) === wanted;
  const once = oncePerRun((run) => fold(needle([], run)));
  return (row, run) => test(fold(text(row, run)), once(run)) === wanted;
}

function compileRegex(left: Scalar, right: Scalar): Evaluate {
  const text = textOf(left, 'matches regex');
  const pattern = textOf(right, 'matches regex');
  refuseEarly(right);
  return (row, run) => matches(pattern(row, run), text(row, run));
}

/** Reads a pattern that is written in the query, so that a refused one throws before any row is read. */
export function refuseEarly(pattern: Scalar): void {
  if (typeof pattern.literal === 'string') regexOf(pattern.literal);
}

/** `has_any` and `has_all`: any or every needle is a term of the text; cases do not matter. */
export function compileHasList(
  left: Scalar,
  needles: (...of: Parameters<Evaluate>) => readonly string[],
  every: boolean,
): Evaluate {
  const text = textOf(left, every ? 'has_all' : 'has_any');
  return (row, run) => {
    const lowered = lower(text(row, run));
    const found = (needle: string): boolean => hasTerm(lowered, needle);
    return every ? needles(row, run).every(found) : needles(row, run).some(found);
  };
}
