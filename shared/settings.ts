import * as z from 'zod';
import type { BaselineMode } from './judging/context.ts';
import { isGuid, parseResourceId } from './resource-id.ts';
import { longestPeriodSeconds, parseSchedule, type Schedule } from './schedule.ts';

export type ActorDetail = 'full' | 'id' | 'none';

/** One cloud: its endpoints and audiences (Microsoft's published values). */
export interface Cloud {
  readonly name: string;
  readonly resourceManager: string;
  readonly authority: string;
  /** The client adds `/.default` to it. */
  readonly monitorAudience: string;
  /** Behind `<account>.<service>.`. */
  readonly storageSuffix: string;
}

export const CLOUDS: Readonly<Record<string, Cloud>> = {
  AzurePublicCloud: {
    name: 'AzurePublicCloud',
    resourceManager: 'https://management.azure.com',
    authority: 'https://login.microsoftonline.com',
    monitorAudience: 'https://monitor.azure.com',
    storageSuffix: 'core.windows.net',
  },
  AzureUSGovernment: {
    name: 'AzureUSGovernment',
    resourceManager: 'https://management.usgovcloudapi.net',
    authority: 'https://login.microsoftonline.us',
    monitorAudience: 'https://monitor.azure.us',
    storageSuffix: 'core.usgovcloudapi.net',
  },
  AzureChinaCloud: {
    name: 'AzureChinaCloud',
    resourceManager: 'https://management.chinacloudapi.cn',
    authority: 'https://login.chinacloudapi.cn',
    monitorAudience: 'https://monitor.azure.cn',
    storageSuffix: 'core.chinacloudapi.cn',
  },
};

/** Where the Functions storage account is: a connection string (local emulator) or service addresses for an identity. */
export type StorageSettings =
  | { readonly connectionString: string }
  | { readonly table: string; readonly queue: string; readonly blob: string };

/** The monitor's own parts in Azure, by which the check of its plumbing knows them. */
export interface OwnParts {
  /** Resource id of the function app, lower-cased; the alert rules and the data collection rule lie in its resource group. */
  readonly appId: string;
  /** Undefined: a connection string that names none. */
  readonly storageAccount: string | undefined;
  /** Immutable id of the data collection rule. */
  readonly logsRuleId: string;
}

/** The environment, parsed once. */
export interface Settings {
  readonly subscriptions: readonly string[];
  readonly managementGroups: readonly string[];
  readonly cloud: Cloud;
  /** Base address of ARM and Resource Graph, without a slash at its end. */
  readonly resourceManager: string;
  /** Scope of ARM tokens: the cloud's, whatever address ARM has. */
  readonly resourceManagerScope: string;
  readonly clientId: string | undefined;
  readonly logsEndpoint: string;
  readonly logsRuleId: string;
  readonly storage: StorageSettings;
  readonly schedule: Schedule;
  readonly policyFile: string | undefined;
  readonly baselineMode: BaselineMode;
  readonly http: { readonly tenantId: string; readonly audience: string } | undefined;
  readonly actorDetail: ActorDetail;
  /** Undefined: the app does not know where it lies, and does not check its plumbing. */
  readonly ownParts: OwnParts | undefined;
}

/** What a reading of Azure alone needs: the command line has no storage and no sink. */
export type AzureSettings = Pick<
  Settings,
  'subscriptions' | 'managementGroups' | 'cloud' | 'resourceManager' | 'resourceManagerScope' | 'clientId'
>;

