import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { baselineOf } from '../../shared/drift.ts';
import { evaluate } from '../../shared/evaluate.ts';
import { exposureOf, type Reach, REACHES } from '../../shared/exposure.ts';
import { parseFacet } from '../../shared/families/define-family.ts';
import { FAMILIES, familyOf } from '../../shared/families/index.ts';
import { firstSeenKeys } from '../../shared/judging/first-seen.ts';
import { parseCidr } from '../../shared/ip-range.ts';
import type { Context, PrivateEndpoint, Reading, Readings, Rule, Snapshot } from '../../shared/model.ts';
import { privateEndpoint } from '../../shared/network/private-endpoint.ts';
import { DEFAULT_WIDTHS, type ServerPolicy, serverPolicy } from '../../shared/policy.ts';
import { readable } from '../../shared/judging/public-access.ts';
import { isGuid, parseResourceId, type ResourceId } from '../../shared/resource-id.ts';
import * as registry from '../../shared/rules/index.ts';

const RULES = Object.values<Rule | readonly Rule[]>(registry).flat();

interface Shown {
  readonly server: string;
  readonly reach: Reach;
  /** Open findings under the default policy, with the severity where it is not the rule's own. */
  readonly shows: readonly string[];
}

const OPEN = ['public-access-enabled High', 'firewall-rules-in-use', 'private-endpoint-missing'];
const INTERNET = ['internet-reachable', ...OPEN];
const AZURE = ['azure-services-allowed', ...OPEN];

