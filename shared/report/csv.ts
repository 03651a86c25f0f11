import { clip, visible } from './escape.ts';
import { bySeverity } from './order.ts';
import type { FindingView, ReportData, ServerView } from './report-data.ts';

/** Spreadsheets cut a longer cell, or spill it into the next rows. */
const CELL = 32_000;

const COLUMNS: Readonly<Record<string, (finding: FindingView, server: ServerView | undefined) => string>> = {
  state: ({ state }) => state,
  severity: ({ severity }) => severity,
  serverName: ({ serverName }) => serverName,
  serverFamily: ({ serverFamily }) => serverFamily,
  subscriptionRef: ({ subscriptionRef }) => subscriptionRef,
  resourceGroup: (_, server) => server?.resourceGroup ?? 'unknown',
  reach: (_, server) => server?.reach ?? 'unknown',
  publicAddresses: (_, server) => server?.publicAddresses?.toString() ?? 'unknown',
  ruleId: ({ ruleId }) => ruleId,
  ruleTitle: ({ ruleTitle }) => ruleTitle,
  category: ({ category }) => category,
  summary: ({ summary }) => summary,
  remediation: ({ remediation }) => remediation,
  actorName: ({ actorName }) => actorName,
  actorId: ({ actorId }) => actorId,
  actorType: ({ actorType }) => actorType,
  openedAt: ({ openedAt }) => openedAt,
  changedAt: ({ changedAt }) => changedAt ?? '',
  lastSeen: ({ lastSeen }) => lastSeen,
  resolvesAfter: ({ resolvesAfter }) => resolvesAfter ?? '',
  resolvedAt: ({ resolvedAt }) => resolvedAt ?? '',
  reason: ({ reason }) => reason,
  exemptionReason: ({ exemption }) => exemption?.reason ?? '',
  exemptionOwner: ({ exemption }) => exemption?.owner ?? '',
  exemptionExpires: ({ exemption }) => exemption?.expires ?? '',
  evidence: ({ evidence }) => JSON.stringify(evidence),
  documentation: ({ documentation }) => documentation,
  subject: ({ subject }) => subject,
  serverId: ({ serverId }) => serverId,
  findingId: ({ findingId }) => findingId,
};

/** The findings as CSV (RFC 4180, every cell quoted), worst first, one row each; safe to open in a spreadsheet. */
export function reportCsv(data: ReportData): string {
  const servers = new Map(data.servers.map((server) => [server.serverId, server]));
  const rows = [...data.findings].sort(bySeverity).map((finding) => {
    const server = servers.get(finding.serverId);
    return Object.values(COLUMNS).map((column) => column(finding, server));
  });
  return [Object.keys(COLUMNS), ...rows].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/** One quoted cell: what a spreadsheet would take for a formula starts with an apostrophe. */
export function csvCell(text: string): string {
  // Full-width signs start formulas in East Asian spreadsheets.
  const safe = /^[=+\-@\t\r\n＝＋－＠]/u.test(text) ? `'${text}` : text;
  return `"${visibleLines(clip(safe, CELL)).replaceAll('"', '""')}"`;
}

/** Tabs and line ends stay: a quoted cell may hold them. */
function visibleLines(text: string): string {
  return text
    .split(/([\t\r\n])/)
    .map((part, at) => (at % 2 === 1 ? part : visible(part)))
    .join('');
}
