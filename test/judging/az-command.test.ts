import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  approveConnection,
  deleteConnection,
  deleteEndpoint,
  deleteRules,
  disablePublicAccess,
  quote,
} from '../../shared/judging/az-command.ts';
import { type FamilyCode, server, SERVER, SUBSCRIPTION } from '../builders.ts';

test.each<{ family: FamilyCode; off: string; rule: string }>([
  {
    family: 'MF',
    off: `az mysql flexible-server update --resource-group rg --name orders --public-access Disabled --subscription ${SUBSCRIPTION}`,
    rule: `az mysql flexible-server firewall-rule delete --resource-group rg --name orders --rule-name office --subscription ${SUBSCRIPTION}`,
  },
  {
    family: 'PF',
    off: `az postgres flexible-server update --resource-group rg --name orders --public-access Disabled --subscription ${SUBSCRIPTION}`,
    rule: `az postgres flexible-server firewall-rule delete --resource-group rg --server-name orders --name office --subscription ${SUBSCRIPTION}`,
  },
  {
    family: 'MS',
    off: `az mysql server update --resource-group rg --name orders --public-network-access Disabled --subscription ${SUBSCRIPTION}`,
    rule: `az mysql server firewall-rule delete --resource-group rg --server-name orders --name office --subscription ${SUBSCRIPTION}`,
  },
  {
    family: 'PS',
    off: `az postgres server update --resource-group rg --name orders --public-network-access Disabled --subscription ${SUBSCRIPTION}`,
    rule: `az postgres server firewall-rule delete --resource-group rg --server-name orders --name office --subscription ${SUBSCRIPTION}`,
  },
])('$family', ({ family, off, rule }) => {
  const given = server(family);
  expect(disablePublicAccess(given)).toBe(off);
  expect(deleteRules(given, [`${given.id}/firewallrules/office`])).toBe(rule);
});

test('several rules are several lines, subnet rules have their own command', () => {
  const given = server('MS');
  expect(
    deleteRules(given, [`${given.id}/firewallrules/a`, `${given.id}/virtualnetworkrules/b`]).split('\n'),
  ).toEqual([
    `az mysql server firewall-rule delete --resource-group rg --server-name orders --name a --subscription ${SUBSCRIPTION}`,
    `az mysql server vnet-rule delete --resource-group rg --server-name orders --name b --subscription ${SUBSCRIPTION}`,
  ]);
  expect(deleteRules(given, [])).toBe('');
});

test('an unknown family has no command', () => {
  const given = { ...SERVER, family: 'microsoft.sql/servers' };
  expect(disablePublicAccess(given)).toBe('');
  expect(deleteRules(given, ['/a/firewallrules/b'])).toBe('');
});

test('endpoints and connections go by their ids', () => {
  expect(deleteConnection('/a/b')).toBe('az network private-endpoint-connection delete --id /a/b');
  expect(approveConnection('/a/b')).toBe('az network private-endpoint-connection approve --id /a/b');
  expect(deleteEndpoint('/a/b')).toBe('az network private-endpoint delete --ids /a/b');
});

test.each([
  { when: 'plain', given: 'rg-1_a.b', quoted: 'rg-1_a.b' },
  { when: 'an id', given: '/subscriptions/x', quoted: '/subscriptions/x' },
  { when: 'parentheses', given: 'rg(x)', quoted: "'rg(x)'" },
  { when: 'a quote', given: "it's", quoted: String.raw`'it'\''s'` },
  { when: 'a command', given: '$(rm -rf ~);`x`', quoted: "'$(rm -rf ~);`x`'" },
  { when: 'a line break', given: 'a\nb', quoted: 'ab' },
  { when: 'a direction override', given: 'a\u202eb', quoted: 'ab' },
  { when: 'empty', given: '', quoted: "''" },
  { when: 'letters of other scripts', given: 'größe', quoted: "'größe'" },
])('quote: $when', ({ given, quoted }) => {
  expect(quote(given)).toBe(quoted);
});

test('a name that begins with a dash stays a value', () => {
  expect(deleteRules(SERVER, ['/x/firewallrules/--yes'])).toContain(' --rule-name=--yes --subscription ');
  expect(deleteRules(SERVER, ['/x/firewallrules/-a b'])).toContain(" --rule-name='-a b' --subscription ");
});

test('a shell reads back what was quoted', () => {
  const printable = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });
  const words = fc
    .sample(fc.array(printable, { minLength: 1, maxLength: 20 }), { numRuns: 10, seed: 1 })
    .flat();
  const script = words.map((word) => `printf '%s\\0' ${quote(word)}`).join('\n');
  const out = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
  expect(out.split('\0').slice(0, -1)).toEqual(words);
});
