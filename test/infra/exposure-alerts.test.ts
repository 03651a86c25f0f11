import { describe, expect, test } from 'vitest';
import { alert, type Rows } from './queries.ts';
import { at, findings, hour, minute, refresh, serverId, step, transition } from './rows.ts';

const opened = transition();
const widened = step(2, { Change: 'Updated', Reason: 'Widened', ReachBefore: 'wide' });
const narrowed = step(2, { Change: 'Updated', Reason: 'Narrowed', Reach: 'listed' });
const resolved = step(3, { Change: 'Resolved', State: 'Resolved', Reason: 'Fixed' });
const exempted = step(2, { Change: 'Exempted', State: 'Exempted', Reason: 'migration (until 2026-06-01)' });
const ended = step(3, { Change: 'Updated', Reason: 'ExemptionEnded' });
const inventory = transition({ Reason: 'FirstSeen' });

describe('open exposure', () => {
  test.each<{ when: string; rows: Rows; now: string; servers: readonly string[] }>([
    { when: 'fires: opened', rows: findings(at(minute(1), opened)), now: minute(5), servers: ['orders'] },
    {
      when: 'clears: resolved',
      rows: findings(at(minute(1), opened), at(minute(9), resolved)),
      now: minute(15),
      servers: [],
    },
    {
      when: 'clears: exempted',
      rows: findings(at(minute(1), opened), at(minute(9), exempted)),
      now: minute(15),
      servers: [],
    },
    {
      when: 'fires again: the exemption ended',
      rows: findings(at(minute(1), opened), at(minute(9), exempted), at(minute(20), ended)),
      now: minute(25),
      servers: ['orders'],
    },
    {
      when: 'goes on: only refreshes are left in the range',
      rows: findings(
        at(minute(1), opened),
        ...[6, 12, 18, 24, 30, 36, 42, 48, 54].map((h) => at(hour(h), refresh(opened, hour(h)))),
      ),
      now: hour(56),
      servers: ['orders'],
    },
    {
      when: 'quiet: a copy of the opening comes after the end',
      rows: findings(at(minute(1), opened), at(minute(9), resolved), at(minute(40), opened)),
      now: minute(45),
      servers: [],
    },
    {
      when: 'quiet: a refresh of the opening is late and comes after the end',
      rows: findings(at(minute(9), resolved), at(minute(30), refresh(opened, minute(8)))),
      now: minute(45),
      servers: [],
    },
    { when: 'quiet: the inventory', rows: findings(at(minute(1), inventory)), now: minute(5), servers: [] },
    {
      when: 'quiet: refreshes of the inventory',
      rows: findings(at(hour(6), refresh(inventory, hour(6)))),
      now: hour(7),
      servers: [],
    },
    {
      when: 'fires: the inventory is widened',
      rows: findings(at(minute(1), inventory), at(minute(9), widened)),
      now: minute(15),
      servers: ['orders'],
    },
    {
      when: 'quiet: a finding of medium severity',
      rows: findings(at(minute(1), transition({ Severity: 'Medium' }))),
      now: minute(5),
      servers: [],
    },
  ])('$when', ({ rows, now, servers }) => {
    expect(alert('open-exposure', rows, now).map((row) => row.ServerId)).toEqual(servers.map(serverId));
  });

  test('copies do not count twice, severities of a server stand apart, and the reach is the newest', () => {
    const high = transition({ FindingId: 'f1_high', RuleId: 'wide-public-range', Severity: 'High' });
    const later = { ...refresh(opened, hour(6)), Reach: 'wide' };
    const rows = findings(...[opened, opened, high].map((row) => at(minute(1), row)), at(hour(6), later));
    expect(alert('open-exposure', rows, hour(7))).toMatchObject([
      {
        ServerId: serverId('orders'),
        Severity: 'Critical',
        Findings: 1,
        Reach: 'wide',
        ServerName: 'orders',
      },
      { ServerId: serverId('orders'), Severity: 'High', Findings: 1, Rules: ['wide-public-range'] },
    ]);
  });
});

