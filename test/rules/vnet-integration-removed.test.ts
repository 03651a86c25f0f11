import { expect, test } from 'vitest';
import { exposureWidened } from '../../shared/rules/exposure-widened.ts';
import { vnetIntegrationRemoved } from '../../shared/rules/vnet-integration-removed.ts';
import { ANY, baseline, BODY, type Given, unreadable, value, verdicts } from '../builders.ts';

const injected: Given = { injected: true, pna: undefined };

test.each<{ when: string; before: Given; given: Given; gives: string }>([
  { when: 'detached and on, no rules', before: injected, given: {}, gives: 'OPEN High' },
  {
    when: 'detached, every address admitted',
    before: injected,
    given: { fw: [ANY] },
    gives: 'OPEN Critical',
  },
  { when: 'detached and off', before: injected, given: { pna: 'Disabled' }, gives: 'OPEN High' },
  { when: 'still inside a subnet', before: injected, given: injected, gives: 'PASS' },
  { when: 'never was inside one', before: {}, given: {}, gives: 'PASS' },
  { when: 'the server denied', before: injected, given: { denied: BODY }, gives: 'UNKNOWN' },
])('$when: $gives', ({ before, given, gives }) => {
  expect(verdicts(vnetIntegrationRemoved, given, { baseline: value(baseline(before)) })).toEqual([gives]);
});

test('detached with every address admitted is a widened exposure as well', () => {
  const around = { baseline: value(baseline(injected)) };
  expect(verdicts(exposureWidened, { fw: [ANY] }, around)).toEqual(['OPEN Critical']);
});

test('another subnet is no removal', () => {
  const around = { baseline: value(baseline(injected, { subnetId: '/subscriptions/x/subnets/other' })) };
  expect(verdicts(vnetIntegrationRemoved, injected, around)).toEqual(['PASS']);
});

test('nothing can be told while nobody has approved a baseline', () => {
  expect(verdicts(vnetIntegrationRemoved, {}, { baseline: unreadable('not approved') })).toEqual(['UNKNOWN']);
});
