import { expect, test } from 'vitest';
import type { Context, Rule } from '../../shared/model.ts';
import { type ServerPolicy, serverPolicy } from '../../shared/policy.ts';
import * as rules from '../../shared/rules/index.ts';
import {
  ago,
  ANY,
  AZURE,
  baseline,
  connection,
  connectionId,
  endpoint,
  endpointId,
  type Given,
  judge,
  OTHER_SUBSCRIPTION,
  OTHER_TENANT,
  SERVER,
  SUBSCRIPTION,
  TENANT,
  value,
} from '../builders.ts';

const IN = `--resource-group rg --name orders`;
const CLOSE = `az mysql flexible-server update ${IN} --public-access Disabled --subscription ${SUBSCRIPTION}`;
const DISCONNECT = `az network private-endpoint-connection delete --id ${connectionId('a')}`;
const dropped = (name: string): string =>
  `az mysql flexible-server firewall-rule delete ${IN} --rule-name ${name} --subscription ${SUBSCRIPTION}`;

const off: Given = { pna: 'Disabled' };
const OFFICE = 'office=203.0.113.5';
const WIDE = 'wide=20.0.0.0-20.0.255.255';
const foreign = connection('a', 'Approved', { endpointId: endpointId('pe', OTHER_SUBSCRIPTION) });
const before = (given: Given): Partial<Context> => ({ baseline: value(baseline(given)) });

interface Case {
  readonly rule: Rule;
  readonly given: Given;
  readonly around?: Partial<Context>;
  readonly policy?: ServerPolicy;
  readonly command: string;
}

const CASES: readonly Case[] = [
  { rule: rules.internetReachable, given: { fw: [ANY] }, command: CLOSE },
  { rule: rules.publicAccessEnabled, given: {}, command: CLOSE },
  { rule: rules.publicAccessBesideEndpoint, given: { pec: ['Approved'] }, command: CLOSE },
  { rule: rules.publicAccessSwitchedOn, given: {}, around: before(off), command: CLOSE },
  {
    rule: rules.vnetIntegrationRemoved,
    given: {},
    around: before({ injected: true, pna: undefined }),
    command: CLOSE,
  },
  { rule: rules.widePublicRange, given: { fw: [OFFICE, WIDE] }, command: dropped('wide') },
  {
    rule: rules.azureServicesAllowed,
    given: { fw: [OFFICE, `a=${AZURE}`, `b=${AZURE}`] },
    command: `${dropped('a')}\n${dropped('b')}`,
  },
  {
    rule: rules.rangeNotApproved,
    given: { fw: [OFFICE] },
    policy: serverPolicy('restricted'),
    command: dropped('office'),
  },
  { rule: rules.firewallRulesInUse, given: { fw: [OFFICE] }, command: dropped('office') },
  { rule: rules.latentFirewallRules, given: { ...off, fw: [OFFICE] }, command: dropped('office') },
  { rule: rules.exposureWidened, given: { fw: [OFFICE] }, around: before({}), command: dropped('office') },
  {
    rule: rules.latentRulesChanged,
    given: { ...off, fw: [OFFICE, 'new=203.0.113.9'] },
    around: before({ ...off, fw: [OFFICE] }),
    command: dropped('new'),
  },
  { rule: rules.invalidFirewallRule, given: { fw: [OFFICE, 'bad=x'] }, command: dropped('bad') },
  {
    rule: rules.privateRangeInFirewall,
    given: { fw: [OFFICE, 'inside=10.0.0.1'] },
    command: dropped('inside'),
  },
  {
    rule: rules.redundantFirewallRule,
    given: { fw: [OFFICE, 'same=203.0.113.5'] },
    command: dropped('same'),
  },
  {
    rule: rules.staleTemporaryRule,
    given: { fw: [OFFICE, 'ClientIPAddress_2024-8-20_10-43-19=203.0.113.9'] },
    command: dropped('clientipaddress_2024-8-20_10-43-19'),
  },
  { rule: rules.endpointForeignSubscription, given: { pec: [foreign] }, command: DISCONNECT },
  {
    rule: rules.endpointForeignTenant,
    given: { pec: [foreign] },
    around: { tenants: { [SUBSCRIPTION]: TENANT, [OTHER_SUBSCRIPTION]: OTHER_TENANT } },
    command: DISCONNECT,
  },
  {
    rule: rules.endpointNewlyApproved,
    given: { pec: ['Approved'] },
    around: before({}),
    command: DISCONNECT,
  },
  { rule: rules.endpointRejected, given: { pec: ['Rejected'] }, command: DISCONNECT },
  {
    rule: rules.endpointPending,
    given: { pec: ['Pending'] },
    around: { firstSeen: { [`${connectionId('a')}|pending`]: ago(25 * 3600) } },
    command: `az network private-endpoint-connection approve --id ${connectionId('a')}`,
  },
  {
    rule: rules.endpointOrphaned,
    given: { pec: ['Approved'], endpoints: [{ id: endpointId('pe-a'), is: 'gone' }] },
    around: { confirmedGone: [endpointId('pe-a')] },
    command: DISCONNECT,
  },
  {
    rule: rules.endpointOrphaned,
    given: { endpoints: [endpoint('pe-a', {}, { status: 'disconnected' })] },
    command: `az network private-endpoint delete --ids ${endpointId('pe-a')}`,
  },
];

test.each(CASES)('$rule.id: $command', ({ rule, given, around = {}, policy, command }) => {
  const open = judge(rule, given, around, policy).filter((finding) => finding.status === 'open');
  expect(open).toHaveLength(1);
  expect(open.map(({ violation }) => rule.command?.(SERVER, violation))).toEqual([command]);
});

test('every rule with a command is in the table', () => {
  const all: readonly Rule[] = Object.values(rules);
  const tried = CASES.map(({ rule }) => rule.id);
  const able = all.filter((rule) => rule.command !== undefined).map(({ id }) => id);
  expect(able.filter((id) => !tried.includes(id))).toEqual([]);
});

test('a finding about nothing in particular has no command', () => {
  for (const rule of [rules.endpointRejected, rules.endpointPending, rules.staleTemporaryRule] as const) {
    expect((rule as Rule).command?.(SERVER, { summary: '', evidence: {} })).toBe('');
  }
});
