import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_VERSIONS, checkBicep, literalOf } from '../../local/bicep/index.ts';
import { INFRA } from './queries.ts';
import { declaration, TEMPLATES, template } from './templates.ts';

test.each(TEMPLATES)('infra/%s passes the checks', async (file) => {
  expect(await checkBicep(join(INFRA, file))).toEqual([]);
});

test('every module is used, and every API version that is allowed', async () => {
  const used = new Set<string>();
  const modules = new Set<string>();
  for (const file of TEMPLATES) {
    for (const { kind, about } of (await template(file)).declarations) {
      if (kind === 'resource') used.add(about.split('@')[0] ?? '');
      if (kind === 'module') modules.add(`modules/${basename(about)}`);
    }
  }
  expect([...used].sort()).toEqual(Object.keys(API_VERSIONS).sort());
  expect([...modules].sort()).toEqual(TEMPLATES.filter((file) => file.startsWith('modules/')));
});

test.each(TEMPLATES)('infra/%s keeps to what can be checked offline', async (file) => {
  const { text } = (await template(file)).root;
  expect(text).not.toMatch(/'br[:/]|'ts:|\.\.\.|^extension |resourceInput<|\[\^/m);
});

describe('the checks', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bicep-'));
    await writeFile(
      join(folder, 'part.bicep'),
      "param name string\nparam size int = 1\nparam note string?\nparam ids string[] = []\noutput id string = '${name}${size}${note}${ids[0]}'\n",
    );
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const storage = 'Microsoft.Storage/storageAccounts@2023-05-01';
  const part = (params: string): string => `module part 'part.bicep' = {\n  params: {\n${params}\n  }\n}\n`;

  async function found(text: string): Promise<readonly string[]> {
    const file = join(folder, 'main.bicep');
    await writeFile(file, text);
    return (await checkBicep(file)).map(({ line, check, message }) => `${line} ${check}: ${message}`);
  }

  test.each([
    { when: 'a whole template', text: `param a string\nvar b = toUpper(a)\noutput c string = b\n` },
    {
      when: 'a lambda and a loop',
      text: `param a array\nvar b = map(a, x => x.y)\noutput c array = [for (d, i) in b: '\${d}\${i}']\n`,
    },
    {
      when: 'a function and a type of its own',
      text: `type size = 'a' | 'b'\nparam s size\nfunc twice(t string) string => '\${t}\${t}'\noutput o string = twice(s)\n`,
    },
    {
      when: 'a module with all that it needs',
      text: `${part("    name: 'a'")}output o string = part.outputs.id\n`,
    },
    { when: 'an output of the name of a symbol', text: `param a string\noutput a string = a\n` },
    { when: 'a resource in a condition', text: `resource s '${storage}' = if (true) {\n  name: 'a'\n}\n` },
  ])('take $when', async ({ text }) => {
    expect(await found(text)).toEqual([]);
  });

  test.each([
    {
      when: 'a brace that is missing',
      text: 'var a = {\n  b: 1\noutput o object = a\n',
      problem: /^\d syntax: /,
    },
    { when: 'spread', text: 'var a = {\n  ...{}\n}\noutput o object = a\n', problem: /^\d syntax: / },
    {
      when: 'an import',
      text: "import { a } from 'part.bicep'\n",
      problem: /^1 syntax: a statement that is not checked: import/,
    },
    { when: 'an unknown symbol', text: 'output o string = nobody\n', problem: '1 name: no symbol "nobody"' },
    {
      when: 'an unknown symbol inside of a text',
      text: "output o string = 'a${nobody}'\n",
      problem: '1 name: no symbol "nobody"',
    },
    {
      when: 'an unknown function',
      text: "output o string = toLowr('A')\n",
      problem: '1 name: no function "toLowr"',
    },
    {
      when: 'an unknown decorator',
      text: '@secured()\nparam p string\noutput o string = p\n',
      problem: '1 name: no decorator "secured"',
    },
    {
      when: 'an unknown type',
      text: 'param p sizes\noutput o string = p\n',
      problem: '1 name: no symbol "sizes"',
    },
    {
      when: 'the name of a lambda outside of it',
      text: "var a = map(['b'], x => x)\noutput o array = a\noutput p string = x\n",
      problem: '3 name: no symbol "x"',
    },
    {
      when: 'a symbol declared twice',
      text: "var a = 'b'\nparam a string\noutput o string = a\n",
      problem: '2 duplicate: "a" is declared twice',
    },
    {
      when: 'an output declared twice',
      text: "output a string = 'b'\noutput a string = 'c'\n",
      problem: '2 duplicate: "a" is declared twice',
    },
    { when: 'an unused parameter', text: 'param a string\n', problem: '1 unused: "a" is not used' },
    { when: 'an unused variable', text: "var a = 'b'\n", problem: '1 unused: "a" is not used' },
    {
      when: 'an unused existing resource',
      text: `resource s '${storage}' existing = {\n  name: 'a'\n}\n`,
      problem: '1 unused: "s" is not used',
    },
    { when: 'a circle', text: "var a = '${b}'\nvar b = '${a}'\n", problem: '1 cycle: "a" needs itself' },
    {
      when: 'a text file that is not there',
      text: "output o string = loadTextContent('none.kql')\n",
      problem: '1 file: none.kql is not there',
    },
    {
      when: 'a module that is not there',
      text: "module m 'none.bicep' = {}\n",
      problem: '1 module: none.bicep is no local module',
    },
    {
      when: 'a module of a registry',
      text: "module m 'br/public:avm/res/web/site:0.1.0' = {}\n",
      problem: '1 module: br/public:avm/res/web/site:0.1.0 is no local module',
    },
    {
      when: 'a parameter that a module needs',
      text: part('    size: 2'),
      problem: '1 module: part.bicep needs the parameter "name"',
    },
    {
      when: 'a parameter that a module lacks',
      text: part("    name: 'a'\n    naem: 'b'"),
      problem: '4 module: part.bicep has no parameter "naem"',
    },
    {
      when: 'a literal of another type',
      text: part("    name: 'a'\n    size: 'large'"),
      problem: '4 module: "size" of part.bicep is int, not string',
    },
    {
      when: 'a text for a list',
      text: part("    name: 'a'\n    ids: 'b'"),
      problem: '4 module: "ids" of part.bicep is string[], not string',
    },
    {
      when: 'parameters of a module in a loop',
      text: "module m 'part.bicep' = [for n in ['a']: {\n  name: n\n  params: {\n    size: 1\n  }\n}]\n",
      problem: '1 module: part.bicep needs the parameter "name"',
    },
    {
      when: 'an output that a module lacks',
      text: `${part("    name: 'a'")}output o string = part.outputs.nothing\n`,
      problem: '6 module: the module "part" has no output "nothing"',
    },
    {
      when: 'another API version',
      text: "resource s 'Microsoft.Storage/storageAccounts@2015-06-15' = {\n  name: 'a'\n}\n",
      problem: '1 version: Microsoft.Storage/storageAccounts is used with 2023-05-01, not 2015-06-15',
    },
    {
      when: 'a type that nobody looked up',
      text: "resource s 'Microsoft.Made/up@2024-01-01' = {\n  name: 'a'\n}\n",
      problem: '1 version: Microsoft.Made/up is no type that was looked up',
    },
    {
      when: 'two properties on one line',
      text: 'var a = { b: 1 c: 2 }\noutput o object = a\n',
      problem: '1 layout: two on one line without a comma',
    },
  ])('refuse $when', async ({ text, problem }) => {
    expect(await found(text)).toEqual(
      expect.arrayContaining([typeof problem === 'string' ? problem : expect.stringMatching(problem)]),
    );
  });
});

