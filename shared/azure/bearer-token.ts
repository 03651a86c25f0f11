import { validateHeaderValue } from 'node:http';
import type { TokenCredential } from '@azure/identity';
import { within } from './deadline.ts';

/** Credentials renew their tokens by themselves: who asks them once a minute has a fresh one. */
const KEPT_MS = 60_000;
/** A token is not used so shortly before its end: the other side's clock may be ahead. */
const SPARE_MS = 120_000;

export interface BearerToken {
  /** Value of the header `authorization`; rejects when the credential gives no token in so many milliseconds. */
  at(now: number, milliseconds: number): string | Promise<string>;
  /** To be called with a value that was refused: the credential is asked again. */
  forget(authorization: string): void;
}

const tokens = new WeakMap<TokenCredential, Map<string, BearerToken>>();

/** The token of a credential for one scope, the same for all who ask in this process. */
export function bearerToken(credential: TokenCredential, scope: string): BearerToken {
  const ofCredential = tokens.get(credential) ?? new Map<string, BearerToken>();
  tokens.set(credential, ofCredential);
  const token = ofCredential.get(scope) ?? cached(credential, scope);
  ofCredential.set(scope, token);
  return token;
}

function cached(credential: TokenCredential, scope: string): BearerToken {
  let known = { authorization: '', until: 0 };
  let pending: Promise<string> | undefined;

  async function ask(now: number, milliseconds: number): Promise<string> {
    try {
      const token = await within(milliseconds, (abortSignal) => credential.getToken(scope, { abortSignal }));
      if (!token) throw new Error('the credential gave no token');
      const authorization = `Bearer ${token.token}`;
      validateHeaderValue('authorization', authorization);
      known = { authorization, until: Math.min(now + KEPT_MS, token.expiresOnTimestamp - SPARE_MS) };
      return authorization;
    } finally {
      pending = undefined;
    }
  }

  return {
    at: (now, milliseconds) =>
      now < known.until ? known.authorization : (pending ??= ask(now, milliseconds)),
    forget(authorization) {
      if (known.authorization === authorization) known = { authorization: '', until: 0 };
    },
  };
}
