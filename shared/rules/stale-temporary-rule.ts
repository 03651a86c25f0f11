import { deleteRules } from '../judging/az-command.ts';
import { counted, cutText, ruleText } from '../judging/evidence.ts';
import { defineRule } from './define-rule.ts';

const DAY = 86_400_000;
const DATED = /^ClientIPAddress_(\d{4})-(\d{1,2})-(\d{1,2})_(\d{1,2})-(\d{1,2})-(\d{1,2})$/i;

export const staleTemporaryRule = defineRule({
  id: 'stale-temporary-rule',
  code: 'EXP-011',
  title: 'Temporary client rule left in place',
  severity: 'Low',
  category: 'exposure',
  subject: 'firewall rule',
  fix: 'Delete the rule; admit a client again only while it is needed.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-firewall-rules',
  standards: [],
  needs: ['firewallRules', 'firstSeen', 'observedAt'],
  check({ firewallRules, firstSeen, observedAt }, { settings }) {
    const { namePatterns, maxAgeDays } = settings['stale-temporary-rule'];
    const patterns = namePatterns.map((pattern) => new RegExp(pattern, 'i'));
    const now = Date.parse(observedAt);
    return firewallRules.flatMap((rule) => {
      if (!patterns.some((pattern) => pattern.test(rule.name))) return [];
      const seen = Date.parse(firstSeen[rule.id] ?? observedAt);
      const named = dateInName(rule.name) ?? seen;
      const age = now - Math.min(seen, named);
      if (age <= maxAgeDays * DAY) return [];
      const ageDays = Math.floor(age / DAY);
      return [
        {
          subject: rule.id,
          summary: `A rule with the name of a temporary one is there for ${counted(ageDays, 'day')}; ${counted(maxAgeDays, 'day')} ${maxAgeDays === 1 ? 'is' : 'are'} allowed.`,
          evidence: { range: ruleText(rule), maxAgeDays },
          notes: { name: cutText(rule.name), ageDays, ageFrom: named < seen ? 'name' : 'first sight' },
        },
      ];
    });
  },
  command: (server, { subject }) => deleteRules(server, subject === undefined ? [] : [subject]),
});

/** The date that the portal writes into a name, taken as UTC; undefined where it is none. */
function dateInName(name: string): number | undefined {
  const parts = DATED.exec(name)?.slice(1).map(Number);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const exact = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour;
  return exact && minute < 60 && second < 60 ? date.getTime() : undefined;
}
