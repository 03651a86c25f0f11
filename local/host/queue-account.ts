import { QueueServiceClient } from '@azure/storage-queue';
import type { AppSettings } from './app-settings.ts';

/** Few and short: the polling loop itself tries again. */
const OPTIONS = { retryOptions: { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1000 } };

/** Opens storage accounts by the `connection` of a binding, each once. */
export function accountOpener(settings: AppSettings): (connection: string) => Promise<QueueServiceClient> {
  const accounts = new Map<string, Promise<QueueServiceClient>>();
  return (connection) => {
    const account = accounts.get(connection) ?? openAccount(connection, settings);
    accounts.set(connection, account);
    return account;
  };
}

/**
 * The storage account that a binding's `connection` names: a connection string, or `NAME__queueServiceUri` or
 * `NAME__accountName` with the identity of this process (`NAME__clientId` or `AZURE_CLIENT_ID` picks one).
 * @throws Error with one line that names the setting.
 */
async function openAccount(connection: string, settings: AppSettings): Promise<QueueServiceClient> {
  const name = connection === '' ? 'AzureWebJobsStorage' : connection;
  const setting = (suffix: string): string | undefined => notEmpty(settings[`${name}__${suffix}`]);
  const connectionString = notEmpty(settings[name]);
  if (connectionString !== undefined) {
    try {
      return QueueServiceClient.fromConnectionString(connectionString, OPTIONS);
    } catch (error) {
      throw new Error(`The setting ${name} is no storage connection string.`, { cause: error });
    }
  }
  const account = setting('accountName');
  const uri = setting('queueServiceUri') ?? (account && `https://${account}.queue.core.windows.net`);
  if (uri === undefined) {
    throw new Error(`Neither the setting ${name} nor ${name}__queueServiceUri is set.`);
  }
  if (!URL.canParse(uri)) throw new Error(`The setting ${name}__queueServiceUri is no URL.`);
  // Half of the start's time, and not needed with a connection string.
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
  const clientId = setting('clientId') ?? notEmpty(settings['AZURE_CLIENT_ID']);
  const credential =
    setting('credential') === 'managedidentity'
      ? new ManagedIdentityCredential(clientId === undefined ? {} : { clientId })
      : new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId });
  return new QueueServiceClient(uri, credential, OPTIONS);
}

function notEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
