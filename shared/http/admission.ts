import type { HttpResponseInit } from '@azure/functions';
import { problem, unauthorized } from './answers.ts';
import type { Caller, Role, Validate } from './token.ts';

/** Who comes in, or the answer that turns them away. */
export type Admission = { readonly caller: Caller } | { readonly refused: HttpResponseInit };

/** How the door stands: open (the local host on loopback), or behind a check of tokens; undefined where none is set up. */
export type Gate = 'open' | Validate | undefined;

const CLOSED =
  'The HTTP routes of this deployment are closed until HTTP_TENANT_ID and HTTP_AUDIENCE name whose tokens they accept.';

/** Lets a request in whose token is valid and has the role; a role implies no other. */
export async function admit(authorization: string | null, role: Role, gate: Gate): Promise<Admission> {
  if (gate === 'open') return { caller: { id: 'local', roles: [role] } };
  if (!gate) return { refused: problem(403, 'Closed', CLOSED) };
  const caller = await gate(authorization);
  if (caller === 'refused') return { refused: unauthorized() };
  if (caller === 'unavailable') {
    const detail = 'The keys of the tenant could not be read, so no token can be checked; try again.';
    return { refused: problem(503, 'Unavailable', detail, { 'retry-after': '15' }) };
  }
  if (!caller.roles.includes(role)) {
    return { refused: problem(403, 'Forbidden', `The token does not have the role ${role}.`) };
  }
  return { caller };
}
