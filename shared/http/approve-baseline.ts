import type { HttpResponseInit } from '@azure/functions';
import { approve, approvedBaseline } from '../lifecycle/approve.ts';
import { recollect } from '../judging/context.ts';
import { evaluate } from '../evaluate.ts';
import { exposureOf } from '../exposure.ts';
import { serverRef } from '../families/fingerprint.ts';
import { neighbourhoodOf } from '../judging/neighbourhood.ts';
import type { Ports } from '../ports.ts';
import type { Committed } from '../assessing/batch.ts';
import { publishCommitted } from '../publishing/publish.ts';
import type { ResourceId } from '../resource-id.ts';
import { type ServerState, storedSnapshot } from '../lifecycle/server-state.ts';
import { readAccessChanges } from '../state/access-changes.ts';
import { commit } from '../state/commit.ts';
import { readState } from '../state/store.ts';
import { json, notFound, problem } from './answers.ts';
import { baselineView } from './baseline-view.ts';
import { exposureTag, tagsOf } from './exposure-tag.ts';
import type { Door } from './route.ts';

const MAX_RACES = 6;

/**
 * Makes the stored reading of a server its baseline, when it still is what the caller saw. Nothing is read from Azure; an
 * assessment that commits in between is looked at first, one that is under way judges against the new baseline.
 */
export async function approveBaseline(
  resource: ResourceId,
  ifMatch: string,
  reason: string,
  { environment, ports, caller }: Pick<Door, 'environment' | 'ports' | 'caller'>,
): Promise<HttpResponseInit> {
  const server = serverRef(resource, undefined);
  for (let race = 0; race < MAX_RACES; race += 1) {
    const { stored, now } = await readState(ports.table, server);
    const { state } = stored;
    const snapshot = storedSnapshot(state);
    if (!snapshot || !state.live) return notFound('No such server in scope, or it was not read yet.');
    const exposure = exposureOf(state.network, environment.policy.of(state.server));
    const approval = { by: caller.id, reason, at: now };
    const baseline = approvedBaseline(state, exposure, approval);
    if (!baseline) return problem(409, 'Conflict', incompleteness(state));
    const etag = exposureTag(state);
    if (!tagsOf(ifMatch).includes(etag)) {
      const detail =
        'The exposure has changed since it was seen; look at the server again and send its ETag as If-Match.';
      return problem(412, 'Precondition failed', detail, { etag });
    }
    const switched = (await readAccessChanges(ports.table, server.subscription)).get(server.id) ?? [];
    const { context } = recollect(
      { ...state, baseline },
      snapshot,
      exposure,
      environment.baselineMode,
      'http',
      [],
      await neighbourhoodOf(snapshot, state, switched, environment, ports),
    );
    const { rules } = environment;
    const findings = evaluate(snapshot, context, rules, environment.policy.of(state.server), exposure);
    const approved = approve(state, baseline, findings, rules, exposure, now);
    const packs = await commit(ports, stored, { ...approved, changes: [] }, [], now);
    if (!packs) continue;
    await publish({ packs, refreshes: [], server: approved.server }, ports, now);
    return json(200, baselineView(baseline), { etag });
  }
  const detail = 'The server was read again and again meanwhile; try again.';
  return problem(503, 'Unavailable', detail, { 'retry-after': '5' });
}

function incompleteness({ network, notFoundSince }: ServerState): string {
  if (notFoundSince !== null) return 'The last reading did not find the server; there is nothing to approve.';
  const unread = Object.entries(network).flatMap(([facet, reading]) =>
    'unreadable' in reading ? [facet] : [],
  );
  const what = unread.length > 0 ? ` (${unread.join(', ')})` : '';
  return `The last reading was not complete${what}: what is not known cannot be approved.`;
}

/** The approval is stored already: rows that cannot be sent now wait for publishPending. */
async function publish(committed: Committed, ports: Ports, now: string): Promise<void> {
  try {
    await publishCommitted(ports, [committed], now);
  } catch (error) {
    ports.log('rows of an approval wait', { kind: error instanceof Error ? error.name : '' });
  }
}
