import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventCalls, groupCalls, subscriptionsBelow } from '../../infra/deploy-events.ts';
import { INFRA } from './queries.ts';
import { template } from './templates.ts';

const A = '11111111-1111-1111-1111-111111111111';
const B = '22222222-2222-2222-2222-222222222222';
const ENVIRONMENT = {
  MONITOR_NAME: 'db-exposure',
  AZURE_LOCATION: 'westeurope',
  MONITOR_APP_ID: '/subscriptions/m/resourceGroups/rg/providers/Microsoft.Web/sites/func',
  MONITOR_STORAGE_ID: '/subscriptions/m/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st',
  MONITOR_IDENTITY_PRINCIPAL_ID: B,
  MONITOR_EVENT_DELIVERY: 'function',
};

/** Parameters of a call, and the template that they are for. */
function parts(call: readonly string[] | undefined): {
  readonly file: string;
  readonly parameters: Readonly<Record<string, string>>;
} {
  const given = call?.slice(call.indexOf('--parameters') + 1) ?? [];
  return {
    file: basename(call?.[call.indexOf('--template-file') + 1] ?? ''),
    parameters: Object.fromEntries(
      given.map((text): [string, string] => {
        const at = text.indexOf('=');
        return [text.slice(0, at), text.slice(at + 1)];
      }),
    ),
  };
}

async function parametersOf(file: string): Promise<readonly string[]> {
  return (await template(file)).declarations.filter(({ kind }) => kind === 'param').map(({ name }) => name);
}

describe('events', () => {
  test('one deployment for each subscription, however often it is named', async () => {
    const calls = eventCalls(ENVIRONMENT, [A, B, A]);
    expect(calls.map((call) => call[call.indexOf('--subscription') + 1])).toEqual([A, B]);
    const { file, parameters } = parts(calls[0]);
    expect(file).toBe('events.bicep');
    expect(parameters).toEqual({
      name: 'db-exposure',
      appId: ENVIRONMENT.MONITOR_APP_ID,
      storageId: ENVIRONMENT.MONITOR_STORAGE_ID,
      eventDelivery: 'function',
      actionGroupId: '',
    });
    expect(await parametersOf(file)).toEqual(expect.arrayContaining(Object.keys(parameters)));
  });

  test('a topic that is there already is used', async () => {
    const [call, other] = eventCalls({ ...ENVIRONMENT, MONITOR_EXISTING_TOPICS: `${A}=rg-hub/topic` }, [
      A,
      B,
    ]);
    const { file, parameters } = parts(call);
    expect(parameters).toMatchObject({ resourceGroupName: 'rg-hub', existingSystemTopicName: 'topic' });
    expect(await parametersOf(file)).toEqual(expect.arrayContaining(Object.keys(parameters)));
    expect(parts(other).parameters).not.toHaveProperty('existingSystemTopicName');
  });

  test.each([
    {
      when: 'a topic without a resource group',
      more: { MONITOR_EXISTING_TOPICS: `${A}=topic` },
      message: /MONITOR_EXISTING_TOPICS/,
    },
    { when: 'no app', more: { MONITOR_APP_ID: '' }, message: /MONITOR_APP_ID: not set/ },
  ])('refuses $when', ({ more, message }) => {
    expect(() => eventCalls({ ...ENVIRONMENT, ...more }, [A])).toThrow(message);
  });
});

describe('management groups', () => {
  test('one deployment for each, of the role', async () => {
    const calls = groupCalls({ ...ENVIRONMENT, MONITOR_WATCHED_MANAGEMENT_GROUPS: 'corp, online' });
    expect(calls.map((call) => call[call.indexOf('--management-group-id') + 1])).toEqual(['corp', 'online']);
    const { file, parameters } = parts(calls[0]);
    expect(file).toBe('management-group.bicep');
    expect(await parametersOf(file)).toEqual(Object.keys(parameters));
  });

  test('none where none is watched', () => {
    expect(groupCalls(ENVIRONMENT)).toEqual([]);
  });

  test('subscriptions are found at any depth', () => {
    const subscription = (name: string): unknown => ({ type: '/subscriptions', name, children: null });
    const group = (...children: unknown[]): unknown => ({
      type: 'Microsoft.Management/managementGroups',
      name: 'g',
      children,
    });
    expect(subscriptionsBelow(group(subscription(A.toUpperCase()), group(group(subscription(B)))))).toEqual([
      A,
      B,
    ]);
    expect(subscriptionsBelow({ type: 'Microsoft.Management/managementGroups', name: 'empty' })).toEqual([]);
  });

  test('an answer that is no group is refused', () => {
    expect(() => subscriptionsBelow({ error: 'denied' })).toThrow();
  });
});

test('main.bicep gives azd every value that the hook needs', async () => {
  const outputs = (await template('main.bicep')).declarations.flatMap(({ kind, name }) =>
    kind === 'output' ? [name] : [],
  );
  const fromAzd = ['AZURE_LOCATION'];
  expect([...outputs, ...fromAzd]).toEqual(expect.arrayContaining(Object.keys(ENVIRONMENT)));
});

test('azd builds before it packages and deploys the events after the app', () => {
  const text = readFileSync(join(INFRA, '..', 'azure.yaml'), 'utf8');
  expect(text).toMatch(/prepackage:[\s\S]*npm run build[\s\S]*postdeploy:[\s\S]*npm run deploy-events/);
  expect(text).toContain('dist: dist');
});
