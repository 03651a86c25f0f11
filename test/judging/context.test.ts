import { describe, expect, test } from 'vitest';
import { type BaselineMode, type Neighbourhood, recollect } from '../../shared/judging/context.ts';
import { exposureOf } from '../../shared/exposure.ts';
import type { Change, Request } from '../../shared/asking/request.ts';
import { DEFAULT_WIDTHS } from '../../shared/policy.ts';
import type { ServerState } from '../../shared/lifecycle/server-state.ts';
import {
  AT,
  ago,
  baseline,
  BODY,
  connection,
  connectionId,
  endpoint,
  endpointId,
  type Given,
  ruleId,
  snapshot,
  SUBSCRIPTION,
  unreadable,
  value,
} from '../builders.ts';
import { change, NEW } from '../histories.ts';

const AROUND: Neighbourhood = {
  tenants: {},
  scope: [SUBSCRIPTION],
  source: unreadable('no replica'),
  accessChanges: value([]),
  confirmedGone: [],
};

function remember(
  given: Given,
  stored: Partial<ServerState> = {},
  {
    mode = 'first-seen',
    reason = 'sweep',
    changes = [],
  }: { mode?: BaselineMode; reason?: Request['reason']; changes?: readonly Change[] } = {},
): ReturnType<typeof recollect> {
  const seen = snapshot(given);
  const exposure = exposureOf(seen.network, DEFAULT_WIDTHS);
  return recollect({ ...NEW, ...stored }, seen, exposure, mode, reason, changes, AROUND);
}

describe('the baseline', () => {
  test('in mode first-seen the first complete reading is one, which nobody approved', () => {
    const { baseline: made, context } = remember({ fw: ['8.8.8.8'] });
    expect(made).toMatchObject({ approved: false, observedAt: AT, publicPath: 'limited' });
    expect(context.baseline).toEqual({ value: made, at: AT });
  });

  test.each<{ when: string; given: Given }>([
    { when: 'no rules', given: { denied: ['firewallRules'] } },
    { when: 'no body', given: { denied: [...BODY] } },
  ])('a reading with $when is none', ({ given }) => {
    const { baseline: made, context } = remember(given);
    expect(made).toBeNull();
    expect(context.baseline).toEqual({ unreadable: 'no complete reading yet', at: AT });
  });

  test('what is stored stays, whatever is read', () => {
    const known = baseline({ fw: ['9.9.9.9'] });
    const { baseline: made, context } = remember({ fw: ['8.8.8.8'] }, { baseline: known });
    expect(made).toBe(known);
    expect(context.baseline).toEqual({ value: known, at: ago(86_400) });
  });

  test.each<{ when: string; known: ReturnType<typeof baseline>; counts: boolean }>([
    { when: 'nobody approved', known: baseline({}, { approved: false }), counts: false },
    { when: 'somebody approved', known: baseline({}), counts: true },
  ])('in mode approval one that $when counts: $counts', ({ known, counts }) => {
    const { context } = remember({}, { baseline: known }, { mode: 'approval' });
    expect('value' in context.baseline).toBe(counts);
    if (!counts) expect(context.baseline).toMatchObject({ unreadable: 'not approved' });
  });
});

describe('first sights', () => {
  test('what is new is seen now, what was seen keeps its time', () => {
    const { firstSeen } = remember(
      { fw: ['old=8.8.8.8', 'new=9.9.9.9'] },
      { firstSeen: { [ruleId('old')]: ago(99) } },
    );
    expect(firstSeen).toEqual({ [ruleId('old')]: ago(99), [ruleId('new')]: AT });
  });

  test('what is gone is forgotten', () => {
    expect(remember({}, { firstSeen: { [ruleId('old')]: ago(99) } }).firstSeen).toEqual({});
  });

  test('unless something could not be read', () => {
    const firstSeen = { [ruleId('old')]: ago(99) };
    expect(remember({ denied: ['firewallRules'] }, { firstSeen }).firstSeen).toEqual(firstSeen);
  });

  test('a connection that waits has the time since when it waits', () => {
    const { firstSeen } = remember({ pec: [connection('a', 'Pending'), connection('b', 'Approved')] });
    expect(firstSeen).toEqual({ [`${connectionId('a')}|pending`]: AT });
  });

  test('an endpoint that cannot be read keeps what was seen of it', () => {
    const failing = endpoint('pe-a', { provisioningState: 'Failed' });
    const key = `${endpointId('pe-a')}|failed`;
    expect(remember({ endpoints: [failing] }).firstSeen).toEqual({ [key]: AT });
    const denied: Given = { endpoints: [{ id: endpointId('pe-a'), is: 'denied' }] };
    expect(remember(denied, { firstSeen: { [key]: ago(99) } }).firstSeen).toEqual({ [key]: ago(99) });
  });
});

