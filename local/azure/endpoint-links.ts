import { isItem, parseAddress, type Address } from './address.ts';
import { listAt, textAt, type Json } from './json.ts';

/** Where an endpoint lists its connections: the approved by right, and those that ask for approval. */
export const connectionLists = [
  'privateLinkServiceConnections',
  'manualPrivateLinkServiceConnections',
] as const;

/** The address of a resource id; undefined for anything else. */
export const itemAddress = (id: string | undefined): Address | undefined => {
  const address = parseAddress(id ?? '');
  return address && address.steps.length > 0 && isItem(address) ? address : undefined;
};

/** Tells whether two ids name the same resource. */
export const sameId = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();

/** The id of the endpoint behind a server's connection. */
export const endpointOf = (connection: Json): string | undefined =>
  textAt(connection, 'properties', 'privateEndpoint', 'id');

/** The lower-cased ids that an endpoint's connections name. */
export const targetsOf = (endpoint: Json | undefined): Set<string> =>
  new Set(
    connectionLists
      .flatMap((key) => listAt(endpoint, 'properties', key))
      .map((item) => (textAt(item, 'properties', 'privateLinkServiceId') ?? '').toLowerCase()),
  );
