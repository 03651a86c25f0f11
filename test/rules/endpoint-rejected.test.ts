import { expect, test } from 'vitest';
import { endpointRejected } from '../../shared/rules/endpoint-rejected.ts';
import { bySubject, connection, judge, verdicts } from '../builders.ts';

test.each([
  { when: 'rejected', status: 'Rejected', gives: 'OPEN Medium' },
  { when: 'disconnected in lower case', status: 'disconnected', gives: 'OPEN Medium' },
  { when: 'approved', status: 'Approved', gives: 'PASS' },
  { when: 'pending', status: 'Pending', gives: 'PASS' },
  { when: 'absent', status: '', gives: 'UNKNOWN' },
  { when: 'not documented', status: 'Allowed', gives: 'UNKNOWN' },
])('$when: $gives', ({ status, gives }) => {
  expect(verdicts(endpointRejected, { pec: [status] })).toEqual([gives]);
});

test('each connection is judged by itself', () => {
  expect(bySubject(endpointRejected, { pec: ['Disconnected', 'Approved', 'Rejected', ''] })).toEqual({
    a: 'OPEN Medium',
    c: 'OPEN Medium',
    d: 'UNKNOWN',
  });
});

test('the description is a note, the approved ones are counted', () => {
  const pec = [connection('a', 'Rejected', { description: 'no' }), connection('b')];
  expect(judge(endpointRejected, { pec })[0]).toMatchObject({
    violation: { evidence: { status: 'rejected', approvedConnections: 1 }, notes: { description: 'no' } },
  });
});

test('unreadable connections are unknown', () => {
  expect(verdicts(endpointRejected, { denied: ['endpointConnections'] })).toEqual(['UNKNOWN']);
});
