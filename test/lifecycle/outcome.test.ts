import { describe, expect, test } from 'vitest';
import {
  listRanges,
  outcomeOf,
  outcomeSummary,
  rangeChanges,
  rangeTexts,
  rangeTrend,
} from '../../shared/lifecycle/outcome.ts';
import { ANY, AZURE, BODY, connection, endpointId, exposure, type Given, ranges } from '../builders.ts';

const OFF: Given = { pna: 'Disabled' };
const OFFICE: Given = { fw: ['198.51.100.0-198.51.100.9', '8.8.8.0-8.8.8.9'] };

describe('what an event led to', () => {
  test.each<{ when: string; before?: Given; after: Given; outcome: string }>([
    { when: 'a first reading that nothing reaches', after: OFF, outcome: 'Unchanged' },
    { when: 'a first reading with an endpoint', after: { ...OFF, pec: ['Approved'] }, outcome: 'Widened' },
    { when: 'a first reading that is open', after: { fw: ['8.8.8.8'] }, outcome: 'Widened' },
    { when: 'nothing', before: OFFICE, after: OFFICE, outcome: 'Unchanged' },
    {
      when: 'one address more',
      before: OFFICE,
      after: { fw: [...(OFFICE.fw ?? []), '8.8.8.10'] },
      outcome: 'Widened',
    },
    {
      when: 'one range less',
      before: { fw: ['8.8.8.8', '9.9.9.9'] },
      after: { fw: ['8.8.8.8'] },
      outcome: 'Narrowed',
    },
    {
      when: 'virtual network rules that can be read again',
      before: { family: 'MS', fw: ['8.8.8.8'], denied: ['virtualNetworkRules'] },
      after: { family: 'MS', fw: ['8.8.8.8'] },
      outcome: 'Unchanged',
    },
    { when: 'one address less', before: OFFICE, after: { fw: ['8.8.8.0-8.8.8.8'] }, outcome: 'Narrowed' },
    {
      when: 'one more, many less',
      before: { fw: ['8.8.0.0-8.8.255.255'] },
      after: { fw: ['9.9.9.9'] },
      outcome: 'Widened',
    },
    {
      when: 'the same addresses by other rules',
      before: { fw: ['8.8.8.0-8.8.8.9'] },
      after: { fw: ['8.8.8.0-8.8.8.4', '8.8.8.5-8.8.8.9'] },
      outcome: 'Unchanged',
    },
    {
      when: 'private addresses, which no public path admits',
      before: OFFICE,
      after: { fw: [...(OFFICE.fw ?? []), '10.0.0.0-10.0.0.255'] },
      outcome: 'Unchanged',
    },
    {
      when: 'the rule of Azure',
      before: OFFICE,
      after: { fw: [...(OFFICE.fw ?? []), AZURE] },
      outcome: 'Widened',
    },
    { when: 'the rule of Azure taken away', before: { fw: [AZURE] }, after: {}, outcome: 'Narrowed' },
    {
      when: 'a virtual network rule',
      before: { family: 'MS' },
      after: { family: 'MS', vnet: ['front'] },
      outcome: 'Widened',
    },
    {
      when: 'a virtual network rule taken away',
      before: { family: 'MS', vnet: ['front'] },
      after: { family: 'MS' },
      outcome: 'Narrowed',
    },
    {
      when: 'an endpoint approved',
      before: { pec: ['Pending'] },
      after: { pec: ['Approved'] },
      outcome: 'Widened',
    },
    {
      when: 'an endpoint rejected',
      before: { pec: ['Approved'] },
      after: { pec: ['Rejected'] },
      outcome: 'Narrowed',
    },
    { when: 'an endpoint asked for', before: {}, after: { pec: ['Pending'] }, outcome: 'Unchanged' },
    {
      when: 'another endpoint',
      before: { pec: [connection('a')] },
      after: { pec: [connection('b')] },
      outcome: 'Widened',
    },
    {
      when: 'an endpoint under another connection',
      before: { pec: [connection('a')] },
      after: { pec: [connection('b', 'Approved', { endpointId: endpointId('pe-a') })] },
      outcome: 'Unchanged',
    },
    {
      when: 'another connection that names no endpoint',
      before: { pec: [connection('a', 'Approved', { endpointId: null })] },
      after: { pec: [connection('b', 'Approved', { endpointId: null })] },
      outcome: 'Widened',
    },
    {
      when: 'a first reading of an injected server',
      after: { ...OFF, injected: true },
      outcome: 'Widened',
    },
    {
      when: 'rules behind a switch that is off',
      before: OFF,
      after: { ...OFF, fw: [ANY] },
      outcome: 'Unchanged',
    },
    {
      when: 'the switch on over rules',
      before: { ...OFF, fw: [ANY] },
      after: { fw: [ANY] },
      outcome: 'Widened',
    },
    {
      when: 'the switch off over rules',
      before: { fw: [ANY] },
      after: { ...OFF, fw: [ANY] },
      outcome: 'Narrowed',
    },
    {
      when: 'rules that nobody may read',
      before: OFFICE,
      after: { denied: ['firewallRules'] },
      outcome: 'Unreadable',
    },
    {
      when: 'a body that nobody may read',
      before: OFFICE,
      after: { denied: [...BODY] },
      outcome: 'Unreadable',
    },
    {
      when: 'connections that nobody may read',
      before: OFFICE,
      after: { ...OFFICE, denied: ['endpointConnections'] },
      outcome: 'Unreadable',
    },
  ])('$when: $outcome', ({ before, after, outcome }) => {
    expect(outcomeOf(before && exposure(before), exposure(after))).toBe(outcome);
  });
});

