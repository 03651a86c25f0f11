import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type EmbeddedAzure, parseEstate, startAzure } from '../../local/azure/index.ts';
import { armReader } from '../../shared/azure/arm.ts';
import { parseResourceId } from '../../shared/resource-id.ts';
import { plumbingProblems } from '../../shared/sweeping/plumbing.ts';
import { trust } from '../azure/secure-server.ts';
import { memoryTable } from '../simulation/memory-table.ts';
import { ALERT_RULES, eventSubscription, OWN, toFunction } from './plumbing-estate.ts';

const SHOP = '11111111-1111-4111-8111-111111111111';
const TENANT = '99999999-9999-4999-8999-999999999999';
const NOW = Date.parse('2026-05-20T12:00:00.000Z');
const HOME = parseResourceId(OWN.appId)?.subscription ?? '';
const TOPIC = `/subscriptions/${SHOP}/resourceGroups/rg-events/providers/Microsoft.EventGrid/systemTopics/evgt`;
const EVENTS = `${TOPIC}/eventSubscriptions/db-exposure`;
const COLLECTION = `/subscriptions/${HOME}/resourceGroups/rg-monitor/providers/Microsoft.Insights/dataCollectionRules/dcr`;

let azure: EmbeddedAzure;

beforeAll(async () => {
  const subscriptions = [SHOP, HOME].map((subscriptionId) => ({
    subscriptionId,
    displayName: subscriptionId,
    tenantId: TENANT,
  }));
  azure = await startAzure({ estate: parseEstate({ subscriptions }) });
  trust(azure.certificate);
});
afterAll(() => azure.close());

beforeEach(() => {
  azure.switches.denied = [];
  azure.switches.faults = [];
  const topicProperties = {
    source: `/subscriptions/${SHOP}`,
    topicType: 'Microsoft.Resources.Subscriptions',
  };
  azure.estate.put(TOPIC, { location: 'global', properties: topicProperties });
  azure.estate.put(EVENTS, eventSubscription({ destination: toFunction(OWN.appId.toUpperCase()) }));
  for (const name of ['a', 'b', 'c'])
    azure.estate.put(`${ALERT_RULES}/${name}`, { properties: { enabled: true } });
  azure.estate.put(COLLECTION, { properties: { immutableId: OWN.logsRuleId } });
});

function check(): Promise<readonly string[]> {
  const calls = { graph: 0, management: 0, throttled: 0 };
  const arm = armReader({
    endpoint: azure.url,
    scope: 'https://management.azure.com/.default',
    credential: azure.credential,
    calls,
    buckets: new Map(),
  });
  const ports = { arm, table: memoryTable(() => NOW), process: { now: () => NOW, random: () => 0.5 } };
  return plumbingProblems(OWN, [SHOP], new Date(NOW).toISOString(), ports);
}

test('everything is in its place, page by page', async () => {
  azure.switches.pageSize = 1;
  expect(await check()).toEqual([]);
  azure.switches.pageSize = 1000;
});

test('what was taken away is named', async () => {
  azure.estate.delete(EVENTS);
  azure.estate.delete(COLLECTION);
  azure.estate.put(`${ALERT_RULES}/b`, { properties: { enabled: false } });
  expect(await check()).toEqual([
    'Plumbing: the alert rule "b" is disabled; enable it.',
    `Plumbing: the monitor's resource group has no data collection rule ${OWN.logsRuleId}; deploy infra/main.bicep again.`,
    `Plumbing: no event subscription of subscription ${SHOP} delivers to this app; deploy infra/events.bicep there.`,
  ]);
});

test('what may not be read, or is throttled, is told as such', async () => {
  azure.switches.denied = ['systemTopics'];
  azure.switches.faults = [{ match: 'scheduledQueryRules', status: 429, headers: { 'retry-after': '3600' } }];
  expect(await check()).toEqual([
    'Plumbing could not be checked: the alert rules: throttled.',
    `Plumbing could not be checked: the events of subscription ${SHOP}: denied (403): Microsoft.EventGrid/systemTopics/read is missing.`,
  ]);
});
