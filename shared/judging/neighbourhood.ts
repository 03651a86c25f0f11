import type { Neighbourhood } from './context.ts';
import type { Environment } from '../environment.ts';
import { type Exposure, exposureOf } from '../exposure.ts';
import { serverRef } from '../families/fingerprint.ts';
import type { AccessChange, Reading, Snapshot } from '../model.ts';
import type { Ports } from '../ports.ts';
import { parseResourceId } from '../resource-id.ts';
import type { ServerState } from '../lifecycle/server-state.ts';
import { UNTOLD } from '../state/access-changes.ts';
import { readState } from '../state/store.ts';

/** What the rules ask beside the server itself; reads the state table only, and only where a server needs it. */
export async function neighbourhoodOf(
  snapshot: Snapshot,
  stored: ServerState,
  changes: readonly AccessChange[],
  { scope, tenants, policy }: Environment,
  { table }: Ports,
): Promise<Neighbourhood> {
  const { endpoints } = snapshot.surroundings;
  const gone = Object.keys(endpoints).filter(
    (id) => isGone(endpoints[id]) && isGone(stored.surroundings.endpoints[id]),
  );
  return {
    scope,
    tenants,
    source: await sourceExposure(snapshot),
    accessChanges: changes.includes(UNTOLD)
      ? { unreadable: 'the change table was not read in full', at: snapshot.observedAt }
      : { value: changes, at: snapshot.observedAt },
    confirmedGone: gone,
  };

  async function sourceExposure({ network, observedAt: at }: Snapshot): Promise<Reading<Exposure>> {
    const { replication } = network;
    const sourceId = replication && 'value' in replication ? replication.value.sourceId : null;
    const source = sourceId === null ? undefined : parseResourceId(sourceId);
    if (!source || !scope.includes(source.subscription))
      return { unreadable: 'the source is not watched', at };
    const server = serverRef(source, undefined);
    const { stored } = await readState(table, server);
    if (!stored.state.live) return { unreadable: 'the source was not read yet', at };
    return {
      value: exposureOf(stored.state.network, policy.of(stored.state.server)),
      at: stored.state.observedAt,
    };
  }
}

function isGone(reading: Reading<unknown> | undefined): boolean {
  return reading !== undefined && 'value' in reading && reading.value === 'gone';
}
