import { expect, test } from 'vitest';
import type { Context } from '../../shared/model.ts';
import { endpointOrphaned } from '../../shared/rules/endpoint-orphaned.ts';
import {
  bySubject,
  connection,
  endpoint,
  endpointId,
  endpointTarget,
  evidenceOf,
  type Given,
  judge,
  OTHER_SUBSCRIPTION,
  server,
  SERVER,
  snapshot,
  verdicts,
} from '../builders.ts';

const PE = endpointId('pe-a');
const storage = `/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/rg/providers/microsoft.storage/storageaccounts/x`;
const contradicting = [endpointTarget(), endpointTarget({ status: 'disconnected' })];
const gone = (id: string) => ({ id, is: 'gone' as const });

test.each<{ when: string; given: Given; around?: Partial<Context>; gives: Record<string, string> }>([
  {
    when: 'an endpoint reports itself disconnected',
    given: { endpoints: [endpoint('pe-a', {}, { status: 'disconnected' })] },
    gives: { 'pe-a': 'OPEN Low' },
  },
  {
    when: 'an endpoint in order',
    given: { pec: ['Approved'], endpoints: [endpoint('pe-a')] },
    gives: { all: 'PASS' },
  },
  {
    when: 'an endpoint of a storage account',
    given: { endpoints: [endpoint('pe-a', {}, { targetId: storage, status: 'disconnected' })] },
    gives: { all: 'PASS' },
  },
  {
    when: 'an endpoint whose target cannot be told',
    given: {
      pec: ['Approved'],
      endpoints: [endpoint('pe-a', {}, { targetId: null, status: 'disconnected' })],
    },
    gives: { 'pe-a': 'UNKNOWN' },
  },
  {
    when: 'an endpoint that names no target',
    given: { pec: ['Approved'], endpoints: [endpoint('pe-a', { targets: [] })] },
    gives: { 'pe-a': 'UNKNOWN' },
  },
  {
    when: 'an endpoint whose status nobody can interpret',
    given: { endpoints: [endpoint('pe-a', {}, { status: 'unknown' })] },
    gives: { 'pe-a': 'UNKNOWN' },
  },
  {
    when: 'an endpoint that contradicts itself',
    given: { endpoints: [endpoint('pe-a', { targets: contradicting })] },
    gives: { 'pe-a': 'UNKNOWN' },
  },
  {
    when: 'an endpoint that contradicts itself, of a server that is gone',
    given: { endpoints: [endpoint('pe-a', { targets: contradicting })] },
    around: { confirmedGone: [SERVER.id] },
    gives: { 'pe-a': 'OPEN Low' },
  },
  {
    when: 'the endpoint of a connection gone, confirmed',
    given: { pec: ['Approved'], endpoints: [gone(PE)] },
    around: { confirmedGone: [PE] },
    gives: { a: 'OPEN Low' },
  },
  {
    when: 'the endpoint of a connection gone, one 404',
    given: { pec: ['Approved'], endpoints: [gone(PE)] },
    gives: { all: 'PASS' },
  },
  {
    when: 'the endpoint denied',
    given: { pec: ['Approved'], endpoints: [{ id: PE, is: 'denied' }] },
    gives: { 'pe-a': 'UNKNOWN', a: 'UNKNOWN' },
  },
  {
    when: 'the endpoint in a subscription out of scope',
    given: { pec: [connection('a', 'Approved', { endpointId: endpointId('pe-a', OTHER_SUBSCRIPTION) })] },
    gives: { all: 'PASS' },
  },
  { when: 'the connections denied', given: { denied: ['endpointConnections'] }, gives: { all: 'UNKNOWN' } },
])('$when', ({ given, around, gives }) => {
  expect(bySubject(endpointOrphaned, given, around)).toEqual(gives);
});

test('a server that is gone leaves its endpoints behind', () => {
  const seen = { ...snapshot({ endpoints: [endpoint('pe-a')] }), found: false, network: {} };
  expect(bySubject(endpointOrphaned, seen, { confirmedGone: [SERVER.id] })).toEqual({ 'pe-a': 'OPEN Low' });
  expect(verdicts(endpointOrphaned, seen)).toEqual(['PASS']);
});

test('the evidence names both sides and the case', () => {
  const seen = { ...snapshot({ endpoints: [endpoint('pe-a')] }), found: false, network: {} };
  expect(evidenceOf(endpointOrphaned, seen, { confirmedGone: [SERVER.id] })).toEqual({
    case: 'server gone',
    endpoint: PE,
    server: SERVER.id,
    status: 'approved',
  });
});

test('the command deletes what is left over', () => {
  const violation = { summary: '', evidence: {} };
  const pec = `${SERVER.id}/privateendpointconnections/a`;
  expect(endpointOrphaned.command?.(server(), { ...violation, subject: PE })).toBe(
    `az network private-endpoint delete --ids ${PE}`,
  );
  expect(endpointOrphaned.command?.(server(), { ...violation, subject: pec })).toBe(
    `az network private-endpoint-connection delete --id ${pec}`,
  );
});

test.each<{ when: string; given: Given; around?: Partial<Context>; summary: string; evidence: object }>([
  {
    when: 'disconnected',
    given: { endpoints: [endpoint('pe-a', {}, { status: 'disconnected' })] },
    summary: 'A private endpoint that targets this server is disconnected.',
    evidence: { case: 'disconnected', endpoint: PE, server: SERVER.id, status: 'disconnected' },
  },
  {
    when: 'server gone',
    given: { endpoints: [endpoint('pe-a')], denied: ['endpointConnections'] },
    around: { confirmedGone: [SERVER.id] },
    summary: 'A private endpoint still targets this server, which no longer exists.',
    evidence: { case: 'server gone', endpoint: PE, server: SERVER.id, status: 'approved' },
  },
  {
    when: 'endpoint gone',
    given: { pec: ['Approved'], endpoints: [gone(PE)] },
    around: { confirmedGone: [PE] },
    summary: 'The server lists a connection of a private endpoint that no longer exists.',
    evidence: {
      case: 'endpoint gone',
      endpoint: PE,
      connection: `${SERVER.id}/privateendpointconnections/a`,
      status: 'approved',
    },
  },
])('the finding tells the case: $when', ({ given, around, summary, evidence }) => {
  expect(judge(endpointOrphaned, given, around)).toMatchObject([{ violation: { summary, evidence } }]);
});

test('connections that could not be read are told as such', () => {
  expect(judge(endpointOrphaned, { denied: ['endpointConnections'] })).toMatchObject([
    { status: 'unknown', reason: 'endpointConnections: denied' },
  ]);
});
