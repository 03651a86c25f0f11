import { expect, test } from 'vitest';
import { evaluate } from '../shared/evaluate.ts';
import {
  exposureOf,
  type PrivatePath,
  type PublicPath,
  type Reach,
  type Reachability,
} from '../shared/exposure.ts';
import type { Facet, Rule } from '../shared/model.ts';
import { DEFAULT_WIDTHS, serverPolicy } from '../shared/policy.ts';
import * as registry from '../shared/rules/index.ts';
import {
  ago,
  ANY,
  AZURE,
  baseline,
  BODY,
  connectionId,
  context,
  exposure,
  type Given,
  ranges,
  snapshot,
  value,
  virtualNetworkRule,
} from './builders.ts';

const RULES: readonly Rule[] = Object.values(registry);

interface Case {
  readonly id: string;
  readonly when: string;
  readonly given: Given;
  readonly path: PublicPath;
  readonly reachability: Reachability;
  readonly reach: Reach;
  readonly open: readonly string[];
}

const AZURE_RULE = `AllowAllAzureIps=${AZURE}`;
const IN_USE = ['public-access-enabled High', 'firewall-rules-in-use Low', 'private-endpoint-missing Medium'];

test.each<Case>([
  {
    id: 'T01',
    when: 'on, no rules, no endpoint',
    given: {},
    path: 'none',
    reachability: 'UNREACHABLE',
    reach: 'none',
    open: ['lockout-no-path High', 'public-access-enabled Medium'],
  },
  {
    id: 'T02',
    when: 'on, no rules, one approved',
    given: { pec: ['Approved'] },
    path: 'none',
    reachability: 'PRIVATE_ONLY',
    reach: 'private',
    open: ['public-access-enabled Medium', 'public-access-beside-endpoint Medium'],
  },
  {
    id: 'T03',
    when: 'on, one address, no endpoint',
    given: { fw: ['203.0.113.5'] },
    path: 'limited',
    reachability: 'PUBLIC_ONLY',
    reach: 'listed',
    open: IN_USE,
  },
  {
    id: 'T04',
    when: 'on, one address, one approved',
    given: { fw: ['203.0.113.5'], pec: ['Approved'] },
    path: 'limited',
    reachability: 'PUBLIC_AND_PRIVATE',
    reach: 'listed',
    open: ['public-access-enabled High', 'public-access-beside-endpoint Medium', 'firewall-rules-in-use Low'],
  },
  {
    id: 'T05',
    when: 'on, Azure services',
    given: { fw: [AZURE_RULE] },
    path: 'azure',
    reachability: 'PUBLIC_ONLY',
    reach: 'azure',
    open: ['azure-services-allowed High', ...IN_USE],
  },
  {
    id: 'T06',
    when: 'on, every address, one pending for an hour',
    given: { fw: [ANY], pec: ['Pending'] },
    path: 'internet',
    reachability: 'PUBLIC_ONLY',
    reach: 'internet',
    open: ['internet-reachable Critical', ...IN_USE],
  },
  {
    id: 'T07',
    when: 'on, every address and Azure services',
    given: { fw: [ANY, AZURE_RULE], pec: ['Pending'] },
    path: 'internet',
    reachability: 'PUBLIC_ONLY',
    reach: 'internet',
    open: ['internet-reachable Critical', 'azure-services-allowed High', ...IN_USE],
  },
  {
    id: 'T08',
    when: 'off, every address, one approved',
    given: { pna: 'Disabled', fw: [ANY], pec: ['Approved'] },
    path: 'closed',
    reachability: 'PRIVATE_ONLY',
    reach: 'private',
    open: ['latent-firewall-rules Medium'],
  },
  {
    id: 'T09',
    when: 'off, no rules, one rejected',
    given: { pna: 'Disabled', pec: ['Rejected'] },
    path: 'closed',
    reachability: 'UNREACHABLE',
    reach: 'none',
    open: ['lockout-no-path High', 'endpoint-rejected Medium'],
  },
  {
    id: 'T10',
    when: 'off, no rules, approved and disconnected',
    given: { pna: 'Disabled', pec: ['Approved', 'Disconnected'] },
    path: 'closed',
    reachability: 'PRIVATE_ONLY',
    reach: 'private',
    open: ['endpoint-rejected Medium'],
  },
  {
    id: 'T11',
    when: 'inside a subnet, off',
    given: { injected: true, pna: 'Disabled' },
    path: 'closed',
    reachability: 'PRIVATE_ONLY',
    reach: 'private',
    open: [],
  },
  {
    id: 'T12',
    when: 'inside a subnet, absent, every address',
    given: { injected: true, pna: undefined, fw: [ANY] },
    path: 'closed',
    reachability: 'PRIVATE_ONLY',
    reach: 'private',
    open: [],
  },
  {
    id: 'T13',
    when: 'inside a subnet, on',
    given: { injected: true, pna: 'Enabled' },
    path: 'unknown',
    reachability: 'UNKNOWN',
    reach: 'unknown',
    open: ['public-access-unknown Medium'],
  },
  {
    id: 'T14',
    when: 'absent, every address',
    given: { pna: undefined, fw: [ANY] },
    path: 'unknown',
    reachability: 'UNKNOWN',
    reach: 'unknown',
    open: ['public-access-unknown High', 'private-endpoint-missing Medium'],
  },
  {
    id: 'T15',
    when: 'on, the rules denied, one approved',
    given: { pec: ['Approved'], denied: ['firewallRules'] },
    path: 'unknown',
    reachability: 'UNKNOWN',
    reach: 'unknown',
    open: [
      'public-access-beside-endpoint Medium',
      'public-access-enabled Medium',
      'server-unreadable Medium',
    ],
  },
  {
    id: 'T16',
    when: 'a single server, on, one virtual network rule',
    given: { family: 'MS', vnet: ['web'] },
    path: 'vnet-rules',
    reachability: 'PUBLIC_ONLY',
    reach: 'private',
    open: [...IN_USE, 'retired-service High'],
  },
  {
    id: 'T20',
    when: 'on, private addresses only',
    given: { fw: ['10.0.0.0-10.0.0.255'] },
    path: 'none',
    reachability: 'UNREACHABLE',
    reach: 'none',
    open: [
      'lockout-no-path High',
      'private-range-in-firewall Informational',
      'public-access-enabled Medium',
      'firewall-rules-in-use Low',
    ],
  },
])('$id $when: $path, $reachability, $reach', ({ given, path, reachability, reach, open }) => {
  const families = given.family || given.injected ? [given.family ?? 'MF'] : (['MF', 'PF'] as const);
  for (const family of families) {
    const seen = snapshot({ ...given, family });
    const judged = exposureOf(seen.network, DEFAULT_WIDTHS);
    expect(judged).toMatchObject({ publicPath: path, reachability, reach });
    const denied = (given.denied ?? []).map((group) => {
      return { group, reason: 'denied', denied: true, sweeps: 1, since: seen.observedAt };
    });
    const around = context({
      baseline: value(baseline({ ...given, family })),
      failedReadings: denied,
      firstSeen: { [`${connectionId('a')}|pending`]: ago(3600) },
    });
    const findings = evaluate(seen, around, RULES, serverPolicy()).flatMap((finding) =>
      finding.status === 'open' ? [`${finding.ruleId} ${finding.severity}`] : [],
    );
    expect(findings.toSorted()).toEqual(open.toSorted());
  }
});

