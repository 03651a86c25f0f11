import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, serverPolicy, type ServerPolicy } from '../../shared/policy.ts';
import { endpointForeignTenant } from '../../shared/rules/endpoint-foreign-tenant.ts';
import {
  connection,
  endpointId,
  evidenceOf,
  OTHER_SUBSCRIPTION,
  OTHER_TENANT,
  SUBSCRIPTION,
  TENANT,
  verdicts,
} from '../builders.ts';

const pec = [connection('a', 'Approved', { endpointId: endpointId('pe', OTHER_SUBSCRIPTION) })];
const own = { [SUBSCRIPTION]: TENANT };
const complete = { trustedTenants: [], tenantListComplete: true };

function policy(settings: ServerPolicy['settings']['endpoint-foreign-tenant']): ServerPolicy {
  return { ...serverPolicy(), settings: { ...DEFAULT_SETTINGS, 'endpoint-foreign-tenant': settings } };
}

test.each([
  {
    when: 'another subscription of the same tenant',
    tenants: { ...own, [OTHER_SUBSCRIPTION]: TENANT },
    gives: 'PASS',
  },
  {
    when: 'the same tenant in upper case',
    tenants: { ...own, [OTHER_SUBSCRIPTION]: TENANT.toUpperCase() },
    gives: 'PASS',
  },
  {
    when: 'visible, with another tenant',
    tenants: { ...own, [OTHER_SUBSCRIPTION]: OTHER_TENANT },
    gives: 'OPEN Critical',
  },
  { when: 'not visible', tenants: own, gives: 'UNKNOWN' },
  {
    when: 'not visible though the list is complete',
    tenants: own,
    settings: complete,
    gives: 'OPEN Critical',
  },
  {
    when: 'another tenant that is trusted',
    tenants: { ...own, [OTHER_SUBSCRIPTION]: OTHER_TENANT },
    settings: { trustedTenants: [OTHER_TENANT.toUpperCase()], tenantListComplete: false },
    gives: 'PASS',
  },
  { when: 'the own tenant not known', tenants: { [OTHER_SUBSCRIPTION]: OTHER_TENANT }, gives: 'UNKNOWN' },
])('$when: $gives', ({ tenants, settings = DEFAULT_SETTINGS['endpoint-foreign-tenant'], gives }) => {
  expect(verdicts(endpointForeignTenant, { pec }, { tenants }, policy(settings))).toEqual([gives]);
});

test('an endpoint of the own subscription needs no list of tenants', () => {
  expect(verdicts(endpointForeignTenant, { pec: ['Approved'] }, { tenants: {} })).toEqual(['PASS']);
});

test('the evidence says how the tenant was resolved', () => {
  const tenants = { ...own, [OTHER_SUBSCRIPTION]: OTHER_TENANT };
  expect(evidenceOf(endpointForeignTenant, { pec }, { tenants })).toMatchObject({
    tenant: OTHER_TENANT,
    resolved: 'list of subscriptions',
  });
  expect(evidenceOf(endpointForeignTenant, { pec }, { tenants: own }, policy(complete))).toMatchObject({
    tenant: null,
    resolved: 'not among all subscriptions of the tenant',
  });
});

test('an endpoint that is not named, and unreadable connections, are unknown', () => {
  const nameless = [connection('a', 'Approved', { endpointId: null })];
  expect(verdicts(endpointForeignTenant, { pec: nameless })).toEqual(['UNKNOWN']);
  expect(verdicts(endpointForeignTenant, { denied: ['endpointConnections'] })).toEqual(['UNKNOWN']);
});
