import * as z from 'zod';
import { REACHES } from '../exposure.ts';
import { SEVERITIES } from '../model.ts';

const time = z.string().meta({ format: 'date-time', description: 'ISO 8601 in UTC.' });
const addresses = z
  .int()
  .nullable()
  .describe('Public addresses that the path in force admits; null: unknown.');
const evidence = z.record(z.string(), z.unknown());

export const Problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
  })
  .describe('RFC 9457. A 401 has no detail.');

const serverFields = {
  serverId: z.string(),
  serverName: z.string(),
  serverFamily: z.string(),
  subscriptionRef: z.string(),
  resourceGroup: z.string(),
  location: z.string(),
  reach: z.enum(REACHES).describe('From widest to narrowest; unknown may be any of them.'),
  reachability: z.string(),
  publicPath: z.string(),
  privatePath: z.string(),
  latentPath: z.string().describe('The public path as if public access were on.'),
  publicAddresses: addresses,
  ranges: z.array(z.string()).nullable().describe('What the path in force admits; null: unknown.'),
  azureServices: z.boolean().nullable().describe('Whether all of Azure is admitted; null: unknown.'),
  delegatedSubnetId: z.string().nullable(),
  virtualNetworkSubnets: z.array(z.string()),
  endpointConnections: z.array(
    z.strictObject({
      id: z.string(),
      status: z.string(),
      description: z.string(),
      endpointId: z.string().nullable(),
    }),
  ),
  approvedEndpoints: z.int(),
  firewallRules: z.int().nullable(),
  state: z.string(),
  worstSeverity: z.enum([...SEVERITIES, '']),
  openFindings: z.int(),
  complete: z.boolean().describe('Nothing was unreadable.'),
  unreadable: z.record(z.string(), z.string()).describe('What could not be read, and why.'),
  observedAt: time,
};

export const Server = z.strictObject(serverFields);

export const Finding = z.strictObject({
  findingId: z.string(),
  epochSeq: z.int(),
  ruleId: z.string(),
  ruleTitle: z.string(),
  category: z.string(),
  severity: z.enum(SEVERITIES),
  state: z.enum(['Open', 'Exempted', 'Resolved']),
  reason: z.string(),
  serverId: z.string(),
  serverName: z.string(),
  serverFamily: z.string(),
  subscriptionRef: z.string(),
  subject: z.string(),
  summary: z.string(),
  remediation: z.string(),
  evidence,
  documentation: z.string(),
  openedAt: time,
  changedAt: z.string().nullable().describe("The event's own time; null: no event."),
  lastSeen: time,
  resolvedAt: time.nullable(),
  resolvesAfter: time
    .nullable()
    .describe('When a second reading may confirm that it is over; null: it is not.'),
  exemption: z.strictObject({ reason: z.string(), owner: z.string(), expires: z.string() }).nullable(),
  actorName: z.string(),
  actorId: z.string(),
  actorType: z.string(),
  publicAddresses: addresses.optional(),
  publicAddressesBefore: addresses.optional(),
});

export const Change = z.strictObject({
  eventId: z.string(),
  serverId: z.string(),
  serverName: z.string(),
  operation: z.string(),
  status: z.string(),
  outcome: z.enum(['Widened', 'Narrowed', 'Unchanged', 'Unreadable']),
  summary: z.string(),
  eventTime: z.string(),
  actorName: z.string(),
  actorId: z.string(),
  actorType: z.string(),
  actorAddress: z.string(),
  correlationId: z.string(),
});

export const Baseline = z
  .strictObject({
    switch: z.enum(['enabled', 'disabled', 'perimeter', 'unknown']),
    subnetId: z.string().nullable(),
    publicPath: z.string(),
    ranges: z.array(z.string()).describe('In force when it was taken.'),
    allRanges: z.array(z.string()).describe('Of all rules, in force or not.'),
    azureServices: z.boolean(),
    azureRule: z.boolean(),
    approvedConnections: z.array(z.strictObject({ id: z.string(), endpointId: z.string().nullable() })),
    observedAt: time,
    approved: z.boolean().describe('False: the first complete reading, that nobody has approved yet.'),
    approvedAt: time.nullable(),
    approvedBy: z.string().nullable().describe('Object id of who approved it; local in the local host.'),
    reason: z.string().nullable(),
  })
  .describe('The exposure that a server is compared with.');

export const Drift = z
  .strictObject({
    publicPathBefore: z.string(),
    publicPath: z.string(),
    addedRanges: z.array(z.string()).nullable(),
    removedRanges: z.array(z.string()).nullable(),
    addedAddresses: z.int().nullable(),
    removedAddresses: z.int().nullable(),
    azureServicesAdded: z.boolean().nullable(),
    endpointsGained: z.array(z.string()),
    endpointsLost: z.array(z.string()),
  })
  .describe('The difference between baseline and present exposure; null: the present one is unknown.');

export const ServerDetail = z.strictObject({
  ...serverFields,
  live: z.boolean().describe('False: the server was deleted.'),
  notFoundSince: time.nullable().describe('Since when Azure answers 404; not yet proof that it was deleted.'),
  readings: z.record(z.string(), z.strictObject({ at: time, unreadable: z.string().optional() })),
  findings: z.array(Finding),
  baseline: Baseline.nullable(),
  drift: Drift.nullable(),
  changes: z.array(Change),
});

const continuationToken = z.string().describe('Asks for the next page; left out on the last one.').optional();

export const Servers = z.strictObject({ value: z.array(Server), continuationToken });
export const Findings = z.strictObject({ value: z.array(Finding), continuationToken });

export const ScanAccepted = z.strictObject({ id: z.string(), status: z.string().describe('As Location.') });

export const Scan = z.strictObject({
  id: z.string(),
  expected: z.int(),
  assessed: z.int(),
  unreadable: z.int(),
  skipped: z.int().describe('Servers without a result when the time of the scan was over.'),
  startedAt: time,
  finished: z.boolean().describe('Every server has a result, or the time of the scan is over.'),
  finishedAt: time
    .nullable()
    .describe('When the final counts were committed, up to a minute after the last.'),
  problems: z.array(z.string()),
});

export const Health = z.looseObject({
  status: z.enum(['ok', 'unhealthy']),
  reasons: z.array(z.string()),
  lastCompleteSweep: time.nullable().optional(),
  oldestPendingSeconds: z.number().optional(),
  pendingRows: z.int().optional(),
  failedAssessments: z.int().optional(),
});