/** A setting that is missing or wrong; the message is one line that names it and says what to do. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Parses every setting; throws SettingsError on the first that is missing or wrong. */
export function readSettings(env: Environment): Settings {
  const schedule = text(env, 'SWEEP_SCHEDULE') ?? '0 */15 * * * *';
  const azure = readAzureSettings(env);
  const logsEndpoint = httpsUrl('LOGS_INGESTION_ENDPOINT', required(env, 'LOGS_INGESTION_ENDPOINT'));
  const logsRuleId = ruleId(required(env, 'LOGS_INGESTION_RULE_ID'));
  const storage = storageOf(env, azure.cloud);
  return {
    ...azure,
    logsEndpoint,
    logsRuleId,
    storage,
    schedule: scheduleOf(schedule),
    policyFile: text(env, 'POLICY_FILE'),
    baselineMode: oneOf(env, 'BASELINE_MODE', ['first-seen', 'approval']),
    http: httpOf(env),
    actorDetail: oneOf(env, 'ACTOR_DETAIL', ['full', 'id', 'none']),
    ownParts: ownPartsOf(env, storage, logsRuleId),
  };
}

/** The settings of `npm run scan`: scope, cloud and identity. */
export function readAzureSettings(env: Environment): AzureSettings {
  const cloud = CLOUDS[oneOf(env, 'AZURE_CLOUD', ['AzurePublicCloud', ...Object.keys(CLOUDS)])];
  if (!cloud) throw new SettingsError('AZURE_CLOUD: not a cloud that is known.');
  const subscriptions = list(env, 'MONITOR_SUBSCRIPTIONS').map((id) => {
    if (isGuid(id)) return id.toLowerCase();
    throw new SettingsError(
      `MONITOR_SUBSCRIPTIONS: "${shown(id)}" is not a subscription id; give GUIDs with commas between.`,
    );
  });
  const managementGroups = list(env, 'MONITOR_MANAGEMENT_GROUPS').map((id) => {
    if (/^[A-Za-z0-9_().-]{1,90}$/.test(id)) return id;
    throw new SettingsError(
      `MONITOR_MANAGEMENT_GROUPS: "${shown(id)}" is not a management group id (not its display name).`,
    );
  });
  if (subscriptions.length + managementGroups.length === 0) {
    throw new SettingsError(
      'MONITOR_SUBSCRIPTIONS or MONITOR_MANAGEMENT_GROUPS: one of them is required; give the ids that the monitor is to watch.',
    );
  }
  const endpoint = text(env, 'AZURE_RESOURCE_MANAGER_ENDPOINT');
  const clientId = text(env, 'AZURE_CLIENT_ID');
  if (clientId !== undefined && !isGuid(clientId)) {
    throw new SettingsError('AZURE_CLIENT_ID: not a GUID; give the client id of the user-assigned identity.');
  }
  return {
    subscriptions: [...new Set(subscriptions)],
    managementGroups: [...new Set(managementGroups)],
    cloud,
    resourceManager:
      endpoint === undefined ? cloud.resourceManager : httpsUrl('AZURE_RESOURCE_MANAGER_ENDPOINT', endpoint),
    resourceManagerScope: `${cloud.resourceManager}/.default`,
    clientId,
  };
}

