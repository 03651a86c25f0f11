import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedAzure, startAzure } from '../../local/azure/index.ts';
import { tokenValidator } from '../../shared/http/token.ts';
import { tinyEstate } from '../local/azure/tiny-estate.ts';
import { ALEX, AUDIENCE, fetchFrom, OTHER_TENANT, validatorFor } from './tokens.ts';

let azure: EmbeddedAzure;

beforeAll(async () => {
  azure = await startAzure({ estate: tinyEstate() });
});
afterAll(() => azure.close());

const good = { aud: AUDIENCE, oid: ALEX, roles: ['Exposure.Read'] };
const bearer = (request: Parameters<EmbeddedAzure['mintToken']>[0]): string =>
  `Bearer ${azure.mintToken(request)}`;
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of ours with its header or claims replaced and its signature kept. */
function altered(head: object, claims: object): string {
  const [first = '', second = '', signature = ''] = azure.mintToken(good).split('.');
  const decode = (text: string): object => JSON.parse(Buffer.from(text, 'base64url').toString()) as object;
  return `Bearer ${part({ ...decode(first), ...head })}.${part({ ...decode(second), ...claims })}.${signature}`;
}

describe('a token of the tenant for our audience', () => {
  test.each([
    { when: 'of version 1.0', more: {} },
    { when: 'of version 2.0', more: { v2: true } },
  ])('$when tells who calls, with which roles', async ({ more }) => {
    const iss = 'v2' in more ? { iss: `${azure.url}/${azure.tenantId}/v2.0` } : {};
    const caller = await validatorFor(azure)(bearer({ ...good, ...iss }));
    expect(caller).toEqual({ id: ALEX, roles: ['Exposure.Read'] });
  });

  test('has no roles where it names none', async () => {
    expect(await validatorFor(azure)(bearer({ aud: AUDIENCE, oid: ALEX }))).toEqual({ id: ALEX, roles: [] });
  });

  test('has the keys of the tenant read once, from the authority', async () => {
    const { fetch, urls } = fetchFrom(azure);
    const validate = validatorFor(azure, fetch);
    await Promise.all([validate(bearer(good)), validate(bearer(good))]);
    await validate(bearer(good));
    expect(urls).toEqual([`${azure.url}/${azure.tenantId}/discovery/v2.0/keys`]);
  });
});

describe('refused', () => {
  const now = (): number => Math.floor(Date.now() / 1000);
  test.each<{ when: string; header: () => string | null }>([
    { when: 'no header', header: () => null },
    { when: 'an empty one', header: () => '' },
    { when: 'another scheme', header: () => 'Basic YTpi' },
    { when: 'garbage', header: () => 'Bearer garbage' },
    { when: 'three parts of garbage', header: () => 'Bearer a.b.c' },
    { when: 'a token of 20,000 characters', header: () => `Bearer ${'a'.repeat(20_000)}.b.c` },
    { when: 'an expired token', header: () => bearer({ ...good, expiresIn: -1 }) },
    { when: 'a token of tomorrow', header: () => bearer({ ...good, claims: { nbf: now() + 3600 } }) },
    {
      when: 'a token that says not when it begins',
      header: () => bearer({ ...good, claims: { nbf: null } }),
    },
    { when: 'another tenant', header: () => bearer({ ...good, tid: OTHER_TENANT }) },
    {
      when: 'another tenant that claims our issuer',
      header: () => bearer({ ...good, tid: OTHER_TENANT, iss: `https://sts.windows.net/${azure.tenantId}/` }),
    },
    { when: 'another issuer', header: () => bearer({ ...good, iss: 'https://sts.example.com/' }) },
    { when: 'another audience', header: () => bearer({ ...good, aud: 'https://management.azure.com' }) },
    {
      when: 'the audience without its prefix: it is compared as configured',
      header: () => bearer({ ...good, aud: 'database-exposure-monitor' }),
    },
    {
      when: 'an ID token, which names no client',
      header: () => bearer({ ...good, claims: { appid: undefined } }),
    },
    { when: 'no object id', header: () => bearer({ ...good, claims: { oid: undefined } }) },
    { when: 'claims that were changed', header: () => altered({}, { roles: ['Exposure.Approve'] }) },
    { when: 'a header that asks for no check', header: () => altered({ alg: 'none' }, {}) },
    { when: 'another algorithm', header: () => altered({ alg: 'RS512' }, {}) },
    { when: 'a key that nobody has', header: () => altered({ kid: 'unknown' }, {}) },
    {
      when: 'no key id and no signature of ours',
      header: () => altered({ kid: undefined }, { aud: AUDIENCE, a: 1 }),
    },
    {
      when: 'an HMAC with what everybody knows',
      header: () => {
        const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...good, tid: azure.tenantId })}`;
        return `Bearer ${text}.${createHmac('sha256', azure.tenantId).update(text).digest('base64url')}`;
      },
    },
  ])('$when', async ({ header }) => {
    expect(await validatorFor(azure)(header())).toBe('refused');
  });
});

describe('the issuers of a cloud', () => {
  const china = 'https://login.chinacloudapi.cn';
  test.each([
    {
      when: 'the public cloud, 1.0',
      authority: 'https://login.microsoftonline.com',
      host: 'https://sts.windows.net/{}/',
    },
    {
      when: 'the public cloud, 2.0',
      authority: 'https://login.microsoftonline.com',
      host: 'https://login.microsoftonline.com/{}/v2.0',
    },
    {
      when: 'US Government, 2.0',
      authority: 'https://login.microsoftonline.us',
      host: 'https://login.microsoftonline.us/{}/v2.0',
    },
    { when: '21Vianet, 1.0', authority: china, host: 'https://sts.chinacloudapi.cn/{}/' },
    { when: '21Vianet, 2.0', authority: china, host: 'https://login.partner.microsoftonline.cn/{}/v2.0' },
  ])('$when: one passes, that of the others does not', async ({ authority, host }) => {
    const { fetch } = fetchFrom(azure);
    const validate = tokenValidator({
      authority,
      tenantId: azure.tenantId,
      audience: AUDIENCE,
      fetch: (url, options) => fetch(url.replace(authority, azure.url), options),
    });
    const iss = host.replace('{}', azure.tenantId);
    expect(await validate(bearer({ ...good, iss }))).toEqual({ id: ALEX, roles: ['Exposure.Read'] });
    const elsewhere = authority === china ? 'https://sts.windows.net/' : 'https://sts.chinacloudapi.cn/';
    expect(await validate(bearer({ ...good, iss: `${elsewhere}${azure.tenantId}/` }))).toBe('refused');
  });
});

test('keys that cannot be read are no refusal, and are not asked for again at once', async () => {
  let calls = 0;
  const validate = validatorFor(azure, () => {
    calls += 1;
    return Promise.resolve(new Response('', { status: 500 }));
  });
  expect(await validate(bearer(good))).toBe('unavailable');
  expect(await validate(bearer(good))).toBe('unavailable');
  expect(calls).toBe(1);
});

test('a redirect of the keys is not followed', async () => {
  const answer = new Response('', { status: 302, headers: { location: 'https://example.com/keys' } });
  const validate = validatorFor(azure, () => Promise.resolve(answer));
  expect(await validate(bearer(good))).toBe('unavailable');
});
