import { expect, test } from 'vitest';
import { misleadingRuleName } from '../../shared/rules/misleading-rule-name.ts';
import { AZURE, bySubject, judge, verdicts } from '../builders.ts';

test.each([
  {
    when: 'the name of Azure services on one address',
    fw: 'AllowAllWindowsAzureIps=1.2.3.4',
    gives: 'OPEN Medium',
  },
  { when: 'another casing of it', fw: 'allowallAZURE-x=1.2.3.4', gives: 'OPEN Medium' },
  { when: 'Azure services under another name', fw: `office=${AZURE}`, gives: 'OPEN Medium' },
  { when: 'Azure services under a name with azure', fw: `allow-azure=${AZURE}`, gives: 'PASS' },
  {
    when: 'one client whose rule is a range',
    fw: 'ClientIPAddress_1=203.0.113.0-203.0.113.255',
    gives: 'OPEN Medium',
  },
  { when: 'one client', fw: 'ClientIPAddress_1=203.0.113.5', gives: 'PASS' },
  {
    when: 'the name that the portal gives',
    fw: `AllowAllAzureServicesAndResourcesWithinAzureIps_2024-1-1_1-1-1=${AZURE}`,
    gives: 'PASS',
  },
  { when: 'the name of Azure services inside another', fw: 'x-AllowAllAzure=1.2.3.4', gives: 'PASS' },
  {
    when: 'the name of one client in lower case',
    fw: 'clientipaddress_1=203.0.113.0-203.0.113.255',
    gives: 'OPEN Medium',
  },
  {
    when: 'the name of one client inside another',
    fw: 'x-ClientIPAddress_1=203.0.113.0-203.0.113.255',
    gives: 'PASS',
  },
  { when: 'a plain name', fw: 'office=203.0.113.0-203.0.113.255', gives: 'PASS' },
  {
    when: 'the name of one client on a malformed range',
    fw: 'ClientIPAddress_1=203.0.113',
    gives: 'UNKNOWN',
  },
  { when: 'a plain name on a malformed range', fw: 'office=203.0.113', gives: 'PASS' },
])('$when: $gives', ({ fw, gives }) => {
  expect(verdicts(misleadingRuleName, { fw: [fw] })).toEqual([gives]);
});

test.each([
  { fw: 'AllowAllAzure=1.2.3.4', contradiction: 'speaks of Azure services', range: '1.2.3.4' },
  { fw: `office=${AZURE}`, contradiction: 'does not tell that all of Azure is admitted', range: '0.0.0.0' },
  {
    fw: 'ClientIPAddress_1=203.0.113.0-203.0.113.255',
    contradiction: 'speaks of one client address',
    range: '203.0.113.0/24',
  },
])('the finding tells the contradiction: $contradiction', ({ fw, contradiction, range }) => {
  expect(judge(misleadingRuleName, { fw: [fw] })[0]).toMatchObject({
    violation: {
      summary: `The name of the rule ${contradiction}: it admits ${range}.`,
      evidence: { contradiction, range },
      notes: { name: fw.split('=')[0] },
    },
  });
});

test('a malformed rule hides no other', () => {
  expect(bySubject(misleadingRuleName, { fw: ['ClientIPAddress_1=x', `office=${AZURE}`] })).toEqual({
    clientipaddress_1: 'UNKNOWN',
    office: 'OPEN Medium',
  });
});

test('unreadable rules are unknown', () => {
  expect(verdicts(misleadingRuleName, { denied: ['firewallRules'] })).toEqual(['UNKNOWN']);
});
