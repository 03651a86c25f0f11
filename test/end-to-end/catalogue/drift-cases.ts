import { flexible, serverId, SUBNET, withEndpoint } from '../estate.ts';
import { injected } from './estate.ts';
import type { Case } from './scene.ts';

type Place = Pick<Case, 'rule' | 'serverId' | 'estate'>;

const server = (rule: string, access: 'Enabled' | 'Disabled'): Place => ({
  rule,
  serverId: serverId(rule),
  estate: [flexible(rule, access)],
});

const behindEndpoint = (rule: string): Place => ({
  rule,
  serverId: serverId(rule),
  estate: withEndpoint(rule, 'Disabled'),
});

/** Rules that compare with the approved baseline, which is the state at the start. */
export const DRIFT_CASES: readonly Case[] = [
  {
    ...server('exposure-widened', 'Enabled'),
    severity: 'High',
    reason: 'Approved',
    open: (scene) => scene.putRule('branches', '198.51.100.0', '198.51.103.255'),
    close: (scene) => scene.approve(),
  },
  {
    ...server('public-access-switched-on', 'Disabled'),
    severity: 'High',
    reason: 'Fixed',
    open: (scene) => scene.access('Enabled'),
    close: (scene) => scene.access('Disabled'),
  },
  {
    ...server('vnet-integration-removed', 'Disabled'),
    estate: [injected(flexible('vnet-integration-removed', 'Disabled'))],
    severity: 'High',
    reason: 'Fixed',
    open: (scene) => scene.detach(),
    close: (scene) => scene.patchServer({ properties: { network: { delegatedSubnetResourceId: SUBNET } } }),
  },
  {
    ...server('public-access-flap', 'Disabled'),
    severity: 'Medium',
    reason: 'Approved',
    open: async (scene) => {
      await scene.access('Enabled');
      await scene.access('Disabled');
    },
    close: (scene) => scene.approve(),
  },
  {
    ...server('latent-rules-changed', 'Disabled'),
    severity: 'Low',
    reason: 'Fixed',
    open: (scene) => scene.putRule('consultant', '198.51.100.7'),
    close: (scene) => scene.deleteRule('consultant'),
  },
  {
    ...behindEndpoint('last-endpoint-lost'),
    // Nothing reaches the server any more.
    severity: 'Critical',
    reason: 'Fixed',
    open: (scene) => scene.decide('Rejected'),
    close: (scene) => scene.decide('Approved'),
  },
  {
    ...behindEndpoint('approved-endpoint-lost'),
    subject: '/privateendpointconnections/pe-approved-endpoint-lost.1',
    severity: 'Low',
    reason: 'Fixed',
    prepare: (scene) => scene.putEndpoint({ name: 'pe-second' }),
    open: (scene) => scene.decide('Rejected'),
    close: (scene) => scene.decide('Approved'),
  },
  {
    ...server('endpoint-newly-approved', 'Enabled'),
    subject: '/privateendpointconnections/pe-endpoint-newly-approved',
    severity: 'Medium',
    reason: 'Approved',
    open: (scene) => scene.putEndpoint(),
    close: (scene) => scene.approve(),
  },
];
