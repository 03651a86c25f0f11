import { deleteRules } from '../judging/az-command.ts';
import { addedText, baselineKind, contributing, ids, rangeTexts, textsOf } from '../judging/evidence.ts';
import { countAddresses, subtractRanges } from '../ip-range.ts';
import { interpretedRules, isPublicAccessOn, latentSeverity } from '../judging/public-access.ts';
import { defineRule } from './define-rule.ts';

export const latentRulesChanged = defineRule({
  id: 'latent-rules-changed',
  code: 'DRF-003',
  title: 'Firewall rules changed while public access is off',
  severity: 'Low',
  category: 'exposure',
  subject: 'server',
  fix: 'Delete the added rules, or approve the new state.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-firewall-rules',
  standards: [],
  needs: ['baseline', 'publicAccess', 'firewallRules', 'exposure'],
  check(facts) {
    const { baseline, exposure } = facts;
    if (exposure.injected) return 'not-applicable';
    if (baseline.switch !== 'disabled' || isPublicAccessOn(facts)) return [];
    const added = subtractRanges(exposure.ranges, baseline.allRanges);
    const azureAdded = exposure.azureRules.length > 0 && !baseline.azureRule;
    if (added.length === 0 && !azureAdded) {
      interpretedRules(facts);
      return [];
    }
    const rules = [...contributing(facts.firewallRules, added), ...(azureAdded ? exposure.azureRules : [])];
    const addresses = countAddresses(added);
    return [
      {
        severity: latentSeverity(exposure.latentPath, 'Low', 'Medium'),
        summary: `${addedText(addresses, azureAdded)} to the rules of a server that is closed.`,
        evidence: {
          added: addresses,
          addedRanges: rangeTexts(added),
          addedRangeCount: added.length,
          azureServicesAdded: azureAdded,
          latentPath: exposure.latentPath,
          rules: ids(rules),
          ruleCount: rules.length,
        },
        notes: { baseline: baselineKind(baseline) },
        ranges: added,
      },
    ];
  },
  command: (server, { evidence }) => deleteRules(server, textsOf(evidence['rules'])),
});
