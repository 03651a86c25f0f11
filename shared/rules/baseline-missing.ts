import { defineRule } from './define-rule.ts';

export const baselineMissing = defineRule({
  id: 'baseline-missing',
  code: 'MON-010',
  title: 'Server has no approved baseline',
  severity: 'Informational',
  category: 'monitor',
  subject: 'server',
  fix: 'Approve the current state or fix it first.',
  documentation: 'https://learn.microsoft.com/security/benchmark/azure/mcsb-network-security',
  standards: [],
  needs: ['baselineMissing', 'baseline', 'observedAt'],
  check(facts) {
    if (facts.baselineMissing) {
      const summary =
        'Nobody has approved a baseline of this server: changes of it cannot be told from its normal state.';
      return [{ summary, evidence: {}, notes: { readAt: facts.observedAt } }];
    }
    return facts.baseline.approved ? [] : 'not-applicable';
  },
});
