import { type Baseline, baselineOf } from '../drift.ts';
import type { Exposure } from '../exposure.ts';
import { findingRow, serverRow, serverRowDigest } from './finding-rows.ts';
import type { Finding, Rule } from '../model.ts';
import type { FindingRow, ServerRow } from '../rows.ts';
import type { FindingRecord, ServerState } from './server-state.ts';
import { cut } from '../text.ts';
import { resolve } from './transitions.ts';

/** Rules that compare with the baseline: an approval ends what they say, at once. */
export const DRIFT_RULES: readonly string[] = [
  'exposure-widened',
  'public-access-switched-on',
  'vnet-integration-removed',
  'public-access-flap',
  'latent-rules-changed',
  'last-endpoint-lost',
  'approved-endpoint-lost',
  'endpoint-newly-approved',
  'baseline-missing',
];

const MAX_REASON = 500;

/** Who approves, why, and when by the storage service's clock. */
export interface Approval {
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

/** The stored reading as an approved baseline; undefined unless that reading was complete. */
export function approvedBaseline(
  state: ServerState,
  exposure: Exposure,
  { by, reason, at }: Approval,
): Baseline | undefined {
  if (!state.live || state.notFoundSince !== null) return undefined;
  const seen = baselineOf(state.network, exposure, state.observedAt);
  return seen && { ...seen, approved: true, approvedAt: at, approvedBy: by, reason: cut(reason, MAX_REASON) };
}

/** What an approval changes, to be committed in one transaction. */
export interface Approved {
  readonly state: ServerState;
  readonly findings: readonly FindingRow[];
  /** Counts of open findings went down; undefined: no column changed. */
  readonly server: ServerRow | undefined;
}

/**
 * Stores a baseline and resolves the drift that is none against it; `findings`: what every rule says of the stored
 * reading with that baseline. A rule that cannot tell keeps its finding.
 */
export function approve(
  stored: ServerState,
  baseline: Baseline,
  findings: readonly Finding[],
  rules: readonly Rule[],
  exposure: Exposure,
  now: string,
): Approved {
  const { server, observedAt, completedAt } = stored;
  const times = { observedAt, completedAt, now };
  const ended = new Set(
    stored.findings.filter((record) => isSettled(record, findings)).map(({ findingId }) => findingId),
  );
  const records = stored.findings.map((record) =>
    ended.has(record.findingId) ? resolve(record, 'Approved', times, true).record : record,
  );
  const about = {
    server,
    before: exposure,
    after: exposure,
    source: 'http',
    observedAt,
    change: undefined,
  } as const;
  const rows = records
    .filter(({ findingId }) => ended.has(findingId))
    .map((record) => findingRow(record, 'Resolved', ruleOf(record, rules), about));
  const row = serverRow(server, exposure, records, {}, { observedAt, runId: '' });
  const digest = serverRowDigest(row);
  const isNews = stored.serverRow?.digest !== digest;
  return {
    state: {
      ...stored,
      baseline,
      findings: records,
      serverRow: isNews ? { digest, at: now } : stored.serverRow,
    },
    findings: rows,
    server: isNews ? row : undefined,
  };
}

function isSettled({ ruleId, subject, state }: FindingRecord, findings: readonly Finding[]): boolean {
  if (state === 'Resolved' || !DRIFT_RULES.includes(ruleId)) return false;
  const said =
    findings.find((finding) => finding.ruleId === ruleId && finding.subject === subject) ??
    findings.find((finding) => finding.ruleId === ruleId && finding.subject === undefined);
  // A rule that speaks of other subjects only has nothing to say of this one any more.
  if (!said) return findings.some((finding) => finding.ruleId === ruleId);
  return said.status === 'pass' || said.status === 'not-applicable';
}

function ruleOf({ ruleId }: FindingRecord, rules: readonly Rule[]): Rule | undefined {
  return rules.find(({ id }) => id === ruleId);
}
