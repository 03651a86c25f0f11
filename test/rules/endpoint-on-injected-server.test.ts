import { expect, test } from 'vitest';
import { endpointOnInjectedServer } from '../../shared/rules/endpoint-on-injected-server.ts';
import { BODY, connectionId, evidenceOf, type Given, verdicts } from '../builders.ts';

const injected: Given = { injected: true, pna: undefined };

test.each<{ when: string; given: Given; gives: string }>([
  { when: 'inside a subnet, none', given: injected, gives: 'PASS' },
  {
    when: 'inside a subnet, one approved',
    given: { ...injected, pec: ['Approved'] },
    gives: 'OPEN Informational',
  },
  {
    when: 'inside a subnet, one pending',
    given: { ...injected, pec: ['Pending'] },
    gives: 'OPEN Informational',
  },
  { when: 'outside, one approved', given: { pec: ['Approved'] }, gives: 'N/A' },
  {
    when: 'inside a subnet, the connections denied',
    given: { ...injected, denied: ['endpointConnections'] },
    gives: 'UNKNOWN',
  },
  { when: 'the server denied', given: { denied: BODY }, gives: 'UNKNOWN' },
])('$when: $gives', ({ given, gives }) => {
  expect(verdicts(endpointOnInjectedServer, given)).toEqual([gives]);
});

test('the evidence lists the connections', () => {
  expect(evidenceOf(endpointOnInjectedServer, { ...injected, pec: ['Approved'] })).toMatchObject({
    connections: [{ id: connectionId('a'), status: 'approved' }],
    connectionCount: 1,
  });
});
