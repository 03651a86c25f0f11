import { describe, expect, test } from 'vitest';
import { exposureTag, tagsOf } from '../../shared/http/exposure-tag.ts';
import { newState, type ServerState } from '../../shared/lifecycle/server-state.ts';
import { AT, connection, firewallRule, type Given, network, SERVER } from '../builders.ts';

const state = (given: Given, more: Partial<ServerState> = {}): ServerState => ({
  ...newState(SERVER),
  live: true,
  observedAt: AT,
  network: network(given),
  ...more,
});

const seen: Given = { fw: ['a=203.0.113.5', 'b=198.51.100.1'], pec: [connection('x'), connection('y')] };
const tag = exposureTag(state(seen));

test('an ETag is a quoted text', () => {
  expect(tag).toMatch(/^"[0-9a-f]{32}"$/);
});

describe('stays the same', () => {
  test.each<{ when: string; other: ServerState }>([
    { when: 'at a later time', other: state(seen, { observedAt: '2026-06-01T00:00:00.000Z' }) },
    { when: 'in another order of rules', other: state({ ...seen, fw: ['b=198.51.100.1', 'a=203.0.113.5'] }) },
    {
      when: 'in another order of connections',
      other: state({ ...seen, pec: [connection('y'), connection('x')] }),
    },
    {
      when: 'for another description of a connection',
      other: state({ ...seen, pec: [connection('x', 'Approved', { description: 'new' }), connection('y')] }),
    },
    { when: 'for another tier', other: state({ ...seen, tier: 'Burstable' }) },
    { when: 'for another casing of the switch', other: state({ ...seen, pna: 'ENABLED' }) },
  ])('$when', ({ other }) => {
    expect(exposureTag(other)).toBe(tag);
  });
});

describe('changes', () => {
  test.each<{ when: string; other: ServerState }>([
    { when: 'with a rule more', other: state({ ...seen, fw: [...(seen.fw ?? []), '203.0.113.9'] }) },
    { when: 'with a rule less', other: state({ ...seen, fw: ['a=203.0.113.5'] }) },
    {
      when: "with a rule's end",
      other: state({ ...seen, fw: [firewallRule('a=203.0.113.5-203.0.113.6'), 'b=198.51.100.1'] }),
    },
    { when: 'with the switch', other: state({ ...seen, pna: 'Disabled' }) },
    { when: 'with the subnet', other: state({ ...seen, injected: true }) },
    { when: 'with a virtual network rule', other: state({ ...seen, vnet: ['app'] }) },
    {
      when: "with a connection's status",
      other: state({ ...seen, pec: [connection('x', 'Rejected'), connection('y')] }),
    },
    { when: 'when rules cannot be read', other: state({ ...seen, denied: ['firewallRules'] }) },
    { when: 'when the server is not found', other: state(seen, { notFoundSince: AT }) },
  ])('$when', ({ other }) => {
    expect(exposureTag(other)).not.toBe(tag);
  });
});

describe('If-Match', () => {
  test.each([
    { when: 'one', header: '"a"', tags: ['"a"'] },
    { when: 'several', header: '"a", "b"', tags: ['"a"', '"b"'] },
    { when: 'a weak one counts for nothing', header: 'W/"a"', tags: [] },
    { when: 'not quoted', header: 'a', tags: [] },
    { when: 'any', header: '*', tags: [] },
    { when: 'none', header: null, tags: [] },
  ])('$when', ({ header, tags }) => {
    expect(tagsOf(header)).toEqual(tags);
  });
});
