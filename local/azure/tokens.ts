import { createPublicKey, createSign, createVerify, generateKeyPairSync, randomUUID } from 'node:crypto';
import { AzureError } from './azure-error.ts';
import { isRecord, type Json } from './json.ts';

/** What a minted token says; all but the audience has a default. */
export interface TokenRequest {
  readonly aud: string;
  readonly roles?: readonly string[];
  readonly oid?: string;
  readonly name?: string;
  readonly upn?: string;
  readonly tid?: string;
  readonly appid?: string;
  /** Replaces the issuer `https://sts.windows.net/{tid}/`. */
  readonly iss?: string;
  /** Seconds until it expires, negative for a token that has expired. */
  readonly expiresIn?: number;
  /** Further claims, as they are. */
  readonly claims?: Json;
}

export interface Tokens {
  /** Signs a token with the key of this run (RS256). */
  mint: (request: TokenRequest) => string;
  /** The claims of a token of this run that has not expired; throws a 401 in Azure's words otherwise. */
  verify: (authorization: string | undefined) => Json;
  /** The public key as JSON Web Key Set. */
  readonly keys: Json;
}

/** The identity that the managed identity endpoint speaks for. */
export const managedIdentity = {
  oid: '00000000-0000-4000-8000-0000000000b1',
  appid: '00000000-0000-4000-8000-0000000000b2',
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const decode = (part: string): Json | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const refused = (tenantId: string, code: string, message: string): AzureError =>
  new AzureError(401, code, message, {
    headers: {
      'www-authenticate': `Bearer authorization_uri="https://login.microsoftonline.com/${tenantId}", error="invalid_token", error_description="${message}"`,
    },
  });

/** Makes a signing key and what mints and checks tokens with it, for one tenant unless a request says otherwise. */
export const createTokens = (tenantId: string, now: () => Date): Tokens => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKey = createPublicKey(privateKey);
  const kid = randomUUID();
  const seen = new Map<string, Json>();
  const seconds = (): number => Math.floor(now().getTime() / 1000);

  const signedClaims = (token: string): Json | undefined => {
    const [head = '', payload = '', signature = ''] = token.split('.');
    const claims = decode(payload);
    if (!claims || decode(head)?.['kid'] !== kid) return undefined;
    const check = createVerify('RSA-SHA256').update(`${head}.${payload}`);
    return check.verify(publicKey, signature, 'base64url') ? claims : undefined;
  };

  return {
    keys: { keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid, x5t: kid }] },
    mint: ({ aud, oid, tid = tenantId, iss, expiresIn = 3600, claims, ...named }) => {
      const issued = seconds();
      const payload = {
        aud,
        iss: iss ?? `https://sts.windows.net/${tid}/`,
        iat: issued,
        nbf: issued + Math.min(0, expiresIn),
        exp: issued + expiresIn,
        appid: named.appid ?? managedIdentity.appid,
        oid: oid ?? managedIdentity.oid,
        sub: oid ?? managedIdentity.oid,
        tid,
        ver: '1.0',
        uti: randomUUID(),
        ...named,
        ...claims,
      };
      const text = `${encode({ typ: 'JWT', alg: 'RS256', kid, x5t: kid })}.${encode(payload)}`;
      return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
    },
    verify: (authorization) => {
      if (authorization === undefined)
        throw refused(
          tenantId,
          'AuthenticationFailed',
          "Authentication failed. The 'Authorization' header is missing.",
        );
      const token = /^bearer\s+(\S+)$/i.exec(authorization)?.[1] ?? '';
      const claims = seen.get(token) ?? signedClaims(token);
      if (!claims) throw refused(tenantId, 'InvalidAuthenticationToken', 'The access token is invalid.');
      if (seen.size > 1000) seen.clear();
      seen.set(token, claims);
      if (Number(claims['exp']) <= seconds())
        throw refused(
          tenantId,
          'ExpiredAuthenticationToken',
          'The access token expiry UTC time is earlier than current UTC time.',
        );
      return claims;
    },
  };
};
