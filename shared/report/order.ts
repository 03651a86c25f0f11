import type { Reach } from '../exposure.ts';
import { SEVERITIES, type Severity } from '../model.ts';
import type { FindingView, ServerView } from './report-data.ts';

/** Worst first. `unknown` comes right after `internet`: it may be any of them and is never ranked as narrower. */
export const EXPOSURE_ORDER: readonly Reach[] = [
  'internet',
  'unknown',
  'azure',
  'wide',
  'listed',
  'private',
  'none',
];

/** 0 for the worst severity; servers without a finding come last. */
export function severityRank(severity: Severity | ''): number {
  return severity === '' ? SEVERITIES.length : SEVERITIES.indexOf(severity);
}

/** Most exposed server first: reach, public addresses (unknown before any number), severity, findings, name, id. */
export function byExposure(a: ServerView, b: ServerView): number {
  return (
    EXPOSURE_ORDER.indexOf(a.reach) - EXPOSURE_ORDER.indexOf(b.reach) ||
    moreFirst(a.publicAddresses, b.publicAddresses) ||
    severityRank(a.worstSeverity) - severityRank(b.worstSeverity) ||
    b.openFindings - a.openFindings ||
    compareText(a.serverName, b.serverName) ||
    compareText(a.serverId, b.serverId)
  );
}

function moreFirst(a: number | null, b: number | null): number {
  if (a === b) return 0;
  return (b ?? Infinity) - (a ?? Infinity) > 0 ? 1 : -1;
}

/** Worst finding first: severity, newest opening, server, rule, subject. */
export function bySeverity(a: FindingView, b: FindingView): number {
  return (
    severityRank(a.severity) - severityRank(b.severity) ||
    compareText(b.openedAt, a.openedAt) ||
    compareText(a.serverName, b.serverName) ||
    compareText(a.ruleId, b.ruleId) ||
    compareText(a.findingId, b.findingId)
  );
}

/** By UTF-16 units: the same order on every machine. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
