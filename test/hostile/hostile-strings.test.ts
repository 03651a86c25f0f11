import { expect, test } from 'vitest';
import { understand } from '../../shared/asking/event.ts';
import { Request } from '../../shared/asking/request.ts';
import { toRequest } from '../../shared/asking/to-request.ts';
import { evaluate } from '../../shared/evaluate.ts';
import { bodyReadings, serverRef } from '../../shared/families/fingerprint.ts';
import { firewallRules } from '../../shared/families/facets.ts';
import { mysqlFlexible } from '../../shared/families/mysql-flexible.ts';
import { quote } from '../../shared/judging/az-command.ts';
import { compare, type Comparison } from '../../shared/lifecycle.ts';
import { newState } from '../../shared/lifecycle/server-state.ts';
import type { Rule, Snapshot } from '../../shared/model.ts';
import { parsePolicy, policyOf } from '../../shared/policy.ts';
import type { Sink } from '../../shared/ports.ts';
import { sendRows } from '../../shared/publishing/send.ts';
import { reportCsv } from '../../shared/report/csv.ts';
import { reportHtml } from '../../shared/report/html.ts';
import { reportJson } from '../../shared/report/json.ts';
import type { ReportData } from '../../shared/report/report-data.ts';
import { reportSarif } from '../../shared/report/sarif.ts';
import { reportTable } from '../../shared/report/table.ts';
import { parseResourceId } from '../../shared/resource-id.ts';
import * as registry from '../../shared/rules/index.ts';
import * as keys from '../../shared/state/keys.ts';
import { changeViews, findingView, serverView } from '../../shared/views.ts';
import { AT, context, SERVER, SUBSCRIPTION } from '../builders.ts';
import { HOSTILE, OWN } from './strings.ts';

const RULES: readonly Rule[] = Object.values(registry);
const RULE_OF = new Map(RULES.map((rule) => [rule.id, rule]));
const POLICY = policyOf(undefined);
const ROW_BYTES = 32 * 1024;
const STATE_BYTES = 900 * 1024;

