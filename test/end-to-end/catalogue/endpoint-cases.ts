import type { Json } from '../../../local/azure/index.ts';
import { flexible, POSTGRES, serverId, withEndpoint } from '../estate.ts';
import { injected, PARTNER, POSTGRES_SINGLE, singleBody, STRANGER, withProperties } from './estate.ts';
import type { Case } from './scene.ts';

type Place = Pick<Case, 'rule' | 'serverId' | 'estate'>;

/** A closed server that its approved endpoint `pe-<rule>` alone reaches. */
const behindEndpoint = (rule: string): Place => ({
  rule,
  serverId: serverId(rule),
  estate: withEndpoint(rule, 'Disabled'),
});

/** An open server without endpoints. */
const withoutEndpoint = (rule: string): Place => ({
  rule,
  serverId: serverId(rule),
  estate: [flexible(rule, 'Enabled')],
});

/** The connections that Azure makes end in an id of its own, which the test takes off. */
const ownConnection = (rule: string): string => `/privateendpointconnections/pe-${rule}`;
const firstConnection = (rule: string): string => `/privateendpointconnections/pe-${rule}.1`;

/** Rules that judge private endpoints as they are. */
export const ENDPOINT_CASES: readonly Case[] = [
  {
    ...behindEndpoint('private-endpoint-missing'),
    severity: 'Medium',
    reason: 'Fixed',
    open: async (scene) => {
      await scene.access('Enabled');
      await scene.putRule('office', '203.0.113.7');
      await scene.deleteEndpoint();
    },
    close: (scene) => scene.putEndpoint(),
  },
  {
    ...withoutEndpoint('endpoint-pending'),
    subject: ownConnection('endpoint-pending'),
    severity: 'Medium',
    reason: 'Fixed',
    open: (scene) => scene.putEndpoint({ manual: true }),
    close: (scene) => scene.decide('Approved'),
  },
  {
    ...behindEndpoint('endpoint-rejected'),
    subject: firstConnection('endpoint-rejected'),
    severity: 'Medium',
    reason: 'Fixed',
    open: (scene) => scene.decide('Rejected'),
    close: (scene) => scene.deleteConnection(),
  },
  {
    ...withoutEndpoint('lockout-no-path'),
    severity: 'High',
    reason: 'Fixed',
    open: (scene) => scene.deleteRule('office'),
    close: (scene) => scene.putRule('office', '203.0.113.7'),
  },
  {
    ...withoutEndpoint('endpoint-foreign-subscription'),
    subject: ownConnection('endpoint-foreign-subscription'),
    severity: 'High',
    reason: 'Fixed',
    open: (scene) => scene.putEndpoint({ subscription: STRANGER }),
    close: (scene) => scene.deleteConnection(),
  },
  {
    ...withoutEndpoint('endpoint-foreign-tenant'),
    subject: ownConnection('endpoint-foreign-tenant'),
    severity: 'Critical',
    reason: 'Fixed',
    open: (scene) => scene.putEndpoint({ subscription: PARTNER }),
    close: (scene) => scene.deleteConnection(),
  },
  {
    ...behindEndpoint('endpoint-orphaned'),
    subject: 'endpoint',
    severity: 'Low',
    reason: 'Fixed',
    open: (scene) => scene.deleteConnection(),
    close: (scene) => scene.deleteEndpoint(),
  },
  {
    ...behindEndpoint('endpoint-provisioning-failed'),
    subject: 'endpoint',
    severity: 'Low',
    reason: 'Fixed',
    open: (scene) => scene.fail((endpoint) => withProperties(endpoint, { provisioningState: 'Failed' })),
    close: (scene) => scene.putEndpoint(),
  },
  {
    ...behindEndpoint('endpoint-state-mismatch'),
    subject: firstConnection('endpoint-state-mismatch'),
    severity: 'Low',
    reason: 'Fixed',
    open: (scene) =>
      scene.fail((endpoint) =>
        withProperties(endpoint, { privateLinkServiceConnections: [lost(scene.serverId)] }),
      ),
    close: (scene) => scene.putEndpoint(),
  },
  {
    ...withoutEndpoint('endpoint-on-injected-server'),
    estate: [injected(flexible('endpoint-on-injected-server', 'Disabled'))],
    severity: 'Informational',
    reason: 'NotApplicable',
    open: (scene) => scene.putEndpoint(),
    close: (scene) => scene.detach(),
  },
  {
    rule: 'endpoint-unsupported-tier',
    serverId: serverId('endpoint-unsupported-tier', POSTGRES_SINGLE),
    estate: [{ ...singleBody('GeneralPurpose'), id: serverId('endpoint-unsupported-tier', POSTGRES_SINGLE) }],
    severity: 'Informational',
    reason: 'Fixed',
    open: (scene) => scene.putServer(singleBody('Basic')),
    close: (scene) => scene.putServer(singleBody('GeneralPurpose')),
  },
  {
    ...withoutEndpoint('endpoint-other-region'),
    serverId: serverId('endpoint-other-region', POSTGRES),
    estate: [flexible('endpoint-other-region', 'Enabled', {}, POSTGRES)],
    subject: ownConnection('endpoint-other-region'),
    severity: 'Informational',
    reason: 'Fixed',
    open: (scene) => scene.putEndpoint({ location: 'northeurope' }),
    close: (scene) => scene.deleteEndpoint(),
  },
];

/** The endpoint's own record of its connection, which says what the server's does not. */
function lost(privateLinkServiceId: string): Json {
  const state = { status: 'Rejected', description: '', actionsRequired: 'None' };
  const properties = { privateLinkServiceId, groupIds: ['mysqlServer'] };
  return { name: 'database', properties: { ...properties, privateLinkServiceConnectionState: state } };
}
