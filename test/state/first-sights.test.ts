import { expect, test } from 'vitest';
import { couldNotShow } from '../../shared/judging/first-seen.ts';
import {
  connection,
  connectionId,
  endpoint,
  endpointId,
  type Given,
  ruleId,
  SERVER,
  snapshot,
} from '../builders.ts';

const A = connectionId('a');
const PE = endpointId('pe-a');
const VNET = `${SERVER.id}/virtualnetworkrules/web`;
const denied = { id: PE, is: 'denied' } as const;

test.each<{ when: string; key: string; given: Given; could: boolean }>([
  { when: 'a rule, rules read', key: ruleId('old'), given: {}, could: true },
  { when: 'a rule, rules denied', key: ruleId('old'), given: { denied: ['firewallRules'] }, could: false },
  { when: 'a rule, an endpoint denied', key: ruleId('old'), given: { endpoints: [denied] }, could: true },
  {
    when: 'a rule with a bar in its name',
    key: ruleId('a|b'),
    given: { denied: ['firewallRules'] },
    could: false,
  },
  { when: 'a network rule, rules denied', key: VNET, given: { denied: ['firewallRules'] }, could: true },
  { when: 'a network rule, denied', key: VNET, given: { denied: ['virtualNetworkRules'] }, could: false },
  { when: 'a waiting connection, read', key: `${A}|pending`, given: {}, could: true },
  {
    when: 'a waiting connection, denied',
    key: `${A}|pending`,
    given: { denied: ['endpointConnections'] },
    could: false,
  },
  {
    when: 'a waiting connection, endpoint denied',
    key: `${A}|pending`,
    given: { endpoints: [denied] },
    could: true,
  },
  {
    when: 'a mismatch, its endpoint denied',
    key: `${A}|mismatch|approved|pending`,
    given: { pec: [{ ...connection('a', 'Approved'), endpointId: PE }], endpoints: [denied] },
    could: false,
  },
  {
    when: 'a mismatch of a connection that is gone, an endpoint denied',
    key: `${A}|mismatch|approved|pending`,
    given: { endpoints: [denied] },
    could: true,
  },
  { when: 'an endpoint, read', key: `${PE}|failed`, given: { endpoints: [endpoint('pe-a')] }, could: true },
  { when: 'an endpoint, denied', key: `${PE}|failed`, given: { endpoints: [denied] }, could: false },
  { when: 'an endpoint that is named no more', key: `${PE}|failed`, given: {}, could: true },
  {
    when: 'an endpoint that is named no more, connections denied',
    key: `${PE}|failed`,
    given: { denied: ['endpointConnections'] },
    could: true,
  },
])('$when: the reading could show it: $could', ({ key, given, could }) => {
  expect(couldNotShow(key, snapshot(given))).toBe(!could);
});
