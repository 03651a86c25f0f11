import { expect, test } from 'vitest';
import { privateRangeInFirewall } from '../../shared/rules/private-range-in-firewall.ts';
import { ANY, AZURE, bySubject, evidenceOf, verdicts } from '../builders.ts';

test.each([
  {
    when: 'a block of 10.0.0.0/8',
    fw: '10.0.0.0-10.0.0.255',
    gives: 'OPEN Informational',
    reserved: '10.0.0.0/8',
  },
  {
    when: 'one address of 192.168.0.0/16',
    fw: '192.168.1.1',
    gives: 'OPEN Informational',
    reserved: '192.168.0.0/16',
  },
  {
    when: 'carrier-grade translation',
    fw: '100.64.0.1',
    gives: 'OPEN Informational',
    reserved: '100.64.0.0/10',
  },
  { when: 'link-local', fw: '169.254.1.1', gives: 'OPEN Informational', reserved: '169.254.0.0/16' },
  {
    when: 'exactly 172.16.0.0/12',
    fw: '172.16.0.0-172.31.255.255',
    gives: 'OPEN Informational',
    reserved: '172.16.0.0/12',
  },
  { when: 'the address before it', fw: '172.15.255.255', gives: 'PASS' },
  { when: 'the address after it', fw: '172.32.0.0', gives: 'PASS' },
  { when: 'every address', fw: ANY, gives: 'PASS' },
  { when: 'the rule of Azure services', fw: AZURE, gives: 'PASS' },
  { when: 'a documentation address counts as public', fw: '203.0.113.5', gives: 'PASS' },
  { when: 'private but one public address', fw: '10.0.0.0-11.0.0.0', gives: 'PASS' },
  { when: 'malformed', fw: '10.0.0', gives: 'PASS' },
])('$when: $gives', ({ fw, gives, reserved }) => {
  expect(verdicts(privateRangeInFirewall, { fw: [fw] })).toEqual([gives]);
  expect(evidenceOf(privateRangeInFirewall, { fw: [fw] })?.['reserved']).toBe(reserved);
});

test('each such rule is a finding, whatever the order', () => {
  expect(
    bySubject(privateRangeInFirewall, { fw: ['b=10.0.0.1', 'office=203.0.113.5', 'a=10.0.0.1'] }),
  ).toEqual({
    a: 'OPEN Informational',
    b: 'OPEN Informational',
  });
});

test('unreadable rules are unknown', () => {
  expect(verdicts(privateRangeInFirewall, { denied: ['firewallRules'] })).toEqual(['UNKNOWN']);
});
