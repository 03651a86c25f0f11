import { disablePublicAccess } from '../judging/az-command.ts';
import { contributing, counted, ids, rangeTexts } from '../judging/evidence.ts';
import { interpretedRules, isPublicAccessOn, readable } from '../judging/public-access.ts';
import { defineRule } from './define-rule.ts';

export const internetReachable = defineRule({
  id: 'internet-reachable',
  code: 'EXP-001',
  title: 'Reachable from the whole Internet',
  severity: 'Critical',
  category: 'exposure',
  subject: 'server',
  fix: 'Set public network access to Disabled, or delete the listed rules and admit only the addresses that are needed.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-public',
  standards: ['MCSB NS-2', 'CIS Azure 2.1 4.1.2', 'CIS Azure 3.0 5.1.2'],
  needs: ['publicAccess', 'firewallRules', 'exposure', 'network'],
  check(facts) {
    if (!isPublicAccessOn(facts)) return [];
    const { exposure, network } = facts;
    const { admitted, ranges, publicPath } = exposure;
    if (publicPath !== 'internet') {
      interpretedRules(facts);
      return [];
    }
    const rules = contributing(facts.firewallRules, ranges);
    return [
      {
        summary: `The firewall rules admit ${counted(admitted, 'address', 'addresses')}: half of the Internet or more.`,
        evidence: {
          admitted,
          public: exposure.public,
          ranges: rangeTexts(ranges),
          rules: ids(rules),
          ruleCount: rules.length,
          approvedConnections:
            exposure.privatePath === 'unknown' ? null : exposure.approvedConnections.length,
        },
        notes: { state: readable(network.state) ?? null },
        ranges,
      },
    ];
  },
  command: disablePublicAccess,
});
