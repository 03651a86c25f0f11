import type { Rule, Severity } from '../model.ts';
import { clip, escapeJson, visible } from './escape.ts';
import { bySeverity, compareText } from './order.ts';
import { commandLines, remedyOf } from './remedy.ts';
import type { FindingView, ReportData } from './report-data.ts';
import { wellFormedJson } from '../text.ts';

/** What SARIF says of a rule: a `Rule` has it, and so has a finding whose rule is gone. */
interface RuleText extends Pick<Rule, 'id' | 'title' | 'fix' | 'documentation' | 'severity'> {
  readonly category: string;
}

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  Critical: 'error',
  High: 'error',
  Medium: 'warning',
  Low: 'note',
  Informational: 'note',
};

/** Scores by which code scanning sorts results into critical, high, medium and low. */
const SCORES: Readonly<Record<Severity, string>> = {
  Critical: '9.5',
  High: '8.0',
  Medium: '5.5',
  Low: '2.0',
  Informational: '0.0',
};

/** Open and exempted findings as SARIF 2.1.0; exempted ones are suppressed results, problems are notifications. */
export function reportSarif(data: ReportData, rules: readonly RuleText[]): string {
  const findings = data.findings.filter(({ state }) => state !== 'Resolved').sort(bySeverity);
  const described = allRules(findings, rules);
  const places = new Map(described.map(({ id }, place) => [id, place]));
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Database Exposure Monitor',
            version: data.appVersion,
            rules: described.map(descriptor),
          },
        },
        invocations: [invocation(data)],
        results: findings.map((finding) => result(finding, places.get(finding.ruleId) ?? -1)),
      },
    ],
  };
  return `${escapeJson(wellFormedJson(JSON.stringify(log, null, 2), 2))}\n`;
}

/** A finding may outlive its rule: the finding's own words describe that one. */
function allRules(findings: readonly FindingView[], rules: readonly RuleText[]): readonly RuleText[] {
  const byId = new Map<string, RuleText>(rules.map((rule) => [rule.id, rule]));
  for (const { ruleId: id, ruleTitle: title, remediation, documentation, category, severity } of findings) {
    if (byId.has(id)) continue;
    byId.set(id, { id, title, fix: remedyOf(remediation).fix, documentation, category, severity });
  }
  return [...byId.values()].sort((a, b) => compareText(a.id, b.id));
}

function descriptor({ id, title, fix, documentation, category, severity }: RuleText) {
  return {
    id,
    shortDescription: { text: title },
    help: { text: fix },
    ...(isWebAddress(documentation) ? { helpUri: documentation } : {}),
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ['security', category], 'security-severity': SCORES[severity] },
  };
}

/** Plainer than URIs may be: nothing in it needs an escape that a reader could miss. */
function isWebAddress(text: string): boolean {
  return /^https:\/\/[\w.-]+(?:\/[\w./-]*)?(?:\?[\w.=&+-]*)?(?:#[\w-]*)?$/.test(text) && URL.canParse(text);
}

function invocation(data: ReportData) {
  const unread = data.servers
    .filter(({ complete }) => !complete)
    .map(({ serverId, unreadable }) => `Not read completely: ${serverId}: ${JSON.stringify(unreadable)}`);
  const problems = [...data.problems, ...unread];
  return {
    executionSuccessful: problems.length === 0 && data.lastSweep?.partial !== true,
    endTimeUtc: data.generatedAt,
    toolExecutionNotifications: problems.map((text) => ({ level: 'warning', message: { text } })),
  };
}

function result(finding: FindingView, ruleIndex: number) {
  const { exemption } = finding;
  return {
    ruleId: finding.ruleId,
    ruleIndex,
    level: LEVELS[finding.severity],
    message: { text: messageOf(finding) },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: resourceUri(finding.serverId) } },
        logicalLocations: [
          { name: finding.serverName, fullyQualifiedName: finding.serverId, kind: 'resource' },
          ...(finding.subject === finding.serverId
            ? []
            : [{ fullyQualifiedName: finding.subject, kind: 'member' }]),
        ],
      },
    ],
    partialFingerprints: { findingId: finding.findingId },
    suppressions:
      finding.state === 'Exempted'
        ? [{ kind: 'external', status: 'accepted', justification: justification(exemption) }]
        : [],
    properties: {
      severity: finding.severity,
      openedAt: finding.openedAt,
      lastSeen: finding.lastSeen,
      evidence: finding.evidence,
      ...(finding.resolvesAfter === null ? {} : { resolvesAfter: finding.resolvesAfter }),
    },
  };
}

function messageOf({ serverName, summary, remediation }: FindingView): string {
  const { fix, command } = remedyOf(remediation);
  const lines = [`${serverName}: ${summary} ${fix}`, ...commandLines(command)];
  return lines.map((line) => literal(visible(clip(line, 4_000)))).join('\n');
}

/** In SARIF messages `[text](target)` is a link and `{0}` an argument: names are neither. */
function literal(text: string): string {
  return text.replace(/[[\]]/g, '\\$&').replace(/\{(\d+)\}/g, '{{$1}}');
}

function justification(exemption: FindingView['exemption']): string {
  if (!exemption) return 'Exempted by the policy.';
  return `${exemption.reason} (${exemption.owner}, until ${exemption.expires})`;
}

/** A resource id as a relative URI: readers of SARIF take a leading slash for a path on their own disk. */
function resourceUri(id: string): string {
  const segments = clip(id, 4_000).toWellFormed().replace(/^\/+/, '').split('/');
  return segments.map(encodeURIComponent).join('/');
}
