import { describe, expect, test } from 'vitest';
import { readAzureSettings, readSettings, SettingsError } from '../shared/settings.ts';

const ONE = '11111111-1111-4111-8111-111111111111';
const TWO = '22222222-2222-4222-8222-ABCDEF222222';
const APP = `/subscriptions/${TWO}/resourceGroups/rg-monitor/providers/Microsoft.Web/sites/func-monitor`;
const RIGHT = {
  MONITOR_SUBSCRIPTIONS: ONE,
  LOGS_INGESTION_ENDPOINT: 'https://logs.westeurope-1.ingest.monitor.azure.com',
  LOGS_INGESTION_RULE_ID: 'dcr-00000000000000000000000000000000',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
};
type Environment = Readonly<Record<string, string | undefined>>;

/** The line of the error that these settings end with. */
function lineOf(env: Environment): string {
  try {
    readSettings(env);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('the settings are right');
}

test('the smallest set of settings, and what is left to its default', () => {
  expect(readSettings(RIGHT)).toMatchObject({
    subscriptions: [ONE],
    managementGroups: [],
    cloud: { name: 'AzurePublicCloud' },
    resourceManager: 'https://management.azure.com',
    resourceManagerScope: 'https://management.azure.com/.default',
    clientId: undefined,
    logsEndpoint: 'https://logs.westeurope-1.ingest.monitor.azure.com',
    logsRuleId: 'dcr-00000000000000000000000000000000',
    storage: { connectionString: 'UseDevelopmentStorage=true' },
    schedule: { text: '0 */15 * * * *' },
    policyFile: undefined,
    baselineMode: 'first-seen',
    http: undefined,
    actorDetail: 'full',
    ownParts: undefined,
  });
});

describe('right', () => {
  test.each<{ when: string; env: Environment; settings: object }>([
    {
      when: 'subscriptions in any casing, with spaces, gaps and repeats',
      env: { MONITOR_SUBSCRIPTIONS: ` ${ONE} ,, ${TWO},${TWO.toLowerCase()},` },
      settings: { subscriptions: [ONE, TWO.toLowerCase()] },
    },
    {
      when: 'management groups alone',
      env: { MONITOR_SUBSCRIPTIONS: '', MONITOR_MANAGEMENT_GROUPS: 'mg-root, mg_(a).b ' },
      settings: { subscriptions: [], managementGroups: ['mg-root', 'mg_(a).b'] },
    },
    {
      when: 'both',
      env: { MONITOR_MANAGEMENT_GROUPS: 'mg' },
      settings: { subscriptions: [ONE], managementGroups: ['mg'] },
    },
    {
      when: 'the government cloud',
      env: { AZURE_CLOUD: 'AzureUSGovernment' },
      settings: {
        resourceManager: 'https://management.usgovcloudapi.net',
        resourceManagerScope: 'https://management.usgovcloudapi.net/.default',
        cloud: { authority: 'https://login.microsoftonline.us', monitorAudience: 'https://monitor.azure.us' },
      },
    },
    {
      when: 'the cloud of China',
      env: { AZURE_CLOUD: 'AzureChinaCloud' },
      settings: {
        resourceManager: 'https://management.chinacloudapi.cn',
        resourceManagerScope: 'https://management.chinacloudapi.cn/.default',
        cloud: { authority: 'https://login.chinacloudapi.cn', monitorAudience: 'https://monitor.azure.cn' },
      },
    },
    {
      when: 'another address of ARM, whose tokens stay those of the cloud',
      env: { AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://localhost:8443/' },
      settings: {
        resourceManager: 'https://localhost:8443',
        resourceManagerScope: 'https://management.azure.com/.default',
      },
    },
    {
      when: 'an identity, a policy, a mode, details',
      env: {
        AZURE_CLIENT_ID: TWO,
        POLICY_FILE: 'https://a.blob.core.windows.net/p/policy.json',
        BASELINE_MODE: 'approval',
        ACTOR_DETAIL: 'id',
      },
      settings: {
        clientId: TWO,
        policyFile: 'https://a.blob.core.windows.net/p/policy.json',
        baselineMode: 'approval',
        actorDetail: 'id',
      },
    },
    { when: 'no detail of actors', env: { ACTOR_DETAIL: 'none' }, settings: { actorDetail: 'none' } },
    {
      when: 'addresses of the three storage services',
      env: {
        AzureWebJobsStorage: undefined,
        AzureWebJobsStorage__tableServiceUri: 'https://a.table.core.windows.net/',
        AzureWebJobsStorage__queueServiceUri: 'https://a.queue.core.windows.net',
        AzureWebJobsStorage__blobServiceUri: 'https://a.blob.core.windows.net',
      },
      settings: {
        storage: {
          table: 'https://a.table.core.windows.net',
          queue: 'https://a.queue.core.windows.net',
          blob: 'https://a.blob.core.windows.net',
        },
      },
    },
    {
      when: 'the name of a storage account',
      env: { AzureWebJobsStorage: undefined, AzureWebJobsStorage__accountName: 'acct' },
      settings: {
        storage: {
          table: 'https://acct.table.core.windows.net',
          queue: 'https://acct.queue.core.windows.net',
          blob: 'https://acct.blob.core.windows.net',
        },
      },
    },
    {
      when: 'the name of a storage account in another cloud',
      env: {
        AZURE_CLOUD: 'AzureUSGovernment',
        AzureWebJobsStorage: undefined,
        AzureWebJobsStorage__accountName: 'acct',
      },
      settings: { storage: { table: 'https://acct.table.core.usgovcloudapi.net' } },
    },
    {
      when: 'the name of a storage account in China',
      env: {
        AZURE_CLOUD: 'AzureChinaCloud',
        AzureWebJobsStorage: undefined,
        AzureWebJobsStorage__accountName: 'acct',
      },
      settings: { storage: { queue: 'https://acct.queue.core.chinacloudapi.cn' } },
    },
    {
      when: 'a schedule',
      env: { SWEEP_SCHEDULE: '0 0 */2 * * *' },
      settings: { schedule: { text: '0 0 */2 * * *' } },
    },
    {
      when: 'tenant and audience of the HTTP routes',
      env: { HTTP_TENANT_ID: ONE, HTTP_AUDIENCE: 'api://monitor' },
      settings: { http: { tenantId: ONE, audience: 'api://monitor' } },
    },
    {
      when: 'where the app lies, with storage by identity',
      env: {
        MONITOR_APP_ID: APP,
        AzureWebJobsStorage: undefined,
        AzureWebJobsStorage__accountName: 'stmonitor',
      },
      settings: {
        ownParts: {
          appId: APP.toLowerCase(),
          storageAccount: 'stmonitor',
          logsRuleId: 'dcr-00000000000000000000000000000000',
        },
      },
    },
    {
      when: 'where the app lies, with storage by connection string',
      env: {
        MONITOR_APP_ID: APP,
        AzureWebJobsStorage: 'DefaultEndpointsProtocol=https;AccountName=StMonitor;AccountKey=eA==',
      },
      settings: { ownParts: { storageAccount: 'stmonitor' } },
    },
    {
      when: 'where the app lies, with a connection string that names no account',
      env: { MONITOR_APP_ID: APP },
      settings: { ownParts: { appId: APP.toLowerCase(), storageAccount: undefined } },
    },
    {
      when: 'settings that are empty as if they were not there',
      env: { AZURE_CLOUD: ' ', AZURE_CLIENT_ID: '', POLICY_FILE: '', BASELINE_MODE: '', SWEEP_SCHEDULE: '' },
      settings: { cloud: { name: 'AzurePublicCloud' }, clientId: undefined, policyFile: undefined },
    },
  ])('$when', ({ env, settings }) => {
    expect(readSettings({ ...RIGHT, ...env })).toMatchObject(settings);
  });
});

describe('wrong', () => {
  const NO_STORAGE = { AzureWebJobsStorage: undefined };
  test.each<{ when: string; env: Environment; line: string }>([
    {
      when: 'no scope',
      env: { MONITOR_SUBSCRIPTIONS: ' , ' },
      line: 'MONITOR_SUBSCRIPTIONS or MONITOR_MANAGEMENT_GROUPS: one of them is required; give the ids that the monitor is to watch.',
    },
    {
      when: 'the name of a subscription',
      env: { MONITOR_SUBSCRIPTIONS: `${ONE}, Shop "A"\n` },
      line: 'MONITOR_SUBSCRIPTIONS: "Shop \\"A\\"" is not a subscription id; give GUIDs with commas between.',
    },
    {
      when: 'the display name of a management group',
      env: { MONITOR_MANAGEMENT_GROUPS: 'My group' },
      line: 'MONITOR_MANAGEMENT_GROUPS: "My group" is not a management group id (not its display name).',
    },
    {
      when: 'the name of the app',
      env: { MONITOR_APP_ID: 'func-monitor' },
      line: 'MONITOR_APP_ID: "func-monitor" is not the resource id of a function app.',
    },
    {
      when: 'the id of another resource',
      env: { MONITOR_APP_ID: APP.replace('Microsoft.Web/sites', 'Microsoft.Web/serverfarms') },
      line: `MONITOR_APP_ID: "${APP.replace('Microsoft.Web/sites', 'Microsoft.Web/serverfarms').slice(0, 80)}" is not the resource id of a function app.`,
    },
    {
      when: 'an unknown cloud',
      env: { AZURE_CLOUD: 'azurepubliccloud' },
      line: 'AZURE_CLOUD: "azurepubliccloud" is not one of AzurePublicCloud, AzureUSGovernment, AzureChinaCloud.',
    },
    {
      when: 'a cloud that every object has',
      env: { AZURE_CLOUD: '__proto__' },
      line: 'AZURE_CLOUD: "__proto__" is not one of AzurePublicCloud, AzureUSGovernment, AzureChinaCloud.',
    },
    {
      when: 'ARM over http',
      env: { AZURE_RESOURCE_MANAGER_ENDPOINT: 'http://localhost:1' },
      line: 'AZURE_RESOURCE_MANAGER_ENDPOINT: "http://localhost:1" is not an https:// address.',
    },
    {
      when: 'ARM with a user',
      env: { AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://a@b.example' },
      line: 'AZURE_RESOURCE_MANAGER_ENDPOINT: "https://a@b.example" is not an https:// address.',
    },
    {
      when: 'ARM with a query',
      env: { AZURE_RESOURCE_MANAGER_ENDPOINT: 'https://b.example?x=1' },
      line: 'AZURE_RESOURCE_MANAGER_ENDPOINT: "https://b.example?x=1" is not an https:// address.',
    },
    {
      when: 'a client id that is none',
      env: { AZURE_CLIENT_ID: 'monitor' },
      line: 'AZURE_CLIENT_ID: not a GUID; give the client id of the user-assigned identity.',
    },
    {
      when: 'no ingestion endpoint',
      env: { LOGS_INGESTION_ENDPOINT: undefined },
      line: 'LOGS_INGESTION_ENDPOINT: required, and not set.',
    },
    {
      when: 'an ingestion endpoint that is none',
      env: { LOGS_INGESTION_ENDPOINT: 'logs.example' },
      line: 'LOGS_INGESTION_ENDPOINT: "logs.example" is not an https:// address.',
    },
    {
      when: 'no rule',
      env: { LOGS_INGESTION_RULE_ID: ' ' },
      line: 'LOGS_INGESTION_RULE_ID: required, and not set.',
    },
    {
      when: 'the resource id of a rule',
      env: { LOGS_INGESTION_RULE_ID: '/subscriptions/x' },
      line: 'LOGS_INGESTION_RULE_ID: not the immutable id of a data collection rule (as "dcr-" and hexadecimal digits; not its resource id).',
    },
    {
      when: 'no storage',
      env: NO_STORAGE,
      line: 'AzureWebJobsStorage or AzureWebJobsStorage__tableServiceUri: required, and not set.',
    },
    {
      when: 'two of three storage services',
      env: {
        ...NO_STORAGE,
        AzureWebJobsStorage__tableServiceUri: 'https://a.table.core.windows.net',
        AzureWebJobsStorage__blobServiceUri: 'https://a.blob.core.windows.net',
      },
      line: 'AzureWebJobsStorage or AzureWebJobsStorage__queueServiceUri: required, and not set.',
    },
    {
      when: 'a storage service over http',
      env: { ...NO_STORAGE, AzureWebJobsStorage__tableServiceUri: 'http://a.table.core.windows.net' },
      line: 'AzureWebJobsStorage__tableServiceUri: "http://a.table.core.windows.net" is not an https:// address.',
    },
    {
      when: 'an account name that would lead elsewhere',
      env: { ...NO_STORAGE, AzureWebJobsStorage__accountName: 'evil.example/' },
      line: 'AzureWebJobsStorage__accountName: not the name of a storage account (3 to 24 lower-case letters and digits).',
    },
    {
      when: 'an unknown mode',
      env: { BASELINE_MODE: 'auto' },
      line: 'BASELINE_MODE: "auto" is not one of first-seen, approval.',
    },
    {
      when: 'an unknown detail',
      env: { ACTOR_DETAIL: 'all' },
      line: 'ACTOR_DETAIL: "all" is not one of full, id, none.',
    },
    {
      when: 'a tenant without an audience',
      env: { HTTP_TENANT_ID: ONE },
      line: 'HTTP_AUDIENCE: required where the other of HTTP_TENANT_ID and HTTP_AUDIENCE is set.',
    },
    {
      when: 'an audience without a tenant',
      env: { HTTP_AUDIENCE: 'api://x' },
      line: 'HTTP_TENANT_ID: required where the other of HTTP_TENANT_ID and HTTP_AUDIENCE is set.',
    },
    {
      when: 'a tenant that is no GUID',
      env: { HTTP_TENANT_ID: 'contoso', HTTP_AUDIENCE: 'x' },
      line: 'HTTP_TENANT_ID: not a GUID.',
    },
  ])('$when', ({ env, line }) => {
    expect(lineOf({ ...RIGHT, ...env })).toBe(line);
  });

  test.each(['* * *', 'every day', '0 0 0 30 2 *', '61 * * * * *'])('the schedule %j', (schedule) => {
    expect(lineOf({ ...RIGHT, SWEEP_SCHEDULE: schedule })).toMatch(/^SWEEP_SCHEDULE: .+/);
  });

  test('whatever the value is, the line is one line and short', () => {
    const line = lineOf({ ...RIGHT, AZURE_CLOUD: `x\n\r\u2028\u0000${'y'.repeat(100_000)}` });
    expect(line).not.toMatch(/[\n\r\u0000]/);
    expect(line.length).toBeLessThan(300);
  });

  test('a storage connection string never stands in a line', () => {
    const secret = 'AccountName=a;AccountKey=c2VjcmV0';
    expect(lineOf({ ...RIGHT, AzureWebJobsStorage: secret, ACTOR_DETAIL: 'x' })).not.toContain('c2VjcmV0');
  });
});

test('a scan needs no storage and no workspace', () => {
  expect(readAzureSettings({ MONITOR_SUBSCRIPTIONS: ONE })).toMatchObject({ subscriptions: [ONE] });
});
