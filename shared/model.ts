import type { Baseline } from './drift.ts';
import type { Exposure } from './exposure.ts';
import type { IpRange } from './ip-range.ts';
import type { ServerPolicy } from './policy.ts';

/** The switch of public network access; `unknown`: absent, null or a value that Azure did not have when this was written. */
export type PublicAccessSwitch = 'enabled' | 'disabled' | 'perimeter' | 'unknown';

export interface PublicAccess {
  readonly switch: PublicAccessSwitch;
  /** As Azure returned it, as JSON text (`"Enabled"`, `null`); `absent` where there was no such property. */
  readonly raw: string;
}

/** One address rule with its ends as Azure returned them: they may be malformed. */
export interface FirewallRule {
  /** Lower-cased resource id, built from the id of the server that was asked. */
  readonly id: string;
  readonly name: string;
  readonly start: string | null;
  readonly end: string | null;
}

export interface VirtualNetworkRule {
  readonly id: string;
  readonly name: string;
  /** Lower-cased; null when it could not be parsed. */
  readonly subnetId: string | null;
}

export type ConnectionStatus = 'approved' | 'pending' | 'rejected' | 'disconnected' | 'unknown';

/** The server's own record of a private endpoint that asks for access. */
export interface EndpointConnection {
  readonly id: string;
  readonly name: string;
  readonly status: ConnectionStatus;
  /** As Azure returned it. */
  readonly statusText: string;
  readonly description: string;
  readonly groupIds: readonly string[];
  /** Lower-cased id of the private endpoint; null when absent or not parseable. */
  readonly endpointId: string | null;
  readonly createdAt: string | null;
}

export interface Replication {
  readonly role: string;
  readonly isReplica: boolean;
  /** Lower-cased id of the source server; null when there is none or it could not be parsed. */
  readonly sourceId: string | null;
}

/** Everything the monitor knows how to read of a server; each family has some of it. */
export interface Network {
  readonly publicAccess: PublicAccess;
  /** Lower-cased id of the subnet into which the server is injected; null when it is not. */
  readonly delegatedSubnetId: string | null;
  readonly firewallRules: readonly FirewallRule[];
  readonly virtualNetworkRules: readonly VirtualNetworkRule[];
  readonly endpointConnections: readonly EndpointConnection[];
  readonly state: string;
  readonly replication: Replication;
  /** Pricing tier; only the single servers have tiers without private endpoints. */
  readonly tier: string;
  /** The day when Azure retired the service; only retired services have it. */
  readonly retiredOn: string;
}

export type Facet = keyof Network;

/** What Azure answered for one facet, or why there is no answer. An absent key: this family has no such facet. */
export type Reading<Value> =
  { readonly value: Value; readonly at: string } | { readonly unreadable: string; readonly at: string };

export type Readings = { readonly [F in Facet]?: Reading<Network[F]> };

/** The endpoint's own record of its connection to one target. */
export interface EndpointTarget {
  /** Lower-cased id of the target; null when it could not be parsed. */
  readonly targetId: string | null;
  readonly manual: boolean;
  readonly status: ConnectionStatus;
  readonly statusText: string;
  readonly description: string;
}

export interface PrivateEndpoint {
  readonly id: string;
  readonly location: string;
  readonly provisioningState: string;
  readonly subnetId: string | null;
  readonly targets: readonly EndpointTarget[];
}

/** What surrounds a server, each with how its reading went; `gone`: a GET answered 404. */
export interface Surroundings {
  /** By lower-cased endpoint id: every endpoint that the server names or that names the server. */
  readonly endpoints: Readonly<Record<string, Reading<PrivateEndpoint | 'gone'>>>;
}

