import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BlobClient } from '@azure/storage-blob';
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';

const MAX_BYTES = 1_000_000;
const DEFAULT_FILE = 'policy.json';

/** Where a policy comes from: a path, relative to `folder`, or the https:// address of a blob. */
export interface PolicyPlace {
  readonly policyFile: string | undefined;
  readonly folder: string;
  readonly credential: TokenCredential;
}

/** The name of the policy file in words for people: no folder of this machine, no address. */
export function policyName({ policyFile = DEFAULT_FILE }: Pick<PolicyPlace, 'policyFile'>): string {
  return policyFile.split(/[?#]/)[0]?.split(/[/\\]/).at(-1) ?? DEFAULT_FILE;
}

/** The text of the policy file; throws an error whose message is one clause without a path, such as `is not there`. */
export async function readPolicyText(place: PolicyPlace): Promise<string> {
  const { policyFile = DEFAULT_FILE, folder } = place;
  const isAddress = /^[a-z][a-z0-9+.-]+:\/\//i.test(policyFile);
  const bytes = isAddress ? await readBlob(policyFile, place) : await readFile(resolve(folder, policyFile));
  if (bytes.length > MAX_BYTES) throw new Error(`is larger than ${MAX_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('is not UTF-8');
  }
}

const Code = z.object({ code: z.string() });

async function readFile(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_BYTES + 1));
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = Code.safeParse(error).data?.code ?? 'unknown error';
    throw new Error(code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`, { cause: error });
  }
}

const Status = z.object({ statusCode: z.number() });

async function readBlob(address: string, { credential }: PolicyPlace): Promise<Uint8Array> {
  const url = URL.parse(address);
  if (url?.protocol !== 'https:' || url.username !== '' || url.search !== '') {
    throw new Error('is no https:// address of a blob without a query');
  }
  const options = { retryOptions: { maxTries: 3, tryTimeoutInMs: 10_000 } };
  try {
    const answer = await new BlobClient(url.href, credential, options).download(0, MAX_BYTES + 1);
    const chunks: Buffer[] = [];
    for await (const chunk of answer.readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  } catch (error) {
    const status = Status.safeParse(error).data?.statusCode;
    const code = status ?? Code.safeParse(error).data?.code ?? 'no answer';
    throw new Error(status === 404 ? 'is not there' : `cannot be read (${code})`, { cause: error });
  }
}
