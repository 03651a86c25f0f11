import * as z from 'zod';
import type { Arm } from '../ports.ts';
import type { ResourceId } from '../resource-id.ts';

/** One kind of the monitor's own parts: its type, the API version by which it is listed, and what is read of it. */
interface Part<Item> {
  readonly type: string;
  readonly apiVersion: string;
  readonly shape: z.ZodType<Item>;
}

const Destination = z
  .object({
    endpointType: z.string(),
    properties: z.object({ resourceId: z.string().nullish(), queueName: z.string().nullish() }).nullish(),
  })
  .nullish();
export type Destination = z.infer<typeof Destination>;

const Topic = z.object({
  id: z.string(),
  properties: z.object({ source: z.string(), topicType: z.string() }),
});

const EventSubscription = z.object({
  name: z.string(),
  properties: z.object({
    provisioningState: z.string().nullish(),
    destination: Destination,
    deliveryWithResourceIdentity: z.object({ destination: Destination }).nullish(),
  }),
});

const AlertRule = z.object({ name: z.string(), properties: z.object({ enabled: z.boolean() }) });

const CollectionRule = z.object({ properties: z.object({ immutableId: z.string().nullish() }) });

function part<Item>(type: string, apiVersion: string, shape: z.ZodType<Item>): Part<Item> {
  return { type, apiVersion, shape };
}

/** What the check of the plumbing lists; infra/read-actions.json grants each type. */
export const PLUMBING = {
  topics: part('Microsoft.EventGrid/systemTopics', '2025-02-15', Topic),
  eventSubscriptions: part(
    'Microsoft.EventGrid/systemTopics/eventSubscriptions',
    '2025-02-15',
    EventSubscription,
  ),
  alertRules: part('Microsoft.Insights/scheduledQueryRules', '2023-12-01', AlertRule),
  collectionRules: part('Microsoft.Insights/dataCollectionRules', '2024-03-11', CollectionRule),
} as const;

/** Every part of a kind in a scope (its path) or below a resource; none where that is gone, or why they could not be read. */
export async function listParts<Item>(
  { type, apiVersion, shape }: Part<Item>,
  place: string | ResourceId,
  arm: Arm,
): Promise<{ readonly items: readonly Item[] } | { readonly reason: string }> {
  const lower = type.toLowerCase();
  const path =
    typeof place === 'string'
      ? `${place}/providers/${lower}`
      : `${place.id}/${lower.slice(lower.lastIndexOf('/') + 1)}`;
  const answer = await arm.list(path, apiVersion);
  if (answer.outcome === 'gone') return { items: [] };
  if (answer.outcome !== 'ok') return { reason: answer.reason };
  const parsed = z.array(shape).safeParse(answer.body);
  return parsed.success ? { items: parsed.data } : { reason: 'not as documented: the list' };
}
