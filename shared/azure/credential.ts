import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import type { AzureSettings } from '../settings.ts';

/** The managed identity in Azure, the developer's own sign-in elsewhere; no secret is ever a setting. */
export function azureCredential({
  clientId,
  cloud,
}: Pick<AzureSettings, 'clientId' | 'cloud'>): TokenCredential {
  return new DefaultAzureCredential({
    authorityHost: cloud.authority,
    ...(clientId === undefined ? {} : { managedIdentityClientId: clientId }),
  });
}