/** What the sample estate shows, server by server; the rest of it is well kept (`WELL_KEPT`). */
const SHOWN: readonly Shown[] = [
  // Retail Production
  { server: 'orders', reach: 'listed', shows: OPEN },
  { server: 'vouchers', reach: 'internet', shows: INTERNET },
  { server: 'gift-cards', reach: 'listed', shows: [...OPEN, 'misleading-rule-name', 'stale-temporary-rule'] },
  { server: 'point-of-sale', reach: 'listed', shows: [...OPEN, 'too-many-firewall-rules'] },
  { server: 'catalogue-replica', reach: 'listed', shows: [...OPEN, 'replica-more-exposed'] },
  { server: 'assortment', reach: 'none', shows: ['lockout-no-path', 'endpoint-rejected'] },
  { server: 'search-index', reach: 'internet', shows: INTERNET },
  {
    server: 'product-images',
    reach: 'private',
    shows: [
      'public-access-enabled',
      'public-access-beside-endpoint',
      'firewall-rules-in-use',
      'private-range-in-firewall',
    ],
  },
  { server: 'reviews', reach: 'internet', shows: INTERNET },
  { server: 'loyalty', reach: 'private', shows: ['public-access-enabled', 'public-access-beside-endpoint'] },
  { server: 'wishlist', reach: 'azure', shows: [...AZURE, 'misleading-rule-name'] },
  { server: 'newsletter', reach: 'azure', shows: AZURE },
  {
    server: 'recommendations',
    reach: 'wide',
    shows: [
      'wide-public-range',
      'public-access-enabled High',
      'public-access-beside-endpoint',
      'firewall-rules-in-use',
    ],
  },
  { server: 'marketing', reach: 'private', shows: ['endpoint-pending'] },
  {
    server: 'customer-service',
    reach: 'unknown',
    shows: ['public-access-unknown High', 'private-endpoint-missing'],
  },
  { server: 'web-analytics', reach: 'unknown', shows: [...OPEN, 'invalid-firewall-rule'] },
  { server: 'fulfilment', reach: 'listed', shows: [...OPEN, 'redundant-firewall-rule'] },
  { server: 'store-locator', reach: 'listed', shows: [...OPEN, 'misleading-rule-name'] },
  { server: 'legacy-shop', reach: 'private', shows: [...OPEN, 'retired-service'] },
  { server: 'legacy-stock', reach: 'private', shows: ['retired-service'] },
  {
    server: 'legacy-invoices',
    reach: 'listed',
    shows: [
      'public-access-enabled High',
      'firewall-rules-in-use',
      'endpoint-unsupported-tier',
      'retired-service',
    ],
  },
  // Payments Production
  { server: 'ledger', reach: 'private', shows: ['latent-firewall-rules Medium'] },
  { server: 'cash-management', reach: 'private', shows: ['latent-firewall-rules'] },
  { server: 'treasury', reach: 'private', shows: ['endpoint-foreign-subscription'] },
  { server: 'pension-fund', reach: 'unknown', shows: ['public-access-unknown'] },
  { server: 'loans', reach: 'private', shows: ['latent-firewall-rules Medium'] },
  { server: 'invoices', reach: 'private', shows: ['endpoint-orphaned'] },
  { server: 'subscriptions', reach: 'private', shows: ['endpoint-on-injected-server'] },
  { server: 'refunds', reach: 'private', shows: ['endpoint-state-mismatch'] },
  { server: 'donations', reach: 'private', shows: ['endpoint-other-region'] },
  { server: 'card-statements', reach: 'unknown', shows: ['public-access-unknown'] },
  { server: 'card-terminals', reach: 'none', shows: ['lockout-no-path', 'public-access-enabled'] },
  { server: 'payouts', reach: 'private', shows: ['endpoint-provisioning-failed'] },
  { server: 'insurance-quotes', reach: 'unknown', shows: ['public-access-unknown'] },
  { server: 'merchant-onboarding', reach: 'private', shows: ['endpoint-orphaned'] },
  { server: 'legacy-gateway', reach: 'private', shows: ['retired-service'] },
  {
    server: 'legacy-gateway-replica',
    reach: 'listed',
    shows: [...OPEN, 'replica-more-exposed', 'retired-service'],
  },
  {
    server: 'legacy-cards',
    reach: 'none',
    shows: [
      'lockout-no-path Medium',
      'endpoint-rejected',
      'endpoint-orphaned',
      'latent-firewall-rules',
      'retired-service',
    ],
  },
  // Shared Development
  {
    server: 'sandbox-orders',
    reach: 'internet',
    shows: [...INTERNET, 'redundant-firewall-rule', 'stale-temporary-rule'],
  },
  { server: 'sandbox-ledger', reach: 'internet', shows: [...INTERNET, 'azure-services-allowed'] },
  { server: 'load-test', reach: 'wide', shows: [...OPEN, 'wide-public-range'] },
  {
    server: 'demo-shop',
    reach: 'none',
    shows: ['lockout-no-path', 'private-range-in-firewall', 'public-access-enabled', 'firewall-rules-in-use'],
  },
  { server: 'training', reach: 'listed', shows: OPEN },
  { server: 'integration-tests', reach: 'listed', shows: OPEN },
  { server: 'feature-flags', reach: 'listed', shows: [...OPEN, 'stale-temporary-rule'] },
  {
    server: 'data-science',
    reach: 'azure',
    shows: [
      'azure-services-allowed',
      'public-access-enabled High',
      'public-access-beside-endpoint',
      'firewall-rules-in-use',
    ],
  },
  { server: 'wiki', reach: 'listed', shows: OPEN },
  {
    server: 'old-wiki',
    reach: 'internet',
    shows: [
      'internet-reachable',
      'public-access-enabled High',
      'firewall-rules-in-use',
      'endpoint-unsupported-tier',
      'retired-service',
    ],
  },
  { server: 'old-tracker', reach: 'azure', shows: [...AZURE, 'retired-service'] },
  { server: 'old-metrics', reach: 'private', shows: [...OPEN, 'retired-service'] },
];

/** Private by an endpoint or by their network, and nothing to say of them. */
const WELL_KEPT = [
  ...['basket', 'checkout', 'returns', 'catalogue', 'pricing', 'promotions', 'customers', 'stock'],
  ...['suppliers', 'shipments', 'ledger-archive', 'reconciliation', 'tax-reports', 'payroll', 'billing'],
  ...['accounts-payable', 'accounts-receivable', 'dispute-handling', 'card-vault', 'chargebacks', 'escrow'],
  ...['fraud-scoring', 'settlements', 'direct-debit', 'currency-rates', 'build-metadata', 'artefacts'],
  ...['release-notes', 'issue-tracker', 'time-sheets'],
];

/** The rules of state that a first reading can open, but one that needs a policy of its own (range-not-approved). */
const STATE_RULES = [
  ...['internet-reachable', 'wide-public-range', 'azure-services-allowed', 'public-access-enabled'],
  ...['public-access-beside-endpoint', 'latent-firewall-rules'],
  ...['private-range-in-firewall', 'redundant-firewall-rule', 'stale-temporary-rule', 'misleading-rule-name'],
  ...['invalid-firewall-rule', 'replica-more-exposed', 'too-many-firewall-rules', 'public-access-unknown'],
  ...['firewall-rules-in-use', 'private-endpoint-missing', 'endpoint-pending', 'endpoint-rejected'],
  ...['lockout-no-path', 'endpoint-foreign-subscription', 'endpoint-orphaned', 'endpoint-other-region'],
  ...['endpoint-provisioning-failed', 'endpoint-state-mismatch', 'endpoint-on-injected-server'],
  ...['endpoint-unsupported-tier', 'retired-service'],
];

