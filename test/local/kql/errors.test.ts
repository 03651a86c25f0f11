import { describe, expect, test } from 'vitest';
import { checkKql, runKql } from '../../../local/kql/index.ts';
import { ask, print, tables } from './ask.ts';

describe('what is refused by name', () => {
  test.each([
    ['Rules | parse rule with "r" n', 'unsupported operator "parse"'],
    ['Rules | evaluate bag_unpack(id)', 'unsupported operator "evaluate"'],
    ['Rules | make-series count() on id from 1 to 2 step 1', 'unsupported operator "make-series"'],
    ['Rules | sample 1', 'unsupported operator "sample"'],
    ['search "x"', 'unsupported operator "search"'],
    ['Rules | extend rand()', 'unsupported function "rand"'],
    ['Rules | summarize percentile(id, 50)', '"percentile"'],
    ['Rules | where rule == 5', 'unsupported comparison "string with long"'],
    ['Rules | where id in ("1")', 'unsupported comparison "long in a list of string"'],
    ['Rules | where id has "1"', 'KS106'],
    ['Servers | extend tags + 1', 'unsupported arithmetic "dynamic + long"'],
    ['Servers | where tags == tags', 'unsupported comparison "dynamic with dynamic"'],
    ['Rules | union isfuzzy=true Servers', 'unsupported parameter "union isfuzzy"'],
    ['union kind=inner Rules, Servers', 'unsupported union kind "inner"'],
    ['Rules | join kind=leftsemi Servers on id | serialize', 'unsupported operator "serialize"'],
    ['print 1.5m, decimal(1)', 'unsupported type "decimal"'],
    ['print datetime_diff("fortnight", now(), now())', 'KS140'],
    ['print format_datetime(now(), "MMM")', 'unsupported format "MMM"'],
    ['set notruncation; Rules', 'unsupported statement "set"'],
    ['let f = (n: long) { toscalar(Rules | where id == n | count) }; Rules | extend f(id)', '"n"'],
  ])('%s', (query, message) => {
    // Without rows: the query alone shows it.
    const empty = Object.fromEntries(
      Object.entries(tables).map(([name, { schema }]) => [name, { schema, rows: [] }]),
    );
    expect(() => ask(query, empty)).toThrow(message);
  });
});

describe('regular expressions that RE2 does not know', () => {
  test.each([
    String.raw`(a)\1`,
    'a(?=b)',
    'a(?!b)',
    '(?<=a)b',
    '(?<!a)b',
    String.raw`\k<n>`,
    String.raw`a\zb`,
    'a++',
    '(',
  ])('%s', (pattern) => {
    expect(() => print(`"ab" matches regex @"${pattern}"`)).toThrow('unsupported regular expression');
  });
});

describe('values that cannot be right', () => {
  test.each([
    ['a long beyond 2^53', '9007199254740991 + 1', 'beyond 2^53'],
    ['a literal beyond 2^53', '9007199254740993', 'beyond 2^53'],
    ['a whole number divided by zero', '1 / toint(0)', 'divided by zero'],
    ['a datetime that is not ISO 8601', 'todatetime("8 Nov 14 15:05")', 'not ISO 8601'],
    ['array_concat of null', 'array_concat(dynamic([1]), dynamic(null))', 'array_concat'],
    ['a real whose text is not documented', 'tostring(1e300)', 'unsupported text of a real'],
  ])('%s', (_, expression, message) => {
    expect(() => print(expression)).toThrow(message);
  });

  test.each([
    ['string', 5],
    ['long', 1.5],
    ['long', '1'],
    ['bool', 'true'],
    ['datetime', 'yesterday'],
    ['guid', 'x'],
  ] as const)('a cell of a %s column that holds %j', (type, value) => {
    expect(() => ask('T', { T: { schema: { c: type }, rows: [{ c: value }] } })).toThrow(`is no ${type}`);
  });
});

describe('the language service', () => {
  const schemas = { T: { id: 'long', name: 'string' } } as const;

  test.each([
    ['T | where', 'KS006'],
    ['T | where nam == "x"', 'KS142'],
    ['U | count', 'KS204'],
    ['T | extend nofunction()', 'KS211'],
  ])('%s', (query, code) => {
    expect(checkKql(query, schemas)).toMatchObject([{ code, severity: 'Error' }]);
    expect(() => runKql(query, { tables: { T: { schema: schemas.T, rows: [] } }, now: new Date(0) })).toThrow(
      code,
    );
  });

  test('a good query has no findings', () => {
    expect(checkKql('F(1) | where name == "x"', schemas, { F: '(n: long) { T | where id == n }' })).toEqual(
      [],
    );
  });

  test('an error inside of a saved function is found at the call', () => {
    const found = checkKql('T | count; F()', schemas, { F: '() { T | where gone == 1 }' });
    expect(found).toContainEqual(expect.objectContaining({ code: 'KS142', start: 11 }));
  });
});
