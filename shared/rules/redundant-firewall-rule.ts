import { deleteRules } from '../judging/az-command.ts';
import { counted, cutText, ids, rangeOf } from '../judging/evidence.ts';
import { countAddresses, formatRange, type IpRange, mergeRanges, subtractRanges } from '../ip-range.ts';
import type { FirewallRule, Violation } from '../model.ts';
import { defineRule } from './define-rule.ts';

interface Ranged {
  readonly id: string;
  readonly rule: FirewallRule;
  readonly range: IpRange;
}

export const redundantFirewallRule = defineRule({
  id: 'redundant-firewall-rule',
  code: 'EXP-010',
  title: 'Firewall rule duplicates or overlaps another',
  severity: 'Informational',
  category: 'exposure',
  subject: 'firewall rule',
  fix: 'Delete the redundant rule or merge the two.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-firewall-rules',
  standards: [],
  needs: ['firewallRules', 'exposure'],
  check({ firewallRules, exposure }) {
    const ranged = firewallRules
      .flatMap((rule) => {
        const range = rangeOf(rule);
        return range ? [{ id: rule.id, rule, range }] : [];
      })
      .sort((a, b) => sizeOf(b) - sizeOf(a) || (a.id < b.id ? -1 : 1));
    const azure = ranged.filter(({ range }) => range.last === 0);
    const others = ranged.filter(({ range }) => range.last !== 0);
    const sizes = others.reduce((sum, item) => sum + sizeOf(item), 0);
    return [...compare(azure, 0), ...compare(others, sizes - exposure.admitted)];
  },
  command: (server, { subject, evidence }) =>
    deleteRules(server, subject !== undefined && evidence['relation'] === 'covered' ? [subject] : []),
});

function sizeOf({ range }: Ranged): number {
  return countAddresses([range]);
}

/** Larger rules first: each is held against the union of those that were kept. */
function compare(sorted: readonly Ranged[], countedTwice: number): readonly Violation[] {
  const kept: Ranged[] = [];
  return sorted.flatMap((item) => {
    const { range, rule } = item;
    const near = kept.filter((other) => other.range.first <= range.last && range.first <= other.range.last);
    const rest =
      near.length === 0 ? [range] : subtractRanges([range], mergeRanges(near.map((other) => other.range)));
    if (rest.length > 0) kept.push(item);
    if (near.length === 0) return [];
    const relation = rest.length === 0 ? 'covered' : 'overlap';
    const others = counted(near.length, 'other rule');
    return [
      {
        subject: rule.id,
        summary: `${formatRange(range)} is ${relation === 'covered' ? 'wholly' : 'partly'} admitted by ${others} already.`,
        evidence: { relation, range: formatRange(range), by: ids(near), byCount: near.length },
        notes: { name: cutText(rule.name), addressesCountedTwice: countedTwice },
      },
    ];
  });
}
