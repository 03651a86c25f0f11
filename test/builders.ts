import type { Baseline } from '../shared/drift.ts';
import { evaluate } from '../shared/evaluate.ts';
import { type Exposure, exposureOf } from '../shared/exposure.ts';
import { mergeRanges, parseRange } from '../shared/ip-range.ts';
import type {
  Context,
  EndpointConnection,
  EndpointTarget,
  Facet,
  Finding,
  FirewallRule,
  PrivateEndpoint,
  PublicAccess,
  Reading,
  Readings,
  Rule,
  ServerRef,
  Snapshot,
  VirtualNetworkRule,
} from '../shared/model.ts';
import { DEFAULT_WIDTHS, type ServerPolicy, serverPolicy } from '../shared/policy.ts';

export const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111';
export const OTHER_SUBSCRIPTION = '22222222-2222-2222-2222-222222222222';
export const TENANT = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa';
export const OTHER_TENANT = 'bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb';
export const AT = '2026-05-20T12:00:00.000Z';
export const ANY = '0.0.0.0-255.255.255.255';
export const AZURE = '0.0.0.0-0.0.0.0';

const FAMILIES = {
  MF: 'microsoft.dbformysql/flexibleservers',
  PF: 'microsoft.dbforpostgresql/flexibleservers',
  MS: 'microsoft.dbformysql/servers',
  PS: 'microsoft.dbforpostgresql/servers',
};
export type FamilyCode = keyof typeof FAMILIES;

/** A time before `AT`. */
export function ago(seconds: number): string {
  return new Date(Date.parse(AT) - seconds * 1000).toISOString();
}

export function server(family: FamilyCode = 'MF', name = 'orders'): ServerRef {
  return {
    id: `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/${FAMILIES[family]}/${name}`,
    name,
    family: FAMILIES[family],
    subscription: SUBSCRIPTION,
    resourceGroup: 'rg',
    location: 'westeurope',
    tags: {},
  };
}

export const SERVER = server();

export function value<Value>(given: Value): Reading<Value> {
  return { value: given, at: AT };
}

export function unreadable(reason = 'denied'): { readonly unreadable: string; readonly at: string } {
  return { unreadable: reason, at: AT };
}

/** The switch as Azure returns it: a text, null, or undefined for a property that is not there. */
export function publicAccess(raw: string | null | undefined): PublicAccess {
  const text = raw?.trim().toLowerCase();
  return {
    switch: text === 'enabled' || text === 'disabled' ? text : 'unknown',
    raw: raw === undefined ? 'absent' : JSON.stringify(raw),
  };
}

/** `203.0.113.5`, `203.0.113.0-203.0.113.9` or `office=203.0.113.5`: one address rule of a server. */
export function firewallRule(text: string, index = 0, of: ServerRef = SERVER): FirewallRule {
  const [range = '', given] = text.split('=').reverse();
  const name = given ?? `rule-${index + 1}`;
  const [start = '', end = start] = range.split('-');
  return { id: `${of.id}/firewallrules/${name.toLowerCase()}`, name, start, end };
}

export function firewallRules(texts: readonly string[], of: ServerRef = SERVER): readonly FirewallRule[] {
  return texts.map((text, index) => firewallRule(text, index, of));
}

/** Id of the rule `<name>` of the default server. */
export function ruleId(name: string): string {
  return `${SERVER.id}/firewallrules/${name}`;
}

/** Id of the connection `<name>` of the default server. */
export function connectionId(name: string): string {
  return `${SERVER.id}/privateendpointconnections/${name}`;
}