const Children = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())));
const Estate = z.strictObject({
  subscriptions: z
    .array(
      z.strictObject({
        subscriptionId: z.string(),
        displayName: z.string(),
        tenantId: z.string(),
        managementGroup: z.string(),
      }),
    )
    .default([]),
  managementGroups: z.array(z.strictObject({ name: z.string(), parent: z.string().nullable() })).default([]),
  resources: z
    .array(
      z.strictObject({
        id: z.string(),
        location: z.string(),
        tags: z.record(z.string(), z.string()),
        sku: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
        properties: z.record(z.string(), z.unknown()),
        children: Children.default({}),
      }),
    )
    .default([]),
});
type Resource = z.infer<typeof Estate>['resources'][number] & { readonly at: ResourceId };

const FOLDER = new URL('../../local/estate/', import.meta.url);
const files = readdirSync(FOLDER).map((name) =>
  Estate.parse(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))),
);
const subscriptions = files.flatMap((file) => file.subscriptions);
const groups = files.flatMap((file) => file.managementGroups);
const resources: readonly Resource[] = files
  .flatMap((file) => file.resources)
  .map((resource) => ({ ...resource, at: idOf(resource.id) }));
const servers = resources.filter(({ at }) => familyOf(at.type));
const endpoints = new Map(
  resources
    .filter(({ at }) => at.type === 'microsoft.network/privateendpoints')
    .map((resource) => [resource.at.id, privateEndpoint(resource, resource.at.id)]),
);
/** A server that only its endpoint remembers, and a subscription that nobody watches. */
const GONE_SERVER = /\/checkout-legacy$/;
const FOREIGN = '99999999-9999-4999-8999-999999999999';

const NOW = '2026-11-20T12:00:00Z';
const EARLIER = '2026-11-20T11:30:00Z';

function idOf(text: string): ResourceId {
  const id = parseResourceId(text);
  if (!id) throw new Error(`not a resource id: ${text}`);
  return id;
}

function serverNamed(name: string): Resource {
  const found = servers.find(({ at }) => at.name === name);
  if (!found) throw new Error(`no server ${name}`);
  return found;
}

function readings({ at, children, ...body }: Resource): Readings {
  const facets = Object.entries(familyOf(at.type)?.facets ?? {}).map(([facet, source]) => {
    if (source.in === 'family') return [facet, { value: source.value, at: NOW }];
    if (source.in === 'body') return [facet, parseFacet(NOW, () => source.read(body, at.id))];
    const items = Object.entries(children[source.path] ?? {});
    const list = items.map(([name, properties]) => ({
      id: `${body.id}/${source.path}/${name}`,
      name,
      properties,
    }));
    return [facet, parseFacet(NOW, () => source.read(list, at.id))];
  });
  return Object.fromEntries(facets) as Readings;
}

function surroundingsOf(serverId: string, network: Readings): Snapshot['surroundings'] {
  const named = (readable(network.endpointConnections) ?? []).map(({ endpointId }) => endpointId);
  const naming = [...endpoints.values()]
    .filter(({ targets }) => targets.some(({ targetId }) => targetId === serverId))
    .map(({ id }) => id);
  const ids = [...new Set([...named, ...naming])].filter((id) => id !== null);
  const read = (id: string): Reading<PrivateEndpoint | 'gone'> =>
    id.includes(FOREIGN)
      ? { unreadable: 'out of scope', at: NOW }
      : { value: endpoints.get(id) ?? 'gone', at: NOW };
  return { endpoints: Object.fromEntries(ids.map((id) => [id, read(id)])) };
}

function snapshotOf(resource: Resource): Snapshot {
  const { at, location, tags } = resource;
  const network = readings(resource);
  const { id, name, type: family, subscription, resourceGroup } = at;
  return {
    server: { id, name, family, subscription, resourceGroup, location, tags },
    observedAt: NOW,
    completedAt: NOW,
    found: true,
    network,
    surroundings: surroundingsOf(id, network),
  };
}