test.each<{ when: string; given: Given; path: PublicPath; latent: PublicPath }>([
  { when: 'off, every address', given: { pna: 'Disabled', fw: [ANY] }, path: 'closed', latent: 'internet' },
  { when: 'off, Azure services', given: { pna: 'Disabled', fw: [AZURE] }, path: 'closed', latent: 'azure' },
  { when: 'on, 257 addresses', given: { fw: ['203.0.113.0-203.0.114.0'] }, path: 'wide', latent: 'wide' },
  {
    when: 'on, 256 addresses',
    given: { fw: ['203.0.113.0-203.0.113.255'] },
    path: 'limited',
    latent: 'limited',
  },
  {
    when: 'on, wide and Azure services',
    given: { fw: ['20.0.0.0-20.0.255.255', AZURE] },
    path: 'azure',
    latent: 'azure',
  },
  { when: 'on, one malformed rule', given: { fw: ['203.0.113.5', 'x'] }, path: 'unknown', latent: 'unknown' },
  {
    when: 'on, malformed beside every address',
    given: { fw: [ANY, 'x'] },
    path: 'internet',
    latent: 'internet',
  },
  {
    when: 'on, the virtual network rules denied',
    given: { family: 'MS', denied: ['virtualNetworkRules'] },
    path: 'unknown',
    latent: 'unknown',
  },
  {
    when: 'on, one address, the virtual network rules denied',
    given: { family: 'MS', fw: ['203.0.113.5'], denied: ['virtualNetworkRules'] },
    path: 'limited',
    latent: 'limited',
  },
  {
    when: 'the subnet denied',
    given: { fw: [ANY], denied: ['delegatedSubnetId'] },
    path: 'unknown',
    latent: 'internet',
  },
])('$when: $path, latent $latent', ({ given, path, latent }) => {
  expect(exposure(given)).toMatchObject({ publicPath: path, latentPath: latent });
});

test('nothing that was not read counts as closed or empty', () => {
  expect(exposure({ denied: BODY })).toMatchObject({
    switch: 'unknown',
    injected: undefined,
    publicPath: 'unknown',
    privatePath: 'unknown',
    reach: 'unknown',
    publicAddresses: null,
    rangesInForce: null,
    azureServices: null,
    subnetsInForce: null,
  });
  expect(exposure({ denied: ['firewallRules'] })).toMatchObject({
    rulesRead: false,
    publicAddresses: null,
    rangesInForce: null,
    azureServices: null,
  });
  expect(exposureOf({}, DEFAULT_WIDTHS)).toMatchObject({
    publicPath: 'unknown',
    privatePath: 'unknown',
    reach: 'unknown',
  });
});

