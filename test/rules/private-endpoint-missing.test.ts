import { expect, test } from 'vitest';
import { serverPolicy } from '../../shared/policy.ts';
import { privateEndpointMissing } from '../../shared/rules/private-endpoint-missing.ts';
import { BODY, evidenceOf, type Given, verdicts } from '../builders.ts';

const fw = ['203.0.113.5'];

test.each<{ when: string; given: Given; gives: string }>([
  { when: 'none', given: { fw }, gives: 'OPEN Medium' },
  { when: 'only pending', given: { fw, pec: ['Pending'] }, gives: 'OPEN Medium' },
  { when: 'only rejected', given: { fw, pec: ['Rejected'] }, gives: 'OPEN Medium' },
  { when: 'approved', given: { fw, pec: ['Approved'] }, gives: 'PASS' },
  { when: 'approved in lower case', given: { fw, pec: ['approved'] }, gives: 'PASS' },
  { when: 'inside a subnet', given: { injected: true, pna: 'Disabled' }, gives: 'N/A' },
  { when: 'the basic tier of a single server', given: { family: 'PS', tier: 'Basic', fw }, gives: 'N/A' },
  {
    when: 'another tier of a single server',
    given: { family: 'PS', tier: 'GeneralPurpose', fw },
    gives: 'OPEN Medium',
  },
  { when: 'nobody reaches the server', given: { pna: 'Disabled' }, gives: 'N/A' },
  { when: 'the public path unknown', given: { pna: undefined, fw }, gives: 'OPEN Medium' },
  { when: 'the server denied', given: { denied: BODY }, gives: 'UNKNOWN' },
  { when: 'a status that is not documented', given: { fw, pec: ['Allowed'] }, gives: 'UNKNOWN' },
])('$when: $gives', ({ given, gives }) => {
  expect(verdicts(privateEndpointMissing, given)).toEqual([gives]);
});

test.each(['restricted', 'open'] as const)('the profile %s does not ask for one', (profile) => {
  expect(verdicts(privateEndpointMissing, { fw }, {}, serverPolicy(profile))).toEqual(['N/A']);
});

test('the evidence shows the connections by status', () => {
  expect(evidenceOf(privateEndpointMissing, { fw, pec: ['Pending', 'Rejected'] })).toMatchObject({
    profile: 'private',
    statuses: { pending: 1, rejected: 1 },
  });
});