test.each([
  { file: 'modules/storage.bicep', name: 'queueNames', value: ['assessments', 'assessments-poison'] },
  {
    file: 'modules/storage.bicep',
    name: 'containerNames',
    value: ['app-package', 'eg-deadletter', 'policy'],
  },
])('$name of $file', async ({ file, name, value }) => {
  const { value: node } = await declaration(file, name);
  expect(node && literalOf(node)).toEqual(value);
});

test.each([
  { file: 'modules/storage.bicep', says: 'allowSharedKeyAccess: false' },
  { file: 'modules/storage.bicep', says: "minimumTlsVersion: 'TLS1_2'" },
  { file: 'modules/storage.bicep', says: 'allowBlobPublicAccess: false' },
  { file: 'modules/function-app.bicep', says: 'httpsOnly: true' },
  { file: 'modules/function-app.bicep', says: "minTlsVersion: '1.2'" },
  { file: 'modules/function-app.bicep', says: "name: 'FC1'" },
  { file: 'modules/function-app.bicep', says: "version: '22'" },
  { file: 'modules/function-app.bicep', says: "type: 'UserAssignedIdentity'" },
  { file: 'modules/ingestion.bicep', says: "kind: 'Direct'" },
  { file: 'modules/lock.bicep', says: "level: 'CanNotDelete'" },
  { file: 'main.bicep', says: 'param lockResources bool = false' },
  { file: 'modules/ingestion.bicep', says: 'DisableLocalAuth: true' },
])('$file says $says', async ({ file, says }) => {
  expect((await template(file)).root.text).toContain(says);
});
