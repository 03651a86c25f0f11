import * as z from 'zod';
import { SEVERITIES } from '../shared/model.ts';
import type { FindingView } from '../shared/report/report-data.ts';

const Row = z.object({
  FindingId: z.string(),
  EpochSeq: z.number(),
  Change: z.enum(['Opened', 'Updated', 'Exempted', 'Resolved', 'Refreshed']),
  State: z.enum(['Open', 'Exempted', 'Resolved']),
  Reason: z.string(),
  RuleId: z.string(),
  RuleTitle: z.string(),
  Category: z.string(),
  Severity: z.enum(SEVERITIES),
  ServerId: z.string(),
  ServerName: z.string(),
  ServerFamily: z.string(),
  SubscriptionRef: z.string(),
  Subject: z.string(),
  Summary: z.string(),
  Remediation: z.string(),
  PublicAddresses: z.number().nullable(),
  PublicAddressesBefore: z.number().nullable(),
  ActorName: z.string(),
  ActorId: z.string(),
  ActorType: z.string(),
  ChangedAt: z.string().nullable(),
  LastSeen: z.string(),
});

/** A row as it went to Log Analytics, as the terminal shows it; undefined for refresh rows, which are slim. */
export function rowView(row: unknown): FindingView | undefined {
  const found = Row.safeParse(row).data;
  if (!found || found.Change === 'Refreshed') return undefined;
  return {
    findingId: found.FindingId,
    epochSeq: found.EpochSeq,
    ruleId: found.RuleId,
    ruleTitle: found.RuleTitle,
    category: found.Category,
    severity: found.Severity,
    state: found.State,
    reason: found.Reason || (found.Change === 'Opened' ? '' : found.Change),
    serverId: found.ServerId,
    serverName: found.ServerName,
    serverFamily: found.ServerFamily,
    subscriptionRef: found.SubscriptionRef,
    subject: found.Subject,
    summary: found.Summary,
    remediation: found.Remediation,
    evidence: {},
    documentation: '',
    openedAt: found.LastSeen,
    changedAt: found.ChangedAt,
    lastSeen: found.LastSeen,
    resolvedAt: null,
    resolvesAfter: null,
    exemption: null,
    actorName: found.ActorName,
    actorId: found.ActorId,
    actorType: found.ActorType,
    publicAddresses: found.PublicAddresses,
    publicAddressesBefore: found.PublicAddressesBefore,
  };
}