/** A server as ARM gives it whose every text is hostile: name, place, tags, rules, connection, endpoint, state. */
function readingOf(text: string): Comparison {
  const body = {
    name: text,
    location: text,
    tags: { [text]: text, env: text },
    sku: { tier: text },
    properties: {
      state: text,
      network: { publicNetworkAccess: 'Enabled' },
      replicationRole: text,
      sourceServerResourceId: text,
      privateEndpointConnections: [
        {
          name: text || 'empty',
          properties: {
            privateEndpoint: { id: text },
            privateLinkServiceConnectionState: { status: 'Rejected', description: text },
          },
        },
      ],
    },
  };
  const rules = [
    { name: text || 'empty', properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' } },
    { name: `${text}2`, properties: { startIpAddress: text, endIpAddress: text } },
  ];
  const resource = parseResourceId(SERVER.id);
  if (!resource) throw new Error('the builder gives a server');
  const snapshot: Snapshot = {
    server: serverRef(resource, body),
    observedAt: AT,
    completedAt: AT,
    found: true,
    network: {
      ...bodyReadings(mysqlFlexible, body, SERVER.id, AT),
      firewallRules: { value: firewallRules(rules, SERVER.id), at: AT },
    },
    surroundings: { endpoints: {} },
  };
  const policy = POLICY.of(snapshot.server);
  const findings = evaluate(snapshot, context(), RULES, policy);
  const change = {
    ...{ id: text.slice(0, 200) || 'event', resource: SERVER.id, time: AT, operation: text.slice(0, 200) },
    ...{ status: text.slice(0, 60), correlationId: text.slice(0, 100) },
    actor: {
      name: text.slice(0, 200),
      id: text.slice(0, 100),
      type: 'User' as const,
      address: text.slice(0, 60),
    },
  };
  const occasion = { reason: 'event' as const, now: AT, changes: [change], runId: '', inventory: false };
  return compare(
    newState(snapshot.server),
    snapshot,
    findings,
    RULES,
    policy,
    POLICY.exemptions(snapshot.server, AT),
    occasion,
  );
}

const READINGS = HOSTILE.map((text) => ({ text, comparison: readingOf(text) }));

const REPORT: ReportData = {
  generatedAt: AT,
  appVersion: '0',
  scope: 'hostile',
  lastSweep: null,
  servers: READINGS.map(({ comparison: { state } }, index) => ({
    ...serverView(state, POLICY),
    serverId: `${SERVER.id}${index}`,
  })),
  findings: READINGS.flatMap(({ comparison: { state } }, index) =>
    state.findings.map((record) => ({
      ...findingView(record, state, RULE_OF),
      serverId: `${SERVER.id}${index}`,
    })),
  ),
  changes: READINGS.flatMap(({ comparison: { state } }) => changeViews(state)),
  problems: HOSTILE.slice(0, 200),
};

test('there are at least 400 public strings and 300 of our own', () => {
  expect(new Set(OWN).size).toBeGreaterThanOrEqual(300);
  expect(HOSTILE.length - new Set(OWN).size).toBeGreaterThanOrEqual(400);
});

test('rows are bounded and well-formed, and every reading finds what there is to find', async () => {
  for (const { text, comparison } of READINGS) {
    expect(comparison.findings.map(({ RuleId }) => RuleId)).toContain('azure-services-allowed');
    const server = comparison.server ? [comparison.server] : [];
    for (const json of await sentTexts([...comparison.findings, ...comparison.changes, ...server])) {
      expect(Buffer.byteLength(json), JSON.stringify(text.slice(0, 40))).toBeLessThan(ROW_BYTES);
      expect(JSON.stringify(JSON.parse(json))).toBe(json);
      // A lone surrogate would leave as an escape of its own.
      expect(json.replaceAll('\\\\', '')).not.toMatch(/\\ud[89a-f][0-9a-f]{2}/i);
    }
    expect(Buffer.byteLength(JSON.stringify(comparison.state))).toBeLessThan(STATE_BYTES);
    expect(Object.getPrototypeOf(comparison.state.server.tags)).toBe(Object.prototype);
  }
});

/** Rows as they leave the process. */
async function sentTexts(rows: readonly Readonly<Record<string, unknown>>[]): Promise<readonly string[]> {
  const sent: string[] = [];
  const sink: Sink = {
    send: (_table, texts) => {
      sent.push(...texts);
      return Promise.resolve({ accepted: true });
    },
  };
  await sendRows(sink, 'DatabaseExposureFindings_CL', rows, AT);
  return sent;
}

test('keys of the table hold no name', () => {
  for (const text of HOSTILE) {
    for (const key of [
      keys.serverRow(text),
      keys.failedRow(text),
      keys.waitingPrefix(text),
      keys.dependentsPartition(text),
    ]) {
      expect(key).toMatch(/^[a-z0-9|-]{1,100}$/);
    }
  }
});

test('ids are refused or come back as they were, and never change the path', () => {
  for (const text of HOSTILE) {
    const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/${text}`;
    const parsed = parseResourceId(id);
    if (!parsed) continue;
    expect(parsed.id).toBe(id.toLowerCase());
    expect(parsed.id).not.toMatch(/[?#%\\\s]|\.\./);
    expect(parseResourceId(parsed.id)?.id).toBe(parsed.id);
  }
});

test('events and messages are understood or dropped', () => {
  for (const text of HOSTILE) {
    const event = {
      ...{ id: text || 'x', subject: `${SERVER.id}/firewallRules/${text}`, eventTime: text, topic: text },
      eventType: 'Microsoft.Resources.ResourceWriteSuccess',
      data: {
        operationName: text,
        status: text,
        correlationId: text,
        claims: { [text]: text, name: text, ipaddr: text },
        httpRequest: text,
      },
    };
    const understood = understand(event, () => true, 'full');
    if (understood.outcome === 'concerns') {
      expect(Request.shape.changes.safeParse([understood.change]).success).toBe(true);
      expect(understood.resource.id).toBe(SERVER.id);
    }
    expect(() => understand(text, () => true, 'full')).not.toThrow();
    expect(() => toRequest(text, text, [SUBSCRIPTION], 'full')).not.toThrow();
  }
});

test('the page shows them as text', () => {
  const html = reportHtml(REPORT);
  expect(html.isWellFormed()).toBe(true);
  for (const text of HOSTILE)
    if (/<[a-z/!]/i.test(text) && text.length > 8) expect(html.includes(text)).toBe(false);
  expect(html.match(/<script/g)).toHaveLength(2);

  expect(html).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
});

test('the terminal gets no control characters', () => {
  const table = reportTable(REPORT, { colour: false, width: 120 });

  expect(table).not.toMatch(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/,
  );
});

test('a spreadsheet computes nothing', () => {
  const csv = reportCsv(REPORT);
  expect(csv).not.toMatch(/(^|\r\n|",)"[=+\-@\t\r]/);
  expect(csv.isWellFormed()).toBe(true);
});

test('SARIF and JSON stay what they are', () => {
  for (const text of [reportSarif(REPORT, RULES), reportJson(REPORT)]) {
    expect(text.isWellFormed()).toBe(true);
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  }
});

test('policies with them are valid or refused in one line', () => {
  for (const text of HOSTILE) {
    const policy = JSON.stringify({
      servers: [{ match: { id: text, tags: { [text]: text } }, profile: 'open' }],
    });
    const result = parsePolicy(policy, RULES, AT);
    if ('policy' in result) expect(() => policyOf(result.policy).of(SERVER)).not.toThrow();
    else for (const line of result.errors) expect(line).toMatch(/^line \d+: [ -~]*$/);
    expect(() => parsePolicy(text, RULES, AT)).not.toThrow();
  }
});

test('a shell takes a quoted name for one word', () => {
  for (const text of HOSTILE) expect(quote(text)).toMatch(/^(?:[A-Za-z0-9_./:@-]+|'(?:[^']|'\\'')*')$/s);
});
