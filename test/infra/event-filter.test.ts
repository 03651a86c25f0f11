import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { FAMILIES } from '../../shared/families/index.ts';
import { declaration, literal } from './templates.ts';

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'events');
const FILE = 'modules/event-subscription.bicep';
const types = z.array(z.string()).parse(await literal(FILE, 'watchedEventTypes'));
const prefixes = z.array(z.string()).parse(await literal(FILE, 'watchedOperations'));

const Event = z.object({
  eventType: z.string().optional(),
  type: z.string().optional(),
  data: z.object({ operationName: z.string().optional() }).catch({}),
});

/** As Event Grid filters: the type exactly, the operation by prefix in any casing; a missing key does not match. */
function passes(event: unknown): boolean {
  const { eventType, type, data } = Event.parse(event);
  const operation = data.operationName?.toLowerCase();
  return (
    types.includes(eventType ?? type ?? '') &&
    operation !== undefined &&
    prefixes.some((prefix) => operation.startsWith(prefix.toLowerCase()))
  );
}

/** Events that prove no new state, are of another topic, or are about nothing that a server depends on. */
const STAY_AWAY = [
  'deployment-write.eventgrid.json',
  'handshake.cloudevents.json',
  'handshake.eventgrid.json',
  'resource-created-or-updated.cloudevents.json',
  'resource-created-or-updated.eventgrid.json',
  'resource-deleted.eventgrid.json',
  'server-write-cancel.cloudevents.json',
  'server-write-failure.eventgrid.json',
];

const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

test.each(FILES)('%s', (file) => {
  const content: unknown = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
  const events = Array.isArray(content) ? (content as readonly unknown[]) : [content];
  expect(events.map(passes)).toEqual(events.map(() => !STAY_AWAY.includes(file)));
});

test('what stays away is in the catalogue', () => {
  expect(FILES).toEqual(expect.arrayContaining(STAY_AWAY));
});

const event = (operationName: string, eventType = 'Microsoft.Resources.ResourceWriteSuccess'): unknown => ({
  eventType,
  data: { operationName },
});

describe('operations', () => {
  test.each(FAMILIES.map(({ resourceType }) => resourceType))('every write to %s passes', (type) => {
    expect(passes(event(`${type}/write`))).toBe(true);
    expect(passes(event(`${type}/firewallRules/delete`, 'Microsoft.Resources.ResourceDeleteSuccess'))).toBe(
      true,
    );
  });

  test.each([
    'Microsoft.Network/privateEndpoints/privateDnsZoneGroups/write',
    'Microsoft.Network/virtualNetworks/virtualNetworkPeerings/write',
    'Microsoft.Insights/diagnosticSettings/write',
  ])('%s passes', (operation) => {
    expect(passes(event(operation))).toBe(true);
  });

  test.each([
    'Microsoft.Compute/virtualMachines/write',
    'Microsoft.Network/publicIPAddresses/write',
    'Microsoft.Network/loadBalancers/write',
    'Microsoft.SqlVirtualMachine/sqlVirtualMachines/write',
    'Microsoft.Storage/storageAccounts/write',
  ])('%s stays away', (operation) => {
    expect(passes(event(operation))).toBe(false);
  });
});

test('the filter keeps to the limits of Event Grid: 25 values of 512 characters', () => {
  expect(prefixes.length).toBeLessThanOrEqual(25);
  expect(prefixes.every((prefix) => prefix.length <= 512)).toBe(true);
});

test('the destination is the function by its name, or the queue that it is read from; nothing is dropped', async () => {
  const { value: destination } = await declaration(FILE, 'functionDestination');
  expect(destination?.text).toContain("resourceId: '${appId}/functions/onResourceChange'");
  expect(destination?.text).toContain('maxEventsPerBatch: 1');
  const { value: delivery } = await declaration(FILE, 'queueDelivery');
  expect(delivery?.text).toContain("queueName: 'assessments'");
  const { value: subscription } = await declaration(FILE, 'changes');
  expect(subscription?.text).toContain("blobContainerName: 'eg-deadletter'");
  expect(subscription?.text).toContain('maxDeliveryAttempts: 30');
  expect(subscription?.text).toContain('eventTimeToLiveInMinutes: 1440');
});