/** As at a second reading: what there is was there half an hour ago. */
function contextOf(snapshot: Snapshot): Context {
  const { network } = snapshot;
  const source = servers.find(({ at }) => at.id === readable(network.replication)?.sourceId);
  const exposure = exposureOf(network, DEFAULT_WIDTHS);
  const baseline = baselineOf(network, exposure, EARLIER);
  return {
    firstSeen: Object.fromEntries(firstSeenKeys(snapshot).map((key) => [key, EARLIER])),
    baseline: baseline ? { value: baseline, at: NOW } : { unreadable: 'not complete', at: NOW },
    source: source
      ? { value: exposureOf(readings(source), DEFAULT_WIDTHS), at: NOW }
      : { unreadable: 'no source', at: NOW },
    tenants: Object.fromEntries(
      subscriptions.map(({ subscriptionId, tenantId }) => [subscriptionId, tenantId]),
    ),
    scope: subscriptions.map(({ subscriptionId }) => subscriptionId),
    failedReadings: [],
    accessChanges: { value: [], at: NOW },
    confirmedGone: [
      ...connections().map(({ endpoint }) => endpoint),
      ...targets().map(({ server }) => server),
    ].filter((id) => !id.includes(FOREIGN) && !resources.some(({ at }) => at.id === id)),
    approvers: {},
  };
}

/** Open findings as the table writes them, once each. */
function shownBy(snapshot: Snapshot, policy: ServerPolicy): readonly string[] {
  const severities = new Map(RULES.map(({ id, severity }) => [id, severity]));
  const open = evaluate(snapshot, contextOf(snapshot), RULES, policy).flatMap((finding) => {
    if (finding.status !== 'open') return [];
    const { ruleId, severity } = finding;
    return [severities.get(ruleId) === severity ? ruleId : `${ruleId} ${severity}`];
  });
  return [...new Set(open)].sort();
}

const ruleOf = (shown: string): string => shown.split(' ')[0] ?? '';

interface Link {
  readonly server: string;
  readonly endpoint: string;
  readonly status: string;
}

/** What the servers say of their endpoints. */
function connections(): readonly Link[] {
  return servers.flatMap((server) => {
    return (readable(readings(server).endpointConnections) ?? []).map(({ endpointId, status }) => ({
      server: server.at.id,
      endpoint: endpointId ?? '',
      status,
    }));
  });
}

/** What the endpoints say of their servers. */
function targets(): readonly Link[] {
  return [...endpoints.values()].flatMap(({ id, targets: list }) =>
    list.map(({ targetId, status }) => ({
      server: targetId ?? '',
      endpoint: id,
      status,
    })),
  );
}

test('three subscriptions of one tenant under the management groups', () => {
  expect(subscriptions.map(({ displayName, managementGroup }) => [displayName, managementGroup])).toEqual([
    ['Payments Production', 'mg-production'],
    ['Retail Production', 'mg-production'],
    ['Shared Development', 'mg-development'],
  ]);
  expect(subscriptions.every(({ subscriptionId }) => isGuid(subscriptionId))).toBe(true);
  expect(new Set(subscriptions.map(({ tenantId }) => tenantId)).size).toBe(1);
  expect(groups).toEqual([
    { name: 'mg-contoso', parent: null },
    { name: 'mg-production', parent: 'mg-contoso' },
    { name: 'mg-development', parent: 'mg-contoso' },
  ]);
});

test('ids are unique and lie in the three subscriptions', () => {
  const ids = resources.map(({ at }) => at.id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  const known = subscriptions.map(({ subscriptionId }) => subscriptionId);
  expect(resources.filter(({ at }) => !known.includes(at.subscription))).toEqual([]);
});

test('at least 66 servers with names of their own, of every family, in every subscription', () => {
  const names = servers.map(({ at }) => at.name);
  expect(names.length).toBeGreaterThanOrEqual(66);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(servers.map(({ at }) => at.type))).toEqual(
    new Set(FAMILIES.map((family) => family.resourceType)),
  );
  expect(new Set(servers.map(({ at }) => at.subscription)).size).toBe(3);
});

test('the table names every server once, and every reach and rule', () => {
  const named = [...SHOWN.map(({ server }) => server), ...WELL_KEPT];
  expect(named.toSorted()).toEqual(servers.map(({ at }) => at.name).toSorted());
  expect(WELL_KEPT.length).toBeGreaterThanOrEqual(20);
  expect(new Set(SHOWN.map(({ reach }) => reach))).toEqual(new Set(REACHES));
  const shown = new Set(SHOWN.flatMap(({ shows }) => shows.map(ruleOf)));
  expect([...shown].sort()).toEqual(STATE_RULES.toSorted());
});