/** Everything that the stateless rule tells when it is evaluated every five minutes of two days. */
function told(rows: Rows): readonly unknown[] {
  const evaluations = Array.from({ length: 36 }, (_, index) => minute(index * 5));
  return evaluations.flatMap((now) => alert('new-exposure', rows, now).map((row) => [now, row.ReachChange]));
}

describe('opened or widened', () => {
  test.each<{ when: string; rows: Rows; expected: readonly unknown[] }>([
    {
      when: 'fires once for an opening and its refreshes',
      rows: findings(at(minute(1), opened), at(minute(60), refresh(opened, minute(60)))),
      expected: [[minute(5), 'private -> internet']],
    },
    {
      when: 'fires for each step, also on a server that has an alert',
      rows: findings(at(minute(1), opened), at(minute(21), widened)),
      expected: [
        [minute(5), 'private -> internet'],
        [minute(25), 'wide -> internet'],
      ],
    },
    {
      when: 'fires once for copies that come hours apart',
      rows: findings(at(minute(1), opened), at(minute(2), opened), at(minute(100), opened)),
      expected: [[minute(5), 'private -> internet']],
    },
    {
      when: 'fires when a late row arrives, however old it is',
      rows: findings(at(minute(1), opened, minute(91))),
      expected: [[minute(95), 'private -> internet']],
    },
    {
      when: 'fires for a server without an earlier reading',
      rows: findings(at(minute(1), transition({ ReachBefore: '' }))),
      expected: [[minute(5), 'new -> internet']],
    },
    {
      when: 'fires when an exemption ends',
      rows: findings(at(minute(1), exempted), at(minute(11), { ...ended, ReachBefore: 'internet' })),
      expected: [[minute(15), 'internet -> internet']],
    },
    {
      when: 'falls silent after the repair',
      rows: findings(at(minute(1), opened), at(minute(31), resolved)),
      expected: [[minute(5), 'private -> internet']],
    },
    { when: 'quiet: narrowed', rows: findings(at(minute(1), narrowed)), expected: [] },
    { when: 'quiet: the inventory', rows: findings(at(minute(1), inventory)), expected: [] },
    {
      when: 'quiet: the author was found later',
      rows: findings(at(minute(1), step(2, { Change: 'Updated', Reason: 'AuthorFound' }))),
      expected: [],
    },
    {
      when: 'quiet: exempted from the start',
      rows: findings(at(minute(1), exempted)),
      expected: [],
    },
  ])('$when', ({ rows, expected }) => {
    expect(told(rows)).toEqual(expected);
  });

  test.each([
    { when: 'a name', actor: {}, author: 'alice@example.com' },
    {
      when: 'an id only',
      actor: { ActorName: '' },
      author: '00000000-0000-0000-0000-0000000000aa',
    },
    { when: 'nothing', actor: { ActorName: '', ActorId: '' }, author: 'not known' },
  ])('the author, by $when', ({ actor, author }) => {
    const [row] = alert('new-exposure', findings(at(minute(1), transition(actor))), minute(5));
    expect(row).toMatchObject({ ServerId: serverId('orders'), Author: author });
  });
});

describe('storm', () => {
  const many = (count: number, more = {}): Rows =>
    findings(...Array.from({ length: count }, (_, i) => at(minute(1), transition(more, `server-${i}`))));

  test.each([
    { when: 'fires: 201 findings', rows: many(201), now: 10, expected: [{ Findings: 201, Servers: 201 }] },
    { when: 'clears: 15 minutes later', rows: many(201), now: 20, expected: [] },
    { when: 'quiet: 200 findings', rows: many(200), now: 10, expected: [] },
    {
      when: 'quiet: 150 findings that came twice',
      rows: findings(
        ...[...(many(150).DatabaseExposureFindings_CL ?? [])],
        ...[...(many(150).DatabaseExposureFindings_CL ?? [])],
      ),
      now: 10,
      expected: [],
    },
    { when: 'quiet: the inventory', rows: many(1000, { Reason: 'FirstSeen' }), now: 10, expected: [] },
  ])('$when', ({ rows, now, expected }) => {
    expect(alert('storm', rows, minute(now))).toEqual(expected);
  });
});
