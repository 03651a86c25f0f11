import { describe, expect, test } from 'vitest';
import type { Rule } from '../../shared/model.ts';
import { reportSarif } from '../../shared/report/sarif.ts';
import type { ReportData } from '../../shared/report/report-data.ts';
import { aFinding, anOpenServer, anUnknownServer, aReport, HOSTILE_CASES, serverId } from './samples.ts';

const rule: Rule = {
  id: 'internet-reachable',
  code: 'EXP-001',
  title: 'Reachable from the whole Internet',
  severity: 'Critical',
  category: 'exposure',
  subject: 'server',
  fix: 'Delete the rule.',
  documentation: 'https://learn.microsoft.com/azure/mysql/',
  standards: [],
  needs: [],
  check: () => [],
};

interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly results: readonly Readonly<Record<string, unknown>>[];
  readonly invocations: readonly unknown[];
}

function runOf(data: ReportData, rules: readonly Rule[] = [rule]): Run {
  const log = JSON.parse(reportSarif(data, rules)) as { version: string; runs: readonly [Run] };
  expect(log.version).toBe('2.1.0');
  expect(log.runs).toHaveLength(1);
  return log.runs[0];
}

describe('reportSarif', () => {
  const orders = anOpenServer('orders');

  test('the rules, as their authors describe them', () => {
    expect(runOf(aReport()).tool.driver.rules).toStrictEqual([
      {
        id: 'internet-reachable',
        shortDescription: { text: 'Reachable from the whole Internet' },
        help: { text: 'Delete the rule.' },
        helpUri: 'https://learn.microsoft.com/azure/mysql/',
        defaultConfiguration: { level: 'error' },
        properties: { tags: ['security', 'exposure'], 'security-severity': '9.5' },
      },
    ]);
  });

  test('an open finding with its place, its fingerprint and its remedy', () => {
    const [result] = runOf(aReport({ servers: [orders], findings: [aFinding(orders)] })).results;
    expect(result).toMatchObject({
      ruleId: 'internet-reachable',
      ruleIndex: 0,
      level: 'error',
      message: {
        text:
          'orders: The firewall rules admit 4,294,967,296 addresses. Delete the rule or narrow it.\n' +
          'az mysql flexible-server firewall-rule delete --resource-group data --name orders --rule-name allow-all --yes',
      },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: serverId('orders').slice(1) } },
          logicalLocations: [
            { name: 'orders', fullyQualifiedName: serverId('orders'), kind: 'resource' },
            { fullyQualifiedName: `${serverId('orders')}/firewallrules/allow-all`, kind: 'member' },
          ],
        },
      ],
      partialFingerprints: { findingId: 'finding-orders' },
      suppressions: [],
    });
  });

  test.each([
    { severity: 'Critical', level: 'error' },
    { severity: 'High', level: 'error' },
    { severity: 'Medium', level: 'warning' },
    { severity: 'Low', level: 'note' },
    { severity: 'Informational', level: 'note' },
  ] as const)('$severity is $level', ({ severity, level }) => {
    expect(runOf(aReport({ findings: [aFinding(orders, { severity })] })).results[0]).toMatchObject({
      level,
    });
  });

  test('an exempted finding is suppressed, a resolved one left out', () => {
    const exemption = { reason: 'VPN to come', owner: 'net', expires: '2026-04-01' };
    const findings = [
      aFinding(orders, { state: 'Exempted', exemption }),
      aFinding(orders, { state: 'Resolved', findingId: 'done' }),
    ];
    const { results } = runOf(aReport({ findings }));
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({
      suppressions: [
        { kind: 'external', status: 'accepted', justification: 'VPN to come (net, until 2026-04-01)' },
      ],
    });
  });

  test('a rule that is gone is described by its finding', () => {
    const finding = aFinding(orders, {
      ruleId: 'old-rule',
      ruleTitle: 'Old',
      documentation: 'javascript:alert(1)',
    });
    const { tool, results } = runOf(aReport({ findings: [finding] }));
    expect(tool.driver.rules.map(({ id }) => id)).toStrictEqual(['internet-reachable', 'old-rule']);
    expect(tool.driver.rules[1]).not.toHaveProperty('helpUri');
    expect(results[0]).toMatchObject({ ruleIndex: 1 });
  });

  test.each([
    { when: 'everything read', part: {}, successful: true, texts: [] },
    { when: 'a problem', part: { problems: ['b: 403'] }, successful: false, texts: ['b: 403'] },
    {
      when: 'a server not read',
      part: { servers: [anUnknownServer('dark')] },
      successful: false,
      texts: [`Not read completely: ${serverId('dark')}: {"firewallRules":"access denied (403)"}`],
    },
    {
      when: 'a partial sweep',
      part: { lastSweep: { finishedAt: '2026-03-01T10:00:00Z', partial: true } },
      successful: false,
      texts: [],
    },
  ])('coverage: $when', ({ part, successful, texts }) => {
    expect(runOf(aReport(part)).invocations).toStrictEqual([
      {
        executionSuccessful: successful,
        endTimeUtc: '2026-03-01T10:05:00Z',
        toolExecutionNotifications: texts.map((text) => ({ level: 'warning', message: { text } })),
      },
    ]);
  });

  test('a name is neither a link nor an argument of the message', () => {
    const finding = aFinding(orders, { serverName: '[click](https://example.test) {0}', remediation: '' });
    const [result] = runOf(aReport({ findings: [finding] })).results;
    expect(result?.['message']).toStrictEqual({
      text: '\\[click\\](https://example.test) {{0}}: The firewall rules admit 4,294,967,296 addresses. ',
    });
  });

  test.each(HOSTILE_CASES)('$when', ({ text }) => {
    const server = anOpenServer(text);
    const data = aReport({
      servers: [server],
      findings: [aFinding(server, { summary: text, ruleId: text })],
    });
    const sarif = reportSarif(data, [rule]);
    expect(sarif).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}/u);
    expect(runOf(data).results[0]).toHaveProperty(
      'locations.0.physicalLocation.artifactLocation.uri',
      expect.stringMatching(/^[\w./%!'()*~-]+$/),
    );
  });
});
