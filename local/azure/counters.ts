/** What the embedded Azure has counted since its start or the last reset. */
export interface Counters {
  /** Resource Graph queries, each page one, refused ones included. */
  graphCalls: number;
  /** Azure Resource Manager requests, refused ones included. */
  managementCalls: number;
  ingestionCalls: number;
  tokenCalls: number;
  /** Answers with 429 that a throttle gave; faults are not among them. */
  throttled: number;
  faults: number;
  /** Requests by method and resource type: `GET microsoft.dbformysql/flexibleservers/firewallrules`. */
  byPath: Record<string, number>;
  events: { published: number; delivered: number; retried: number; dropped: number; lost: number };
}

const zero = (): Counters => ({
  graphCalls: 0,
  managementCalls: 0,
  ingestionCalls: 0,
  tokenCalls: 0,
  throttled: 0,
  faults: 0,
  byPath: {},
  events: { published: 0, delivered: 0, retried: 0, dropped: 0, lost: 0 },
});

/** Counters at zero. */
export const createCounters = zero;

/** Sets all counters back to zero, in place. */
export const resetCounters = (counters: Counters): void => {
  Object.assign(counters, zero());
};

/** Counts one request under its method and resource type. */
export const countPath = (counters: Counters, method: string, type: string): void => {
  const key = `${method} ${type.toLowerCase()}`;
  counters.byPath[key] = (counters.byPath[key] ?? 0) + 1;
};
