import { deleteRules } from '../judging/az-command.ts';
import { contributing, counted, ids, rangeTexts, textsOf } from '../judging/evidence.ts';
import { isWide } from '../exposure.ts';
import { countAddresses, formatRange, publicPart } from '../ip-range.ts';
import { interpretedRules, isPublicAccessOn } from '../judging/public-access.ts';
import { defineRule } from './define-rule.ts';

export const widePublicRange = defineRule({
  id: 'wide-public-range',
  code: 'EXP-002',
  title: 'Wide public address range admitted',
  severity: 'High',
  category: 'exposure',
  subject: 'server',
  fix: 'Replace the range by the single addresses in use, or use a private endpoint.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-public',
  standards: ['MCSB NS-2'],
  needs: ['publicAccess', 'firewallRules', 'exposure'],
  supersededBy: ['internet-reachable'],
  check(facts, policy) {
    if (!isPublicAccessOn(facts)) return [];
    const { ranges, public: addresses } = facts.exposure;
    if (!isWide(ranges, addresses, policy)) {
      interpretedRules(facts);
      return [];
    }
    const sized = ranges.map((range) => ({ range, size: countAddresses(publicPart([range])) }));
    const wide = sized.filter(({ size }) => size > policy.maxAddressesPerRange);
    const { maxPublicAddresses, maxAddressesPerRange } = policy;
    const limits = {
      ...(addresses > maxPublicAddresses ? { maxPublicAddresses } : {}),
      ...(wide.length > 0 ? { maxAddressesPerRange } : {}),
    };
    const causes = wide.length > 0 ? wide : sized.filter(({ size }) => size > 0);
    const rules = contributing(
      facts.firewallRules,
      causes.map(({ range }) => range),
    );
    return [
      {
        summary: `The firewall rules admit ${counted(addresses, 'public address', 'public addresses')}.`,
        evidence: {
          public: addresses,
          limits,
          ranges: causes.slice(0, 50).map(({ range, size }) => ({ range: formatRange(range), public: size })),
          rangeCount: causes.length,
          allRanges: rangeTexts(ranges),
          rules: ids(rules),
          ruleCount: rules.length,
        },
        ranges,
      },
    ];
  },
  command: (server, { evidence }) => deleteRules(server, textsOf(evidence['rules'])),
});
