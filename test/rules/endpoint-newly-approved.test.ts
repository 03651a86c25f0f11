import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, serverPolicy } from '../../shared/policy.ts';
import { endpointNewlyApproved } from '../../shared/rules/endpoint-newly-approved.ts';
import {
  baseline,
  bySubject,
  connection,
  connectionId,
  endpoint,
  endpointId,
  type Given,
  judge,
  OTHER_SUBSCRIPTION,
  SUBSCRIPTION,
  value,
  verdicts,
} from '../builders.ts';

const A = connection('a');

test.each<{ when: string; before: Given; given: Given; gives: Record<string, string> }>([
  { when: 'none, then approved', before: {}, given: { pec: [A] }, gives: { a: 'OPEN Medium' } },
  {
    when: 'pending, then approved',
    before: { pec: ['Pending'] },
    given: { pec: [A] },
    gives: { a: 'OPEN Medium' },
  },
  { when: 'none, then pending', before: {}, given: { pec: ['Pending'] }, gives: { all: 'PASS' } },
  { when: 'approved before', before: { pec: [A] }, given: { pec: [A] }, gives: { all: 'PASS' } },
  {
    when: 'the same endpoint under a new name',
    before: { pec: [A] },
    given: { pec: [{ ...connection('new'), endpointId: endpointId('pe-a') }] },
    gives: { all: 'PASS' },
  },
  {
    when: 'another endpoint under the same name',
    before: { pec: [A] },
    given: { pec: [{ ...A, endpointId: endpointId('pe-x') }] },
    gives: { a: 'OPEN Medium' },
  },
  {
    when: 'two without a named endpoint',
    before: {},
    given: {
      pec: [
        { ...A, endpointId: null },
        { ...connection('b'), endpointId: null },
      ],
    },
    gives: { a: 'OPEN Medium', b: 'OPEN Medium' },
  },
  {
    when: 'a status that is not documented',
    before: {},
    given: { pec: ['Allowed'] },
    gives: { a: 'UNKNOWN' },
  },
  {
    when: 'the connections denied',
    before: {},
    given: { denied: ['endpointConnections'] },
    gives: { all: 'UNKNOWN' },
  },
])('$when', ({ before, given, gives }) => {
  expect(bySubject(endpointNewlyApproved, given, { baseline: value(baseline(before)) })).toEqual(gives);
});

test.each([
  { when: 'a listed one, in another casing', list: ['ALICE'], by: 'alice', gives: 'OPEN Medium' },
  { when: 'a listed one, written in capitals', list: ['alice'], by: 'ALICE', gives: 'OPEN Medium' },
  { when: 'not a listed one', list: ['alice'], by: 'mallory', gives: 'OPEN High' },
  { when: 'not known', list: ['alice'], by: undefined, gives: 'OPEN Medium' },
  { when: 'anyone: no list', list: [], by: 'mallory', gives: 'OPEN Medium' },
])('approved by $when: $gives', ({ list, by, gives }) => {
  const settings = { ...DEFAULT_SETTINGS, 'endpoint-newly-approved': { approvers: list } };
  const approvers = by === undefined ? {} : { [connectionId('a')]: by };
  const policy = { ...serverPolicy(), settings };
  expect(verdicts(endpointNewlyApproved, { pec: [A] }, { approvers }, policy)).toEqual([gives]);
});

test.each([
  { when: 'manual, from a foreign subscription', manual: true, from: OTHER_SUBSCRIPTION, gives: 'OPEN High' },
  { when: 'manual, from the own subscription', manual: true, from: SUBSCRIPTION, gives: 'OPEN Medium' },
  {
    when: 'automatic, from a foreign subscription',
    manual: false,
    from: OTHER_SUBSCRIPTION,
    gives: 'OPEN Medium',
  },
])('$when: $gives', ({ manual, from, gives }) => {
  const id = endpointId('pe-a', from);
  const given = { pec: [{ ...A, endpointId: id }], endpoints: [endpoint('pe-a', { id }, { manual })] };
  expect(verdicts(endpointNewlyApproved, given)).toEqual([gives]);
});

test.each([
  {
    when: 'in scope',
    around: { scope: [SUBSCRIPTION, OTHER_SUBSCRIPTION] },
    approved: [],
    gives: 'OPEN Medium',
  },
  { when: 'approved by the policy', around: {}, approved: [OTHER_SUBSCRIPTION], gives: 'OPEN Medium' },
  { when: 'neither', around: {}, approved: [], gives: 'OPEN High' },
])('manual, from another subscription that is $when: $gives', ({ around, approved, gives }) => {
  const id = endpointId('pe-a', OTHER_SUBSCRIPTION);
  const given = { pec: [{ ...A, endpointId: id }], endpoints: [endpoint('pe-a', { id }, { manual: true })] };
  const policy = { ...serverPolicy(), approvedSubscriptions: approved };
  expect(verdicts(endpointNewlyApproved, given, around, policy)).toEqual([gives]);
});

test.each([
  { by: 'alice', end: '.' },
  { by: 'mallory', end: ', by someone who is not listed as an approver.' },
])('the finding tells a stranger from $by', ({ by, end }) => {
  const policy = {
    ...serverPolicy(),
    settings: { ...DEFAULT_SETTINGS, 'endpoint-newly-approved': { approvers: ['alice'] } },
  };
  const [finding] = judge(
    endpointNewlyApproved,
    { pec: [A] },
    { approvers: { [connectionId('a')]: by } },
    policy,
  );
  expect(finding).toMatchObject({
    violation: {
      summary: `A private endpoint was approved that is not in the baseline${end}`,
      notes: { request: 'unknown', subnet: null },
    },
  });
});

test('an endpoint that is not named has no subscription', () => {
  const [finding] = judge(endpointNewlyApproved, { pec: [{ ...A, endpointId: null }] });
  expect(finding).toMatchObject({ violation: { evidence: { endpoint: null, subscription: null } } });
});

test('the finding tells what was approved', () => {
  expect(judge(endpointNewlyApproved, { pec: [A], endpoints: [endpoint('pe-a')] })[0]).toMatchObject({
    violation: {
      evidence: { endpoint: endpointId('pe-a'), subscription: SUBSCRIPTION, groupIds: ['mysqlServer'] },
      notes: { request: 'automatic', baseline: 'approved', subnet: endpoint('pe-a').subnetId },
    },
  });
});
