import { expect, test } from 'vitest';
import { matchesGlob } from '../shared/policy/glob.ts';
import { nearest } from '../shared/policy/nearest.ts';
import { patternFault } from '../shared/policy/safe-pattern.ts';

const ID = '/subscriptions/1/resourcegroups/rg/providers/microsoft.dbformysql/flexibleservers/legacy-shop';

test.each([
  { pattern: '*', text: ID, is: true },
  { pattern: ID, text: ID, is: true },
  { pattern: `${ID}s`, text: ID, is: false },
  { pattern: '*/flexibleservers/legacy-*', text: ID, is: true },
  { pattern: '*/flexibleservers/legacy-*', text: ID.replace('legacy', 'orders'), is: false },
  { pattern: 'legacy-*', text: ID, is: false },
  { pattern: '*shop', text: ID, is: true },
  { pattern: '*sho', text: ID, is: false },
  { pattern: '/subscriptions/*/microsoft.dbformysql/*', text: ID, is: true },
  { pattern: '*a*', text: 'abc', is: true },
  { pattern: '**', text: '', is: true },
  { pattern: 'a*a', text: 'a', is: false },
  { pattern: 'a*a', text: 'aa', is: true },
  { pattern: 'ab*ba', text: 'aba', is: false },
  { pattern: 'a**b', text: 'ab', is: true },
  { pattern: '*b*b', text: 'ab', is: false },
  { pattern: 'a.c', text: 'abc', is: false },
  { pattern: '', text: 'a', is: false },
  { pattern: '*a'.repeat(500) + '*', text: 'a'.repeat(499), is: false },
  { pattern: '*a'.repeat(500) + 'b', text: 'a'.repeat(5000), is: false },
])('the pattern "$pattern" and "$text": $is', ({ pattern, text, is }) => {
  expect(matchesGlob(pattern, text)).toBe(is);
});

test.each([
  '^ClientIPAddress_',
  '^query-editor-',
  '^temp.*-until-.*$',
  '^(?:tmp|temp)-[0-9]{1,3}$',
  'a+?',
  '^[*+?]{2}$',
  '\\(x\\)*',
  '(ab){2}',
  'a+?b*?c{1,2}?',
  '(?:ab)+?c',
  '[\\1]x',
  '\\\\1',
  '[(+*|]+[)]{1,2}',
  '[\\]+*|]+x*',
  '[{1][{1][{1][{1]',
  'a'.repeat(200),
])('the regular expression %s may be used', (pattern) => {
  expect(patternFault(pattern)).toBeUndefined();
});

test.each([
  { pattern: '(', fault: 'is not a regular expression' },
  { pattern: 'a{2}{3}', fault: 'is not a regular expression' },
  { pattern: 'a'.repeat(201), fault: 'is longer than 200 characters' },
  { pattern: '(a+)+$', fault: 'holds a quantifier on a group with a quantifier or a choice inside' },
  { pattern: '(a|a)*$', fault: 'holds a quantifier on a group with a quantifier or a choice inside' },
  { pattern: '(a+){2,}', fault: 'holds a quantifier on a group with a quantifier or a choice inside' },
  { pattern: '(a{2,})+', fault: 'holds a quantifier on a group with a quantifier or a choice inside' },
  { pattern: '(a{2})+', fault: 'holds a quantifier on a group with a quantifier or a choice inside' },
  { pattern: '(a+?)*?', fault: 'holds a quantifier on a group with a quantifier or a choice inside' },
  { pattern: 'a{1,}b{1,}c{1,}d{1,}', fault: 'holds more than 3 quantifiers' },
  { pattern: 'a{11}b{11}c{11}d{11}', fault: 'holds more than 3 quantifiers' },
  { pattern: '((?:a?)b)*', fault: 'holds a quantifier on a group with a quantifier or a choice inside' },
  { pattern: '((a)*){2}', fault: 'holds a quantifier on a group with a quantifier or a choice inside' },
  { pattern: '.*.*.*.*x', fault: 'holds more than 3 quantifiers' },
  { pattern: 'a?a?a?a?aaaa', fault: 'holds more than 3 quantifiers' },
  { pattern: '(a)\\1', fault: 'holds a back-reference' },
  { pattern: '(?:a)b\\9', fault: 'holds a back-reference' },
  { pattern: '\\k', fault: 'holds a back-reference' },
  { pattern: '^(?=a)b', fault: 'holds a group other than ( ) and (?: )' },
  { pattern: '(?<name>a)', fault: 'holds a group other than ( ) and (?: )' },
])('the regular expression $pattern $fault', ({ pattern, fault }) => {
  expect(patternFault(pattern)).toBe(fault);
});

test.each([
  { typed: 'wide-public-rang', is: 'wide-public-range' },
  { typed: 'Wide-Public-Range', is: 'wide-public-range' },
  { typed: 'internet-rechable', is: 'internet-reachable' },
  { typed: 'x', is: undefined },
  { typed: 'something else altogether', is: undefined },
])('nearest to "$typed": $is', ({ typed, is }) => {
  expect(nearest(typed, ['internet-reachable', 'wide-public-range'])).toBe(is);
});

// A third of the letters may be wrong, and always two.
test.each<{ when: string; typed: string; words: readonly string[]; is: string | undefined }>([
  { when: 'two replaced', typed: 'kitten', words: ['sittin'], is: 'sittin' },
  { when: 'three of six', typed: 'kitten', words: ['sitting'], is: undefined },
  { when: 'three of nine', typed: 'approvers', words: ['improver'], is: 'improver' },
  { when: 'four of nine', typed: 'approvers', words: ['improved-'], is: undefined },
  { when: 'two too few', typed: 'ab', words: ['abcd'], is: 'abcd' },
  { when: 'three too few', typed: 'ab', words: ['abcde'], is: undefined },
  { when: 'two too many', typed: 'abcd', words: ['ab'], is: 'ab' },
  { when: 'three too many', typed: 'abcde', words: ['ab'], is: undefined },
  { when: 'two missing in front', typed: 'cd', words: ['abcd'], is: 'abcd' },
  { when: 'three missing in front', typed: 'cd', words: ['xabcd'], is: undefined },
  { when: 'two too many in front', typed: 'xyab', words: ['ab'], is: 'ab' },
  { when: 'two letters in exchange', typed: 'ba', words: ['ab'], is: 'ab' },
  { when: 'one missing in the middle', typed: 'abcxef', words: ['abcyyef', 'abcdef'], is: 'abcdef' },
  { when: 'three of seven', typed: 'abcdefg', words: ['abcdxyz'], is: undefined },
  { when: 'capitals typed', typed: 'ABCDEF', words: ['abcdef'], is: 'abcdef' },
  { when: 'a word in capitals', typed: 'abcdef', words: ['ABCDEF'], is: 'ABCDEF' },
  { when: 'the nearer one, which comes first', typed: 'abcd', words: ['abcx', 'abxy'], is: 'abcx' },
  { when: 'the nearer one, which comes last', typed: 'abcd', words: ['abxy', 'abcx'], is: 'abcx' },
  { when: 'the first of two that are as near', typed: 'cas', words: ['cat', 'car'], is: 'cat' },
  { when: 'no words', typed: 'cas', words: [], is: undefined },
  { when: 'a third of 100', typed: 'a'.repeat(100), words: ['a'.repeat(133)], is: 'a'.repeat(133) },
  { when: 'no more than 100 letters', typed: 'a'.repeat(110), words: ['a'.repeat(67)], is: 'a'.repeat(67) },
])('$when: "$typed" is near $is', ({ typed, words, is }) => {
  expect(nearest(typed, words)).toBe(is);
});
