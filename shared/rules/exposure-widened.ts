import { deleteRules } from '../judging/az-command.ts';
import { addedText, baselineKind, contributing, ids, rangeTexts, textsOf } from '../judging/evidence.ts';
import { countAddresses, publicPart, subtractRanges } from '../ip-range.ts';
import { interpretedRules, isPublicAccessOn } from '../judging/public-access.ts';
import { defineRule } from './define-rule.ts';

export const exposureWidened = defineRule({
  id: 'exposure-widened',
  code: 'EXP-007',
  title: 'Exposure widened against the approved baseline',
  severity: 'High',
  category: 'exposure',
  subject: 'server',
  fix: 'Remove the added range, or approve the new state as baseline.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-firewall-rules',
  standards: [],
  needs: ['publicAccess', 'firewallRules', 'baseline', 'exposure'],
  check(facts) {
    const { baseline, exposure } = facts;
    if (!isPublicAccessOn(facts)) return [];
    const added = publicPart(subtractRanges(exposure.ranges, baseline.ranges));
    const azureAdded = exposure.azureRules.length > 0 && !baseline.azureServices;
    if (added.length === 0 && !azureAdded) {
      interpretedRules(facts);
      return [];
    }
    const before = countAddresses(publicPart(baseline.ranges));
    const addedAddresses = countAddresses(added);
    const rules = [...contributing(facts.firewallRules, added), ...(azureAdded ? exposure.azureRules : [])];
    const { publicPath } = exposure;
    return [
      {
        severity: publicPath === 'internet' ? 'Critical' : publicPath === 'limited' ? 'Medium' : 'High',
        summary: `${addedText(addedAddresses, azureAdded, 'public address')}: ${before.toLocaleString('en-US')} before, ${exposure.public.toLocaleString('en-US')} now.`,
        evidence: {
          before,
          after: exposure.public,
          added: addedAddresses,
          addedRanges: rangeTexts(added),
          addedRangeCount: added.length,
          azureServicesAdded: azureAdded,
          rules: ids(rules),
          ruleCount: rules.length,
          pathBefore: baseline.publicPath,
          path: publicPath,
        },
        notes: { baseline: baselineKind(baseline) },
        ranges: added,
      },
    ];
  },
  command: (server, { evidence }) => deleteRules(server, textsOf(evidence['rules'])),
});
