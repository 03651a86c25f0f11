import { baselineKind } from '../judging/evidence.ts';
import { disablePublicAccess } from '../judging/az-command.ts';
import { defineRule } from './define-rule.ts';

export const vnetIntegrationRemoved = defineRule({
  id: 'vnet-integration-removed',
  code: 'DRF-001',
  title: 'VNet integration was removed',
  severity: 'High',
  category: 'exposure',
  subject: 'server',
  fix: 'Restore a private path (endpoint) and keep public access Disabled.',
  documentation: 'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking-vnet',
  standards: [],
  needs: ['delegatedSubnetId', 'baseline', 'exposure'],
  check({ delegatedSubnetId, baseline, exposure }) {
    if (baseline.subnetId === null || delegatedSubnetId !== null) return [];
    const { publicPath } = exposure;
    return [
      {
        severity: publicPath === 'internet' ? 'Critical' : 'High',
        summary: `The server left its subnet; its public path is now "${publicPath}".`,
        evidence: { subnetBefore: baseline.subnetId, path: publicPath },
        notes: { baseline: baselineKind(baseline) },
      },
    ];
  },
  command: disablePublicAccess,
});
