import { readRules } from '../azure/read-server.ts';
import type { Environment } from '../environment.ts';
import { rulesHashOf } from '../families/fingerprint.ts';
import { familyOf } from '../families/index.ts';
import { areRulesDue } from '../lifecycle/renewal.ts';
import type { Ports } from '../ports.ts';
import type { ColumnsRead } from '../state/store.ts';
import { TransientError } from '../transient-error.ts';
import type { Asked, Batch } from './batch.ts';

/** A server of which the columns of its state's row are enough, as long as its rules read as they did. */
export interface Quiet {
  readonly item: Asked;
  /** False: behind a closed switch, and read within the day. */
  readonly rulesAreDue: boolean;
  readonly rulesHash: string;
}

/** Those of a sweep's servers that need no state: most of them, most of the time. */
export function quietOf(
  group: readonly Asked[],
  { surrounding }: Pick<Batch, 'surrounding'>,
  { circumstances }: Pick<Environment, 'circumstances'>,
  { columns, now }: ColumnsRead,
): readonly Quiet[] {
  return group.flatMap((item): readonly Quiet[] => {
    const known = columns.get(item.server.id) ?? {};
    const { quietUnder, quietUntil = '', bodyHash, readAt = '', rulesHash = '', rulesAt = '' } = known;
    if (quietUnder !== circumstances || now >= quietUntil || item.graphHash !== bodyHash) return [];
    const switched = surrounding.accessChanges.get(item.server.id) ?? [];
    if (switched.some(({ at }) => at > readAt)) return [];
    return [{ item, rulesHash, rulesAreDue: areRulesDue(known.closed === 'yes', rulesAt, now) }];
  });
}

/** Reads the rules that are due; false: they differ, or could not be read, and the whole server has to be read. */
export async function isAsJudged(
  { item, rulesAreDue, rulesHash }: Quiet,
  { last }: Pick<Batch, 'last'>,
  { arm }: Pick<Ports, 'arm'>,
): Promise<boolean> {
  if (!rulesAreDue) return true;
  const family = familyOf(item.server.family);
  if (!family) return false;
  const { readings, transient } = await readRules(arm, family, item.server.id);
  if (transient && !last) throw new TransientError(transient.reason, transient.retryAfterSeconds);
  return rulesHashOf(readings) === rulesHash;
}
