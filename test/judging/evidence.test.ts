import { expect, test } from 'vitest';
import {
  addedText,
  contributing,
  counted,
  ids,
  listed,
  ruleText,
  textsOf,
} from '../../shared/judging/evidence.ts';
import type { FirewallRule, Json } from '../../shared/model.ts';
import { AZURE, firewallRule, firewallRules, ranges } from '../builders.ts';

test('of a longer list the first 50', () => {
  const items = Array.from({ length: 51 }, (_, index) => ({ id: `/${index}` }));
  expect(listed(items)).toEqual(items.slice(0, 50));
  expect(ids(items).at(-1)).toBe('/49');
  expect(listed(items.slice(1))).toHaveLength(50);
});

test.each([
  { count: 0, text: '0 rules' },
  { count: 1, text: '1 rule' },
  { count: 999, text: '999 rules' },
  { count: 1000, text: '1,000 rules' },
  { count: 4_294_967_296, text: '4,294,967,296 rules' },
])('$text', ({ count, text }) => {
  expect(counted(count, 'rule')).toBe(text);
});

test.each([
  { count: 1, azure: false, text: '1 address was added' },
  { count: 2, azure: false, text: '2 addresses were added' },
  { count: 1, azure: true, text: '1 address and all of Azure were added' },
  { count: 0, azure: true, text: '0 addresses and all of Azure were added' },
])('$text', ({ count, azure, text }) => {
  expect(addedText(count, azure)).toBe(text);
});

test.each<{ when: string; rule: FirewallRule; text: string }>([
  { when: 'one address', rule: firewallRule('8.8.8.8'), text: '8.8.8.8' },
  { when: 'a range', rule: firewallRule('8.8.8.0-8.8.8.9'), text: '8.8.8.0-8.8.8.9' },
  { when: 'no addresses', rule: firewallRule('a"b-x'), text: String.raw`"a\"b"-"x"` },
  { when: 'no end', rule: { ...firewallRule('8.8.8.8'), end: null }, text: '"8.8.8.8"-null' },
  {
    when: 'a long text',
    rule: firewallRule(`${'x'.repeat(300)}-y`),
    text: `"${'x'.repeat(254)}…-"y"`,
  },
])('a rule with $when as text', ({ rule, text }) => {
  expect(ruleText(rule)).toBe(text);
});

test('the rules that hold an address of what is asked for, to the last one', () => {
  const rules = firewallRules([
    'before=8.8.8.0-8.8.8.9',
    'first=8.8.8.0-8.8.8.10',
    'last=8.8.8.20-8.8.8.30',
    'after=8.8.8.21-8.8.8.30',
    'other=9.9.9.9',
    `azure=${AZURE}`,
    'odd=x',
  ]);
  const names = (...wanted: readonly string[]): readonly string[] =>
    contributing(rules, ranges(...wanted)).map(({ name }) => name);
  expect(names('8.8.8.10-8.8.8.20', '9.9.9.9')).toEqual(['first', 'last', 'other']);
  expect(names('0.0.0.0-0.0.0.255')).toEqual([]);
  expect(names()).toEqual([]);
});

test.each<{ when: string; item: Json | undefined; texts: readonly string[] }>([
  { when: 'a list', item: ['a', 1, null, ['b'], 'c'], texts: ['a', 'c'] },
  { when: 'a text', item: 'a', texts: [] },
  { when: 'nothing', item: undefined, texts: [] },
])('the texts of $when', ({ item, texts }) => {
  expect(textsOf(item)).toEqual(texts);
});
