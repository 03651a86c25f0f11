const WINDOW_MS = 60_000;

/** A limit for each caller; memory holds the callers of the last minute. */
export interface RateLimit {
  /** Seconds to wait, or 0 when the request may go on (and counts). */
  take(caller: string, now: number): number;
}

/** At most `limit` requests a caller in any 60 s. Each instance of the app counts for itself. */
export function rateLimit(limit: number): RateLimit {
  const taken = new Map<string, readonly number[]>();
  return {
    take(caller, now) {
      for (const [id, times] of taken) {
        const recent = times.filter((time) => now - time < WINDOW_MS);
        if (recent.length === 0) taken.delete(id);
        else taken.set(id, recent);
      }
      const times = taken.get(caller) ?? [];
      const [oldest] = times;
      if (oldest !== undefined && times.length >= limit) return Math.ceil((oldest + WINDOW_MS - now) / 1000);
      taken.set(caller, [...times, now]);
      return 0;
    },
  };
}