test.each([...SHOWN, ...WELL_KEPT.map((server): Shown => ({ server, reach: 'private', shows: [] }))])(
  '$server: $reach $shows',
  ({ server, reach, shows }) => {
    const snapshot = snapshotOf(serverNamed(server));
    expect(exposureOf(snapshot.network, DEFAULT_WIDTHS).reach).toBe(reach);
    expect(shownBy(snapshot, serverPolicy())).toEqual(shows.toSorted());
  },
);

test('integration-tests leaves the approved ranges where a policy restricts it', () => {
  const snapshot = snapshotOf(serverNamed('integration-tests'));
  const approvedRanges = [parseCidr('203.0.113.0/24')].filter((range) => range !== undefined);
  expect(shownBy(snapshot, { ...serverPolicy('restricted'), approvedRanges })).toEqual([
    'range-not-approved',
  ]);
});

test('an endpoint outlived its server', () => {
  const [target] = targets().filter(({ server }) => GONE_SERVER.test(server));
  expect(target?.endpoint).toMatch(/\/pe-checkout-legacy$/);
  const { id, name, type: family, subscription, resourceGroup } = idOf(target?.server ?? '');
  const snapshot: Snapshot = {
    server: { id, name, family, subscription, resourceGroup, location: '', tags: {} },
    observedAt: NOW,
    completedAt: NOW,
    found: false,
    network: {},
    surroundings: surroundingsOf(id, {}),
  };
  expect(shownBy(snapshot, serverPolicy())).toEqual(['endpoint-orphaned']);
});

test('servers and endpoints agree, but where a rule wants them not to', () => {
  const key = ({ server, endpoint, status }: Link) => `${server} ${endpoint} ${status}`;
  const ofServers = connections().map(key);
  const ofEndpoints = targets().map(key);
  const apart = [
    ...ofServers.filter((link) => !ofEndpoints.includes(link)),
    ...ofEndpoints.filter((link) => !ofServers.includes(link)),
  ];
  const names = apart
    .map((link) =>
      link
        .split(' ')
        .map((part) => part.split('/').at(-1))
        .join(' '),
    )
    .sort();
  expect(names).toEqual([
    'checkout-legacy pe-checkout-legacy disconnected',
    'invoices pe-invoices-retired approved',
    'merchant-onboarding pe-merchant-onboarding-old disconnected',
    'refunds pe-refunds approved',
    'refunds pe-refunds pending',
    'treasury pe-treasury-partner approved',
  ]);
});

const Endpoint = z.object({
  properties: z.object({
    subnet: z.object({ id: z.string() }),
    ipConfigurations: z.array(z.object({ properties: z.object({ privateIPAddress: z.string() }) })),
  }),
});
const Network = z.object({ properties: z.object({ subnets: z.array(z.object({ id: z.string() })) }) });
const Zoned = z.object({ aRecords: z.array(z.object({ ipv4Address: z.string() })) });

test('endpoints and injected servers lie in subnets of the estate, and their names resolve to their addresses', () => {
  const subnets = resources
    .filter(({ at }) => at.type === 'microsoft.network/virtualnetworks')
    .flatMap((network) => Network.parse(network).properties.subnets.map(({ id }) => idOf(id).id));
  const used = [
    ...[...endpoints.values()].map(({ subnetId }) => subnetId),
    ...servers.flatMap((server) => readable(readings(server).delegatedSubnetId) ?? []),
  ];
  expect(used.filter((id) => id === null || !subnets.includes(id))).toEqual([]);

  const addresses = new Map(
    resources
      .filter(({ at }) => endpoints.has(at.id))
      .map((resource) => [
        resource.at.id,
        Endpoint.parse(resource).properties.ipConfigurations[0]?.properties,
      ]),
  );
  const records = resources
    .filter(({ at }) => at.name.startsWith('privatelink.'))
    .flatMap(({ children }) => Object.entries(children['A'] ?? {}))
    .flatMap(([name, record]) =>
      Zoned.parse(record).aRecords.map(({ ipv4Address }) => `${name} ${ipv4Address}`),
    );
  const approved = targets()
    .filter(({ server, status }) => status === 'approved' && !server.endsWith('/subscriptions'))
    .map(
      ({ server, endpoint }) =>
        `${server.split('/').at(-1) ?? ''} ${addresses.get(endpoint)?.privateIPAddress ?? ''}`,
    );
  expect(records.toSorted()).toEqual(approved.toSorted());
});
