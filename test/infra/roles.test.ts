import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { QUERIES } from '../../shared/azure/queries.ts';
import { FAMILIES } from '../../shared/families/index.ts';
import { PRIVATE_ENDPOINT } from '../../shared/network/private-endpoint.ts';
import { PLUMBING } from '../../shared/sweeping/plumbing-parts.ts';
import { INFRA } from './queries.ts';
import { declaration, literal, namesIn, TEMPLATES, template } from './templates.ts';

const ACTIONS = z.array(z.string()).parse(JSON.parse(readFileSync(join(INFRA, 'read-actions.json'), 'utf8')));
const granted = ACTIONS.map((action) => action.toLowerCase());

test('the role is exactly this', () => {
  expect([...ACTIONS].sort()).toEqual([
    'Microsoft.DBforMySQL/flexibleServers/firewallRules/read',
    'Microsoft.DBforMySQL/flexibleServers/read',
    'Microsoft.DBforMySQL/servers/firewallRules/read',
    'Microsoft.DBforMySQL/servers/read',
    'Microsoft.DBforMySQL/servers/virtualNetworkRules/read',
    'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/read',
    'Microsoft.DBforPostgreSQL/flexibleServers/read',
    'Microsoft.DBforPostgreSQL/servers/firewallRules/read',
    'Microsoft.DBforPostgreSQL/servers/read',
    'Microsoft.DBforPostgreSQL/servers/virtualNetworkRules/read',
    'Microsoft.EventGrid/systemTopics/eventSubscriptions/read',
    'Microsoft.EventGrid/systemTopics/read',
    'Microsoft.Insights/dataCollectionRules/read',
    'Microsoft.Insights/eventtypes/values/read',
    'Microsoft.Insights/scheduledQueryRules/read',
    'Microsoft.Network/privateEndpoints/read',
    'Microsoft.ResourceGraph/resources/read',
    'Microsoft.Resources/subscriptions/read',
  ]);
});

test.each(ACTIONS)('%s reads, and names what it reads', (action) => {
  expect(action).toMatch(/^Microsoft\.[A-Za-z]+(\/[A-Za-z]+)+\/read$/);
});

test('every server, child list and endpoint that the code reads is granted', () => {
  const needed = FAMILIES.flatMap(({ resourceType, facets }) => [
    `${resourceType}/read`,
    ...Object.values(facets).flatMap((facet) =>
      facet.in === 'list' ? [`${resourceType}/${facet.path}/read`.toLowerCase()] : [],
    ),
  ]);
  expect(granted).toEqual(expect.arrayContaining([...needed, `${PRIVATE_ENDPOINT.type}/read`]));
});

test('every part of the plumbing that a sweep lists is granted', () => {
  expect(ACTIONS).toEqual(expect.arrayContaining(Object.values(PLUMBING).map(({ type }) => `${type}/read`)));
});

test('every type that a query of Resource Graph names is granted', () => {
  const types = Object.values(QUERIES).flatMap((query) => query.match(/microsoft\.[a-z]+\/[a-z]+/g) ?? []);
  expect(types).toContain('microsoft.resources/subscriptions');
  expect(granted).toEqual(expect.arrayContaining(types.map((type) => `${type}/read`)));
});

test('ARM is read at these places only: a new one needs its action', () => {
  const root = join(INFRA, '..', 'shared');
  const calls = globSync('**/*.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\barm\.(?:get|list)\(\s*([^,]+),/g)].map(
      ([, path = '']) => `${file}: ${path.trim()}`,
    ),
  );
  expect(calls.sort()).toEqual([
    'assessing/message.ts: resource.id',
    'azure/activity-log.ts: path',
    'azure/read-server.ts: `${serverId}/${source.path}`',
    'azure/read-server.ts: id',
    'azure/read-server.ts: id.id',
    'azure/read-server.ts: path',
    'sweeping/close-subscriptions.ts: `/subscriptions/${subscription}`',
    'sweeping/forget.ts: id',
    'sweeping/plumbing-parts.ts: path',
  ]);
});