function text(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

function required(env: Environment, name: string): string {
  const value = text(env, name);
  if (value === undefined) throw new SettingsError(`${name}: required, and not set.`);
  return value;
}

function list(env: Environment, name: string): readonly string[] {
  const items = (text(env, name) ?? '').split(',').map((item) => item.trim());
  return items.filter((item) => item !== '');
}

function oneOf<const Value extends string>(
  env: Environment,
  name: string,
  values: readonly [Value, ...Value[]],
): Value {
  const value = text(env, name) ?? values[0];
  const found = values.find((known) => known === value);
  if (found === undefined) {
    throw new SettingsError(`${name}: "${shown(value)}" is not one of ${[...new Set(values)].join(', ')}.`);
  }
  return found;
}

function httpsUrl(name: string, value: string): string {
  const url = z.url().safeParse(value).success ? new URL(value) : undefined;
  if (
    url?.protocol !== 'https:' ||
    url.username + url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new SettingsError(`${name}: "${shown(value)}" is not an https:// address.`);
  }
  return url.href.replace(/\/+$/, '');
}

function ruleId(value: string): string {
  if (/^[0-9a-zA-Z][0-9a-zA-Z_-]{0,99}$/.test(value)) return value;
  throw new SettingsError(
    'LOGS_INGESTION_RULE_ID: not the immutable id of a data collection rule (as "dcr-" and hexadecimal digits; not its resource id).',
  );
}

function storageOf(env: Environment, { storageSuffix }: Cloud): StorageSettings {
  const connectionString = text(env, 'AzureWebJobsStorage');
  if (connectionString !== undefined) {
    if (isConnectionString(connectionString)) return { connectionString };
    throw new SettingsError('AzureWebJobsStorage: not a connection string of a storage account.');
  }
  const account = text(env, 'AzureWebJobsStorage__accountName');
  if (account !== undefined && !/^[a-z0-9]{3,24}$/.test(account)) {
    throw new SettingsError(
      'AzureWebJobsStorage__accountName: not the name of a storage account (3 to 24 lower-case letters and digits).',
    );
  }
  const [table, queue, blob] = (['table', 'queue', 'blob'] as const).map((service) => {
    const name = `AzureWebJobsStorage__${service}ServiceUri`;
    const value = text(env, name);
    if (value !== undefined) return httpsUrl(name, value);
    if (account === undefined) {
      throw new SettingsError(`AzureWebJobsStorage or ${name}: required, and not set.`);
    }
    return `https://${account}.${service}.${storageSuffix}`;
  });
  return { table: table ?? '', queue: queue ?? '', blob: blob ?? '' };
}

/** The parts that each of the storage SDKs asks for: an account with its key, or the addresses with a signature. */
function isConnectionString(value: string): boolean {
  if (/^UseDevelopmentStorage=true/i.test(value)) return true;
  const names = new Set(value.split(';').map((part) => part.split('=')[0]?.trim()));
  const has = (...wanted: readonly string[]): boolean => wanted.every((name) => names.has(name));
  if (has('DefaultEndpointsProtocol', 'AccountName', 'AccountKey')) return true;
  return has('SharedAccessSignature', 'TableEndpoint', 'QueueEndpoint', 'BlobEndpoint');
}

function ownPartsOf(env: Environment, storage: StorageSettings, logsRuleId: string): OwnParts | undefined {
  const value = text(env, 'MONITOR_APP_ID');
  if (value === undefined) return undefined;
  const app = parseResourceId(value);
  if (app?.type !== 'microsoft.web/sites') {
    throw new SettingsError(`MONITOR_APP_ID: "${shown(value)}" is not the resource id of a function app.`);
  }
  return { appId: app.id, storageAccount: accountOf(storage), logsRuleId };
}

/** The account is the first label of its addresses' host. */
function accountOf(storage: StorageSettings): string | undefined {
  const name =
    'queue' in storage
      ? new URL(storage.queue).hostname.split('.')[0]
      : /(?:^|;)\s*AccountName=([^;]+)/i.exec(storage.connectionString)?.[1];
  return name?.trim().toLowerCase();
}

function scheduleOf(value: string): Schedule {
  try {
    const schedule = parseSchedule(value);
    longestPeriodSeconds(schedule, new Date(0));
    return schedule;
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'not a schedule';
    throw new SettingsError(`SWEEP_SCHEDULE: ${reason}`);
  }
}

function httpOf(env: Environment): Settings['http'] {
  const tenantId = text(env, 'HTTP_TENANT_ID');
  const audience = text(env, 'HTTP_AUDIENCE');
  if (tenantId === undefined && audience === undefined) return undefined;
  if (tenantId === undefined || audience === undefined) {
    const missing = tenantId === undefined ? 'HTTP_TENANT_ID' : 'HTTP_AUDIENCE';
    throw new SettingsError(
      `${missing}: required where the other of HTTP_TENANT_ID and HTTP_AUDIENCE is set.`,
    );
  }
  if (!isGuid(tenantId)) throw new SettingsError('HTTP_TENANT_ID: not a GUID.');
  return { tenantId, audience };
}

function shown(value: string): string {
  return JSON.stringify(value.slice(0, 80)).slice(1, -1);
}
