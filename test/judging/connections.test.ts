import { expect, test } from 'vitest';
import {
  endpointReading,
  interpretedConnections,
  isSame,
  judgeApproved,
  requestKind,
} from '../../shared/judging/connections.ts';
import { type EndpointConnection, OUTSIDE_SCOPE, type Surroundings } from '../../shared/model.ts';
import {
  connection,
  connectionId,
  endpoint,
  endpointId,
  endpointTarget,
  SERVER,
  unreadable,
  value,
} from '../builders.ts';

const PE = endpointId('pe-a');
const ODD = 'endpointConnections: the status "Allowed" cannot be interpreted';

test('one status that is not documented makes the whole list unknown', () => {
  const known = [connection('a'), connection('b', 'Pending')];
  expect(interpretedConnections({ endpointConnections: known })).toBe(known);
  const odd = { endpointConnections: [...known, connection('c', 'Allowed')] };
  expect(() => interpretedConnections(odd)).toThrow(ODD);
});

test('of each connection what is said of approved ones, and that an odd one is not judged', () => {
  const all = ['Approved', 'Pending', 'Rejected', 'Allowed'].map((status) => connection(status, status));
  expect(judgeApproved(all, ({ id }) => [{ subject: id, summary: 's', evidence: {} }])).toEqual([
    { subject: connectionId('Approved'), summary: 's', evidence: {} },
    { subject: connectionId('Allowed'), unknown: ODD },
  ]);
});

test.each<{ when: string; id: string | null; endpoints: Surroundings['endpoints']; is: unknown }>([
  { when: 'was read', id: PE, endpoints: { [PE]: value(endpoint('pe-a')) }, is: endpoint('pe-a') },
  { when: 'is gone', id: PE, endpoints: { [PE]: value('gone') }, is: 'gone' },
  {
    when: 'is not named',
    id: null,
    endpoints: {},
    is: { unknown: 'endpointConnections: the endpoint is not named' },
  },
  { when: 'was not asked for', id: PE, endpoints: {}, is: { unknown: 'endpoint: not read' } },
  {
    when: 'is out of scope',
    id: PE,
    endpoints: { [PE]: unreadable(OUTSIDE_SCOPE) },
    is: { unknown: 'endpoint: outside the scope' },
  },
])('an endpoint that $when', ({ id, endpoints, is }) => {
  expect(endpointReading(id, { endpoints })).toEqual(is);
});

test.each<{ when: string; endpoints: Surroundings['endpoints']; kind: string }>([
  {
    when: 'by somebody else',
    endpoints: { [PE]: value(endpoint('pe-a', {}, { manual: true })) },
    kind: 'manual',
  },
  {
    when: 'by an owner and by somebody else',
    endpoints: {
      [PE]: value(endpoint('pe-a', { targets: [endpointTarget(), endpointTarget({ manual: true })] })),
    },
    kind: 'manual',
  },
  { when: 'by an owner', endpoints: { [PE]: value(endpoint('pe-a')) }, kind: 'automatic' },
  {
    when: 'for another server',
    endpoints: { [PE]: value(endpoint('pe-a', {}, { targetId: '/x' })) },
    kind: 'unknown',
  },
  { when: 'nobody knows by whom', endpoints: { [PE]: unreadable() }, kind: 'unknown' },
])('access was asked for $when: $kind', ({ endpoints, kind }) => {
  expect(requestKind(connection('a'), { endpoints }, SERVER.id)).toBe(kind);
});

type Key = Pick<EndpointConnection, 'id' | 'endpointId'>;
test.each<{ when: string; a: Key; b: Key; same: boolean }>([
  { when: 'one endpoint', a: { id: '/a', endpointId: PE }, b: { id: '/b', endpointId: PE }, same: true },
  { when: 'two endpoints', a: { id: '/a', endpointId: PE }, b: { id: '/a', endpointId: '/x' }, same: false },
  { when: 'one id', a: { id: '/a', endpointId: null }, b: { id: '/a', endpointId: null }, same: true },
  { when: 'two ids', a: { id: '/a', endpointId: null }, b: { id: '/b', endpointId: null }, same: false },
  {
    when: 'an endpoint once',
    a: { id: '/a', endpointId: PE },
    b: { id: '/a', endpointId: null },
    same: true,
  },
  {
    when: 'an endpoint later',
    a: { id: '/a', endpointId: null },
    b: { id: '/a', endpointId: PE },
    same: true,
  },
])('two records with $when are of one connection: $same', ({ a, b, same }) => {
  expect(isSame(a, b)).toBe(same);
});
