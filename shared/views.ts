import { exposureOf } from './exposure.ts';
import { formatRange } from './ip-range.ts';
import { unreadableOf } from './lifecycle.ts';
import type { Reading, Rule } from './model.ts';
import type { Policy } from './environment.ts';
import type { ChangeView, FindingView, ServerView } from './report/report-data.ts';
import { instant, later } from './seconds.ts';
import type { FindingRecord, ServerState } from './lifecycle/server-state.ts';
import { CONFIRM_SECONDS, epochSeq, rankOf } from './lifecycle/transitions.ts';

/** A server as it was last read. */
export function serverView(state: ServerState, policy: Policy): ServerView {
  const { server, network, findings } = state;
  const exposure = exposureOf(network, policy.of(server));
  const open = findings.filter(({ state: lifecycle }) => lifecycle === 'Open');
  const worst = [...open].sort((a, b) => rankOf(a.severity) - rankOf(b.severity))[0];
  const connections = valueOf(network.endpointConnections) ?? [];
  const unreadable = unreadableOf({ network });
  return {
    serverId: server.id,
    serverName: server.name,
    serverFamily: server.family,
    subscriptionRef: server.subscription,
    resourceGroup: server.resourceGroup,
    location: server.location,
    reach: exposure.reach,
    reachability: exposure.reachability,
    publicPath: exposure.publicPath,
    privatePath: exposure.privatePath,
    latentPath: exposure.latentPath,
    publicAddresses: exposure.publicAddresses,
    ranges: exposure.rangesInForce?.map(formatRange) ?? null,
    azureServices: exposure.azureServices,
    delegatedSubnetId: valueOf(network.delegatedSubnetId) ?? null,
    virtualNetworkSubnets: (valueOf(network.virtualNetworkRules) ?? []).map(
      ({ subnetId, id }) => subnetId ?? id,
    ),
    endpointConnections: connections.map(({ id, statusText, description, endpointId }) => ({
      id,
      status: statusText,
      description,
      endpointId,
    })),
    approvedEndpoints: exposure.approvedConnections.length,
    firewallRules: valueOf(network.firewallRules)?.length ?? null,
    state: valueOf(network.state) ?? 'unknown',
    worstSeverity: worst?.severity ?? '',
    openFindings: open.length,
    complete: Object.keys(unreadable).length === 0,
    unreadable,
    observedAt: state.observedAt,
  };
}

function valueOf<Value>(reading: Reading<Value> | undefined): Value | undefined {
  return reading && 'value' in reading ? reading.value : undefined;
}

/** Azure's time of each reading, and what it could not read. */
export function readingsView(
  state: ServerState,
): Readonly<Record<string, { readonly at: string; readonly unreadable?: string }>> {
  const entries = Object.entries(state.network).map(([facet, reading]) => [
    facet,
    'unreadable' in reading ? { at: reading.at, unreadable: reading.unreadable } : { at: reading.at },
  ]);
  return Object.fromEntries(entries) as ReturnType<typeof readingsView>;
}

/** A finding with its rule's words. */
export function findingView(
  record: FindingRecord,
  { server }: ServerState,
  rules: ReadonlyMap<string, Rule>,
): FindingView {
  const rule = rules.get(record.ruleId);
  const resolving = record.pending?.to === 'resolve' ? record.pending.since : null;
  return {
    findingId: record.findingId,
    epochSeq: epochSeq(record),
    ruleId: record.ruleId,
    ruleTitle: rule?.title ?? record.ruleId,
    category: record.category,
    severity: record.severity,
    state: record.state,
    reason: record.reason,
    serverId: server.id,
    serverName: server.name,
    serverFamily: server.family,
    subscriptionRef: server.subscription,
    subject: record.subject,
    summary: record.summary,
    remediation: record.remediation,
    evidence: { ...record.evidence, ...record.notes },
    documentation: rule?.documentation ?? '',
    openedAt: record.openedAt,
    changedAt: record.changedAt,
    lastSeen: record.lastSeen,
    resolvedAt: record.resolvedAt,
    resolvesAfter: resolving === null ? null : later(resolving, CONFIRM_SECONDS),
    exemption: record.exemption,
    actorName: record.actor?.name ?? '',
    actorId: record.actor?.id ?? '',
    actorType: record.actor?.type ?? '',
  };
}

/** The last events of a server with what they led to, newest first. */
export function changeViews({ server, changes }: ServerState): readonly ChangeView[] {
  return [...changes]
    .sort((a, b) => timeOf(b.time) - timeOf(a.time))
    .map((change) => ({
      eventId: change.id,
      serverId: server.id,
      serverName: server.name,
      operation: change.operation,
      status: change.status,
      outcome: change.outcome,
      summary: change.summary,
      eventTime: change.time,
      actorName: change.actor.name,
      actorId: change.actor.id,
      actorType: change.actor.type,
      actorAddress: change.actor.address,
      correlationId: change.correlationId,
    }));
}

function timeOf(text: string): number {
  return text === '' ? 0 : instant(text);
}
