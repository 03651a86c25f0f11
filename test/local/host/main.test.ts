import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAzurite } from '../../../local/azurite.ts';
import { sample, until } from './host.ts';

const MAIN = join(import.meta.dirname, '../../../local/host/main.ts');
const TENANT = '11111111-2222-3333-4444-555555555555';
let azurite: Awaited<ReturnType<typeof startAzurite>>;
let certFolder: string;
const tokenRequests: string[] = [];
const identity = createServer((request, response) => {
  tokenRequests.push(request.url ?? '');
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: `https://sts.windows.net/${TENANT}/`,
    aud: 'https://storage.azure.com',
    iat: now - 60,
    nbf: now - 60,
    exp: now + 3600,
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'none' })}.${part(claims)}.c2ln`;
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({
      access_token: token,
      expires_on: String(claims.exp),
      resource: claims.aud,
      token_type: 'Bearer',
    }),
  );
});

beforeAll(async () => {
  certFolder = await mkdtemp(join(tmpdir(), 'host-'));
  const names = [
    { type: 2 as const, value: 'localhost' },
    { type: 7 as const, ip: '127.0.0.1' },
  ];
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: names },
    ],
  });
  const certFile = join(certFolder, 'cert.pem');
  const keyFile = join(certFolder, 'key.pem');
  await writeFile(certFile, cert);
  await writeFile(keyFile, key);
  azurite = await startAzurite({ oauth: { certFile, keyFile } });
  identity.listen(0, '127.0.0.1');
  await once(identity, 'listening');
});

afterAll(async () => {
  await azurite.close();
  identity.close();
  await rm(certFolder, { recursive: true });
});

function run(
  args: readonly string[],
  settings: Record<string, string> = {},
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('serves until it is told to stop; reaches its storage by identity', async () => {
  const { port } = identity.address() as AddressInfo;
  const child = run(['--port', '0', '--app', sample('app')], {
    AzureWebJobsStorage__queueServiceUri: azurite.queueUrl,
    AzureWebJobsStorage__credential: 'managedidentity',
    AzureWebJobsStorage__clientId: 'client-1',
    IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`,
    IDENTITY_HEADER: 'anything',
    NODE_EXTRA_CA_CERTS: join(certFolder, 'cert.pem'),
    WORDS_QUEUE: 'words',
    EVERY: '0 0 0 1 1 *',
  });
  let printed = '';
  child.stdout.on('data', (data: Buffer) => {
    printed += data.toString();
  });
  const errors = text(child.stderr);
  await until(() => /^ready$/m.test(printed) || child.exitCode !== null);
  expect(printed).not.toContain('error: The queue');
  const url = /all: GET (http:\/\/127\.0\.0\.1:\d+)\/api\/servers$/m.exec(printed)?.[1] ?? '';
  expect((await fetch(`${url}/api/enqueue`, { method: 'POST', body: '"a word"' })).status).toBe(202);
  expect(tokenRequests[0]).toMatch(/resource=https%3A%2F%2Fstorage\.azure\.com.*client_id=client-1/);

  const slow = fetch(`${url}/api/slow`);
  await until(() => printed.includes('slow began'));
  child.kill('SIGTERM');
  expect(await (await slow).text()).toBe('done');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await errors).toBe('');
});

test.each([
  {
    when: 'an app that throws',
    args: ['--app', sample('broken')],
    code: 1,
    printed: /^SAMPLE_SETTING is missing\.\n$/,
  },
  {
    when: 'an app without functions',
    args: ['--app', sample('empty')],
    code: 1,
    printed: /^The app \S+functions\.ts registers no function\.\n$/,
  },
  { when: 'no app', args: ['--app', '/nowhere'], code: 1, printed: /^The app \/nowhere does not exist\.\n$/ },
  {
    when: 'a folder that is no app',
    args: ['--app', import.meta.dirname],
    code: 1,
    printed: /has no package\.json\.\n$/,
  },
  { when: 'a port that is none', args: ['--port', 'x'], code: 2, printed: /^--port x is no port\.\nUsage: / },
  { when: 'an unknown option', args: ['--prot', '1'], code: 2, printed: /Usage: / },
])('ends with $code and one line: $when', async ({ args, code, printed }) => {
  const child = run(args);
  const [errors, exit] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(errors).toMatch(printed);
  expect(exit).toEqual([code, null]);
});

test('a port that is taken ends the start with one line', async () => {
  const { port } = identity.address() as AddressInfo;
  const child = run([
    '--port',
    String(port),
    '--app',
    join(import.meta.dirname, 'fixtures/bundled/functions.ts'),
  ]);
  expect(await text(child.stderr)).toBe(`The port ${port} of 127.0.0.1 is taken.\n`);
});
