import { counted, escaped, rangeTexts } from '../judging/evidence.ts';
import type { PublicPath } from '../exposure.ts';
import { isDocumentedRole } from '../families/facets.ts';
import { countAddresses, publicPart, subtractRanges } from '../ip-range.ts';
import { Unknown } from '../model.ts';
import { defineRule } from './define-rule.ts';

const BY_WIDTH: readonly PublicPath[] = [
  'closed',
  'none',
  'vnet-rules',
  'limited',
  'wide',
  'azure',
  'internet',
];

export const replicaMoreExposed = defineRule({
  id: 'replica-more-exposed',
  code: 'EXP-017',
  title: 'Read replica is more exposed than its source',
  severity: 'Medium',
  category: 'exposure',
  subject: 'server',
  fix: 'Give the replica the same network rules as its source.',
  documentation: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-read-replicas',
  standards: [],
  needs: ['replication', 'source', 'exposure'],
  check(facts) {
    const { replication, exposure } = facts;
    if (!isDocumentedRole(replication.role))
      throw new Unknown(`replication: the role ${escaped(replication.role)} cannot be interpreted`);
    if (!replication.isReplica) return [];
    if (replication.sourceId === null) throw new Unknown('replication: the source is not named');
    const { source } = facts;
    const wider = rankOf(exposure.publicPath, 'replica') > rankOf(source.publicPath, 'source');
    const bothOpen = exposure.switch === 'enabled' && source.switch === 'enabled';
    const admittedBySource = source.switch === 'enabled' ? source.ranges : [];
    const added =
      exposure.switch === 'enabled' ? publicPart(subtractRanges(exposure.ranges, admittedBySource)) : [];
    if (!wider && bothOpen && [exposure, source].some(({ invalidRules }) => invalidRules.length > 0)) {
      throw new Unknown('firewallRules: some of the replica or its source cannot be interpreted');
    }
    if (!wider && added.length === 0) return [];
    const addedAddresses = countAddresses(added);
    return [
      {
        summary: `The replica admits ${counted(addedAddresses, 'public address', 'public addresses')} that its source does not; its public path is "${exposure.publicPath}", the source's "${source.publicPath}".`,
        evidence: {
          path: exposure.publicPath,
          source: replication.sourceId,
          sourcePath: source.publicPath,
          added: addedAddresses,
          addedRanges: rangeTexts(added),
          addedRangeCount: added.length,
        },
        ranges: added,
      },
    ];
  },
});

/** Throws `Unknown` for a path that cannot be compared. */
function rankOf(path: PublicPath, whose: string): number {
  const rank = BY_WIDTH.indexOf(path);
  if (rank < 0) throw new Unknown(`exposure: the public path of the ${whose} is ${path}`);
  return rank;
}
