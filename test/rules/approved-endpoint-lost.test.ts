import { expect, test } from 'vitest';
import { evaluate } from '../../shared/evaluate.ts';
import { serverPolicy } from '../../shared/policy.ts';
import { approvedEndpointLost } from '../../shared/rules/approved-endpoint-lost.ts';
import { lastEndpointLost } from '../../shared/rules/last-endpoint-lost.ts';
import {
  baseline,
  bySubject,
  connection,
  context,
  endpointId,
  evidenceOf,
  judge,
  type Given,
  snapshot,
  value,
  verdict,
} from '../builders.ts';

const A = connection('a');
const B = connection('b');

test.each<{ when: string; before: Given; given: Given; gives: Record<string, string> }>([
  { when: 'one of two is gone', before: { pec: [A, B] }, given: { pec: [A] }, gives: { b: 'OPEN Low' } },
  {
    when: 'one of two is rejected, in another order',
    before: { pec: [A, B] },
    given: { pec: [connection('b', 'Rejected'), A] },
    gives: { b: 'OPEN Low' },
  },
  { when: 'both are there', before: { pec: [A, B] }, given: { pec: [B, A] }, gives: { all: 'PASS' } },
  {
    when: 'the same endpoint under a new name',
    before: { pec: [A, B] },
    given: { pec: [A, { ...connection('new'), endpointId: endpointId('pe-b') }] },
    gives: { all: 'PASS' },
  },
  {
    when: 'the endpoint is no longer named',
    before: { pec: [A] },
    given: { pec: [{ ...A, endpointId: null }] },
    gives: { all: 'PASS' },
  },
  {
    when: 'a status that is not documented',
    before: { pec: [A, B] },
    given: { pec: [A, connection('b', 'Allowed')] },
    gives: { b: 'UNKNOWN' },
  },
  { when: 'there was none', before: {}, given: { pec: [A] }, gives: { all: 'PASS' } },
  {
    when: 'the connections denied',
    before: { pec: [A, B] },
    given: { denied: ['endpointConnections'] },
    gives: { all: 'UNKNOWN' },
  },
])('$when', ({ before, given, gives }) => {
  expect(bySubject(approvedEndpointLost, given, { baseline: value(baseline(before)) })).toEqual(gives);
});

test('with the last one lost, the graver rule speaks', () => {
  const around = context({ baseline: value(baseline({ pec: [A] })) });
  const rules = [approvedEndpointLost, lastEndpointLost];
  const findings = evaluate(snapshot({ fw: ['203.0.113.5'] }), around, rules, serverPolicy());
  expect(findings.map(verdict)).toEqual(['SUPERSEDED', 'OPEN High']);
});

test('the evidence gives the old and the new status', () => {
  const around = { baseline: value(baseline({ pec: [A, B] })) };
  expect(evidenceOf(approvedEndpointLost, { pec: [A, connection('b', 'Disconnected')] }, around)).toEqual({
    endpoint: endpointId('pe-b'),
    before: 'approved',
    now: 'disconnected',
  });
});

test.each([
  { when: 'rejected', pec: [A, connection('b', 'Rejected')], now: 'rejected' },
  { when: 'not listed any more', pec: [A], now: 'absent' },
])('the finding tells what has become of it: $when', ({ pec, now }) => {
  const around = { baseline: value(baseline({ pec: [A, B] })) };
  expect(judge(approvedEndpointLost, { pec }, around)).toMatchObject([
    {
      violation: {
        summary: `A private endpoint that was approved in the baseline is now ${now}.`,
        evidence: { before: 'approved', now },
        notes: { baseline: 'approved' },
      },
    },
  ]);
});