/** Who and where a server is. */
export interface ServerRef {
  /** Lower-cased resource id. */
  readonly id: string;
  readonly name: string;
  /** Lower-cased resource type. */
  readonly family: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** One server at one moment: the only thing that enters the core. */
export interface Snapshot {
  readonly server: ServerRef;
  /** The time of Azure's first answer (its `Date` header), not of this process. */
  readonly observedAt: string;
  /** The time of Azure's last answer. */
  readonly completedAt: string;
  /** False after a 404 of the server itself: a hint that it is gone, not yet proof. */
  readonly found: boolean;
  readonly network: Readings;
  readonly surroundings: Surroundings;
}

export const SEVERITIES = ['Critical', 'High', 'Medium', 'Low', 'Informational'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type Category = 'exposure' | 'private-endpoint' | 'lifecycle' | 'monitor';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Evidence = Readonly<Record<string, Json>>;

/** One subject that shows the exposure which a rule looks for. */
export interface Violation {
  /** Lower-cased id of the firewall rule, connection or endpoint that is exposed; left out: the server as a whole. */
  readonly subject?: string;
  /** Left out: the rule's own severity. */
  readonly severity?: Severity;
  /** One plain sentence: what is the case. */
  readonly summary: string;
  /** Ranges, counts, ids and statuses: a change of any of them is a change of the finding. */
  readonly evidence: Evidence;
  /** Ages, times and texts: shown, never a change of the finding. */
  readonly notes?: Evidence;
  /** The finding's own address ranges: more of them is `Widened`, fewer is `Narrowed`. Left out: its severity says so. */
  readonly ranges?: readonly IpRange[];
}

/** One subject of which the rule could not tell. */
export interface Unjudged {
  readonly subject: string;
  readonly unknown: string;
}

export type Verdicts = readonly (Violation | Unjudged)[];

export type Outcome = 'not-applicable' | Verdicts;

/** When things were first observed on this server: rule ids, `<connection id>|pending`, `<endpoint id>|<state>` -> time. */
export type FirstSeen = Readonly<Record<string, string>>;

/** A group of readings that failed, as server-unreadable judges it. */
export interface FailedReading {
  /** `server`, `firewallRules`, `virtualNetworkRules`, `endpoints`. */
  readonly group: string;
  readonly reason: string;
  /** True for 401 and 403: no use in waiting. */
  readonly denied: boolean;
  /** In how many sweeps in a row, this one included. */
  readonly sweeps: number;
  readonly since: string;
}

/** Why a baseline is unreadable where the mode asks for an approval that nobody has given. */
export const NOT_APPROVED = 'not approved';

/** Why a resource of a subscription that is not watched is unreadable. */
export const OUTSIDE_SCOPE = 'outside the scope';

/** Why an endpoint was not read whose server, which names it, could not be. */
export const SERVER_UNREAD = 'its server could not be read';

/** What other readings say of the same server, or of those that it is compared with. */
export interface Context {
  /** The state's record of when things were first seen, this snapshot included. */
  readonly firstSeen: FirstSeen;
  /** Unreadable: nobody has approved one yet, and the mode asks for it. */
  readonly baseline: Reading<Baseline>;
  /** The stored exposure of the server that this one replicates. */
  readonly source: Reading<Exposure>;
  /** Lower-cased subscription id -> tenant id, of the subscriptions that the identity can see. */
  readonly tenants: Readonly<Record<string, string>>;
  /** Subscriptions in scope, lower-cased. */
  readonly scope: readonly string[];
  readonly failedReadings: readonly FailedReading[];
  /** Switches of public access that Resource Graph's change table tells of, oldest first. */
  readonly accessChanges: Reading<readonly AccessChange[]>;
  /** Endpoints and target servers that answered 404 twice. */
  readonly confirmedGone: readonly string[];
  /** Object ids of who approved connections since the last reading, by connection id; from events only. */
  readonly approvers: Readonly<Record<string, string>>;
}

export interface AccessChange {
  readonly at: string;
  /** `unknown`: a value that cannot be interpreted. */
  readonly to: 'enabled' | 'disabled' | 'unknown';
  readonly by: string;
}

/** What a rule may ask for. Touching what could not be read throws `Unknown`: the engine turns that into a result. */
export interface Facts extends Network {
  readonly server: ServerRef;
  /** The readings themselves, for rules that can do without some of them: touching one never throws. */
  readonly network: Readings;
  readonly exposure: Exposure;
  readonly surroundings: Surroundings;
  readonly firstSeen: FirstSeen;
  readonly baseline: Baseline;
  /** The baseline is unreadable because nobody has approved one; touching this never throws. */
  readonly baselineMissing: boolean;
  readonly source: Exposure;
  readonly tenants: Readonly<Record<string, string>>;
  readonly scope: readonly string[];
  readonly failedReadings: readonly FailedReading[];
  readonly accessChanges: readonly AccessChange[];
  readonly confirmedGone: readonly string[];
  readonly approvers: Readonly<Record<string, string>>;
  /** The time of the reading, ISO 8601: rules have no clock. */
  readonly observedAt: string;
}

export type Fact = keyof Facts;

/** One exposure that the monitor looks for. `check` is pure and synchronous. */
export interface Rule<Needed extends Fact = Fact> {
  /** Names the exposure; equals the file name; never reused. */
  readonly id: string;
  /** The catalogue's short code. */
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  readonly category: Category;
  /** What a finding of it is about. */
  readonly subject: 'server' | 'firewall rule' | 'endpoint connection' | 'private endpoint' | 'fact group';
  /** One sentence: how to undo it. */
  readonly fix: string;
  /** Address of Microsoft's page about it. */
  readonly documentation: string;
  /** Controls of published standards and Azure Policy definitions that it serves. */
  readonly standards: readonly string[];
  readonly needs: readonly Needed[];
  /** Rules whose open finding on the same subject, or on the server, makes this one superfluous. */
  readonly supersededBy?: readonly string[];
  check(facts: Pick<Facts, Needed>, policy: ServerPolicy): Outcome;
  /** The `az` command that undoes it, or several lines of them. */
  command?(server: ServerRef, violation: Violation): string;
}

/** What one rule says of one subject on one server at one moment: the only thing that leaves the core. */
export type Finding = FindingKey &
  (
    | { readonly status: 'open'; readonly severity: Severity; readonly violation: Violation }
    | { readonly status: 'superseded'; readonly by: string }
    | { readonly status: 'unknown'; readonly reason: string }
    | { readonly status: 'pass' | 'not-applicable' }
  );

export interface FindingKey {
  readonly ruleId: string;
  /** A subject's id, or the server's; absent on results that hold for every subject of the rule. */
  readonly subject?: string;
}

/** Thrown by a rule, or by the facts that it touches, when the outcome depends on what could not be read. */
export class Unknown extends Error {
  override readonly name = 'Unknown';
}
