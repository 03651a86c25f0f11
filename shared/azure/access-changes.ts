import * as z from 'zod';
import { publicAccess } from '../families/facets.ts';
import type { AccessChange } from '../model.ts';
import type { Graph } from '../ports.ts';
import { parseResourceId } from '../resource-id.ts';
import type { ActorDetail } from '../settings.ts';
import { QUERIES } from './queries.ts';

const Row = z.object({
  properties: z.object({
    targetResourceId: z.string(),
    changeAttributes: z.object({
      timestamp: z.string(),
      changedBy: z.string().catch(''),
    }),
    changes: z.record(z.string(), z.object({ newValue: z.unknown().optional() })),
  }),
});

/** Says nothing of coverage: every server is read all the same. */
const UNREAD = 'The change table could not be read in full: public-access-flap cannot tell.';

/** Where the families keep the switch. */
const PATHS = ['properties.network.publicNetworkAccess', 'properties.publicNetworkAccess'];

/**
 * Switches of public access of the last 14 days by lower-cased server id, oldest first, from the change table: the only
 * trace of a server that was open between two readings. What it does not tell in full is left out and named.
 */
export async function listAccessChanges(
  subscriptions: readonly string[],
  graph: Graph,
  detail: ActorDetail,
): Promise<{
  readonly changes: ReadonlyMap<string, readonly AccessChange[]>;
  readonly problems: readonly string[];
}> {
  const changes = new Map<string, AccessChange[]>();
  const problems = new Set<string>();
  for (let start = 0; start < subscriptions.length; start += 300) {
    const scope = { subscriptions: subscriptions.slice(start, start + 300) };
    const result = await graph.query(QUERIES.accessChanges, scope, (rows) => {
      for (const row of rows) {
        const found = changeOf(row, detail);
        if (found === 'damaged') problems.add(UNREAD);
        else if (found) changes.set(found.serverId, [...(changes.get(found.serverId) ?? []), found.change]);
      }
    });
    if (!result.complete) problems.add(UNREAD);
  }
  for (const list of changes.values()) list.sort((a, b) => (a.at < b.at ? -1 : 1));
  return { changes, problems: [...problems] };
}

/** Undefined: a change of something else; `damaged`: nobody can tell of which server it tells, of what or of when. */
function changeOf(
  row: unknown,
  detail: ActorDetail,
): { readonly serverId: string; readonly change: AccessChange } | 'damaged' | undefined {
  const properties = Row.safeParse(row).data?.properties;
  if (!properties) return 'damaged';
  const path = PATHS.find((name) => properties.changes[name] !== undefined);
  if (path === undefined) return undefined;
  const serverId = parseResourceId(properties.targetResourceId)?.id;
  const { timestamp, changedBy } = properties.changeAttributes;
  if (serverId === undefined || Number.isNaN(Date.parse(timestamp))) return 'damaged';
  const access = publicAccess(properties.changes[path]?.newValue).switch;
  const to = access === 'enabled' || access === 'disabled' ? access : 'unknown';
  const by = detail === 'full' ? changedBy.slice(0, 256) : '';
  return { serverId, change: { at: new Date(timestamp).toISOString(), to, by } };
}