test('what is in force: the rules of an open server, nothing on a closed one', () => {
  expect(exposure({ fw: ['203.0.113.0-203.0.113.3', '10.0.0.1', AZURE] })).toMatchObject({
    admitted: 5,
    public: 4,
    publicAddresses: 4,
    azureServices: true,
    invalidRules: [],
    rangesInForce: ranges('203.0.113.0-203.0.113.3', '10.0.0.1'),
  });
  expect(exposure({ pna: 'Disabled', fw: [ANY, AZURE] })).toMatchObject({
    admitted: 4_294_967_296,
    public: 3_702_390_784,
    publicAddresses: 0,
    azureServices: false,
    rangesInForce: [],
  });
  expect(exposure({ fw: ['203.0.113.5', 'x', AZURE] })).toMatchObject({
    publicAddresses: null,
    azureServices: true,
  });
  expect(exposure({ fw: ['203.0.113.5', 'x'] })).toMatchObject({
    rulesRead: true,
    rangesInForce: null,
    azureServices: null,
  });
  expect(exposure({ fw: ['203.0.113.5'] }).azureServices).toBe(false);
});

test('a closed server admits no subnet, an unreadable list may', () => {
  const given: Given = { family: 'MS', vnet: ['web'] };
  expect(exposure({ ...given, pna: 'Disabled' }).subnetsInForce).toEqual([]);
  expect(exposure({ ...given, denied: ['virtualNetworkRules'] }).subnetsInForce).toBeNull();
});

test('the rules in another order are the same exposure', () => {
  const fw = ['c=203.0.113.200-203.0.113.255', 'a=203.0.113.0-203.0.113.100', 'b=203.0.113.50-203.0.113.199'];
  const { ranges: merged } = exposure({ fw });
  expect(merged).toEqual(ranges('203.0.113.0-203.0.113.255'));
  expect(exposure({ fw: fw.toReversed() }).ranges).toEqual(merged);
});

test.each<{ when: string; pec: string[]; denied?: Facet[]; path: PrivatePath }>([
  { when: 'none', pec: [], path: 'none' },
  { when: 'pending', pec: ['Pending'], path: 'none' },
  { when: 'none, the subnet denied', pec: [], denied: ['delegatedSubnetId'], path: 'unknown' },
  { when: 'approved, the subnet denied', pec: ['Approved'], denied: ['delegatedSubnetId'], path: 'endpoint' },
  { when: 'approved', pec: ['Rejected', 'Approved'], path: 'endpoint' },
  { when: 'a status that is not documented', pec: ['Allowed'], path: 'unknown' },
  { when: 'the same beside an approved one', pec: ['Allowed', 'Approved'], path: 'endpoint' },
])('private path with $when: $path', ({ path, ...given }) => {
  expect(exposure(given).privatePath).toBe(path);
});

test.each<{ when: string; given: Given; reachability: Reachability; reach: Reach }>([
  {
    when: 'off, the connections denied',
    given: { pna: 'Disabled', denied: ['endpointConnections'] },
    reachability: 'UNKNOWN',
    reach: 'unknown',
  },
  {
    when: 'on, no rules, a status that is not documented',
    given: { pec: ['Allowed'] },
    reachability: 'UNKNOWN',
    reach: 'unknown',
  },
  {
    when: 'on, one address, the connections denied',
    given: { fw: ['203.0.113.5'], denied: ['endpointConnections'] },
    reachability: 'PUBLIC_AND_UNKNOWN',
    reach: 'listed',
  },
  {
    when: 'on, every address, a status that is not documented',
    given: { fw: [ANY], pec: ['Allowed'] },
    reachability: 'PUBLIC_AND_UNKNOWN',
    reach: 'internet',
  },
])('a private path that is not known, $when: $reachability, $reach', ({ given, reachability, reach }) => {
  expect(exposure(given)).toMatchObject({ privatePath: 'unknown', reachability, reach });
});

test('a virtual network rule without its subnet counts by its own id', () => {
  const named = virtualNetworkRule('web');
  const virtualNetworkRules = value([named, { ...named, id: `${named.id}-2`, subnetId: null }]);
  const judged = exposureOf({ ...snapshot({ family: 'MS' }).network, virtualNetworkRules }, DEFAULT_WIDTHS);
  expect(judged).toMatchObject({
    publicPath: 'vnet-rules',
    subnetsInForce: [named.subnetId, `${named.id}-2`],
  });
});

test('a perimeter is never shown as narrower than it may be', () => {
  const publicAccess = value({ switch: 'perimeter', raw: '"SecuredByPerimeter"' } as const);
  const judged = exposureOf({ ...snapshot({ pec: ['Approved'] }).network, publicAccess }, DEFAULT_WIDTHS);
  expect(judged).toMatchObject({
    publicPath: 'perimeter',
    reachability: 'PERIMETER',
    reach: 'unknown',
    publicAddresses: null,
  });
});
