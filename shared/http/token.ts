import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose';
import * as z from 'zod';

/** App roles of the API's registration; none implies another. */
export const ROLES = ['Exposure.Read', 'Exposure.Scan', 'Exposure.Approve'] as const;
export type Role = (typeof ROLES)[number];

/** Whom a token speaks for. */
export interface Caller {
  /** Object id in Entra; `local` in the local host. */
  readonly id: string;
  readonly roles: readonly string[];
}

/** Whose tokens are accepted, and where their keys are. */
export interface TokenSource {
  /** `https://` and the host of Entra in this cloud, without a slash at its end. */
  readonly authority: string;
  readonly tenantId: string;
  readonly audience: string;
  /** Left out: the fetch of Node. */
  readonly fetch?: FetchImplementation;
}

/** The caller of an `Authorization` header; `refused`: no token, or one that is not for us; `unavailable`: no keys to check it with. */
export type Validate = (authorization: string | null) => Promise<Caller | 'refused' | 'unavailable'>;

const MAX_TOKEN = 16_384;
const KEYS_TIMEOUT_MS = 5_000;
/** A key that is not known yet is asked for at once, at most twice a minute. */
const KEYS_AGE_MS = 6 * 3_600_000;
const KEYS_COOLDOWN_MS = 30_000;
/** After a failure nobody can make us ask again so soon. */
const KEYS_RETRY_MS = 10_000;

/** Only access tokens name the client that asked for them: an ID token for the same audience is refused. */
const Claims = z
  .object({
    tid: z.string(),
    oid: z.string().regex(/^[0-9a-f-]{36}$/i),
    roles: z.array(z.string()).max(100).default([]),
    appid: z.string().optional(),
    azp: z.string().optional(),
  })
  .refine(({ appid, azp }) => appid !== undefined || azp !== undefined);

class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** A check of access tokens of one tenant and audience: issuer, audience, times, signature (RS256), never by network but for the keys. */
export function tokenValidator(source: TokenSource): Validate {
  const { tenantId, audience } = source;
  const keyOf = keysOf(source);
  const options = {
    issuer: issuersOf(source),
    audience,
    algorithms: ['RS256'],
    requiredClaims: ['exp', 'nbf', 'tid', 'oid'],
  };
  return async (authorization) => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined || token.length > MAX_TOKEN) return 'refused';
    try {
      const { payload } = await jwtVerify(token, keyOf, options);
      const claims = Claims.safeParse(payload);
      if (!claims.success || claims.data.tid.toLowerCase() !== tenantId.toLowerCase()) return 'refused';
      return { id: claims.data.oid.toLowerCase(), roles: claims.data.roles };
    } catch (error) {
      return error instanceof KeysUnavailable ? 'unavailable' : 'refused';
    }
  };
}

/** Issuers of version 1.0 and 2.0 tokens (Microsoft's published values; 21Vianet has hosts of its own for both). */
function issuersOf({ authority, tenantId }: TokenSource): string[] {
  const tenant = tenantId.toLowerCase();
  if (authority === 'https://login.chinacloudapi.cn') {
    return [
      `https://sts.chinacloudapi.cn/${tenant}/`,
      `https://login.partner.microsoftonline.cn/${tenant}/v2.0`,
    ];
  }
  return [`https://sts.windows.net/${tenant}/`, `${authority}/${tenant}/v2.0`];
}

/** The tenant's signing keys, kept for hours. Throws KeysUnavailable where they could not be read. */
function keysOf({ authority, tenantId, fetch }: TokenSource): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(`${authority}/${tenantId}/discovery/v2.0/keys`), {
    timeoutDuration: KEYS_TIMEOUT_MS,
    cacheMaxAge: KEYS_AGE_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
    ...(fetch ? { [customFetch]: fetch } : {}),
  });
  let retryAt = 0;
  return async (header, token) => {
    const isKnown = keys.fresh && keys.jwks()?.keys.some(({ kid }) => kid === header.kid) === true;
    if (!isKnown && Date.now() < retryAt)
      throw new KeysUnavailable('the keys could not be read a moment ago');
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error;
      retryAt = Date.now() + KEYS_RETRY_MS;
      throw new KeysUnavailable('the keys could not be read');
    }
  };
}
