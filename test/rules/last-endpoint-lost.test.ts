import { expect, test } from 'vitest';
import { lastEndpointLost } from '../../shared/rules/last-endpoint-lost.ts';
import { lockoutNoPath } from '../../shared/rules/lockout-no-path.ts';
import {
  baseline,
  connection,
  connectionId,
  evidenceOf,
  type Given,
  judge,
  value,
  verdicts,
} from '../builders.ts';

const one: Given = { pec: ['Approved'] };

test.each<{ when: string; before: Given; given: Given; gives: string }>([
  { when: 'deleted, an address admitted', before: one, given: { fw: ['203.0.113.5'] }, gives: 'OPEN High' },
  {
    when: 'rejected, an address admitted',
    before: one,
    given: { fw: ['203.0.113.5'], pec: ['Rejected'] },
    gives: 'OPEN High',
  },
  { when: 'one of two is left', before: { pec: ['Approved', 'Approved'] }, given: one, gives: 'PASS' },
  { when: 'deleted, public access off', before: one, given: { pna: 'Disabled' }, gives: 'OPEN Critical' },
  { when: 'recreated under a new name', before: one, given: { pec: [connection('new')] }, gives: 'PASS' },
  { when: 'never had one', before: {}, given: {}, gives: 'PASS' },
  {
    when: 'the connections denied',
    before: one,
    given: { denied: ['endpointConnections'] },
    gives: 'UNKNOWN',
  },
  { when: 'a status that is not documented', before: one, given: { pec: ['Allowed'] }, gives: 'UNKNOWN' },
  {
    when: 'deleted, the rules denied',
    before: one,
    given: { denied: ['firewallRules'] },
    gives: 'OPEN High',
  },
])('$when: $gives', ({ before, given, gives }) => {
  expect(verdicts(lastEndpointLost, given, { baseline: value(baseline(before)) })).toEqual([gives]);
});

test('with public access off it is a lockout as well', () => {
  expect(verdicts(lockoutNoPath, { pna: 'Disabled' })).toEqual(['OPEN High']);
});

test('the evidence gives the status of each lost connection', () => {
  const around = { baseline: value(baseline({ pec: ['Approved', 'Approved'] })) };
  expect(evidenceOf(lastEndpointLost, { pec: ['Rejected'], fw: ['203.0.113.5'] }, around)).toMatchObject({
    lost: [
      { connection: connectionId('a'), before: 'approved', now: 'rejected' },
      { connection: connectionId('b'), before: 'approved', now: 'absent' },
    ],
    lostCount: 2,
    reachability: 'PUBLIC_ONLY',
  });
});

test.each<{ before: Given; given: Given; summary: string }>([
  {
    before: one,
    given: { fw: ['203.0.113.5'] },
    summary: '1 approved private endpoint of the baseline is gone and none is left.',
  },
  {
    before: { pec: ['Approved', 'Approved'] },
    given: { pna: 'Disabled' },
    summary:
      '2 approved private endpoints of the baseline are gone and none is left: the server cannot be reached.',
  },
])('$summary', ({ before, given, summary }) => {
  const around = { baseline: value(baseline(before)) };
  expect(judge(lastEndpointLost, given, around)[0]).toMatchObject({
    violation: { summary, notes: { baseline: 'approved' } },
  });
});
