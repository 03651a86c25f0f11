import { changeRow } from './graph-changes.ts';
import { groupRow, managementGroupRow, resourceRow, subscriptionRow } from './graph-rows.ts';
import type { Json } from './json.ts';
import { graphTable } from './resource-types.ts';
import { bodyOf, type Change, type Node, type Store } from './store.ts';

/** The rows of every table, by its lower-cased name. */
export type GraphTables = Readonly<Record<string, readonly Json[]>>;

interface JournalEntry {
  readonly at: number;
  readonly table: string;
  readonly key: string;
  readonly before: Json | undefined;
}

const stockTables = ['resources', 'dnsresources', 'networkresources'] as const;
const changesKeptMs = 14 * 86_400_000;
// Staleness is a matter of seconds or hours; an older past is not asked for.
const journalKeptMs = 2 * 86_400_000;

/** Keeps the Resource Graph tables of a store: as they are, and as they were some seconds ago. */
export const createGraphTables = (
  store: Store,
  tenantId: string,
  now: () => Date,
): ((stalenessSeconds: number) => GraphTables) => {
  const tables = new Map<string, Map<string, Json>>(
    stockTables.map((name) => [name, new Map<string, Json>()]),
  );
  const journal: JournalEntry[] = [];
  let changes: { readonly at: number; readonly row: Json }[] = [];
  let current: GraphTables | undefined;

  const rowOf = (body: Json): Json => {
    const id = String(body['id']);
    const subscriptionId = id.split('/')[2]?.toLowerCase() ?? '';
    return resourceRow(body, subscriptionId, store.subscriptions.get(subscriptionId)?.tenantId ?? tenantId);
  };
  const addTree = (node: Node): void => {
    const table = graphTable(node.type);
    const body = table && bodyOf(node);
    if (table && body) tables.get(table)?.set(String(body['id']).toLowerCase(), rowOf(body));
    for (const collection of node.children?.values() ?? []) {
      for (const child of collection.items.values()) if (graphTable(child.type)) addTree(child);
    }
  };
  for (const node of store.nodes.values()) addTree(node);

  const forget = (list: { readonly at: number }[], before: number): void => {
    const first = list.findIndex((item) => item.at >= before);
    list.splice(0, first < 0 ? list.length : first);
  };
  const removeTree = (id: string, at: number): void => {
    for (const [name, table] of tables) {
      if (name === 'resources' && !id.includes('/privatednszones/')) continue;
      for (const [key, before] of table) {
        if (!key.startsWith(`${id}/`)) continue;
        journal.push({ at, table: name, key, before });
        table.delete(key);
      }
    }
  };
  const onChange = (change: Change): void => {
    const table = graphTable(change.type);
    if (!table) return;
    const at = now().getTime();
    const key = change.id.toLowerCase();
    const stock = tables.get(table);
    const before = stock?.get(key);
    journal.push({ at, table, key, before });
    if (change.after) stock?.set(key, rowOf(change.after));
    else {
      stock?.delete(key);
      removeTree(key, at);
    }
    // There is no change table for DNS records.
    const row = table === 'dnsresources' ? undefined : changeRow(change, now(), place(key));
    if (row) changes.push({ at, row });
    forget(journal, at - journalKeptMs);
    if ((changes[0]?.at ?? at) < at - changesKeptMs)
      changes = changes.filter((item) => item.at >= at - changesKeptMs);
    current = undefined;
  };
  const place = (key: string): Json => {
    const subscriptionId = key.split('/')[2] ?? '';
    return {
      tenantId: store.subscriptions.get(subscriptionId)?.tenantId ?? tenantId,
      subscriptionId,
      resourceGroup: key.split('/')[4] ?? '',
      location: '',
      kind: '',
      managedBy: '',
      apiVersion: '',
    };
  };
  store.listeners.push(onChange);

  const containers = (): readonly Json[] => [
    ...[...store.managementGroups.values()].map((group) =>
      managementGroupRow(group, store.managementGroups, tenantId),
    ),
    ...[...store.subscriptions.values()].map((item) => subscriptionRow(item, store.managementGroups)),
    ...[...store.groups.values()].map((group) =>
      groupRow(group, store.subscriptions.get(group.subscriptionId.toLowerCase())?.tenantId ?? tenantId),
    ),
  ];
  const snapshot = (name: (typeof stockTables)[number], since: number): readonly Json[] => {
    const past = new Map(tables.get(name));
    for (const entry of journal.toReversed()) {
      if (entry.at <= since) break;
      if (entry.table !== name) continue;
      if (entry.before) past.set(entry.key, entry.before);
      else past.delete(entry.key);
    }
    return [...past.values()];
  };

  return (stalenessSeconds) => {
    const since = now().getTime() - stalenessSeconds * 1000;
    if (stalenessSeconds === 0)
      current ??= Object.fromEntries(
        stockTables.map((name) => [name, [...(tables.get(name)?.values() ?? [])]]),
      );
    const stock =
      stalenessSeconds === 0 && current
        ? current
        : Object.fromEntries(stockTables.map((name) => [name, snapshot(name, since)]));
    const visible = changes
      .filter((item) => item.at <= since || stalenessSeconds === 0)
      .map((item) => item.row);
    return { ...stock, resourcecontainers: containers(), resourcechanges: visible };
  };
};
