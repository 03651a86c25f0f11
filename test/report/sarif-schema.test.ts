import { describe, expect, test } from 'vitest';
import { RULES } from '../../shared/app.ts';
import { reportSarif } from '../../shared/report/sarif.ts';
import type { ReportData } from '../../shared/report/report-data.ts';
import { aFinding, anOpenServer, anUnknownServer, aReport, HOSTILE_CASES } from './samples.ts';
import { sarifErrors } from './sarif-schema.ts';

const orders = anOpenServer('orders');

describe('SARIF is valid by its schema', () => {
  test.each<{ when: string; data: ReportData }>([
    { when: 'nothing was found', data: aReport() },
    { when: 'nothing was read', data: aReport({ lastSweep: null, problems: ['Interrupted.', ''] }) },
    { when: 'a server was not read', data: aReport({ servers: [anUnknownServer('dark')] }) },
    {
      when: 'findings in every state and of every severity',
      data: aReport({
        servers: [orders],
        findings: (['Critical', 'High', 'Medium', 'Low', 'Informational'] as const).flatMap((severity) => [
          aFinding(orders, { severity }),
          aFinding(orders, { severity, resolvesAfter: '2026-03-01T10:06:00Z', subject: orders.serverId }),
          aFinding(orders, { severity, state: 'Resolved' }),
          aFinding(orders, {
            severity,
            state: 'Exempted',
            exemption: { reason: 'VPN', owner: 'net', expires: '2026-04-01' },
          }),
        ]),
      }),
    },
  ])('$when', ({ data }) => {
    expect(sarifErrors(reportSarif(data, RULES))).toStrictEqual([]);
  });

  test.each(HOSTILE_CASES)('$when', ({ text }) => {
    const server = anOpenServer(text, { serverId: text, unreadable: { [text]: text }, complete: false });
    const finding = aFinding(server, {
      ruleId: text,
      ruleTitle: text,
      category: text,
      subject: text,
      summary: text,
      remediation: `${text} az x ${text}`,
      documentation: `https://${text}`,
      state: 'Exempted',
      exemption: { reason: text, owner: text, expires: text },
      evidence: { [text]: text },
    });
    const data = aReport({ servers: [server], findings: [finding], problems: [text] });
    expect(sarifErrors(reportSarif(data, RULES))).toStrictEqual([]);
  });
});

describe('the check of the schema refuses', () => {
  const run = { tool: { driver: { name: 'x' } } };
  test.each([
    { when: 'another version', log: { version: '2.0.0', runs: [] }, at: '#/version' },
    { when: 'no runs', log: { version: '2.1.0' }, at: '#' },
    {
      when: 'a property that it does not know',
      log: { version: '2.1.0', runs: [{ ...run, more: 1 }] },
      at: '#/runs/0/more',
    },
    {
      when: 'a level that it does not know',
      log: { version: '2.1.0', runs: [{ ...run, results: [{ message: { text: 'x' }, level: 'High' }] }] },
      at: '#/runs/0/results/0/level',
    },
    {
      when: 'an address that is none',
      log: { version: '2.1.0', runs: [{ tool: { driver: { name: 'x', informationUri: 'a b' } } }] },
      at: '#/runs/0/tool/driver/informationUri',
    },
    {
      when: 'a time that is none',
      log: {
        version: '2.1.0',
        runs: [{ ...run, invocations: [{ executionSuccessful: true, endTimeUtc: 'now' }] }],
      },
      at: '#/runs/0/invocations/0/endTimeUtc',
    },
  ])('$when', ({ log, at }) => {
    expect(sarifErrors(JSON.stringify(log)).map((error) => error.split(': ')[0])).toContain(at);
  });
});
