import type { Arm, Ports } from '../ports.ts';
import { parseResourceId, type ResourceId } from '../resource-id.ts';
import type { OwnParts } from '../settings.ts';
import { type Destination, listParts, PLUMBING } from './plumbing-parts.ts';
import { shown, unsure } from './plumbing-sentences.ts';

const AT_ONCE = 16;
/** The sweep waits no longer: what is left is told as not checked. */
const BUDGET_MS = 60_000;

/** One sentence for each subscription whose changes do not reach this app, or of which that is not known. */
export async function eventProblems(
  subscriptions: readonly string[],
  app: ResourceId,
  own: OwnParts,
  { arm, process }: Pick<Ports, 'arm' | 'process'>,
): Promise<readonly string[]> {
  const endsAt = process.now() + BUDGET_MS;
  const found: (string | undefined)[] = [];
  for (let start = 0; start < subscriptions.length; start += AT_ONCE) {
    const part = subscriptions.slice(start, start + AT_ONCE);
    if (process.now() > endsAt) found.push(...part.map((id) => unsureOf(id, 'there was no time left')));
    else found.push(...(await Promise.all(part.map((id) => eventProblem(id, app, own, arm)))));
  }
  return found.filter((problem) => problem !== undefined);
}

/** ARM, not Resource Graph: that leaves out in silence what may not be read, and has no event subscriptions. */
async function eventProblem(
  subscription: string,
  app: ResourceId,
  own: OwnParts,
  arm: Arm,
): Promise<string | undefined> {
  const source = `/subscriptions/${subscription}`;
  const topics = await listParts(PLUMBING.topics, source, arm);
  if ('reason' in topics) return unsureOf(subscription, topics.reason);
  let notInForce: string | undefined;
  for (const { id, properties } of topics.items) {
    if (properties.topicType.toLowerCase() !== 'microsoft.resources.subscriptions') continue;
    if (properties.source.toLowerCase() !== source) continue;
    const topic = parseResourceId(id);
    // Nothing outside of the subscription is read, whatever an answer says.
    if (topic?.subscription !== subscription || topic.type !== 'microsoft.eventgrid/systemtopics') {
      return unsureOf(subscription, 'not as documented: the id of its topic');
    }
    const events = await listParts(PLUMBING.eventSubscriptions, topic, arm);
    if ('reason' in events) return unsureOf(subscription, events.reason);
    const toThisApp = events.items.filter(({ properties: { destination, deliveryWithResourceIdentity } }) =>
      [destination, deliveryWithResourceIdentity?.destination].some((to) => isThisApp(to, app, own)),
    );
    if (toThisApp.some((item) => item.properties.provisioningState === 'Succeeded')) return undefined;
    notInForce ??= toThisApp[0]?.name;
  }
  return notInForce === undefined
    ? `Plumbing: no event subscription of subscription ${subscription} delivers to this app; deploy infra/events.bicep there.`
    : `Plumbing: the event subscription ${shown(notInForce)} of subscription ${subscription} is not in force; deploy infra/events.bicep there again.`;
}

/** The Event Grid function of this app, or the queue that it reads. */
function isThisApp(destination: Destination, app: ResourceId, own: OwnParts): boolean {
  const { resourceId, queueName } = destination?.properties ?? {};
  const target = parseResourceId(resourceId ?? '');
  if (!target) return false;
  const kind = destination?.endpointType.toLowerCase();
  if (kind === 'azurefunction') return target.id === `${app.id}/functions/onresourcechange`;
  if (kind !== 'storagequeue' || queueName !== 'assessments') return false;
  // Names of storage accounts are unique in a cloud.
  return target.type === 'microsoft.storage/storageaccounts' && target.name === own.storageAccount;
}

function unsureOf(subscription: string, reason: string): string {
  return unsure(`the events of subscription ${subscription}`, reason);
}
