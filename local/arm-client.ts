import { request } from 'node:https';
import type { EmbeddedAzure } from './azure/index.ts';

/** Who writes to the embedded Azure, as its events will say. */
export interface Person {
  readonly name: string;
  readonly upn: string;
  readonly oid: string;
}

/** A write to the embedded ARM as a person's portal or command line would send it; throws when it is refused. */
export async function writeToArm(
  azure: Pick<EmbeddedAzure, 'url' | 'certificate' | 'mintToken'>,
  method: 'PUT' | 'PATCH' | 'DELETE' | 'POST',
  id: string,
  apiVersion: string,
  person: Person,
  body?: unknown,
): Promise<void> {
  const token = azure.mintToken({ aud: 'https://management.azure.com', ...person });
  const text = body === undefined ? '' : JSON.stringify(body);
  const url = new URL(`${azure.url}${id}?api-version=${apiVersion}`);
  await new Promise<void>((resolve, reject) => {
    const call = request(
      url,
      {
        method,
        ca: azure.certificate,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        },
      },
      (response) => {
        let answer = '';
        response.on('data', (chunk: Buffer) => {
          answer += chunk.toString('utf8');
        });
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status < 300) resolve();
          else reject(new Error(`${method} ${id} answered ${status}: ${answer.slice(0, 300)}`));
        });
      },
    );
    call.on('error', reject);
    call.end(text);
  });
}
