import { expect, test } from 'vitest';
import { evaluate } from '../../shared/evaluate.ts';
import { serverPolicy } from '../../shared/policy.ts';
import { endpointForeignSubscription } from '../../shared/rules/endpoint-foreign-subscription.ts';
import { endpointForeignTenant } from '../../shared/rules/endpoint-foreign-tenant.ts';
import {
  bySubject,
  connection,
  context,
  endpointId,
  judge,
  OTHER_SUBSCRIPTION,
  OTHER_TENANT,
  snapshot,
  verdict,
  verdicts,
} from '../builders.ts';

const UPPER = 'ABCDEFAB-0000-0000-0000-000000000000';
const from = (subscription: string, status = 'Approved') =>
  connection('a', status, { endpointId: endpointId('pe', subscription) });
const foreign = from(OTHER_SUBSCRIPTION);

test.each([
  { when: 'the own subscription', pec: connection('a'), gives: 'PASS' },
  { when: 'another subscription', pec: foreign, gives: 'OPEN High' },
  { when: 'another subscription, pending', pec: from(OTHER_SUBSCRIPTION, 'Pending'), gives: 'PASS' },
  {
    when: 'the endpoint is not named',
    pec: connection('a', 'Approved', { endpointId: null }),
    gives: 'UNKNOWN',
  },
  { when: 'not named, pending', pec: connection('a', 'Pending', { endpointId: null }), gives: 'PASS' },
  { when: 'a status that is not documented', pec: from(OTHER_SUBSCRIPTION, 'Allowed'), gives: 'UNKNOWN' },
])('$when: $gives', ({ pec, gives }) => {
  expect(verdicts(endpointForeignSubscription, { pec: [pec] })).toEqual([gives]);
});

test('a subscription in scope or on the list is not foreign, in any casing', () => {
  const listed = { ...serverPolicy(), approvedSubscriptions: [UPPER] };
  const pec = [from(UPPER.toLowerCase())];
  expect(verdicts(endpointForeignSubscription, { pec: [foreign] }, { scope: [OTHER_SUBSCRIPTION] })).toEqual([
    'PASS',
  ]);
  expect(verdicts(endpointForeignSubscription, { pec }, {}, listed)).toEqual(['PASS']);
});

test('the finding says that the tenant is unresolved', () => {
  expect(judge(endpointForeignSubscription, { pec: [foreign] })[0]).toMatchObject({
    violation: { evidence: { endpointSubscription: OTHER_SUBSCRIPTION, tenant: 'unresolved' } },
  });
});

test('the foreign tenant supersedes it, connection by connection', () => {
  const third = '33333333-3333-3333-3333-333333333333';
  const pec = [foreign, connection('b', 'Approved', { endpointId: endpointId('pe', third) })];
  const around = context({ tenants: { ...context().tenants, [OTHER_SUBSCRIPTION]: OTHER_TENANT } });
  const rules = [endpointForeignSubscription, endpointForeignTenant];
  expect(evaluate(snapshot({ pec }), around, rules, serverPolicy()).map(verdict)).toEqual([
    'SUPERSEDED',
    'OPEN High',
    'OPEN Critical',
    'UNKNOWN',
  ]);
});

test('each connection is judged by itself, and unreadable ones are unknown', () => {
  expect(bySubject(endpointForeignSubscription, { pec: [connection('b'), foreign] })).toEqual({
    a: 'OPEN High',
  });
  expect(verdicts(endpointForeignSubscription, { denied: ['endpointConnections'] })).toEqual(['UNKNOWN']);
});
