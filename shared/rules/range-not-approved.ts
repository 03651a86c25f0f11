import { deleteRules } from '../judging/az-command.ts';
import { contributing, counted, ids, listed, textsOf } from '../judging/evidence.ts';
import { countAddresses, formatRange, publicPart, subtractRanges } from '../ip-range.ts';
import { interpretedRules, isPublicAccessOn } from '../judging/public-access.ts';
import { defineRule } from './define-rule.ts';

export const rangeNotApproved = defineRule({
  id: 'range-not-approved',
  code: 'EXP-023',
  title: 'Public addresses outside the approved ranges',
  severity: 'High',
  category: 'exposure',
  subject: 'server',
  fix: 'Remove the rule, narrow it to an approved range, or have the range approved in the policy.',
  documentation: 'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking-public',
  standards: ['MCSB NS-2'],
  needs: ['publicAccess', 'firewallRules', 'exposure'],
  supersededBy: ['internet-reachable'],
  check(facts, { profile, approvedRanges }) {
    if (profile !== 'restricted') return 'not-applicable';
    if (!isPublicAccessOn(facts)) return [];
    const outside = subtractRanges(publicPart(facts.exposure.ranges), approvedRanges);
    if (outside.length === 0) {
      interpretedRules(facts);
      return [];
    }
    const addresses = countAddresses(outside);
    const rules = contributing(facts.firewallRules, outside);
    return [
      {
        summary: `The firewall rules admit ${counted(addresses, 'public address', 'public addresses')} outside the approved ranges.`,
        evidence: {
          outside: addresses,
          ranges: listed(outside).map((range) => {
            return { range: formatRange(range), addresses: countAddresses([range]) };
          }),
          rangeCount: outside.length,
          rules: ids(rules),
          ruleCount: rules.length,
        },
        ranges: outside,
      },
    ];
  },
  command: (server, { evidence }) => deleteRules(server, textsOf(evidence['rules'])),
});
