import { expect, test } from 'vitest';
import type { Rule, ServerRef } from '../shared/model.ts';
import { parsePolicy, policyOf, serverPolicy } from '../shared/policy.ts';
import * as registry from '../shared/rules/index.ts';
import { OTHER_SUBSCRIPTION, SERVER, SUBSCRIPTION } from './builders.ts';

const RULES: readonly Rule[] = Object.values(registry);

function policy(value: unknown): ReturnType<typeof policyOf> {
  const result = parsePolicy(JSON.stringify(value), RULES, '2026-11-21T12:00:00Z');
  if ('errors' in result) throw new Error(result.errors.join('\n'));
  return policyOf(result.policy);
}

const LETTERS = 'abcdefab-cdef-abcd-efab-cdefabcdefab';
const TAGGED: ServerRef = { ...SERVER, tags: { Env: 'dev', team: 'shop' } };

test.each<{ when: string; match: object; server?: ServerRef; is: boolean }>([
  { when: 'its id', match: { id: SERVER.id.toUpperCase() }, is: true },
  { when: 'a pattern of its id', match: { id: '*/flexibleServers/ord*' }, is: true },
  { when: 'another pattern', match: { id: '*/servers/ord*' }, is: false },
  { when: 'its subscription', match: { subscription: SUBSCRIPTION }, is: true },
  { when: 'another subscription', match: { subscription: OTHER_SUBSCRIPTION }, is: false },
  { when: 'its group in capitals', match: { resourceGroup: 'RG' }, is: true },
  {
    when: 'the group of a server that Azure writes in capitals',
    match: { resourceGroup: 'rg' },
    server: { ...SERVER, resourceGroup: 'RG' },
    is: true,
  },
  {
    when: 'a subscription that Azure writes in capitals',
    match: { subscription: LETTERS },
    server: { ...SERVER, subscription: LETTERS.toUpperCase() },
    is: true,
  },
  { when: 'a part of its group', match: { resourceGroup: 'r' }, is: false },
  { when: 'a star is no pattern in a group', match: { resourceGroup: '*' }, is: false },
  { when: 'its tag', match: { tags: { Env: 'dev' } }, server: TAGGED, is: true },
  { when: 'its tag in another casing', match: { tags: { ENV: 'dev' } }, server: TAGGED, is: true },
  { when: 'the value in another casing', match: { tags: { Env: 'Dev' } }, server: TAGGED, is: false },
  { when: 'two tags, one differs', match: { tags: { Env: 'dev', team: 'x' } }, server: TAGGED, is: false },
  { when: 'a tag that it has not', match: { tags: { Env: 'dev' } }, is: false },
  { when: 'a name of Object itself', match: { tags: { constructor: 'x' } }, is: false },
  {
    when: 'its group and another subscription',
    match: { resourceGroup: 'rg', subscription: OTHER_SUBSCRIPTION },
    is: false,
  },
])('$when: $is', ({ match, server = SERVER, is }) => {
  const { profile } = policy({ servers: [{ match, profile: 'open' }] }).of(server);
  expect(profile).toBe(is ? 'open' : 'private');
});

test('the first entry that matches wins, and leaves to the defaults what it does not set', () => {
  const { of } = policy({
    defaults: { profile: 'restricted', maxPublicAddresses: 7 },
    servers: [
      { match: { id: '*/billing' }, profile: 'private' },
      { match: { id: '*/orders' }, maxAddressesPerRange: 3 },
      { match: { id: '*' }, profile: 'open' },
    ],
  });
  expect(of(SERVER)).toMatchObject({
    profile: 'restricted',
    allowPublic: true,
    requirePrivatePath: false,
    maxPublicAddresses: 7,
    maxAddressesPerRange: 3,
  });
  expect(of({ ...SERVER, id: `${SERVER.id}-2` })).toMatchObject({ profile: 'open', maxPublicAddresses: 7 });
});

test('rules that are switched off are not among the enabled ones', () => {
  const { enabledRules } = policy({ rules: { 'retired-service': { enabled: false } } });
  const off = RULES.filter((rule) => !enabledRules(RULES).includes(rule));
  expect(off.map(({ id }) => id)).toEqual(['retired-service']);
});

test('without a policy the built-in defaults hold, and nothing is exempted', () => {
  const { of, exemptions, enabledRules } = policyOf(undefined);
  expect(of(SERVER)).toEqual(serverPolicy());
  expect(enabledRules(RULES)).toEqual(RULES);
  const violation = { summary: '', evidence: {} };
  const finding = { ruleId: 'retired-service', status: 'open', severity: 'High', violation } as const;
  expect(exemptions(SERVER, '2026-11-21T12:00:00Z')(finding, undefined)).toEqual({ exemption: null });
});
