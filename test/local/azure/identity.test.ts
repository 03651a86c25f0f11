import { createPublicKey, createVerify, type JsonWebKey } from 'node:crypto';
import { ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startAzure, type EmbeddedAzure } from '../../../local/azure/index.ts';
import { call, myVersion, orders, tenant, tinyEstate } from './tiny-estate.ts';

let azure: EmbeddedAzure;
beforeAll(async () => {
  azure = await startAzure({ estate: tinyEstate() });
});
afterAll(() => azure.close());
afterEach(() => {
  vi.unstubAllEnvs();
});

const claimsOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

test('the managed identity credential of the SDK gets a token that Azure Resource Manager takes', async () => {
  vi.stubEnv('IDENTITY_ENDPOINT', azure.identityEndpoint);
  vi.stubEnv('IDENTITY_HEADER', 'anything');
  const { token } = await new ManagedIdentityCredential({ clientId: '0000-client' }).getToken(
    'https://management.azure.com/.default',
  );
  expect(claimsOf(token)).toMatchObject({
    aud: 'https://management.azure.com',
    iss: `https://sts.windows.net/${tenant}/`,
    tid: tenant,
    appid: '0000-client',
    oid: expect.any(String) as string,
    nbf: expect.any(Number) as number,
    exp: expect.any(Number) as number,
  });
  expect((await call(azure, 'GET', `${orders}?${myVersion}`, { token })).status).toBe(200);
});

test.each([
  { when: 'no header', query: '?api-version=2019-08-01&resource=x', headers: {}, status: 401 },
  {
    when: 'no resource',
    query: '?api-version=2019-08-01',
    headers: { 'x-identity-header': 'a' },
    status: 400,
  },
])('the identity endpoint refuses $when', async ({ query, headers, status }) => {
  const reply = await fetch(`${azure.identityEndpoint}${query}`, { headers: { ...headers } });
  expect(reply.status).toBe(status);
});

test('a minted token passes a check against the published keys', async () => {
  const token = azure.mintToken({
    aud: 'api://monitor',
    roles: ['Exposure.Read'],
    name: 'Ann',
    oid: 'o-1',
    expiresIn: 60,
  });
  const metadata: { jwks_uri: string; issuer: string } = (
    await call(azure, 'GET', `/${tenant}/v2.0/.well-known/openid-configuration`)
  ).body;
  expect(metadata.issuer).toBe(`${azure.url}/${tenant}/v2.0`);
  const { keys }: { keys: (JsonWebKey & { kid: string })[] } = (
    await call(azure, 'GET', metadata.jwks_uri, { token: undefined })
  ).body;
  const [head = '', payload = '', signature = ''] = token.split('.');
  const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
  const key = keys.find((item) => item.kid === kid) ?? {};
  const check = createVerify('RSA-SHA256').update(`${head}.${payload}`);
  expect(check.verify(createPublicKey({ key, format: 'jwk' }), signature, 'base64url')).toBe(true);
  expect(claimsOf(token)).toMatchObject({
    aud: 'api://monitor',
    roles: ['Exposure.Read'],
    name: 'Ann',
    oid: 'o-1',
  });
});

test('the client secret credential of the SDK gets a token from the Entra route', async () => {
  const credential = new ClientSecretCredential(tenant, 'client-1', 'secret', {
    authorityHost: azure.url,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: azure.certificate },
  });
  const { token } = await credential.getToken('api://monitor/.default');
  expect(claimsOf(token)).toMatchObject({ aud: 'api://monitor', appid: 'client-1', tid: tenant });
});

test('the token route refuses a request without scope', async () => {
  const reply = await call(azure, 'POST', `/${tenant}/oauth2/v2.0/token`, { body: {}, token: undefined });
  expect(reply.body).toMatchObject({ error: 'invalid_scope' });
});

test('instance discovery names this host', async () => {
  const reply = await call(azure, 'GET', '/common/discovery/instance?api-version=1.1');
  expect(reply.body).toMatchObject({ metadata: [{ aliases: [azure.url.slice('https://'.length)] }] });
});
