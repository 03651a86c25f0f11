import type { Actor } from './request.ts';
import type { ActorDetail } from '../settings.ts';
import { cut } from '../text.ts';

const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
const UPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';
const NAME = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name';

/** Who acted, as the claims of an event or of the Activity Log say and as much as the setting allows; empty where they do not. */
export function actorOf(
  claims: Readonly<Record<string, unknown>>,
  principalType: string,
  address: string,
  detail: ActorDetail,
): Actor {
  if (detail === 'none') return { name: '', id: '', type: '', address: '' };
  const claim = (name: string): string => {
    const value = claims[name];
    return typeof value === 'string' ? cut(value, 256) : '';
  };
  const type = actorType(principalType, claims);
  const id = cut(claim(OBJECT_ID) || claim('oid') || claim('appid'), 128);
  if (detail === 'id') return { name: '', id, type, address: '' };
  return {
    name: claim(UPN) || claim(NAME) || claim('upn') || claim('name'),
    id,
    type,
    address: cut(claim('ipaddr') || address, 64),
  };
}

function actorType(principalType: string, claims: Readonly<Record<string, unknown>>): Actor['type'] {
  const resourceOfIdentity =
    claims.xms_mirid ?? claims['http://schemas.microsoft.com/identity/claims/xms_mirid'];
  if (typeof resourceOfIdentity === 'string') return 'ManagedIdentity';
  const known = principalType.toLowerCase();
  if (known === 'user') return 'User';
  if (known === 'serviceprincipal') return 'ServicePrincipal';
  if (typeof claims[UPN] === 'string' || claims.idtyp === 'user') return 'User';
  return claims.idtyp === 'app' ? 'ServicePrincipal' : '';
}
