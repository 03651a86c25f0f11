import type { Evidence, Severity } from '../model.ts';
import type { Baseline } from '../drift.ts';
import type { Reach } from '../exposure.ts';

/** One server as API, report and command line show it; names are those of the table's columns in camelCase. */
export interface ServerView {
  readonly serverId: string;
  readonly serverName: string;
  readonly serverFamily: string;
  readonly subscriptionRef: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly reach: Reach;
  readonly reachability: string;
  readonly publicPath: string;
  readonly privatePath: string;
  readonly latentPath: string;
  /** Null: unknown. */
  readonly publicAddresses: number | null;
  /** Merged ranges that the path in force admits, as `203.0.113.0/24` or `203.0.113.1-203.0.113.9`; null: unknown. */
  readonly ranges: readonly string[] | null;
  readonly azureServices: boolean | null;
  readonly delegatedSubnetId: string | null;
  readonly virtualNetworkSubnets: readonly string[];
  readonly endpointConnections: readonly {
    readonly id: string;
    readonly status: string;
    readonly description: string;
    readonly endpointId: string | null;
  }[];
  readonly approvedEndpoints: number;
  readonly firewallRules: number | null;
  readonly state: string;
  readonly worstSeverity: Severity | '';
  readonly openFindings: number;
  readonly complete: boolean;
  /** Facet -> why it could not be read. */
  readonly unreadable: Readonly<Record<string, string>>;
  readonly observedAt: string;
  /** In a saved scan: the exposure that a later scan is held against; null: not completely known. */
  readonly baseline?: Baseline | null;
}

export interface FindingView {
  readonly findingId: string;
  readonly epochSeq: number;
  readonly ruleId: string;
  readonly ruleTitle: string;
  readonly category: string;
  readonly severity: Severity;
  readonly state: 'Open' | 'Exempted' | 'Resolved';
  readonly reason: string;
  readonly serverId: string;
  readonly serverName: string;
  readonly serverFamily: string;
  readonly subscriptionRef: string;
  readonly subject: string;
  readonly summary: string;
  /** The fix in a sentence and, where there is one, the `az` command after it. */
  readonly remediation: string;
  readonly evidence: Evidence;
  readonly documentation: string;
  readonly openedAt: string;
  readonly changedAt: string | null;
  readonly lastSeen: string;
  readonly resolvedAt: string | null;
  /** The finding resolves when a second reading at or after this time agrees; null: it is not about to. */
  readonly resolvesAfter: string | null;
  readonly exemption: { readonly reason: string; readonly owner: string; readonly expires: string } | null;
  readonly actorName: string;
  readonly actorId: string;
  readonly actorType: string;
  /** Of the server at this transition; null: unknown. Left out: nobody kept it. */
  readonly publicAddresses?: number | null;
  /** Of the server before this transition; null: unknown. Left out: there was no reading before. */
  readonly publicAddressesBefore?: number | null;
}

export interface ChangeView {
  readonly eventId: string;
  readonly serverId: string;
  readonly serverName: string;
  readonly operation: string;
  readonly status: string;
  readonly outcome: 'Widened' | 'Narrowed' | 'Unchanged' | 'Unreadable';
  readonly summary: string;
  readonly eventTime: string;
  readonly actorName: string;
  readonly actorId: string;
  readonly actorType: string;
  readonly actorAddress: string;
  readonly correlationId: string;
}

/** Everything that a report shows; the same for page, table, CSV and SARIF. */
export interface ReportData {
  readonly generatedAt: string;
  readonly appVersion: string;
  /** What was looked at, in words: subscriptions, or management groups. */
  readonly scope: string;
  /** One pass from the command line: there are no sweeps, and nobody kept changes. */
  readonly isScan?: true;
  readonly lastSweep: { readonly finishedAt: string; readonly partial: boolean } | null;
  readonly servers: readonly ServerView[];
  readonly findings: readonly FindingView[];
  /** Newest first. */
  readonly changes: readonly ChangeView[];
  /** What could not be covered, each in one sentence. */
  readonly problems: readonly string[];
}
