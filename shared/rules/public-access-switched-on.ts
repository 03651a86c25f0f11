import { disablePublicAccess } from '../judging/az-command.ts';
import { baselineKind } from '../judging/evidence.ts';
import { isPublicAccessOn } from '../judging/public-access.ts';
import { defineRule } from './define-rule.ts';

export const publicAccessSwitchedOn = defineRule({
  id: 'public-access-switched-on',
  code: 'EXP-008',
  title: 'Public network access was switched on',
  severity: 'High',
  category: 'exposure',
  subject: 'server',
  fix: 'Set public network access back to Disabled, or approve the new state.',
  documentation: 'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking-public',
  standards: [],
  needs: ['publicAccess', 'baseline', 'exposure'],
  check(facts) {
    const { baseline, exposure } = facts;
    if (baseline.switch !== 'disabled' || !isPublicAccessOn(facts)) return [];
    const injected = baseline.subnetId !== null;
    return [
      {
        summary: `Public network access is on; in the baseline the server was ${injected ? 'inside a subnet' : 'closed'}.`,
        evidence: { before: injected ? 'injected' : 'disabled', now: 'enabled', path: exposure.publicPath },
        notes: { baseline: baselineKind(baseline) },
      },
    ];
  },
  command: disablePublicAccess,
});
