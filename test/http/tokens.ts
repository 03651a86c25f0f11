import { request } from 'node:https';
import type { EmbeddedAzure } from '../../local/azure/index.ts';
import { type TokenSource, tokenValidator, type Validate } from '../../shared/http/token.ts';

export const AUDIENCE = 'api://database-exposure-monitor';
export const ALEX = 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeee01';
export const OTHER_TENANT = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';

type Fetch = NonNullable<TokenSource['fetch']>;

/** A fetch that trusts the certificate of the embedded Azure, and counts what it was asked. */
export function fetchFrom(azure: Pick<EmbeddedAzure, 'certificate'>): { fetch: Fetch; urls: string[] } {
  const urls: string[] = [];
  const fetch: Fetch = (url) =>
    new Promise((resolve, reject) => {
      urls.push(url);
      const call = request(url, { ca: azure.certificate }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve(new Response(Buffer.concat(chunks), { status: response.statusCode ?? 500 }));
        });
      });
      call.on('error', reject);
      call.end();
    });
  return { fetch, urls };
}

/** The check of a deployment whose cloud is the embedded Azure. */
export function validatorFor(azure: EmbeddedAzure, fetch: Fetch = fetchFrom(azure).fetch): Validate {
  return tokenValidator({ authority: azure.url, tenantId: azure.tenantId, audience: AUDIENCE, fetch });
}
