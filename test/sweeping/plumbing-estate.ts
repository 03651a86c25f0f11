import type { OwnParts } from '../../shared/settings.ts';
import { type Monitor, SUBSCRIPTION } from '../fakes.ts';

export const OTHER = '22222222-2222-2222-2222-222222222222';
const HOME = '99999999-9999-9999-9999-999999999999';
const GROUP = `/subscriptions/${HOME}/resourcegroups/rg-monitor`;
const APP = `${GROUP}/providers/microsoft.web/sites/func-monitor`;
export const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/stmonitor`;

export const OWN: OwnParts = {
  appId: APP,
  storageAccount: 'stmonitor',
  logsRuleId: 'dcr-0123456789abcdef0123456789abcdef',
};

export const ALERT_RULES = `${GROUP}/providers/microsoft.insights/scheduledqueryrules`;
export const COLLECTION_RULES = `${GROUP}/providers/microsoft.insights/datacollectionrules`;
export const topicsOf = (subscription: string): string =>
  `/subscriptions/${subscription}/providers/microsoft.eventgrid/systemtopics`;
const topicId = (subscription: string): string =>
  `/subscriptions/${subscription}/resourcegroups/rg-events/providers/microsoft.eventgrid/systemtopics/evgt`;
export const eventsOf = (subscription: string): string => `${topicId(subscription)}/eventsubscriptions`;

/** As ARM lists them; ids and types in its own casing. */
export const topic = (subscription: string, more: object = {}): unknown => ({
  id: `/subscriptions/${subscription}/resourceGroups/rg-events/providers/Microsoft.EventGrid/systemTopics/evgt`,
  name: 'evgt',
  properties: {
    source: `/subscriptions/${subscription}`,
    topicType: 'microsoft.resources.subscriptions',
    provisioningState: 'Succeeded',
    ...more,
  },
});

export const toFunction = (app = APP, name = 'onResourceChange'): object => ({
  endpointType: 'AzureFunction',
  properties: { resourceId: `${app}/functions/${name}`, maxEventsPerBatch: 1 },
});

export const toQueue = (queueName = 'assessments', resourceId = ACCOUNT): object => ({
  endpointType: 'StorageQueue',
  properties: { resourceId, queueName, queueMessageTimeToLiveInSeconds: -1 },
});

export const eventSubscription = (more: object = {}): Readonly<Record<string, unknown>> => ({
  name: 'db-exposure',
  properties: { provisioningState: 'Succeeded', destination: toFunction(), ...more },
});

export const alertRule = (name: string, enabled = true): unknown => ({ name, properties: { enabled } });

/** Deploys everything: two watched subscriptions with their events, the alert rules, the data collection rule. */
export function deployPlumbing({ lists }: Pick<Monitor, 'lists'>): void {
  for (const subscription of [SUBSCRIPTION, OTHER]) {
    lists.set(topicsOf(subscription), [topic(subscription)]);
    lists.set(eventsOf(subscription), [eventSubscription()]);
  }
  lists.set(ALERT_RULES, [alertRule('db-exposure-storm'), alertRule('db-exposure-coverage-lost')]);
  lists.set(COLLECTION_RULES, [{ name: 'dcr', properties: { immutableId: OWN.logsRuleId } }]);
}
