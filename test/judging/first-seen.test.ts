import { expect, test } from 'vitest';
import { couldNotShow, firstSeenKeys } from '../../shared/judging/first-seen.ts';
import {
  BODY,
  connection,
  connectionId,
  endpoint,
  endpointId,
  type Given,
  ruleId,
  server,
  snapshot,
  unreadable,
} from '../builders.ts';
import { OUTSIDE_SCOPE } from '../../shared/model.ts';

const A = connectionId('a');
const PE = endpointId('pe-a');

test.each<{ when: string; given: Given; keys: readonly string[] }>([
  { when: 'nothing', given: {}, keys: [] },
  {
    when: 'every firewall rule, malformed ones too',
    given: { fw: ['office=203.0.113.5', 'Bad=x'] },
    keys: [ruleId('office'), ruleId('bad')],
  },
  {
    when: 'two rules of one name once',
    given: { fw: ['office=203.0.113.5', 'OFFICE=203.0.113.6'] },
    keys: [ruleId('office')],
  },
  {
    when: 'virtual network rules',
    given: { family: 'MS', vnet: ['web'] },
    keys: [`${server('MS').id}/virtualnetworkrules/web`],
  },
  { when: 'pending connections only', given: { pec: ['Pending', 'Approved'] }, keys: [`${A}|pending`] },
  { when: 'an endpoint in order', given: { pec: ['Approved'], endpoints: [endpoint('pe-a')] }, keys: [] },
  {
    when: 'an endpoint that is not done',
    given: { endpoints: [endpoint('pe-a', { provisioningState: 'Updating' })] },
    keys: [`${PE}|updating`],
  },
  {
    when: 'an endpoint in a state that is not documented',
    given: { endpoints: [endpoint('pe-a', { provisioningState: 'x|y' })] },
    keys: [],
  },
  {
    when: 'an endpoint that is gone, one that is denied',
    given: {
      endpoints: [
        { id: PE, is: 'gone' },
        { id: endpointId('pe-b'), is: 'denied' },
      ],
    },
    keys: [],
  },
  {
    when: 'sides that differ',
    given: { pec: ['Approved'], endpoints: [endpoint('pe-a', {}, { status: 'rejected' })] },
    keys: [`${A}|mismatch|approved|rejected`],
  },
  {
    when: 'an endpoint whose side cannot be interpreted',
    given: { pec: ['Approved'], endpoints: [endpoint('pe-a', {}, { status: 'unknown', statusText: 'x' })] },
    keys: [],
  },
  {
    when: 'sides that cannot be compared',
    given: { pec: [connection('a', 'Allowed')], endpoints: [endpoint('pe-a')] },
    keys: [],
  },
  {
    when: 'nothing could be read',
    given: {
      fw: ['203.0.113.5'],
      pec: ['Pending'],
      denied: [...BODY, 'firewallRules', 'virtualNetworkRules'],
    },
    keys: [],
  },
])('$when', ({ given, keys }) => {
  expect(firstSeenKeys(snapshot(given))).toEqual(keys);
});

test.each<{ when: string; key: string; given: Given; could: boolean }>([
  {
    when: 'that a connection waits, the server itself tells',
    key: `${A}|pending`,
    given: { pec: ['Pending'], endpoints: [{ id: PE, is: 'denied' }] },
    could: true,
  },
  {
    when: 'that two sides differ, the endpoint has to tell',
    key: `${A}|mismatch|approved|rejected`,
    given: { pec: ['Approved'], endpoints: [{ id: PE, is: 'denied' }] },
    could: false,
  },
  {
    when: 'not that of another connection, which could not be read',
    key: `${A}|mismatch|approved|rejected`,
    given: {
      pec: ['Approved', 'Approved'],
      endpoints: [endpoint('pe-a'), { id: endpointId('pe-b'), is: 'denied' }],
    },
    could: true,
  },
  {
    when: 'nor the other way round',
    key: `${connectionId('b')}|mismatch|approved|rejected`,
    given: {
      pec: ['Approved', 'Approved'],
      endpoints: [endpoint('pe-a'), { id: endpointId('pe-b'), is: 'denied' }],
    },
    could: false,
  },
])('$when: $could', ({ key, given, could }) => {
  expect(couldNotShow(key, snapshot(given))).toBe(!could);
});

test.each([
  { reason: OUTSIDE_SCOPE, could: true },
  { reason: 'denied', could: false },
])('the state of an endpoint that is "$reason" could be shown: $could', ({ reason, could }) => {
  const seen = { ...snapshot(), surroundings: { endpoints: { [PE]: unreadable(reason) } } };
  expect(couldNotShow(`${PE}|failed`, seen)).toBe(!could);
});
