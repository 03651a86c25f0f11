import { flexible, OFFICE, POSTGRES, serverId, single, withEndpoint } from '../estate.ts';
import { withProperties } from './estate.ts';
import type { Case } from './scene.ts';

const on = (rule: string): Pick<Case, 'rule' | 'serverId' | 'estate'> => ({
  rule,
  serverId: serverId(rule),
  estate: [flexible(rule, 'Enabled')],
});

const onPostgres = (rule: string): Pick<Case, 'rule' | 'serverId' | 'estate'> => ({
  rule,
  serverId: serverId(rule, POSTGRES),
  estate: [flexible(rule, 'Enabled', OFFICE, POSTGRES)],
});

const off = (rule: string, rules = OFFICE): Pick<Case, 'rule' | 'serverId' | 'estate'> => ({
  rule,
  serverId: serverId(rule),
  estate: [flexible(rule, 'Disabled', rules)],
});

const single_ = single('azure-services-allowed') as { readonly id: string };

/** Rules that judge the public path as it is. */
export const EXPOSURE_CASES: readonly Case[] = [
  {
    ...onPostgres('internet-reachable'),
    severity: 'Critical',
    reason: 'Fixed',
    open: async (scene) => {
      await scene.putRule('lower-half', '0.0.0.0', '127.255.255.255');
      await scene.putRule('upper-half', '128.0.0.0', '255.255.255.255');
    },
    close: async (scene) => {
      await scene.deleteRule('lower-half');
      await scene.deleteRule('upper-half');
    },
  },
  {
    ...on('wide-public-range'),
    severity: 'High',
    reason: 'Superseded',
    open: (scene) => scene.putRule('branches', '198.51.100.0', '198.51.103.255'),
    close: (scene) => scene.putRule('everybody', '0.0.0.0', '255.255.255.255'),
  },
  {
    ...on('range-not-approved'),
    estate: [{ ...flexible('range-not-approved', 'Enabled'), tags: { access: 'restricted' } }],
    severity: 'High',
    reason: 'NotApplicable',
    open: (scene) => scene.putRule('supplier', '198.51.100.7'),
    close: (scene) => scene.patchServer({ tags: { access: 'private' } }),
  },
  {
    ...on('azure-services-allowed'),
    serverId: single_.id,
    estate: [single_],
    severity: 'High',
    reason: 'Fixed',
    open: (scene) => scene.putRule('AllowAllAzureIps', '0.0.0.0'),
    close: (scene) => scene.deleteRule('AllowAllAzureIps'),
  },
  {
    ...off('public-access-enabled'),
    severity: 'High',
    reason: 'Fixed',
    open: (scene) => scene.access('Enabled'),
    close: (scene) => scene.access('Disabled'),
  },
  {
    ...off('public-access-beside-endpoint'),
    estate: withEndpoint('public-access-beside-endpoint', 'Disabled'),
    severity: 'Medium',
    reason: 'Fixed',
    open: (scene) => scene.access('Enabled'),
    close: (scene) => scene.access('Disabled'),
  },
  {
    ...on('public-access-unknown'),
    severity: 'Medium',
    reason: 'Fixed',
    open: (scene) => scene.access('SecuredByPerimeter'),
    close: (scene) => scene.access('Enabled'),
  },
  {
    ...off('latent-firewall-rules', {}),
    severity: 'Low',
    reason: 'Fixed',
    open: (scene) => scene.putRule('consultant', '198.51.100.7'),
    close: (scene) => scene.deleteRule('consultant'),
  },
  {
    ...on('firewall-rules-in-use'),
    estate: [flexible('firewall-rules-in-use', 'Enabled', {})],
    severity: 'Low',
    reason: 'Fixed',
    open: (scene) => scene.putRule('office', '203.0.113.7'),
    close: (scene) => scene.deleteRule('office'),
  },
  {
    ...on('too-many-firewall-rules'),
    severity: 'Informational',
    reason: 'Fixed',
    open: async (scene) => {
      // With the office's rule that is there already: 11, one more than is allowed.
      for (let branch = 1; branch <= 10; branch += 1) {
        await scene.putRule(`branch-${branch}`, `198.51.100.${branch * 10}`);
      }
    },
    close: (scene) => scene.deleteRule('branch-10'),
  },
  {
    ...on('private-range-in-firewall'),
    subject: 'firewallrules/data-center',
    severity: 'Informational',
    reason: 'Fixed',
    open: (scene) => scene.putRule('data-center', '10.0.0.0', '10.0.0.255'),
    close: (scene) => scene.deleteRule('data-center'),
  },
  {
    ...onPostgres('redundant-firewall-rule'),
    subject: 'firewallrules/meeting-room',
    severity: 'Informational',
    reason: 'Fixed',
    // The office has 203.0.113.1 to 203.0.113.9.
    open: (scene) => scene.putRule('meeting-room', '203.0.113.2', '203.0.113.3'),
    close: (scene) => scene.deleteRule('meeting-room'),
  },
  {
    ...on('stale-temporary-rule'),
    subject: 'firewallrules/clientipaddress_2024-1-31_9-15-0',
    severity: 'Low',
    reason: 'Fixed',
    open: (scene) => scene.putRule('ClientIPAddress_2024-1-31_9-15-0', '198.51.100.7'),
    close: (scene) => scene.deleteRule('ClientIPAddress_2024-1-31_9-15-0'),
  },
  {
    ...on('misleading-rule-name'),
    subject: 'firewallrules/allowallwindowsazureips',
    severity: 'Medium',
    reason: 'Fixed',
    open: (scene) => scene.putRule('AllowAllWindowsAzureIps', '198.51.100.7'),
    close: (scene) => scene.deleteRule('AllowAllWindowsAzureIps'),
  },
  {
    ...on('invalid-firewall-rule'),
    subject: 'firewallrules/upside-down',
    severity: 'Medium',
    reason: 'Fixed',
    open: (scene) => scene.putRule('upside-down', '198.51.100.9', '198.51.100.7'),
    close: (scene) => scene.putRule('upside-down', '198.51.100.7', '198.51.100.9'),
  },
  {
    ...onPostgres('replica-more-exposed'),
    estate: [
      flexible('replica-source', 'Enabled', OFFICE, POSTGRES),
      withProperties(flexible('replica-more-exposed', 'Enabled', OFFICE, POSTGRES), {
        replicationRole: 'AsyncReplica',
        sourceServerResourceId: serverId('replica-source', POSTGRES),
      }),
    ],
    severity: 'Medium',
    reason: 'Fixed',
    open: (scene) => scene.putRule('analyst', '198.51.100.7'),
    close: (scene) => scene.deleteRule('analyst'),
  },
];
