import { expect, test } from 'vitest';
import { endpointPending } from '../../shared/rules/endpoint-pending.ts';
import {
  ago,
  bySubject,
  connection,
  connectionId,
  endpoint,
  endpointId,
  judge,
  SUBSCRIPTION,
  verdicts,
} from '../builders.ts';

const HOUR = 3600;
const seen = (seconds: number) => ({ firstSeen: { [`${connectionId('a')}|pending`]: ago(seconds) } });

test.each([
  { when: 'a minute less than 24 hours', status: 'Pending', age: 24 * HOUR - 60, gives: 'PASS' },
  { when: 'exactly 24 hours', status: 'Pending', age: 24 * HOUR, gives: 'OPEN Medium' },
  { when: 'approved after two days', status: 'Approved', age: 48 * HOUR, gives: 'PASS' },
  { when: 'rejected after two days', status: 'Rejected', age: 48 * HOUR, gives: 'PASS' },
])('$when: $gives', ({ status, age, gives }) => {
  expect(verdicts(endpointPending, { pec: [connection('a', status)] }, seen(age))).toEqual([gives]);
});

test('made three days ago, first seen now', () => {
  const pec = [connection('a', 'Pending', { createdAt: ago(72 * HOUR) })];
  expect(verdicts(endpointPending, { pec }, seen(0))).toEqual(['OPEN Medium']);
  expect(verdicts(endpointPending, { pec })).toEqual(['OPEN Medium']);
});

test('a time that is none counts from the first sight', () => {
  const pec = [connection('a', 'Pending', { createdAt: 'yesterday' })];
  expect(verdicts(endpointPending, { pec }, seen(HOUR))).toEqual(['PASS']);
  expect(verdicts(endpointPending, { pec }, seen(25 * HOUR))).toEqual(['OPEN Medium']);
});

test('each connection is judged by itself', () => {
  const pec = [connection('b', 'Pending'), connection('a', 'Pending')];
  expect(bySubject(endpointPending, { pec }, seen(24 * HOUR))).toEqual({ a: 'OPEN Medium' });
});

test('the finding tells who asks and how; the age is a note', () => {
  const pec = [connection('a', 'Pending', { description: 'please\napprove' })];
  const endpoints = [endpoint('pe-a', {}, { manual: true })];
  expect(judge(endpointPending, { pec, endpoints }, seen(30 * HOUR))[0]).toMatchObject({
    violation: {
      evidence: { status: 'pending', endpoint: endpointId('pe-a'), subscription: SUBSCRIPTION },
      notes: { ageHours: 30, description: 'please\napprove', request: 'manual' },
    },
  });
});

test('unreadable connections are unknown', () => {
  expect(verdicts(endpointPending, { denied: ['endpointConnections'] })).toEqual(['UNKNOWN']);
});
