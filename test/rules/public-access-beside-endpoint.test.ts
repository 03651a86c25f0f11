import { expect, test } from 'vitest';
import { publicAccessBesideEndpoint } from '../../shared/rules/public-access-beside-endpoint.ts';
import { evidenceOf, type Given, verdicts } from '../builders.ts';

test.each<{ when: string; given: Given; gives: string }>([
  { when: 'on, one approved, no rules', given: { pec: ['Approved'] }, gives: 'OPEN Medium' },
  { when: 'on, approved in lower case', given: { pec: ['approved'] }, gives: 'OPEN Medium' },
  { when: 'on, pending and approved', given: { pec: ['Pending', 'Approved'] }, gives: 'OPEN Medium' },
  { when: 'on, only pending', given: { pec: ['Pending'] }, gives: 'PASS' },
  { when: 'on, only rejected', given: { pec: ['Rejected'] }, gives: 'PASS' },
  { when: 'on, none', given: {}, gives: 'PASS' },
  { when: 'off, one approved', given: { pna: 'Disabled', pec: ['Approved'] }, gives: 'PASS' },
  {
    when: 'on, one approved, the rules denied',
    given: { pec: ['Approved'], denied: ['firewallRules'] },
    gives: 'OPEN Medium',
  },
  { when: 'on, the connections denied', given: { denied: ['endpointConnections'] }, gives: 'UNKNOWN' },
  { when: 'on, a status that is not documented', given: { pec: ['Allowed'] }, gives: 'UNKNOWN' },
  {
    when: 'off, the connections denied',
    given: { pna: 'Disabled', denied: ['endpointConnections'] },
    gives: 'PASS',
  },
  { when: 'unknown, one approved', given: { pna: undefined, pec: ['Approved'] }, gives: 'UNKNOWN' },
])('$when: $gives', ({ given, gives }) => {
  expect(verdicts(publicAccessBesideEndpoint, given)).toEqual([gives]);
});

test('the evidence names the approved connections only, and the public path', () => {
  const given = { fw: ['203.0.113.5'], pec: ['Pending', 'Approved'] };
  expect(evidenceOf(publicAccessBesideEndpoint, given)).toEqual({
    connections: [expect.stringMatching(/\/privateendpointconnections\/b$/)],
    connectionCount: 1,
    publicPath: 'limited',
    public: 1,
  });
});
