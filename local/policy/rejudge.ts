import { evaluate } from '../../shared/evaluate.ts';
import { formatAddress } from '../../shared/ip-range.ts';
import type {
  ConnectionStatus,
  Context,
  EndpointConnection,
  Facet,
  Finding,
  FirewallRule,
  PublicAccess,
  Reading,
  Readings,
  Rule,
  ServerRef,
} from '../../shared/model.ts';
import type { ServerPolicy } from '../../shared/policy.ts';
import { parsed, type SavedServer } from './saved-scan.ts';

/** Rules that a policy decides about and for which a saved scan holds what they need. */
export const REJUDGED: readonly string[] = [
  'wide-public-range',
  'range-not-approved',
  'public-access-enabled',
  'firewall-rules-in-use',
  'private-endpoint-missing',
];

/** A server of a saved scan; what its tags are, the scan does not say. */
export function serverOf(saved: SavedServer): ServerRef {
  return {
    id: saved.serverId.toLowerCase(),
    name: saved.serverName,
    family: saved.serverFamily,
    subscription: saved.subscriptionRef,
    resourceGroup: saved.resourceGroup,
    location: saved.location,
    tags: {},
  };
}

/** What the rules in `REJUDGED` say of a server of a saved scan; `unknown` where the scan does not hold enough. */
export function rejudge(
  saved: SavedServer,
  rules: readonly Rule[],
  policy: ServerPolicy,
): readonly Finding[] {
  const at = '1970-01-01T00:00:00Z';
  const snapshot = {
    server: serverOf(saved),
    observedAt: at,
    completedAt: at,
    found: true,
    network: networkOf(saved, at),
    surroundings: { endpoints: {} },
  };
  const none = { unreadable: 'not in a saved scan', at };
  const context: Context = {
    firstSeen: {},
    baseline: none,
    source: none,
    tenants: {},
    scope: [],
    failedReadings: [],
    accessChanges: none,
    confirmedGone: [],
    approvers: {},
  };
  const known = [...REJUDGED, 'internet-reachable'];
  const judged = rules.filter(({ id }) => known.includes(id));
  return evaluate(snapshot, context, judged, policy).filter(({ ruleId }) => REJUDGED.includes(ruleId));
}

function networkOf(saved: SavedServer, at: string): Readings {
  const none = { unreadable: 'not in a saved scan', at };
  const unreadable = Object.keys(saved.unreadable).map((facet) => [facet as Facet, none] as const);
  const access = accessOf(saved.publicPath);
  const rules = rulesOf(saved);
  return {
    publicAccess: access ? { value: access, at } : none,
    delegatedSubnetId: { value: saved.delegatedSubnetId, at },
    firewallRules: rules ? { value: rules, at } : none,
    virtualNetworkRules: {
      value: saved.virtualNetworkSubnets.map((id) => ({ id, name: id, subnetId: id })),
      at,
    },
    endpointConnections: connectionsOf(saved, at),
    state: none,
    replication: none,
    tier: none,
    ...Object.fromEntries(unreadable),
  };
}

/** The switch behind a path; undefined where it may be any. */
function accessOf(path: string): PublicAccess | undefined {
  if (path === 'unknown') return undefined;
  if (path === 'closed') return { switch: 'disabled', raw: '"Disabled"' };
  if (path === 'perimeter') return { switch: 'perimeter', raw: '"SecuredByPerimeter"' };
  return { switch: 'enabled', raw: '"Enabled"' };
}

/** One rule a range that is in force. */
function rulesOf({ serverId, ranges, azureServices }: SavedServer): readonly FirewallRule[] | undefined {
  if (ranges === null || azureServices === null) return undefined;
  const blocks = ranges.map(parsed);
  if (blocks.includes(undefined)) return undefined;
  const admitted = [
    ...blocks.flatMap((block) => block ?? []),
    ...(azureServices ? [{ first: 0, last: 0 }] : []),
  ];
  return admitted.map(({ first, last }, index) => {
    const name = `range-${index}`;
    const id = `${serverId}/firewallrules/${name}`;
    return { id, name, start: formatAddress(first), end: formatAddress(last) };
  });
}

const STATUSES: readonly ConnectionStatus[] = ['approved', 'pending', 'rejected', 'disconnected'];

function connectionsOf(
  { endpointConnections }: SavedServer,
  at: string,
): Reading<readonly EndpointConnection[]> {
  const value = endpointConnections.map(({ id, status, endpointId }): EndpointConnection => ({
    id,
    name: id,
    status: STATUSES.find((known) => known === status.toLowerCase()) ?? 'unknown',
    statusText: status,
    description: '',
    groupIds: [],
    endpointId,
    createdAt: null,
  }));
  return { value, at };
}
