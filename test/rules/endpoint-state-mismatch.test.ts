import { expect, test } from 'vitest';
import type { ConnectionStatus } from '../../shared/model.ts';
import { endpointStateMismatch } from '../../shared/rules/endpoint-state-mismatch.ts';
import {
  ago,
  connection,
  connectionId,
  endpoint,
  endpointId,
  endpointTarget,
  judge,
  server,
  verdicts,
} from '../builders.ts';

const twice = (...statuses: readonly [ConnectionStatus, ConnectionStatus]) =>
  statuses.map((status) => endpointTarget({ status }));
const pec = [connection('a')];
const disconnected = [endpoint('pe-a', {}, { status: 'disconnected', statusText: 'Disconnected' })];
const KEY = `${connectionId('a')}|mismatch|approved|disconnected`;

test.each([
  { when: 'both approved', endpoints: [endpoint('pe-a')], since: 600, gives: 'PASS' },
  { when: 'different for 60 s', endpoints: disconnected, since: 60, gives: 'OPEN Low' },
  { when: 'different for 59 s', endpoints: disconnected, since: 59, gives: 'PASS' },
  {
    when: 'different, asked for manually',
    endpoints: [endpoint('pe-a', {}, { status: 'disconnected', manual: true })],
    since: 60,
    gives: 'OPEN Low',
  },
  {
    when: 'the endpoint targets another server',
    endpoints: [endpoint('pe-a', {}, { status: 'disconnected', targetId: server('PF').id })],
    since: 60,
    gives: 'PASS',
  },
  {
    when: 'the target of the endpoint cannot be told',
    endpoints: [endpoint('pe-a', {}, { status: 'disconnected', targetId: null })],
    since: 60,
    gives: 'UNKNOWN',
  },
  {
    when: 'the endpoint names no target',
    endpoints: [endpoint('pe-a', { targets: [] })],
    since: 60,
    gives: 'UNKNOWN',
  },
  {
    when: 'the endpoint names the server twice, alike',
    endpoints: [endpoint('pe-a', { targets: twice('disconnected', 'disconnected') })],
    since: 60,
    gives: 'OPEN Low',
  },
  {
    when: 'the endpoint contradicts itself, the first record as the server has it',
    endpoints: [endpoint('pe-a', { targets: twice('approved', 'disconnected') })],
    since: 60,
    gives: 'UNKNOWN',
  },
  {
    when: 'the endpoint contradicts itself, the second record as the server has it',
    endpoints: [endpoint('pe-a', { targets: twice('disconnected', 'approved') })],
    since: 60,
    gives: 'UNKNOWN',
  },
  {
    when: 'the endpoint denied',
    endpoints: [{ id: endpointId('pe-a'), is: 'denied' as const }],
    since: 60,
    gives: 'UNKNOWN',
  },
  { when: 'the endpoint not read', endpoints: [], since: 60, gives: 'UNKNOWN' },
  {
    when: 'the endpoint gone',
    endpoints: [{ id: endpointId('pe-a'), is: 'gone' as const }],
    since: 60,
    gives: 'PASS',
  },
  {
    when: 'a status of the endpoint that is not documented',
    endpoints: [endpoint('pe-a', {}, { status: 'unknown' })],
    since: 60,
    gives: 'UNKNOWN',
  },
])('$when: $gives', ({ endpoints, since, gives }) => {
  expect(verdicts(endpointStateMismatch, { pec, endpoints }, { firstSeen: { [KEY]: ago(since) } })).toEqual([
    gives,
  ]);
});

test('seen once only: not yet', () => {
  expect(verdicts(endpointStateMismatch, { pec, endpoints: disconnected })).toEqual(['PASS']);
});

test('another pair of statuses counts anew', () => {
  const firstSeen = { [`${connectionId('a')}|mismatch|pending|disconnected`]: ago(600) };
  expect(verdicts(endpointStateMismatch, { pec, endpoints: disconnected }, { firstSeen })).toEqual(['PASS']);
});

test('the evidence gives both sides', () => {
  expect(
    judge(endpointStateMismatch, { pec, endpoints: disconnected }, { firstSeen: { [KEY]: ago(60) } })[0],
  ).toMatchObject({
    subject: connectionId('a'),
    violation: { evidence: { server: 'approved', endpoint: 'disconnected', endpointId: endpointId('pe-a') } },
  });
});

test('a connection that cannot be interpreted, and unreadable connections, are unknown', () => {
  expect(verdicts(endpointStateMismatch, { pec: ['Allowed'], endpoints: disconnected })).toEqual(['UNKNOWN']);
  expect(verdicts(endpointStateMismatch, { denied: ['endpointConnections'] })).toEqual(['UNKNOWN']);
});
