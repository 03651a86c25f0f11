import { QUERIES } from '../azure/queries.ts';
import type { Graph, Table } from '../ports.ts';
import type { AzureSettings } from '../settings.ts';
import { readKnownScope } from '../state/monitor.ts';

/** The subscriptions that the settings name, as far as Resource Graph can tell. */
export interface ResolvedScope {
  /** In scope, lower-cased: those named, and those of the management groups. */
  readonly subscriptions: readonly string[];
  /** Those that Resource Graph showed: the others in scope did not answer. */
  readonly answered: ReadonlySet<string>;
  /** Those to list servers of: the ones that answered, or all where that could not be found out. */
  readonly listable: readonly string[];
  readonly tenants: Readonly<Record<string, string>>;
  /** The listing of every management group was complete. */
  readonly complete: boolean;
  readonly problems: readonly string[];
}

/** Asks Resource Graph which subscriptions the identity sees of those in scope. One it may not read is left out silently. */
export async function resolveScope(
  settings: Pick<AzureSettings, 'subscriptions' | 'managementGroups'>,
  graph: Graph,
  knownBefore: readonly string[],
): Promise<ResolvedScope> {
  const answered = new Set<string>();
  const inGroups = new Set<string>();
  const tenants: Record<string, string> = {};
  const problems: string[] = [];
  const ask = async (scope: Parameters<Graph['query']>[1], into: Set<string>[]): Promise<boolean> => {
    const result = await graph.query(QUERIES.subscriptions, scope, (rows) => {
      for (const { subscriptionId, tenantId } of rows) {
        if (typeof subscriptionId !== 'string') continue;
        const id = subscriptionId.toLowerCase();
        for (const set of into) set.add(id);
        if (typeof tenantId === 'string') tenants[id] = tenantId.toLowerCase();
      }
    });
    if (!result.complete) problems.push(`Subscriptions: ${result.problem}.`);
    return result.complete;
  };
  const { managementGroups } = settings;
  const complete = managementGroups.length === 0 || (await ask({ managementGroups }, [answered, inGroups]));
  let sure = complete;
  for (let start = 0; start < settings.subscriptions.length; start += 300) {
    const part = { subscriptions: settings.subscriptions.slice(start, start + 300) };
    sure = (await ask(part, [answered])) && sure;
  }
  const remembered = complete ? [] : knownBefore;
  const subscriptions = [...new Set([...settings.subscriptions, ...inGroups, ...remembered])].sort();
  for (const id of subscriptions) {
    if (!answered.has(id)) problems.push(`Subscription ${id} did not answer.`);
  }
  const listable = sure ? subscriptions.filter((id) => answered.has(id)) : subscriptions;
  return { subscriptions, answered, listable, tenants, complete, problems };
}

/** The scope between sweeps: what the settings name, and what the last sweep found under their management groups. */
export async function currentScope(
  settings: Pick<AzureSettings, 'subscriptions' | 'managementGroups'>,
  table: Table,
): Promise<{
  readonly subscriptions: readonly string[];
  readonly tenants: Readonly<Record<string, string>>;
  /** False: management groups are named and no sweep has listed them yet. */
  readonly known: boolean;
}> {
  const stored = await readKnownScope(table);
  const groups = settings.managementGroups.length > 0 ? (stored?.subscriptions ?? []) : [];
  return {
    subscriptions: [...new Set([...settings.subscriptions, ...groups])],
    tenants: stored?.tenants ?? {},
    known: settings.managementGroups.length === 0 || stored !== undefined,
  };
}

const CACHE_MS = 60_000;
let cached: { readonly at: number; readonly subscriptions: readonly string[] | undefined } | undefined;

/** Whether an event's subscription is in scope, from the settings and the last sweep; undefined before the first sweep. */
export async function scopeForEvents(
  settings: Pick<AzureSettings, 'subscriptions' | 'managementGroups'>,
  table: Table,
): Promise<((subscription: string) => boolean) | undefined> {
  if (settings.managementGroups.length === 0) return (id) => settings.subscriptions.includes(id);
  if (!cached || Date.now() - cached.at > CACHE_MS) {
    const { known, subscriptions } = await currentScope(settings, table);
    cached = { at: Date.now(), subscriptions: known ? subscriptions : undefined };
  }
  const { subscriptions } = cached;
  return subscriptions && ((id) => subscriptions.includes(id));
}