test('the ranges that came and went, without reserved ones', () => {
  const before = exposure({ fw: ['8.8.8.0-8.8.8.9', '10.0.0.0-10.0.0.9'] });
  const after = exposure({ fw: ['8.8.8.5-8.8.8.14', '192.168.0.0-192.168.0.9'] });
  expect(rangeChanges(before, after)).toEqual({
    added: ranges('8.8.8.10-8.8.8.14'),
    removed: ranges('8.8.8.0-8.8.8.4'),
  });
  expect(rangeChanges(undefined, after).removed).toEqual([]);
});

describe('the sentence', () => {
  test.each<{ when: string; before?: Given; after: Given; text: string }>([
    {
      when: 'a first reading',
      after: { fw: ['8.8.8.8'] },
      text: 'Reach listed, 1 public address, added 8.8.8.8',
    },
    {
      when: 'from a few to all',
      before: { fw: ['8.8.8.8'] },
      after: { fw: ['8.8.8.8', ANY] },
      text: 'Reach listed -> internet, 1 -> 3,702,390,784 public addresses',
    },
    { when: 'nothing', before: OFF, after: OFF, text: 'Reach none, 0 public addresses' },
    {
      when: 'what cannot be read',
      before: { fw: ['8.8.8.8'] },
      after: { denied: ['firewallRules'] },
      text: 'Reach listed -> unknown, 1 -> unknown public addresses',
    },
  ])('$when', ({ before, after, text }) => {
    expect(outcomeSummary(before && exposure(before), exposure(after))).toContain(text);
  });

  test.each<{ when: string; before: Given; after: Given; text: string }>([
    { when: 'nothing', before: OFF, after: OFF, text: 'Reach none, 0 public addresses' },
    {
      when: 'fewer addresses',
      before: { fw: ['8.8.8.0-8.8.8.9'] },
      after: { fw: ['8.8.8.0-8.8.8.7'] },
      text: 'Reach listed, 10 -> 8 public addresses, removed 8.8.8.8/31',
    },
    {
      when: 'others',
      before: { fw: ['8.8.8.8'] },
      after: { fw: ['9.9.9.9'] },
      text: 'Reach listed, 1 public address, added 9.9.9.9, removed 8.8.8.8',
    },
  ])('and nothing else: $when', ({ before, after, text }) => {
    expect(outcomeSummary(exposure(before), exposure(after))).toBe(text);
  });
});

test.each([
  { when: 'none', given: [], text: '' },
  { when: 'three', given: ['1.1.1.1', '2.2.2.2-2.2.2.3', '3.3.3.3'], text: '1.1.1.1, 2.2.2.2/31, 3.3.3.3' },
  {
    when: 'four',
    given: ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4'],
    text: '1.1.1.1, 2.2.2.2, 3.3.3.3 and 1 more',
  },
  {
    when: 'five',
    given: ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4', '5.5.5.5'],
    text: '1.1.1.1, 2.2.2.2, 3.3.3.3 and 2 more',
  },
])('$when ranges in a sentence', ({ given, text }) => {
  expect(listRanges(ranges(...given))).toBe(text);
});

test('a row holds 50 ranges', () => {
  const many = ranges(...Array.from({ length: 60 }, (_, index) => `8.8.${index}.1`));
  expect(rangeTexts(many)).toHaveLength(50);
  expect(rangeTexts(many)[0]).toBe('8.8.0.1');
});

test.each([
  { before: ['8.8.8.0-8.8.8.9'], after: ['8.8.8.0-8.8.8.10'], trend: 'Widened' },
  { before: ['8.8.8.0-8.8.8.9'], after: ['8.8.8.0-8.8.8.8'], trend: 'Narrowed' },
  { before: ['8.8.8.0-8.8.8.9'], after: ['9.9.9.9'], trend: 'Widened' },
  { before: ['8.8.8.0-8.8.8.9'], after: ['8.8.8.0-8.8.8.9'], trend: '' },
  { before: [], after: ['10.0.0.1'], trend: 'Widened' },
])('a finding’s own ranges from $before to $after: $trend', ({ before, after, trend }) => {
  expect(rangeTrend(ranges(...before), ranges(...after))).toBe(trend);
});
