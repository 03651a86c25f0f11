import type { Json } from './json.ts';

/** Who called, with the claims in the form that events and the Activity Log carry them. */
export interface Caller {
  readonly objectId: string;
  readonly name: string;
  readonly principalType: 'User' | 'ServicePrincipal';
  readonly claims: Readonly<Record<string, string>>;
}

// The names under which Azure Resource Manager passes these claims on.
const longNames: Readonly<Record<string, string>> = {
  oid: 'http://schemas.microsoft.com/identity/claims/objectidentifier',
  tid: 'http://schemas.microsoft.com/identity/claims/tenantid',
  upn: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn',
  sub: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier',
};
const nameClaim = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name';

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;

/** The caller that a token's claims describe. */
export const callerOf = (token: Json, address: string): Caller => {
  const claims: Record<string, string> = {};
  for (const [key, value] of Object.entries(token)) {
    const said = Array.isArray(value) ? value.map(String).join(',') : text(value);
    if (said !== undefined) claims[longNames[key] ?? key] = said;
  }
  const upn = text(token['upn']);
  if (upn !== undefined) claims[nameClaim] = upn;
  claims['ipaddr'] ??= address;
  const objectId = text(token['oid']) ?? '';
  const app = token['idtyp'] === 'app';
  return {
    objectId,
    name: upn ?? (app ? objectId : (text(token['name']) ?? objectId)),
    principalType: app ? 'ServicePrincipal' : 'User',
    claims,
  };
};

/** The person at this machine, to whom a write without a token is attributed. */
export const localOperator = (tenantId: string, now: Date, address: string): Caller => {
  const seconds = Math.floor(now.getTime() / 1000);
  return callerOf(
    {
      aud: 'https://management.core.windows.net/',
      iss: `https://sts.windows.net/${tenantId}/`,
      iat: seconds,
      nbf: seconds,
      exp: seconds + 3600,
      appid: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
      appidacr: '0',
      ipaddr: address,
      name: 'Local Operator',
      oid: '00000000-0000-4000-8000-0000000000a1',
      tid: tenantId,
      upn: 'local.operator@contoso.example',
      uti: 'local',
      ver: '1.0',
    },
    address,
  );
};
