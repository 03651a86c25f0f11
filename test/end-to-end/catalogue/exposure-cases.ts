import {
  flexible,
  MYSQL,
  MYSQL_SINGLE,
  OFFICE,
  POSTGRES,
  serverId,
  single,
  withEndpoint,
} from '../estate.ts';
import { withProperties } from './estate.ts';
import type { Case } from './scene.ts';

const place = (
  rule: string,
  access: 'Enabled' | 'Disabled',
  rules = OFFICE,
  type = MYSQL,
): Pick<Case, 'rule' | 'serverId' | 'estate'> => ({
  rule,
  serverId: serverId(rule, type),
  estate: [flexible(rule, access, rules, type)],
});

/** Rules that judge the public path as it is. */
export const EXPOSURE_CASES: readonly Case[] = [
  {
    ...place('internet-reachable', 'Enabled', OFFICE, POSTGRES),
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
    ...place('wide-public-range', 'Enabled'),
    severity: 'High',
    reason: 'Superseded',
    open: (scene) => scene.putRule('branches', '198.51.100.0', '198.51.103.255'),
    close: (scene) => scene.putRule('everybody', '0.0.0.0', '255.255.255.255'),
  },
  {
    ...place('range-not-approved', 'Enabled'),
    estate: [{ ...flexible('range-not-approved', 'Enabled'), tags: { access: 'restricted' } }],
    severity: 'High',
    reason: 'NotApplicable',
    open: (scene) => scene.putRule('supplier', '198.51.100.7'),
    close: (scene) => scene.patchServer({ tags: { access: 'private' } }),
  },
  {
    rule: 'azure-services-allowed',
    serverId: serverId('azure-services-allowed', MYSQL_SINGLE),
    estate: [single('azure-services-allowed')],
    severity: 'High',
    reason: 'Fixed',
    open: (scene) => scene.putRule('AllowAllAzureIps', '0.0.0.0'),
    close: (scene) => scene.deleteRule('AllowAllAzureIps'),
  },
  {
    ...place('public-access-enabled', 'Disabled'),
    severity: 'High',
    reason: 'Fixed',
    open: (scene) => scene.access('Enabled'),
    close: (scene) => scene.access('Disabled'),
  },
  {
    ...place('public-access-beside-endpoint', 'Disabled'),
    estate: withEndpoint('public-access-beside-endpoint', 'Disabled'),
    severity: 'Medium',
    reason: 'Fixed',
    open: (scene) => scene.access('Enabled'),
    close: (scene) => scene.access('Disabled'),
  },
  {
    ...place('public-access-unknown', 'Enabled'),
    severity: 'Medium',
    reason: 'Fixed',
    open: (scene) => scene.access('SecuredByPerimeter'),
    close: (scene) => scene.access('Enabled'),
  },
  {
    ...place('latent-firewall-rules', 'Disabled', {}),
    severity: 'Low',
    reason: 'Fixed',
    open: (scene) => scene.putRule('consultant', '198.51.100.7'),
    close: (scene) => scene.deleteRule('consultant'),
  },
  {
    ...place('firewall-rules-in-use', 'Enabled', {}),
    severity: 'Low',
    reason: 'Fixed',
    open: (scene) => scene.putRule('office', '203.0.113.7'),
    close: (scene) => scene.deleteRule('office'),
  },
  {
    ...place('too-many-firewall-rules', 'Enabled'),
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
    ...place('private-range-in-firewall', 'Enabled'),
    subject: '/firewallrules/data-center',
    severity: 'Informational',
    reason: 'Fixed',
    open: (scene) => scene.putRule('data-center', '10.0.0.0', '10.0.0.255'),
    close: (scene) => scene.deleteRule('data-center'),
  },
  {
    ...place('redundant-firewall-rule', 'Enabled', OFFICE, POSTGRES),
    subject: '/firewallrules/meeting-room',
    severity: 'Informational',
    reason: 'Fixed',
    // The office has 203.0.113.1 to 203.0.113.9.
    open: (scene) => scene.putRule('meeting-room', '203.0.113.2', '203.0.113.3'),
    close: (scene) => scene.deleteRule('meeting-room'),
  },
  {
    ...place('stale-temporary-rule', 'Enabled'),
    subject: '/firewallrules/clientipaddress_2024-1-31_9-15-0',
    severity: 'Low',
    reason: 'Fixed',
    open: (scene) => scene.putRule('ClientIPAddress_2024-1-31_9-15-0', '198.51.100.7'),
    close: (scene) => scene.deleteRule('ClientIPAddress_2024-1-31_9-15-0'),
  },
  {
    ...place('misleading-rule-name', 'Enabled'),
    subject: '/firewallrules/allowallwindowsazureips',
    severity: 'Medium',
    reason: 'Fixed',
    open: (scene) => scene.putRule('AllowAllWindowsAzureIps', '198.51.100.7'),
    close: (scene) => scene.deleteRule('AllowAllWindowsAzureIps'),
  },
  {
    ...place('invalid-firewall-rule', 'Enabled'),
    subject: '/firewallrules/upside-down',
    severity: 'Medium',
    reason: 'Fixed',
    open: (scene) => scene.putRule('upside-down', '198.51.100.9', '198.51.100.7'),
    close: (scene) => scene.putRule('upside-down', '198.51.100.7', '198.51.100.9'),
  },
  {
    ...place('replica-more-exposed', 'Enabled', OFFICE, POSTGRES),
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
