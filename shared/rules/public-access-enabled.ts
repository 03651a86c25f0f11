import { disablePublicAccess } from '../judging/az-command.ts';
import { counted } from '../judging/evidence.ts';
import { countOf, isPublicAccessOn } from '../judging/public-access.ts';
import { defineRule } from './define-rule.ts';

export const publicAccessEnabled = defineRule({
  id: 'public-access-enabled',
  code: 'EXP-004',
  title: 'Public network access is switched on',
  severity: 'Medium',
  category: 'exposure',
  subject: 'server',
  fix: 'Set publicNetworkAccess to Disabled after the clients use a private endpoint.',
  documentation: 'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking-public',
  standards: [
    'MCSB NS-2',
    'Azure Policy c9299215-ae47-4f50-9c54-8a392f68a052',
    'Azure Policy 5e1de0e3-42cb-4ebc-a86d-61d0c619ca48',
    'Azure Policy d9844e8a-1437-4aeb-a32c-0c992f056095',
    'Azure Policy b52376f7-9612-48a1-81cd-1ffe4b61032c',
  ],
  needs: ['publicAccess', 'exposure', 'network', 'server'],
  check(facts, { allowPublic, profile }) {
    if (allowPublic) return 'not-applicable';
    const { exposure, network, publicAccess, server } = facts;
    if (exposure.switch === 'perimeter' || !isPublicAccessOn(facts)) return [];
    const { public: addresses, azureRules, subnetsInForce } = exposure;
    const admits = addresses > 0 || azureRules.length > 0 || (subnetsInForce ?? []).length > 0;
    const nested = server.family.endsWith('/flexibleservers');
    return [
      {
        severity: admits ? 'High' : 'Medium',
        summary: admits
          ? `Public network access is on and the rules admit ${counted(addresses, 'public address', 'public addresses')}${azureRules.length > 0 ? ' and all of Azure' : ''}.`
          : 'Public network access is on: one more firewall rule admits any address.',
        evidence: {
          switch: 'enabled',
          profile,
          publicAddresses: exposure.publicAddresses,
          firewallRules: countOf(network.firewallRules),
          virtualNetworkRules: countOf(network.virtualNetworkRules),
        },
        notes: {
          value: publicAccess.raw,
          property: nested ? 'properties.network.publicNetworkAccess' : 'properties.publicNetworkAccess',
        },
      },
    ];
  },
  command: disablePublicAccess,
});
