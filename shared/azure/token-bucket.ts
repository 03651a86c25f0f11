/**
 * Reads that may be made now: `burst` at once, then `perSecond`. Each process keeps its own; after a refusal it is halved
 * for a minute, because the budget behind it belongs to the identity and others draw on it too.
 */
export interface TokenBucket {
  /** Milliseconds to wait before the next call may go; it counts as made. Undefined: more than `most`, and none is taken. */
  take(now: number, most: number): number | undefined;
  refused(now: number): void;
}

const HALVED_MS = 60_000;

/** Reads of ARM in one subscription: Azure's own are 250 at once and 25 a second; the margin keeps a sweep free of refusals. */
export const ARM_READS = { burst: 235, perSecond: 24 } as const;

export function tokenBucket(burst: number, perSecond: number): TokenBucket {
  let tokens = burst;
  let filledAt = 0;
  let halvedUntil = 0;
  const rate = (now: number): number => (now < halvedUntil ? perSecond / 2 : perSecond) / 1000;
  return {
    take(now, most) {
      if (filledAt === 0) filledAt = now;
      tokens = Math.min(burst, tokens + Math.max(0, now - filledAt) * rate(now));
      filledAt = Math.max(now, filledAt);
      const wait = tokens >= 1 ? 0 : Math.ceil((1 - tokens) / rate(now));
      if (wait > most) return undefined;
      tokens -= 1;
      return wait;
    },
    refused(now) {
      halvedUntil = now + HALVED_MS;
      tokens = Math.min(tokens, burst / 2);
    },
  };
}
