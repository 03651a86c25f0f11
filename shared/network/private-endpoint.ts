import * as z from 'zod';
import { boundedName } from '../identity.ts';
import { connectionState } from '../families/facets.ts';
import type { EndpointTarget, PrivateEndpoint } from '../model.ts';
import { resourceIdOf } from '../resource-id.ts';

export const PRIVATE_ENDPOINT = {
  type: 'microsoft.network/privateendpoints',
  apiVersion: '2025-05-01',
} as const;

const Connections = z
  .array(
    z.object({
      properties: z.object({
        privateLinkServiceId: z.string().nullish(),
        privateLinkServiceConnectionState: z
          .object({ status: z.string().nullish(), description: z.string().nullish() })
          .nullish(),
      }),
    }),
  )
  .nullish();

const Body = z.object({
  location: z.string().nullish(),
  properties: z.object({
    provisioningState: z.string().nullish(),
    subnet: z.object({ id: z.string().nullish() }).nullish(),
    privateLinkServiceConnections: Connections,
    manualPrivateLinkServiceConnections: Connections,
  }),
});

/** The endpoint's own side; throws on a body that is not one. Both connection arrays count: manual ones await approval. */
export function privateEndpoint(body: unknown, id: string): PrivateEndpoint {
  const { location, properties } = Body.parse(body);
  return {
    id,
    location: boundedName(location ?? ''),
    provisioningState: boundedName(properties.provisioningState ?? ''),
    subnetId: resourceIdOf(properties.subnet?.id) ?? null,
    targets: [
      ...targets(properties.privateLinkServiceConnections, false),
      ...targets(properties.manualPrivateLinkServiceConnections, true),
    ],
  };
}

function targets(connections: z.infer<typeof Connections>, manual: boolean): readonly EndpointTarget[] {
  return (connections ?? []).map(({ properties }) => ({
    targetId: resourceIdOf(properties.privateLinkServiceId) ?? null,
    manual,
    ...connectionState(properties.privateLinkServiceConnectionState?.status),
    description: (properties.privateLinkServiceConnectionState?.description ?? '').slice(0, 256),
  }));
}
