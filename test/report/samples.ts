import type { ChangeView, FindingView, ReportData, ServerView } from '../../shared/report/report-data.ts';

export const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';

/** Id of a MySQL flexible server. */
export const serverId = (name: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourcegroups/data/providers/microsoft.dbformysql/flexibleservers/${name}`;

/** A private server with one approved endpoint and no finding. */
export const aServer = (name: string, with_: Partial<ServerView> = {}): ServerView => ({
  serverId: serverId(name),
  serverName: name,
  serverFamily: 'microsoft.dbformysql/flexibleservers',
  subscriptionRef: SUBSCRIPTION,
  resourceGroup: 'data',
  location: 'westeurope',
  reach: 'private',
  reachability: 'PRIVATE_ONLY',
  publicPath: 'closed',
  privatePath: 'endpoint',
  latentPath: 'none',
  publicAddresses: 0,
  ranges: [],
  azureServices: false,
  delegatedSubnetId: null,
  virtualNetworkSubnets: [],
  endpointConnections: [
    {
      id: `${serverId(name)}/privateendpointconnections/one`,
      status: 'Approved',
      description: 'orders team',
      endpointId: `/subscriptions/${SUBSCRIPTION}/resourcegroups/net/providers/microsoft.network/privateendpoints/one`,
    },
  ],
  approvedEndpoints: 1,
  firewallRules: 0,
  state: 'Ready',
  worstSeverity: '',
  openFindings: 0,
  complete: true,
  unreadable: {},
  observedAt: '2026-03-01T10:00:00Z',
  ...with_,
});

/** A server whose two rules admit everything: 3,702,390,784 public addresses. */
export const anOpenServer = (name: string, with_: Partial<ServerView> = {}): ServerView =>
  aServer(name, {
    reach: 'internet',
    reachability: 'PUBLIC_AND_PRIVATE',
    publicPath: 'internet',
    latentPath: 'internet',
    publicAddresses: 3_702_390_784,
    ranges: ['0.0.0.0/0'],
    firewallRules: 2,
    worstSeverity: 'Critical',
    openFindings: 1,
    ...with_,
  });

/** A server of which nothing could be read. */
export const anUnknownServer = (name: string, with_: Partial<ServerView> = {}): ServerView =>
  aServer(name, {
    reach: 'unknown',
    reachability: 'UNKNOWN',
    publicPath: 'unknown',
    privatePath: 'unknown',
    latentPath: 'unknown',
    publicAddresses: null,
    ranges: null,
    azureServices: null,
    endpointConnections: [],
    approvedEndpoints: 0,
    firewallRules: null,
    complete: false,
    unreadable: { firewallRules: 'access denied (403)' },
    ...with_,
  });

/** An open critical finding on a firewall rule, with its author and its command. */
export const aFinding = (server: ServerView, with_: Partial<FindingView> = {}): FindingView => ({
  findingId: `finding-${server.serverName}`,
  epochSeq: 1,
  ruleId: 'internet-reachable',
  ruleTitle: 'Server admits the whole Internet',
  category: 'exposure',
  severity: 'Critical',
  state: 'Open',
  reason: '',
  serverId: server.serverId,
  serverName: server.serverName,
  serverFamily: server.serverFamily,
  subscriptionRef: server.subscriptionRef,
  subject: `${server.serverId}/firewallrules/allow-all`,
  summary: 'The firewall rules admit 4,294,967,296 addresses.',
  remediation:
    'Delete the rule or narrow it. az mysql flexible-server firewall-rule delete --resource-group data ' +
    `--name ${server.serverName} --rule-name allow-all --yes`,
  evidence: { ranges: ['0.0.0.0/0'], admitted: 4_294_967_296 },
  documentation: 'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking-public',
  openedAt: '2026-03-01T09:59:12Z',
  changedAt: '2026-03-01T09:58:40Z',
  lastSeen: '2026-03-01T10:00:00Z',
  resolvedAt: null,
  resolvesAfter: null,
  exemption: null,
  actorName: 'dana@contoso.example',
  actorId: '22222222-2222-4222-8222-222222222222',
  actorType: 'User',
  ...with_,
});

export const aChange = (server: ServerView, with_: Partial<ChangeView> = {}): ChangeView => ({
  eventId: `event-${server.serverName}`,
  serverId: server.serverId,
  serverName: server.serverName,
  operation: 'Microsoft.DBforMySQL/flexibleServers/firewallRules/write',
  status: 'Succeeded',
  outcome: 'Widened',
  summary: 'Admits 4,294,967,296 addresses more.',
  eventTime: '2026-03-01T09:58:40Z',
  actorName: 'dana@contoso.example',
  actorId: '22222222-2222-4222-8222-222222222222',
  actorType: 'User',
  actorAddress: '203.0.113.9',
  correlationId: '33333333-3333-4333-8333-333333333333',
  ...with_,
});

export const aReport = (with_: Partial<ReportData> = {}): ReportData => ({
  generatedAt: '2026-03-01T10:05:00Z',
  appVersion: '0.1.0',
  scope: 'subscription 11111111-1111-4111-8111-111111111111',
  lastSweep: { finishedAt: '2026-03-01T10:00:30Z', partial: false },
  servers: [],
  findings: [],
  changes: [],
  problems: [],
  ...with_,
});

/** Texts that try to break out of a format; each is also a server name somewhere in these tests. */
export const HOSTILE = [
  '<script>alert(1)</script>',
  '</script><img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '<!-- --> <![CDATA[ ]]>',
  '&lt;b&gt;',
  'prod\u202egnp.exe',
  '\u2066hidden\u2069\u200b\ufeff',
  '\u001b[31mred\u001b]0;title\u0007\u009b2J',
  'line\r\nfeed\ttab\u0000nul\u2028ls\u2029ps',
  'lone\ud800high \udc00low',
  '=HYPERLINK("https://example.test","x")',
  '+1+cmd|x!A0',
  '-2+3',
  '@SUM(A1)',
  '__proto__',
  'a'.repeat(65_536),
  '\u0301'.repeat(65_536),
] as const;

/** The same with a name for test lists, in ASCII. */
export const HOSTILE_CASES = HOSTILE.map((text) => ({
  when: `name ${encodeURI(text.toWellFormed()).slice(0, 40)}`,
  text,
}));
