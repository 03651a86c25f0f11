import { escapeJson } from './escape.ts';
import { compareText } from './order.ts';
import type { ReportData } from './report-data.ts';

/**
 * The report as indented JSON: servers by id, findings by id, keys by name, so that two reports of one estate differ
 * only in what changed. Unseen characters stand as escapes; changes stay newest first.
 */
export function reportJson(data: ReportData): string {
  const ordered: ReportData = {
    ...data,
    servers: [...data.servers].sort((a, b) => compareText(a.serverId, b.serverId)),
    findings: [...data.findings].sort(
      (a, b) => compareText(a.findingId, b.findingId) || a.epochSeq - b.epochSeq,
    ),
  };
  return `${escapeJson(JSON.stringify(ordered, keysInOrder, 2))}\n`;
}

function keysInOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareText(a, b)));
}
