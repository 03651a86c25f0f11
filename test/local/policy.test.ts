import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { effectOnEstate, effectOnScan } from '../../local/policy/compare.ts';
import { readSamples } from '../../local/policy/estate.ts';
import { exemptionBlock } from '../../local/policy/exempt-block.ts';
import { parseFindings, parseSavedScan, rangesOf, type SavedFinding } from '../../local/policy/saved-scan.ts';
import type { Rule } from '../../shared/model.ts';
import { parsePolicy, type ParsedPolicy, policyOf } from '../../shared/policy.ts';
import * as registry from '../../shared/rules/index.ts';
import { server } from '../builders.ts';

const RULES: readonly Rule[] = Object.values(registry);
const NOW = '2026-11-20T12:00:00Z';
const ESTATE = join(import.meta.dirname, '..', '..', 'local', 'estate');
const PROJECT = join(import.meta.dirname, '..', '..');
const TERMS = { reason: 'moves in May', owner: 'shop team', expires: '2027-01-31' };
const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';

function policy(value: unknown): ParsedPolicy {
  const result = parsePolicy(JSON.stringify(value), RULES, NOW);
  if ('errors' in result) throw new Error(result.errors.join('\n'));
  return result.policy;
}

const idOf = (name: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.dbformysql/flexibleservers/${name}`;

function serverView(name: string, more: object = {}): object {
  return {
    serverId: idOf(name),
    serverName: name,
    serverFamily: 'microsoft.dbformysql/flexibleservers',
    subscriptionRef: SUBSCRIPTION,
    resourceGroup: 'rg',
    location: 'westeurope',
    reach: 'listed',
    publicPath: 'limited',
    ranges: ['203.0.113.5'],
    azureServices: false,
    delegatedSubnetId: null,
    virtualNetworkSubnets: [],
    endpointConnections: [],
    unreadable: {},
    ...more,
  };
}

function findingView(name: string, ruleId: string, severity: string, more: object = {}): object {
  const subject = idOf(name);
  return {
    findingId: `f1_${name}${ruleId}`,
    ruleId,
    severity,
    state: 'Open',
    serverId: subject,
    subject,
    ...more,
  };
}

const SCAN = {
  generatedAt: NOW,
  servers: [
    serverView('orders'),
    serverView('closed', { reach: 'none', publicPath: 'closed', ranges: [] }),
    serverView('dark', { reach: 'unknown', publicPath: 'unknown', ranges: null, azureServices: null }),
    serverView('broad', { reach: 'wide', publicPath: 'wide', ranges: ['198.51.100.0-198.51.101.255'] }),
  ],
  findings: [
    findingView('orders', 'public-access-enabled', 'High'),
    findingView('orders', 'firewall-rules-in-use', 'Low'),
    findingView('orders', 'too-many-firewall-rules', 'Informational', { state: 'Exempted' }),
    findingView('orders', 'stale-temporary-rule', 'Low', { state: 'Resolved' }),
    findingView('dark', 'public-access-enabled', 'High'),
    findingView('broad', 'public-access-enabled', 'High'),
    findingView('broad', 'firewall-rules-in-use', 'Low'),
    findingView('broad', 'wide-public-range', 'High', {
      evidence: { allRanges: ['198.51.100.0/23'], rangeCount: 1 },
    }),
    findingView('closed', 'retired-service', 'High'),
  ],
};

/** `kind rule server` */
function onScan(value: unknown): readonly string[] {
  const { differences } = effectOnScan(parseSavedScan(JSON.stringify(SCAN)), RULES, policy(value), NOW);
  return differences.map(({ kind, ruleId, server }) => `${kind} ${ruleId} ${server.split('/').at(-1) ?? ''}`);
}

const AGAIN = 'reported again too-many-firewall-rules orders';
const exemption = (rule: string, upTo: object): unknown => ({ rule, server: '*', upTo, ...TERMS });

test.each<{ when: string; policy: unknown; is: readonly string[] }>([
  { when: 'an exemption is gone', policy: {}, is: [AGAIN] },
  {
    when: 'a rule is off',
    policy: {
      rules: { 'retired-service': { enabled: false }, 'too-many-firewall-rules': { enabled: false } },
    },
    is: ['closes retired-service closed', 'closes too-many-firewall-rules orders'],
  },
  {
    when: 'the severity is accepted, of the other not',
    policy: {
      exemptions: [
        exemption('retired-service', { severity: 'High' }),
        exemption('too-many-firewall-rules', { severity: 'Informational' }),
        exemption('public-access-enabled', { severity: 'Medium' }),
      ],
    },
    is: ['exempted retired-service closed'],
  },
  {
    when: 'the ranges are accepted',
    policy: { exemptions: [exemption('wide-public-range', { ranges: ['198.51.100.0/23'] })] },
    is: ['exempted wide-public-range broad', AGAIN],
  },
  {
    when: 'one of the ranges is accepted',
    policy: { exemptions: [exemption('wide-public-range', { ranges: ['198.51.100.0/24'] })] },
    is: [AGAIN],
  },
  {
    when: 'the limits grow to 512 addresses',
    policy: { defaults: { maxAddressesPerRange: 512 } },
    is: ['closes wide-public-range broad', AGAIN],
  },
  {
    when: 'public access is allowed in approved ranges; what could not be read stays, unless the rule has no meaning',
    policy: { defaults: { profile: 'restricted' }, approvedRanges: ['203.0.113.0/24'] },
    is: [
      'closes firewall-rules-in-use broad',
      'closes public-access-enabled broad',
      'opens range-not-approved broad',
      'closes public-access-enabled dark',
      'closes firewall-rules-in-use orders',
      'closes public-access-enabled orders',
      AGAIN,
    ],
  },
  {
    when: 'tags decide, which a scan does not hold',
    policy: { servers: [{ match: { tags: { env: 'dev' } }, profile: 'open' }] },
    is: [AGAIN],
  },
])('on a saved scan: $when', ({ policy: value, is }) => {
  expect(onScan(value)).toEqual(is);
});

test.each<{ when: string; policy: unknown; is: Readonly<Record<string, readonly string[]>> }>([
  { when: 'the defaults', policy: {}, is: {} },
  {
    when: 'a rule switched off',
    policy: { rules: { 'replica-more-exposed': { enabled: false } } },
    is: { closes: ['catalogue-replica', 'legacy-gateway-replica'] },
  },
  {
    when: 'connections may wait for a year, and nothing retires',
    policy: { rules: { 'endpoint-pending': { pendingHours: 8760 }, 'retired-service': { enabled: false } } },
    is: {
      closes: [
        'legacy-cards',
        'legacy-gateway',
        'legacy-gateway-replica',
        'legacy-invoices',
        'legacy-shop',
        'legacy-stock',
        'marketing',
        'old-metrics',
        'old-tracker',
        'old-wiki',
      ],
    },
  },
  {
    when: 'exempted by a pattern',
    policy: {
      exemptions: [{ rule: 'retired-service', server: '*/old-*', upTo: { severity: 'High' }, ...TERMS }],
    },
    is: { exempted: ['old-metrics', 'old-tracker', 'old-wiki'] },
  },
])('on the sample estate: $when', async ({ policy: value, is }) => {
  const { differences } = effectOnEstate(await readSamples(ESTATE, NOW), RULES, policy(value), NOW);
  const kinds: Record<string, string[]> = {};
  for (const { kind, server } of differences) (kinds[kind] ??= []).push(server.split('/').at(-1) ?? '');
  for (const names of Object.values(kinds)) names.sort();
  expect(kinds).toEqual(is);
});

const saved = (more: object): SavedFinding => {
  const view = findingView('Orders', 'wide-public-range', 'High', more);
  const [finding] = parseFindings(JSON.stringify({ value: [view] })).findings;
  if (!finding) throw new Error('no finding');
  return finding;
};

const ORDERS = { ...server('MF', 'orders'), id: idOf('orders') };

const PLACEHOLDERS = {
  reason: '<why this is accepted>',
  owner: '<who answers for it>',
  expires: '2026-12-20',
};

test.each<{ when: string; finding: object; block: object }>([
  {
    when: 'ranges',
    finding: { evidence: { allRanges: ['198.51.100.0/23', '203.0.113.1-203.0.113.3'] } },
    block: { upTo: { ranges: ['198.51.100.0/23', '203.0.113.1-203.0.113.3'], severity: 'High' } },
  },
  {
    when: 'ranges with their counts',
    finding: {
      ruleId: 'range-not-approved',
      evidence: { ranges: [{ range: '203.0.113.4/31', addresses: 2 }], rangeCount: 1 },
    },
    block: { rule: 'range-not-approved', upTo: { ranges: ['203.0.113.4/31'], severity: 'High' } },
  },
  {
    when: 'ranges and all of Azure',
    finding: {
      ruleId: 'exposure-widened',
      evidence: { addedRanges: ['203.0.113.4'], addedRangeCount: 1, azureServicesAdded: true },
    },
    block: { rule: 'exposure-widened', upTo: { ranges: ['0.0.0.0', '203.0.113.4'], severity: 'High' } },
  },
  {
    when: 'a subject',
    finding: { ruleId: 'endpoint-pending', severity: 'Medium', subject: '/x/Y' },
    block: { rule: 'endpoint-pending', subject: '/x/y', upTo: { severity: 'Medium' } },
  },
  {
    when: 'a severity',
    finding: { ruleId: 'retired-service' },
    block: { rule: 'retired-service', upTo: { severity: 'High' } },
  },
])(
  'the block to paste holds $when, and is valid and covers the finding when it is filled in',
  ({ finding, block }) => {
    const given = saved(finding);
    const made = exemptionBlock(given, RULES, NOW);
    expect(made).toEqual({ rule: 'wide-public-range', server: idOf('orders'), ...block, ...PLACEHOLDERS });
    expect(parsePolicy(JSON.stringify({ exemptions: [made] }), RULES, NOW)).toHaveProperty('errors');

    const filled = policy({ exemptions: [{ ...made, reason: 'moves in May', owner: 'shop team' }] });
    const { ruleId, subject, severity, evidence } = given;
    const violation = { summary: '', evidence, ranges: rangesOf(given) ?? [] };
    const seen = { ruleId, subject, status: 'open', severity, violation } as const;
    const coverage = policyOf(filled).exemptions(ORDERS, NOW)(seen, undefined);
    expect(coverage.exemption?.owner).toBe('shop team');
  },
);

const FIFTY = Array.from({ length: 50 }, (_, index) => `203.0.113.${index * 2}`);

test.each<{ when: string; finding: object; error: string }>([
  {
    when: 'more ranges than are listed',
    finding: { ruleId: 'range-not-approved', evidence: { ranges: [{ range: '1.2.3.4' }], rangeCount: 51 } },
    error: 'does not hold all of its ranges',
  },
  {
    when: 'perhaps more ranges than are listed',
    finding: { evidence: { allRanges: FIFTY } },
    error: 'does not hold all of its ranges',
  },
  { when: 'no ranges', finding: { evidence: {} }, error: 'does not hold all of its ranges' },
  {
    when: 'a text that is no range',
    finding: { evidence: { allRanges: ['x'] } },
    error: 'all of its ranges',
  },
  { when: 'another version', finding: { ruleId: 'new-rule' }, error: 'which this version does not have' },
])('no block from a finding with $when', ({ finding, error }) => {
  expect(() => exemptionBlock(saved(finding), RULES, NOW)).toThrow(error);
});

test.each([
  { when: 'no JSON', text: '{', error: 'is not JSON: give a saved scan' },
  { when: 'another file', text: '{"a": 1}', error: 'is not a saved scan' },
  { when: 'a list', text: '[]', error: 'is not a saved scan' },
])('a saved scan that is $when', ({ text, error }) => {
  expect(() => parseSavedScan(text)).toThrow(error);
  expect(() => parseFindings(text)).toThrow(error);
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-'));
  await writeFile(join(folder, 'scan.json'), JSON.stringify(SCAN));
  await writeFile(join(folder, 'good.json'), '{\n  "approvedRanges": ["203.0.113.7/24"]\n}');
  await writeFile(join(folder, 'bad.json'), '{\n  "default": {}\n}');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function run(...words: readonly string[]): Promise<{ status: number; out: string; err: string }> {
  const args = ['--disable-warning=ExperimentalWarning', join(PROJECT, 'local', 'policy.ts'), ...words];
  return new Promise((done) => {
    const child = execFile(process.execPath, args, { cwd: folder }, (_error, out, err) => {
      done({ status: child.exitCode ?? -1, out, err });
    });
  });
}

test.each<{ words: readonly string[]; status: number; out?: string; err?: string }>([
  {
    words: ['check', 'good.json'],
    status: 0,
    out: 'good.json: warning: line 2: approvedRanges[0] is taken as 203.0.113.0/24\ngood.json is valid: 1 warning.\n',
  },
  {
    words: ['check', 'bad.json'],
    status: 2,
    err: 'bad.json: line 2: default is not a key here; did you mean "defaults"?\nbad.json is not valid: 1 error.\n',
  },
  { words: ['check', 'none.json'], status: 2, err: 'none.json: cannot be read.\n' },
  { words: ['check'], status: 2, err: 'policy.json: cannot be read.\n' },
  {
    words: ['check', 'good.json', '--against', 'bad.json'],
    status: 2,
    err: 'bad.json: is not a saved scan (npm run scan -- --format json) (servers).\n',
  },
  {
    words: ['exempt', 'f1_x', '--in', 'scan.json'],
    status: 2,
    err: 'No finding f1_x in scan.json.\n',
  },
  {
    words: ['exempt', 'f1_ordersstale-temporary-rule', '--in', 'scan.json'],
    status: 2,
    err: 'The finding is resolved: there is nothing to exempt.\n',
  },
])('npm run policy -- $words: exit status $status', async ({ words, status, out, err }) => {
  const ran = await run(...words);
  expect(ran.status).toBe(status);
  if (out !== undefined) expect(ran.out).toBe(out);
  if (err !== undefined) expect(ran.err).toBe(err);
});

test.each([
  [],
  ['fix'],
  ['check', 'a', 'b'],
  ['check', '--in', 'x'],
  ['exempt', 'x', '--against', 'y'],
  ['--x'],
])('words that mean nothing show how to ask: %s', async (...words: readonly string[]) => {
  const { status, err } = await run(...words);
  expect(status).toBe(2);
  expect(err).toContain('Usage: npm run policy -- check');
});

test('the check of a policy against a saved scan', async () => {
  const { status, out } = await run('check', 'good.json', '--against', 'scan.json');
  expect(status).toBe(0);
  expect(out).toContain(
    '0 open, 0 close, 0 exempted, 1 reported again, 0 with another severity, 7 unchanged.',
  );
  expect(out).toMatch(/reported again +Informational +too-many-firewall-rules +orders\n/);
});

test('the block is JSON on the output, and what to do with it is not', async () => {
  const { status, out, err } = await run('exempt', 'f1_broadwide-public-range', '--in', 'scan.json');
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ rule: 'wide-public-range', server: idOf('broad') });
  expect(err).toContain('Paste it into "exemptions"');
});