export function virtualNetworkRule(name: string, of: ServerRef = SERVER): VirtualNetworkRule {
  const network = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.network/virtualnetworks/hub`;
  return { id: `${of.id}/virtualnetworkrules/${name}`, name, subnetId: `${network}/subnets/${name}` };
}

export function endpointId(name: string, subscription = SUBSCRIPTION): string {
  return `/subscriptions/${subscription}/resourcegroups/rg/providers/microsoft.network/privateendpoints/${name}`;
}

/** A connection `<name>` of a server, from the endpoint `pe-<name>` unless told otherwise. */
export function connection(
  name: string,
  statusText = 'Approved',
  more: Partial<EndpointConnection> = {},
  of: ServerRef = SERVER,
): EndpointConnection {
  const text = statusText.trim().toLowerCase();
  const known = ['approved', 'pending', 'rejected', 'disconnected'] as const;
  return {
    id: `${of.id}/privateendpointconnections/${name}`,
    name,
    status: known.find((status) => status === text) ?? 'unknown',
    statusText,
    description: '',
    groupIds: ['mysqlServer'],
    endpointId: endpointId(`pe-${name}`),
    createdAt: null,
    ...more,
  };
}

/** Connections `a`, `b`, ... with the given statuses. */
export function connections(...statuses: readonly string[]): readonly EndpointConnection[] {
  return statuses.map((status, index) => connection(String.fromCharCode(97 + index), status));
}

export function endpointTarget(more: Partial<EndpointTarget> = {}): EndpointTarget {
  return {
    targetId: SERVER.id,
    manual: false,
    status: 'approved',
    statusText: 'Approved',
    description: '',
    ...more,
  };
}

/** The endpoint `<name>` that targets the server. */
export function endpoint(
  name: string,
  more: Partial<PrivateEndpoint> = {},
  target: Partial<EndpointTarget> = {},
): PrivateEndpoint {
  return {
    id: endpointId(name),
    location: 'westeurope',
    provisioningState: 'Succeeded',
    subnetId: `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.network/virtualnetworks/spoke/subnets/db`,
    targets: [endpointTarget(target)],
    ...more,
  };
}

/** What a test says of a server; the rest is an open MySQL flexible server without rules and connections. */
export interface Given {
  readonly family?: FamilyCode;
  /** `undefined` written out: the property is absent. */
  readonly pna?: string | null | undefined;
  readonly injected?: boolean;
  /** Ranges, or whole rules for what a range cannot say. */
  readonly fw?: readonly (string | FirewallRule)[];
  readonly vnet?: readonly string[];
  /** Statuses, or whole connections. */
  readonly pec?: readonly (string | EndpointConnection)[];
  readonly tier?: string;
  readonly replica?: { readonly sourceId: string | null };
  /** Facets that answer 403. */
  readonly denied?: readonly Facet[];
  readonly endpoints?: readonly (PrivateEndpoint | { readonly id: string; readonly is: 'gone' | 'denied' })[];
}

const SUBNET = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.network/virtualnetworks/hub/subnets/mysql`;
const RETIRED: Partial<Record<FamilyCode, string>> = { MS: '2024-09-16', PS: '2025-03-28' };

export function network(given: Given = {}): Readings {
  const { family = 'MF', fw = [], vnet = [], pec = [], denied = [] } = given;
  const of = server(family);
  const retiredOn = RETIRED[family];
  const readings: Readings = {
    publicAccess: value(publicAccess('pna' in given ? given.pna : 'Enabled')),
    delegatedSubnetId: value(given.injected ? SUBNET : null),
    firewallRules: value(fw.map((rule, i) => (typeof rule === 'string' ? firewallRule(rule, i, of) : rule))),
    virtualNetworkRules: value(vnet.map((name) => virtualNetworkRule(name, of))),
    endpointConnections: value(
      pec.map((item, i) =>
        typeof item === 'string' ? connection(String.fromCharCode(97 + i), item, {}, of) : item,
      ),
    ),
    state: value('Ready'),
    replication: value({
      role: given.replica ? 'Replica' : 'None',
      isReplica: given.replica !== undefined,
      sourceId: given.replica?.sourceId ?? null,
    }),
    tier: value(given.tier ?? 'GeneralPurpose'),
    ...(retiredOn === undefined ? {} : { retiredOn: value(retiredOn) }),
  };
  return { ...readings, ...Object.fromEntries(denied.map((facet) => [facet, unreadable()])) };
}

export function snapshot(given: Given = {}): Snapshot {
  const endpoints: Record<string, Reading<PrivateEndpoint | 'gone'>> = {};
  for (const item of given.endpoints ?? []) {
    if (!('is' in item)) endpoints[item.id] = value(item);
    else endpoints[item.id] = item.is === 'gone' ? value('gone') : unreadable();
  }
  return {
    server: server(given.family),
    observedAt: AT,
    completedAt: AT,
    found: true,
    network: network(given),
    surroundings: { endpoints },
  };
}

/** The facets of a body that could not be read. */
export const BODY: readonly Facet[] = [
  'publicAccess',
  'delegatedSubnetId',
  'endpointConnections',
  'state',
  'replication',
  'tier',
];

export function exposure(given: Given = {}): Exposure {
  return exposureOf(network(given), DEFAULT_WIDTHS);
}

/** The baseline that a server in this state would have; approved unless told otherwise. */
export function baseline(given: Given = {}, more: Partial<Baseline> = {}): Baseline {
  const seen = exposure(given);
  return {
    switch: seen.switch,
    subnetId: given.injected ? SUBNET : null,
    publicPath: seen.publicPath,
    ranges: seen.rangesInForce ?? [],
    allRanges: seen.ranges,
    azureServices: seen.azureServices ?? false,
    azureRule: seen.azureRules.length > 0,
    approvedConnections: seen.approvedConnections.map(({ id, endpointId: of }) => ({ id, endpointId: of })),
    observedAt: ago(86_400),
    approved: true,
    approvedAt: ago(86_400),
    ...more,
  };
}

export function context(more: Partial<Context> = {}): Context {
  return {
    firstSeen: {},
    baseline: value(baseline()),
    source: unreadable('not in the inventory'),
    tenants: { [SUBSCRIPTION]: TENANT },
    scope: [SUBSCRIPTION],
    failedReadings: [],
    accessChanges: value([]),
    confirmedGone: [],
    approvers: {},
    ...more,
  };
}

/** What one rule says of a server. */
export function judge(
  rule: Rule,
  given: Given | Snapshot = {},
  around: Partial<Context> = {},
  policy: ServerPolicy = serverPolicy(),
): readonly Finding[] {
  const seen = 'observedAt' in given ? given : snapshot(given);
  return evaluate(seen, context(around), [rule], policy);
}

/** One finding in a word: `PASS`, `N/A`, `UNKNOWN`, or `OPEN` and the severity. */
export function verdict(finding: Finding): string {
  if (finding.status === 'open') return `OPEN ${finding.severity}`;
  if (finding.status === 'not-applicable') return 'N/A';
  return finding.status.toUpperCase();
}

/** What one rule says, subject by subject in order: `OPEN High`, `PASS` ... */
export function verdicts(...given: Parameters<typeof judge>): readonly string[] {
  return judge(...given).map(verdict);
}

/** What one rule says, by the last segment of the subject: `{ office: 'OPEN Low' }`. */
export function bySubject(...given: Parameters<typeof judge>): Readonly<Record<string, string>> {
  const entries = judge(...given).map((finding) => {
    return [finding.subject?.split('/').at(-1) ?? 'all', verdict(finding)] as const;
  });
  return Object.fromEntries(entries);
}

/** The evidence of the first open finding. */
export function evidenceOf(
  ...given: Parameters<typeof judge>
): Readonly<Record<string, unknown>> | undefined {
  const open = judge(...given).find((finding) => finding.status === 'open');
  return open?.status === 'open' ? open.violation.evidence : undefined;
}

/** Ranges of texts such as `203.0.113.0-203.0.113.9`. */
export function ranges(...texts: readonly string[]): ReturnType<typeof mergeRanges> {
  return mergeRanges(
    texts.flatMap((text) => {
      const [start = '', end = start] = text.split('-');
      return parseRange(start, end) ?? [];
    }),
  );
}
