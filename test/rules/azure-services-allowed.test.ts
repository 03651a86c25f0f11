import { expect, test } from 'vitest';
import { azureServicesAllowed } from '../../shared/rules/azure-services-allowed.ts';
import { internetReachable } from '../../shared/rules/internet-reachable.ts';
import { ANY, AZURE, exposure, type Given, judge, verdicts } from '../builders.ts';

test.each<{ when: string; given: Given; gives: string }>([
  { when: 'the rule under another name', given: { fw: [`office=${AZURE}`] }, gives: 'OPEN High' },
  { when: 'the name on another range', given: { fw: ['AllowAllWindowsAzureIps=1.2.3.4'] }, gives: 'PASS' },
  { when: 'only every address', given: { fw: [ANY] }, gives: 'PASS' },
  { when: 'beside every address', given: { fw: [ANY, AZURE] }, gives: 'OPEN High' },
  { when: 'public access off', given: { pna: 'Disabled', fw: [AZURE] }, gives: 'PASS' },
  { when: 'inside a subnet', given: { injected: true, pna: 'Disabled', fw: [AZURE] }, gives: 'PASS' },
  { when: 'no rules', given: {}, gives: 'PASS' },
  { when: 'the rules denied', given: { denied: ['firewallRules'] }, gives: 'UNKNOWN' },
  { when: 'the switch absent', given: { pna: undefined, fw: [AZURE] }, gives: 'UNKNOWN' },
])('$when: $gives', ({ given, gives }) => {
  expect(verdicts(azureServicesAllowed, given)).toEqual([gives]);
});

test('alone it makes the path azure, not the Internet', () => {
  expect(exposure({ fw: [AZURE] }).publicPath).toBe('azure');
  expect(verdicts(internetReachable, { fw: [AZURE] })).toEqual(['PASS']);
});

test('two such rules are one finding that lists both', () => {
  const findings = judge(azureServicesAllowed, { fw: [`one=${AZURE}`, `two=${AZURE}`] });
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    violation: {
      evidence: { rules: [expect.stringMatching(/\/one$/), expect.stringMatching(/\/two$/)], ruleCount: 2 },
      notes: { names: ['one', 'two'] },
    },
  });
});
