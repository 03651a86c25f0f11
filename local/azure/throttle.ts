/** What a throttle says of one request; times in seconds. */
export interface Verdict {
  readonly admitted: boolean;
  readonly remaining: number;
  readonly retryAfter: number;
}

export interface Throttle {
  /** One read or write of Azure Resource Manager by one caller in one subscription. */
  management: (kind: 'reads' | 'writes', subscriptionId: string, caller: string) => Verdict;
  /** One page of Resource Graph for one caller. */
  graph: (caller: string) => Verdict;
}

interface Bucket {
  tokens: number;
  at: number;
  blockedUntil: number;
}

// Published limits: reads 250 and 25/s, writes 200 and 10/s per subscription and caller, 15 queries in 5 s.
const limits = { reads: { size: 250, rate: 25 }, writes: { size: 200, rate: 10 } };
const graphWindowMs = 5000;
const graphQueries = 15;

/** The throttles that Azure publishes; a refused caller stays refused until the `Retry-After` it got has passed. */
export const createThrottle = (now: () => Date): Throttle => {
  const buckets = new Map<string, Bucket>();
  const windows = new Map<string, { start: number; used: number }>();
  return {
    management: (kind, subscriptionId, caller) => {
      const { size, rate } = limits[kind];
      const time = now().getTime();
      const key = `${kind}|${subscriptionId}|${caller}`;
      const bucket = buckets.get(key) ?? { tokens: size, at: time, blockedUntil: 0 };
      buckets.set(key, bucket);
      bucket.tokens = Math.min(size, bucket.tokens + ((time - bucket.at) / 1000) * rate);
      bucket.at = time;
      if (time >= bucket.blockedUntil && bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return { admitted: true, remaining: Math.floor(bucket.tokens), retryAfter: 0 };
      }
      if (time >= bucket.blockedUntil) bucket.blockedUntil = time + 1000;
      return { admitted: false, remaining: 0, retryAfter: Math.ceil((bucket.blockedUntil - time) / 1000) };
    },
    graph: (caller) => {
      const time = now().getTime();
      const found = windows.get(caller);
      const window = found && time < found.start + graphWindowMs ? found : { start: time, used: 0 };
      windows.set(caller, window);
      window.used += 1;
      return {
        admitted: window.used <= graphQueries,
        remaining: Math.max(0, graphQueries - window.used),
        retryAfter: Math.ceil((window.start + graphWindowMs - time) / 1000),
      };
    },
  };
};
