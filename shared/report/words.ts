import type { Reach } from '../exposure.ts';
import { visible, clip } from './escape.ts';

/** Each reach in words: a label for tables, and what it means. */
export const REACH_WORDS: Readonly<Record<Reach, { readonly label: string; readonly meaning: string }>> = {
  internet: { label: 'Internet', meaning: 'Half of all IPv4 addresses or more may connect.' },
  azure: { label: 'All of Azure', meaning: 'Any Azure customer may connect.' },
  wide: { label: 'Wide', meaning: 'More public addresses than the policy allows.' },
  listed: { label: 'Listed', meaning: 'Some public addresses, within the policy.' },
  private: {
    label: 'Private',
    meaning: 'Private endpoints, an injected subnet or virtual network rules only.',
  },
  none: { label: 'No path', meaning: 'Nobody can connect.' },
  unknown: { label: 'Unknown', meaning: 'Not everything could be read: it may be any of the others.' },
};

const FAMILIES: ReadonlyMap<string, string> = new Map([
  ['microsoft.dbformysql/flexibleservers', 'MySQL flexible'],
  ['microsoft.dbforpostgresql/flexibleservers', 'PostgreSQL flexible'],
  ['microsoft.dbformysql/servers', 'MySQL single'],
  ['microsoft.dbforpostgresql/servers', 'PostgreSQL single'],
  ['microsoft.dbformariadb/servers', 'MariaDB'],
  ['microsoft.sql/servers', 'Azure SQL'],
  ['microsoft.sql/managedinstances', 'SQL managed instance'],
  ['microsoft.dbforpostgresql/servergroupsv2', 'Cosmos DB for PostgreSQL'],
  ['microsoft.documentdb/databaseaccounts', 'Cosmos DB'],
  ['microsoft.documentdb/mongoclusters', 'DocumentDB cluster'],
]);

/** The product's name in short; an unknown resource type is shown as it is. */
export function familyWords(family: string): string {
  return FAMILIES.get(family) ?? family;
}

/** Public paths (reading's `publicPath` and `latentPath`) in words. */
export const PUBLIC_PATH_WORDS: ReadonlyMap<string, string> = new Map([
  ['internet', 'open to the whole Internet'],
  ['azure', 'open to every Azure customer'],
  ['wide', 'open to more addresses than the policy allows'],
  ['limited', 'open to the listed addresses'],
  ['vnet-rules', 'open to the subnets of virtual network rules'],
  ['none', 'public access is on, but no rule admits anyone'],
  ['closed', 'closed: public access is switched off'],
  ['perimeter', 'decided by a network security perimeter, whose rules are not read'],
  ['unknown', 'unknown: not everything could be read'],
]);

/** Private paths in words. */
export const PRIVATE_PATH_WORDS: ReadonlyMap<string, string> = new Map([
  ['injected', 'the server stands in a subnet of a virtual network'],
  ['endpoint', 'approved private endpoints'],
  ['none', 'none'],
  ['unknown', 'unknown: not everything could be read'],
]);

/** A whole number with thousands separators; null is `unknown`, never 0. */
export function numberWords(value: number | null | undefined): string {
  return value === null || value === undefined ? 'unknown' : grouped(value);
}

function grouped(value: number): string {
  return value.toString().replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 server`, `2,000 servers`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** Public addresses of the path in force and whether all of Azure comes on top, which no count can tell. */
export function addressWords(addresses: number | null, azureServices: boolean | null): string {
  return numberWords(addresses) + (azureServices ? ' + Azure' : '');
}

/** `2026-03-01 10:22:05 UTC`; text that is no time is shown as it is. */
export function timeWords(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return visible(clip(time, 64));
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Who made a change, by name or else by id; never guessed. */
export function actorWords(view: {
  readonly actorName: string;
  readonly actorId: string;
  readonly actorType: string;
}): string {
  const who = view.actorName || view.actorId;
  if (!who) return 'not known';
  return view.actorType ? `${who} (${ACTOR_WORDS.get(view.actorType) ?? view.actorType})` : who;
}

const ACTOR_WORDS: ReadonlyMap<string, string> = new Map([
  ['User', 'user'],
  ['ServicePrincipal', 'service principal'],
  ['ManagedIdentity', 'managed identity'],
  ['Azure', 'Azure itself'],
]);

/** What was looked at, in words, such as `management group corp and subscriptions a, b`. */
export function scopeText(subscriptions: readonly string[], managementGroups: readonly string[]): string {
  const named = (ids: readonly string[], one: string): string[] =>
    ids.length === 0 ? [] : [`${one}${ids.length === 1 ? '' : 's'} ${ids.join(', ')}`];
  return [...named(managementGroups, 'management group'), ...named(subscriptions, 'subscription')].join(
    ' and ',
  );
}

/** Nothing found is good news only where nothing hid. */
export function noServerWords({ problems }: { readonly problems: readonly string[] }): string {
  return problems.length === 0
    ? 'No database server was found in this scope.'
    : 'No database server was read.';
}
