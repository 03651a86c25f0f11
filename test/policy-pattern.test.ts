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
])('the regular expression %s may be used', (pattern) => {
  expect(patternFault(pattern)).toBeUndefined();
});

test.each([
  { pattern: '(', fault: 'is not a regular expression' },
  { pattern: 'a{2}{3}', fault: 'is not a regular expression' },
  { pattern: 'a'.repeat(201), fault: 'is longer than 200 characters' },
  { pattern: '(a+)+$', fault: 'holds a quantifier on a group with a quantifier or a choice inside' },
  { pattern: '(a|a)*$', fault: 'holds a quantifier on a group with a quantifier or a choice inside' },
  { pattern: '((?:a?)b)*', fault: 'holds a quantifier on a group with a quantifier or a choice inside' },
  { pattern: '((a)*){2}', fault: 'holds a quantifier on a group with a quantifier or a choice inside' },
  { pattern: '.*.*.*.*x', fault: 'holds more than 3 quantifiers' },
  { pattern: 'a?a?a?a?aaaa', fault: 'holds more than 3 quantifiers' },
  { pattern: '(a)\\1', fault: 'holds a back-reference' },
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
