import { cutText } from '../judging/evidence.ts';
import { Unknown } from '../model.ts';
import { defineRule } from './define-rule.ts';

export const endpointUnsupportedTier = defineRule({
  id: 'endpoint-unsupported-tier',
  code: 'PE-014',
  title: 'Pricing tier has no private endpoints',
  severity: 'Informational',
  category: 'private-endpoint',
  subject: 'server',
  fix: 'Move to General Purpose or Memory Optimized, better to a flexible server.',
  documentation: 'https://learn.microsoft.com/azure/private-link/availability',
  standards: [],
  needs: ['retiredOn', 'tier'],
  check(facts, { requirePrivatePath }) {
    if (!requirePrivatePath) return 'not-applicable';
    const { tier } = facts;
    if (tier === '') throw new Unknown('tier: absent');
    if (tier.toLowerCase() !== 'basic') return [];
    return [
      {
        summary: 'The pricing tier of the server has no private endpoints.',
        evidence: { tier: cutText(tier) },
      },
    ];
  },
});
