import type { Comparison } from '../lifecycle.ts';
import type { Operation, Ports } from '../ports.ts';
import type { StoredState } from '../lifecycle/server-state.ts';
import { addDependencies, removeDependencies } from './dependents.ts';
import { secondsBetween } from '../seconds.ts';
import * as keys from './keys.ts';
import { outboxOf, type Pack, readState, stateOperation, type Waiting } from './store.ts';

const MAX_OPERATIONS = 100;

type Committed = Pick<Comparison, 'state' | 'findings' | 'changes'>;

/**
 * State, rows for the workspace and events that waited, in one transaction with If-Match. What was put into the outbox, or
 * undefined: another one wrote first and the reading has to be judged again. A write that only moved `nextLookAt` does not stand in the way.
 */
export async function commit(
  ports: Ports,
  before: StoredState,
  { state, findings, changes }: Committed,
  waiting: readonly Waiting[],
  now: string,
): Promise<readonly Pack[] | undefined> {
  const { table } = ports;
  const { subscription } = state.server;
  const rows = [
    ...findings.map((row) => ({ table: 'DatabaseExposureFindings_CL' as const, row })),
    ...changes.map((row) => ({ table: 'DatabaseExposureChanges_CL' as const, row })),
  ];
  await addDependencies(table, before.state, state);
  const { operations: outbox, packs } = outboxOf(state.server, rows, now);
  if (rows.length > 0) await addPartition(table, subscription, now);
  const turned = waiting.slice(0, MAX_OPERATIONS - 1 - outbox.length).map(deletion);
  const written = await writeOnce({ state, etag: before.etag });
  if (!written) return undefined;
  await removeDependencies(table, before.state, state);
  for (let start = turned.length; start < waiting.length; start += MAX_OPERATIONS) {
    await table.transact(subscription, waiting.slice(start, start + MAX_OPERATIONS).map(deletion));
  }
  return packs;

  async function writeOnce(next: StoredState): Promise<boolean> {
    const operations: Operation[] = [stateOperation(next), ...outbox, ...turned];
    if ((await table.transact(subscription, operations)) !== 'conflict') return true;
    const { stored } = await readState(table, state.server);
    const { nextLookAt } = stored.state;
    const same = JSON.stringify({ ...stored.state, nextLookAt: before.state.nextLookAt });
    if (nextLookAt === before.state.nextLookAt || same !== JSON.stringify(before.state)) return false;
    const retried: Operation[] = [
      stateOperation({ state: { ...next.state, nextLookAt }, etag: stored.etag }),
      ...outbox,
      ...turned,
    ];
    return (await table.transact(subscription, retried)) !== 'conflict';
  }
}

function deletion({ row }: Waiting): Operation {
  return { do: 'delete', row };
}

const partitions = new WeakMap<object, Map<string, string>>();
/** A subscription is forgotten a month after its last commit: what a process knows of it must be younger. */
const KNOWN_SECONDS = 86_400;

/** Remembers which partitions hold rows to publish, also those of subscriptions that leave the scope. */
async function addPartition(table: Ports['table'], subscription: string, now: string): Promise<void> {
  const known = partitions.get(table) ?? new Map<string, string>();
  partitions.set(table, known);
  const at = known.get(subscription);
  if (at !== undefined && secondsBetween(at, now) < KNOWN_SECONDS) return;
  await rememberPartition(table, subscription);
  known.set(subscription, now);
}

/** What a process knows of it outlives the table itself, should that be lost: the first sweep tells it again. */
export async function rememberPartition(table: Ports['table'], subscription: string): Promise<void> {
  const row = keys.partitionRow(subscription);
  await table.transact(keys.MONITOR, [{ do: 'put', row, text: '', columns: { subscription } }]);
}

/** Subscriptions that may hold rows to publish. */
export async function readPartitions(table: Ports['table']): Promise<readonly string[]> {
  const { rows } = await table.query(keys.MONITOR, 'p|', 'p}');
  return rows.map(({ columns }) => columns.subscription ?? '').filter((id) => id !== '');
}
