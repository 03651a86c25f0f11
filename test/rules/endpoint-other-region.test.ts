import { expect, test } from 'vitest';
import { endpointOtherRegion } from '../../shared/rules/endpoint-other-region.ts';
import { bySubject, connection, endpoint, endpointId, evidenceOf, verdicts } from '../builders.ts';

test.each([
  { when: 'the same region in words', location: 'West Europe', gives: 'PASS' },
  { when: 'the same region', location: 'westeurope', gives: 'PASS' },
  { when: 'another region', location: 'eastus', gives: 'OPEN Informational' },
  { when: 'no region', location: '', gives: 'UNKNOWN' },
])('$when: $gives', ({ location, gives }) => {
  expect(
    verdicts(endpointOtherRegion, { pec: ['Approved'], endpoints: [endpoint('pe-a', { location })] }),
  ).toEqual([gives]);
});

test('only approved endpoints that were read are judged', () => {
  const endpoints = [
    endpoint('pe-a', { location: 'eastus' }),
    { id: endpointId('pe-b'), is: 'denied' as const },
    endpoint('pe-c', { location: 'eastus' }),
    { id: endpointId('pe-d'), is: 'gone' as const },
  ];
  const pec = [
    connection('a'),
    connection('b'),
    connection('c', 'Rejected'),
    connection('d'),
    connection('e'),
  ];
  expect(bySubject(endpointOtherRegion, { pec, endpoints })).toEqual({
    a: 'OPEN Informational',
    b: 'UNKNOWN',
    e: 'UNKNOWN',
  });
});

test('the evidence gives both regions', () => {
  const endpoints = [endpoint('pe-a', { location: 'East US' })];
  expect(evidenceOf(endpointOtherRegion, { pec: ['Approved'], endpoints })).toMatchObject({
    server: 'westeurope',
    endpoint: 'eastus',
  });
});

test('unreadable connections are unknown', () => {
  expect(verdicts(endpointOtherRegion, { denied: ['endpointConnections'] })).toEqual(['UNKNOWN']);
});
