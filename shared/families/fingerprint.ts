import { boundedName, hashOf } from '../identity.ts';
import type {
  Facet,
  Network,
  PrivateEndpoint,
  Reading,
  Readings,
  ServerRef,
  Surroundings,
} from '../model.ts';
import type { ResourceId } from '../resource-id.ts';
import { stableJson } from '../text.ts';
import { type Family, parseFacet } from './define-family.ts';

/** The facets that stand in the server's own body, whichever of ARM or Resource Graph gave it. */
export function bodyReadings(family: Family, body: unknown, serverId: string, at: string): Readings {
  const readings: Record<string, Reading<Network[Facet]>> = {};
  for (const [facet, source] of Object.entries(family.facets)) {
    if (source.in === 'family') readings[facet] = { value: source.value, at };
    else if (source.in === 'body') {
      readings[facet] = parseFacet<Network[Facet]>(at, () => source.read(body, serverId));
    }
  }
  return readings;
}

/** Name, place and tags of a server from its body; what is not text is left empty. */
export function serverRef(id: ResourceId, body: unknown): ServerRef {
  const { name, location, tags } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  return {
    id: id.id,
    name: typeof name === 'string' ? boundedName(name) : id.name,
    family: id.type,
    subscription: id.subscription,
    resourceGroup: id.resourceGroup,
    location: typeof location === 'string' ? boundedName(location) : '',
    tags: tagsOf(tags),
  };
}

/** Azure allows 50 tags with values of 256 characters. */
const MAX_TAGS = 50;

function tagsOf(tags: unknown): ServerRef['tags'] {
  const entries = Object.entries(typeof tags === 'object' && tags !== null ? tags : {}).slice(0, MAX_TAGS);
  return Object.fromEntries(
    entries.flatMap(([name, value]) =>
      typeof value === 'string' ? [[boundedName(name), boundedName(value)]] : [],
    ),
  );
}

/**
 * Hash of a reading of the body and of the endpoints around it, in a form that a Resource Graph record gives too: a
 * difference is a suspicion and leads to a reading by ARM.
 */
export function fingerprint(server: ServerRef, network: Readings, surroundings: Surroundings): string {
  return withEndpoints(bodyFingerprint(server, network), Object.values(surroundings.endpoints));
}

/** The body's part of a fingerprint. */
export function bodyFingerprint({ name, location, tags }: ServerRef, network: Readings): string {
  const facets = Object.entries(network)
    .filter(([facet]) => facet !== 'firewallRules' && facet !== 'virtualNetworkRules')
    .map(([facet, reading]) => [facet, 'value' in reading ? withoutDates(reading.value) : 'unreadable']);
  return hashOf(stableJson([name, place(location), tags, facets.sort()]));
}

/** The fingerprint of a body with the endpoints around it. */
export function withEndpoints(body: string, readings: readonly Reading<PrivateEndpoint | 'gone'>[]): string {
  const endpoints = readings
    .flatMap((reading) => ('value' in reading && reading.value !== 'gone' ? [reading.value] : []))
    .map((endpoint) => ({ ...endpoint, location: place(endpoint.location) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return endpoints.length === 0 ? body : hashOf(body + stableJson(endpoints));
}

/** Hash of the rules as they were read, a list that the family has not counting as empty; undefined: one could not be read. */
export function rulesHashOf({ firewallRules, virtualNetworkRules }: Readings): string | undefined {
  const lists = [firewallRules, virtualNetworkRules].map((list) => list ?? { value: [] });
  const values = lists.map((list) => ('value' in list ? list.value : undefined));
  return values.includes(undefined) ? undefined : hashOf(JSON.stringify(values));
}

/** A region by its short name: ARM may give the one for people (`West Europe`), Resource Graph never does. */
function place(location: string): string {
  return location.toLowerCase().replaceAll(' ', '');
}

/** Resource Graph need not tell when a connection was made. */
function withoutDates(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown) =>
    typeof item === 'object' && item !== null ? { ...item, createdAt: null } : item,
  );
}
