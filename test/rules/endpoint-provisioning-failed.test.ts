import { expect, test } from 'vitest';
import { endpointProvisioningFailed } from '../../shared/rules/endpoint-provisioning-failed.ts';
import { ago, bySubject, endpoint, endpointId, evidenceOf, judge, verdicts } from '../builders.ts';

const ID = endpointId('pe-a');

test.each([
  { when: 'failed just now', state: 'Failed', minutes: 0, gives: 'OPEN Low' },
  { when: 'cancelled just now', state: 'Canceled', minutes: 0, gives: 'OPEN Low' },
  { when: 'succeeded', state: 'Succeeded', minutes: 0, gives: 'PASS' },
  { when: 'updating for 59 minutes', state: 'Updating', minutes: 59, gives: 'PASS' },
  { when: 'updating for exactly an hour', state: 'Updating', minutes: 60, gives: 'PASS' },
  { when: 'updating for 61 minutes', state: 'Updating', minutes: 61, gives: 'OPEN Low' },
  { when: 'creating for two hours', state: 'creating', minutes: 120, gives: 'OPEN Low' },
  { when: 'deleting for two hours', state: 'Deleting', minutes: 120, gives: 'OPEN Low' },
  { when: 'a state that is not documented', state: 'Paused', minutes: 0, gives: 'UNKNOWN' },
  { when: 'no state', state: '', minutes: 0, gives: 'UNKNOWN' },
])('$when: $gives', ({ state, minutes, gives }) => {
  const endpoints = [endpoint('pe-a', { provisioningState: state })];
  const firstSeen = { [`${ID}|${state.toLowerCase()}`]: ago(minutes * 60) };
  expect(verdicts(endpointProvisioningFailed, { endpoints }, { firstSeen })).toEqual([gives]);
});

test('a state that begins anew counts anew', () => {
  const endpoints = [endpoint('pe-a', { provisioningState: 'Updating' })];
  const firstSeen = { [`${ID}|creating`]: ago(7200) };
  expect(verdicts(endpointProvisioningFailed, { endpoints }, { firstSeen })).toEqual(['PASS']);
});

test('each endpoint is judged by itself', () => {
  const endpoints = [
    { id: endpointId('pe-b'), is: 'denied' as const },
    { id: endpointId('pe-c'), is: 'gone' as const },
    endpoint('pe-a', { provisioningState: 'Failed' }),
  ];
  expect(bySubject(endpointProvisioningFailed, { endpoints })).toEqual({
    'pe-a': 'OPEN Low',
    'pe-b': 'UNKNOWN',
  });
  expect(evidenceOf(endpointProvisioningFailed, { endpoints })).toEqual({ state: 'failed' });
});

test.each([
  { state: 'Failed', minutes: 5, summary: 'The provisioning of a private endpoint ended as "failed".' },
  {
    state: 'Updating',
    minutes: 61,
    summary: 'A private endpoint is "updating" for more than 60 minutes.',
  },
])('the finding tells $state and since when', ({ state, minutes, summary }) => {
  const endpoints = [endpoint('pe-a', { provisioningState: state })];
  const firstSeen = { [`${ID}|${state.toLowerCase()}`]: ago(minutes * 60 + 30) };
  expect(judge(endpointProvisioningFailed, { endpoints }, { firstSeen })[0]).toMatchObject({
    violation: {
      summary,
      evidence: { state: state.toLowerCase() },
      notes: { since: ago(minutes * 60 + 30), minutes },
    },
  });
});