describe('failed readings', () => {
  const failed = (sweeps: number): ServerState['failures'] => ({
    firewallRules: { sweeps, since: ago(1800), reason: 'throttled', denied: false },
  });

  test.each<{ reason: Request['reason']; sweeps: number }>([
    { reason: 'sweep', sweeps: 3 },
    { reason: 'event', sweeps: 2 },
    { reason: 'recheck', sweeps: 2 },
    { reason: 'http', sweeps: 2 },
  ])('only sweeps are counted: $reason', ({ reason, sweeps }) => {
    const { failures } = remember({ denied: ['firewallRules'] }, { failures: failed(2) }, { reason });
    expect(failures.firewallRules).toEqual({ sweeps, since: ago(1800), reason: 'denied', denied: true });
  });

  test.each([
    { reason: 'outside the scope', groups: [] },
    { reason: 'its server could not be read', groups: [] },
    { reason: 'denied (403)', groups: [['endpoints', true]] },
    { reason: 'access was denied', groups: [['endpoints', false]] },
    { reason: 'throttled', groups: [['endpoints', false]] },
  ])('an endpoint that is "$reason"', ({ reason, groups }) => {
    const endpoints = { [endpointId('pe-a')]: unreadable(reason) };
    const seen = { ...snapshot(), surroundings: { endpoints } };
    const exposure = exposureOf(seen.network, DEFAULT_WIDTHS);
    const { failures } = recollect(NEW, seen, exposure, 'first-seen', 'sweep', [], AROUND);
    expect(Object.entries(failures).map(([group, { denied }]) => [group, denied])).toEqual(groups);
  });

  test('a good reading forgets them', () => {
    expect(remember({}, { failures: failed(9) }).failures).toEqual({});
  });

  test('the body is one group, each list one of its own', () => {
    const { failures, context } = remember({ denied: [...BODY, 'firewallRules', 'virtualNetworkRules'] });
    expect(Object.keys(failures).sort()).toEqual(['firewallRules', 'server', 'virtualNetworkRules']);
    expect(context.failedReadings.map(({ group, sweeps, since }) => [group, sweeps, since]).sort()).toEqual([
      ['firewallRules', 1, AT],
      ['server', 1, AT],
      ['virtualNetworkRules', 1, AT],
    ]);
  });

  test('a body with many facets fails once a sweep', () => {
    const { failures } = remember(
      { denied: [...BODY] },
      { failures: { server: { sweeps: 1, since: ago(9), reason: 'x', denied: false } } },
    );
    expect(failures.server?.sweeps).toBe(2);
  });
});

describe('approvers', () => {
  const write = (more: Partial<Change>): Change =>
    change('e1', {
      resource: connectionId('a'),
      operation: 'Microsoft.DBforMySQL/flexibleServers/privateEndpointConnections/write',
      ...more,
    });
  const nobody = { name: 'x', id: '', type: '', address: '' } as const;
  test.each<{ when: string; changes: readonly Change[]; approvers: object }>([
    { when: 'a write of a connection', changes: [write({})], approvers: { [connectionId('a')]: 'dana' } },
    {
      when: 'another casing',
      changes: [write({ operation: 'X/PRIVATEENDPOINTCONNECTIONS/WRITE' })],
      approvers: { [connectionId('a')]: 'dana' },
    },
    {
      when: 'a permission that was checked',
      changes: [write({ operation: 'X/privateEndpointConnectionsApproval/action' })],
      approvers: {},
    },
    { when: 'a write of the server', changes: [change('e1')], approvers: {} },
    { when: 'nobody known', changes: [write({ actor: nobody })], approvers: {} },
  ])('$when', ({ changes, approvers }) => {
    expect(remember({}, {}, { changes }).context.approvers).toEqual(approvers);
  });

  test('an approval whose event is among the server’s last changes still has its author', () => {
    const known = [{ ...write({}), outcome: 'Widened', summary: '' } as const];
    expect(remember({}, { changes: known }).context.approvers).toEqual({ [connectionId('a')]: 'dana' });
  });
});

test('what is known of the surroundings is told as it is', () => {
  expect(remember({}).context).toMatchObject(AROUND);
});
