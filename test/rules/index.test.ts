import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Rule, SEVERITIES } from '../../shared/model.ts';
import { DEFAULT_SETTINGS, DEFAULT_WIDTHS } from '../../shared/policy.ts';
import * as registry from '../../shared/rules/index.ts';

const rules: readonly Rule[] = Object.values(registry);
const NO_RULES = ['index.ts', 'define-rule.ts'];

test('the registry and the folder hold the same rules', () => {
  const files = readdirSync('shared/rules').filter((file) => !NO_RULES.includes(file));
  expect(rules.map(({ id }) => `${id}.ts`).sort()).toEqual(files.sort());
});

test('one line a rule, in alphabetical order', () => {
  const lines = readFileSync('shared/rules/index.ts', 'utf8').trimEnd().split('\n');
  const paths = lines.map((line) => /from '(.*)\.ts'/.exec(line)?.[1] ?? line);
  expect(paths).toEqual(paths.toSorted());
});

test('ids, codes and titles are unique', () => {
  for (const key of ['id', 'code', 'title'] as const) {
    expect(new Set(rules.map((rule) => rule[key])).size).toBe(rules.length);
  }
});

test.each(rules)('$id has a test of its own', ({ id }) => {
  expect(existsSync(`test/rules/${id}.test.ts`)).toBe(true);
});

test.each(rules)('$id says all that is to be said of it', (rule) => {
  expect(rule.id).toMatch(/^[a-z]+(-[a-z]+)+$/);
  expect(rule.code).toMatch(/^[A-Z]+-[0-9]{3}$/);
  expect(rule.title).toMatch(/^[A-Z].*[^.]$/);
  expect(rule.fix).toMatch(/^[A-Z].*\.$/);
  expect(rule.documentation).toMatch(/^https:\/\/learn\.microsoft\.com\/(azure|security)\/[a-z0-9/-]+$/);
  expect(rule.needs.length).toBeGreaterThan(0);
  expect(new Set(rule.needs).size).toBe(rule.needs.length);
});

test.each(rules.filter(({ supersededBy }) => supersededBy))(
  '$id is superseded by rules that exist',
  ({ supersededBy }) => {
    const ids = rules.map(({ id }) => id);
    expect(supersededBy?.filter((id) => !ids.includes(id))).toEqual([]);
  },
);

test('settings belong to rules that exist', () => {
  const ids = rules.map(({ id }) => id);
  expect(Object.keys(DEFAULT_SETTINGS).filter((id) => !ids.includes(id))).toEqual([]);
});

test('the documented rules are the registered ones', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/rules.md');
});

function page(): string {
  const sorted = SEVERITIES.flatMap((severity) => rules.filter((rule) => rule.severity === severity));
  const { maxAddressesPerRange, maxPublicAddresses } = DEFAULT_WIDTHS;
  return [
    '# Rules',
    '',
    `The ${rules.length} exposures that the monitor looks for. Each rule judges what was read of one server and says *open*, *pass*,`,
    '*not applicable* or *unknown*; what could not be read is never shown as a pass. The severity is the usual one: a finding',
    'tells its own where the case is graver or milder, and `too-many-findings` has that of the gravest finding in it.',
    '',
    'The profile of a server (`private`, `restricted`, `open`) and the widths of its policy',
    `(\`maxAddressesPerRange\`, ${maxAddressesPerRange} by default, and \`maxPublicAddresses\`, ${maxPublicAddresses}) hold for all rules. Settings of one rule stand in`,
    'its section; they are set under `rules.<rule id>` of the policy, where a rule can also be switched off',
    '(`"enabled": false`).',
    '',
    '| Rule | Severity | Category | What it finds |',
    '| --- | --- | --- | --- |',
    ...sorted.map(
      ({ id, severity, category, title }) => `| [${id}](#${id}) | ${severity} | ${category} | ${title} |`,
    ),
    '',
    ...rules.flatMap(section),
  ].join('\n');
}

function section(rule: Rule): readonly string[] {
  const settings = Object.entries<Readonly<Record<string, unknown>>>({ ...DEFAULT_SETTINGS });
  const own = settings.flatMap(([id, values]) => (id === rule.id ? Object.entries(values) : []));
  const named = own.map(([name, value]) => `\`${name}\` (default \`${JSON.stringify(value)}\`)`);
  return [
    `## ${rule.id}`,
    '',
    `${rule.title}.`,
    '',
    `- **Code:** ${rule.code}`,
    `- **Severity:** ${rule.severity}`,
    `- **Category:** ${rule.category}`,
    `- **About:** one ${rule.subject === 'fact group' ? 'group of readings of a server' : rule.subject}`,
    `- **Fix:** ${rule.fix}`,
    ...(rule.supersededBy
      ? [`- **Silent while open:** ${rule.supersededBy.map((id) => `[${id}](#${id})`).join(', ')}`]
      : []),
    ...(named.length > 0 ? [`- **Settings:** ${named.join(', ')}`] : []),
    ...(rule.standards.length > 0 ? [`- **Standards:** ${rule.standards.join('; ')}`] : []),
    `- **More:** <${rule.documentation}>`,
    '',
  ];
}
