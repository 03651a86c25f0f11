import { expect, test } from 'vitest';
import type { Rule } from '../../shared/model.ts';
import * as rules from '../../shared/rules/index.ts';
import { ANY, AZURE, exposure, type Given, verdicts } from '../builders.ts';

/** Cases that widely used checkers judge wrongly: by name, by a single rule, by text comparison, or by what is absent. */
test.each<{ id: string; when: string; given: Given; rule: Rule; gives: string }>([
  {
    id: 'D01',
    when: 'all but the last address',
    given: { fw: ['0.0.0.0-255.255.255.254'] },
    rule: rules.internetReachable,
    gives: 'OPEN Critical',
  },
  {
    id: 'D02',
    when: 'all but the first block',
    given: { fw: ['1.0.0.0-255.255.255.255'] },
    rule: rules.internetReachable,
    gives: 'OPEN Critical',
  },
  {
    id: 'D02',
    when: 'all but the first address',
    given: { fw: ['0.0.0.1-255.255.255.255'] },
    rule: rules.internetReachable,
    gives: 'OPEN Critical',
  },
  {
    id: 'D03',
    when: 'two halves',
    given: { fw: ['0.0.0.0-127.255.255.255', '128.0.0.0-255.255.255.255'] },
    rule: rules.internetReachable,
    gives: 'OPEN Critical',
  },
  {
    id: 'D04',
    when: 'an address with 0.0.0 in its text',
    given: { fw: ['10.0.0.0-10.0.0.255', '20.0.0.0-20.0.0.255'] },
    rule: rules.internetReachable,
    gives: 'PASS',
  },
  {
    id: 'D04',
    when: 'the same',
    given: { fw: ['10.0.0.0-10.0.0.255', '20.0.0.0-20.0.0.255'] },
    rule: rules.azureServicesAllowed,
    gives: 'PASS',
  },
  {
    id: 'D05',
    when: 'Azure services under another name',
    given: { fw: [`office=${AZURE}`] },
    rule: rules.azureServicesAllowed,
    gives: 'OPEN High',
  },
  {
    id: 'D05',
    when: 'the same',
    given: { fw: [`office=${AZURE}`] },
    rule: rules.misleadingRuleName,
    gives: 'OPEN Medium',
  },
  {
    id: 'D05',
    when: 'Azure services under a name with azure',
    given: { fw: [`my-azure=${AZURE}`] },
    rule: rules.misleadingRuleName,
    gives: 'PASS',
  },
  {
    id: 'D05',
    when: 'the name on one address',
    given: { fw: ['AllowAllWindowsAzureIps=1.2.3.4'] },
    rule: rules.azureServicesAllowed,
    gives: 'PASS',
  },
  {
    id: 'D05',
    when: 'the same',
    given: { fw: ['AllowAllWindowsAzureIps=1.2.3.4'] },
    rule: rules.misleadingRuleName,
    gives: 'OPEN Medium',
  },
  {
    id: 'D06',
    when: 'Azure services are not the Internet',
    given: { fw: [AZURE] },
    rule: rules.internetReachable,
    gives: 'PASS',
  },
  {
    id: 'D07',
    when: '256 addresses in overlapping rules',
    given: { fw: ['203.0.113.0-203.0.113.255', '203.0.113.0-203.0.113.255', '203.0.113.9'] },
    rule: rules.widePublicRange,
    gives: 'PASS',
  },
  {
    id: 'D08',
    when: 'below 172.16.0.0/12',
    given: { fw: ['172.0.0.0-172.15.255.255'] },
    rule: rules.widePublicRange,
    gives: 'OPEN High',
  },
  {
    id: 'D08',
    when: 'above it',
    given: { fw: ['172.32.0.0-172.255.255.255'] },
    rule: rules.widePublicRange,
    gives: 'OPEN High',
  },
  {
    id: 'D09',
    when: 'the switch absent',
    given: { pna: undefined },
    rule: rules.publicAccessUnknown,
    gives: 'OPEN Medium',
  },
  {
    id: 'D09',
    when: 'the switch null',
    given: { pna: null },
    rule: rules.publicAccessUnknown,
    gives: 'OPEN Medium',
  },
  {
    id: 'D09',
    when: 'the switch in lower case',
    given: { pna: 'enabled' },
    rule: rules.publicAccessEnabled,
    gives: 'OPEN Medium',
  },
  {
    id: 'D09',
    when: 'a value of other families',
    given: { family: 'PF', pna: 'SecuredByPerimeter' },
    rule: rules.publicAccessUnknown,
    gives: 'OPEN Medium',
  },
  {
    id: 'D14',
    when: 'inside a subnet without an endpoint',
    given: { injected: true, pna: undefined },
    rule: rules.privateEndpointMissing,
    gives: 'N/A',
  },
  {
    id: 'D14',
    when: 'the same',
    given: { injected: true, pna: undefined },
    rule: rules.lockoutNoPath,
    gives: 'PASS',
  },
  {
    id: 'D15',
    when: 'only pending and rejected, an address admitted',
    given: { fw: ['203.0.113.5'], pec: ['Pending', 'Rejected'] },
    rule: rules.privateEndpointMissing,
    gives: 'OPEN Medium',
  },
  {
    id: 'D15',
    when: 'only pending and rejected, public access off',
    given: { pna: 'Disabled', pec: ['Pending', 'Rejected'] },
    rule: rules.lockoutNoPath,
    gives: 'OPEN High',
  },
])('$id $when: $rule.id $gives', ({ given, rule, gives }) => {
  expect(verdicts(rule, given)).toEqual([gives]);
});

test('D03: two halves are one range', () => {
  expect(exposure({ fw: ['0.0.0.0-127.255.255.255', '128.0.0.0-255.255.255.255'] }).ranges).toEqual(
    exposure({ fw: [ANY] }).ranges,
  );
});

test('D06: Azure services alone are the path azure', () => {
  expect(exposure({ fw: [AZURE] }).publicPath).toBe('azure');
});

test('D07: overlapping addresses are counted once', () => {
  expect(exposure({ fw: ['203.0.113.0-203.0.113.200', '203.0.113.100-203.0.113.255'] }).public).toBe(256);
});