test('both places that define the role take the actions from the one list', async () => {
  expect((await declaration('main.bicep', 'readActions')).value?.text).toBe(
    "loadJsonContent('read-actions.json')",
  );
  expect((await declaration('management-group.bicep', 'readActions')).value?.text).toBe(
    "concat(loadJsonContent('read-actions.json'), ['Microsoft.Management/managementGroups/read'])",
  );
});

test('the app may write to its own storage and its own rule, the topic to its dead letters and the queue', async () => {
  expect(await literal('modules/roles.bicep', 'storageRoles')).toEqual({
    'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
    'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
    'Storage Table Data Contributor': '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
  });
  expect(await literal('modules/roles.bicep', 'metricsPublisher')).toBe(
    '3913510d-42f4-4e42-8a64-420c390055eb',
  );
  expect(await literal('modules/topic-access.bicep', 'blobContributor')).toBe(
    'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  );
  expect(await literal('modules/topic-access.bicep', 'queueSender')).toBe(
    'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a',
  );
});

test('roles are assigned in these places only', async () => {
  const assignments: string[] = [];
  for (const file of TEMPLATES) {
    const { declarations } = await template(file);
    for (const { name, about } of declarations) {
      if (about.startsWith('Microsoft.Authorization/roleAssignments')) assignments.push(`${file}: ${name}`);
    }
  }
  expect(assignments).toEqual([
    'management-group.bicep: assignment',
    'modules/read-access.bicep: assignment',
    'modules/roles.bicep: storageAccess',
    'modules/roles.bicep: ruleAccess',
    'modules/roles.bicep: insightsAccess',
    'modules/roles.bicep: groupAccess',
    'modules/topic-access.bicep: deadLetterAccess',
    'modules/topic-access.bicep: queueAccess',
  ]);
});

test('in its own resource group the app has the reading role and no other', async () => {
  const { value } = await declaration('modules/roles.bicep', 'groupAccess');
  expect(value?.text).toContain('roleDefinitionId: readerRoleId');
  expect(value?.text).not.toContain('scope:');
  const { value: roles } = await declaration('main.bicep', 'roles');
  expect(roles?.text).toContain('readerRoleId: readerRole.id');
});

test('whoever deletes or switches off a part of the monitor is told of, as far as the Activity Log knows', async () => {
  expect(await literal('modules/alerts.bicep', 'guardedOperations')).toEqual(
    expect.arrayContaining([
      'Microsoft.EventGrid/systemTopics/delete',
      'Microsoft.EventGrid/systemTopics/eventSubscriptions/delete',
      'Microsoft.Insights/scheduledQueryRules/write',
      'Microsoft.Insights/scheduledQueryRules/delete',
      'Microsoft.Insights/dataCollectionRules/delete',
      'Microsoft.Authorization/roleAssignments/delete',
      'Microsoft.Authorization/locks/delete',
    ]),
  );
});

test('no key and no connection string is in the app settings', async () => {
  const names = await namesIn('modules/function-app.bicep', 'platformSettings');
  expect(names).not.toContain('AzureWebJobsStorage');
  expect(names).toEqual(
    expect.arrayContaining(['AzureWebJobsStorage__credential', 'AzureWebJobsStorage__clientId']),
  );
  for (const file of TEMPLATES)
    expect((await template(file)).root.text).not.toMatch(/listKeys|AccountKey|sharedKey:/);
});

test('the app registration has the roles that the HTTP routes ask for', () => {
  const roles = z
    .array(z.object({ id: z.guid(), value: z.string() }))
    .parse(JSON.parse(readFileSync(join(INFRA, 'app-roles.json'), 'utf8')));
  const sources = join(INFRA, '..', 'shared', 'http');
  const asked = globSync('*.ts', { cwd: sources }).flatMap(
    (file) => readFileSync(join(sources, file), 'utf8').match(/Exposure\.[A-Z][a-z]+/g) ?? [],
  );
  expect(roles.map(({ value }) => value).sort()).toEqual([...new Set(asked)].sort());
  expect(new Set(roles.map(({ id }) => id)).size).toBe(roles.length);
});
