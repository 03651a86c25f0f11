import * as z from 'zod';

const pattern = z.union([z.string(), z.instanceof(RegExp)]);

const faultSchema = z.strictObject({
  match: pattern,
  method: z.string().optional(),
  times: z.int().nonnegative().optional(),
  status: z.int().min(200).max(599).optional(),
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  hang: z.boolean().optional(),
  reset: z.boolean().optional(),
  delayMs: z.number().nonnegative().optional(),
  cutAt: z.int().nonnegative().optional(),
});

const eventSwitches = z.strictObject({
  duplicates: z.int().nonnegative(),
  disorder: z.int().nonnegative(),
  delayMs: z.number().nonnegative(),
  lossRate: z.number().min(0).max(1),
});

const switchesSchema = z.strictObject({
  latencyMs: z.number().nonnegative(),
  throttle: z.boolean(),
  pageSize: z.int().positive(),
  graphStalenessSeconds: z.number().nonnegative(),
  activityLogLagSeconds: z.number().nonnegative(),
  refuseRulesWhileDisabled: z.boolean(),
  unreadableSubscriptions: z.array(z.string()),
  denied: z.array(pattern),
  ingestionForbidden: z.boolean(),
  tokenLifetimeSeconds: z.number().positive(),
  events: eventSwitches,
  faults: z.array(faultSchema),
});

/**
 * One thing that goes wrong. `match` is tested against the path with its query (text is a regular expression that
 * ignores case), `method` against the method, and `times` counts down to 0. `hang` never answers, `reset` closes the
 * connection before anything is done, `status` with `body` and `headers` answers instead of Azure. Without these the
 * request is served, after `delayMs`; `headers` are added, and the answer ends after `cutAt` bytes of its body
 * (0: it was done, but no answer comes).
 */
export type Fault = z.infer<typeof faultSchema>;

/**
 * How the embedded Azure misbehaves; every part may be changed at any time, in process or by `PUT /_local/switches`.
 * `throttle` turns Azure's published limits on; `unreadableSubscriptions` and `denied` (patterns of paths) answer 403;
 * `events.duplicates` are further copies of each event, `events.disorder` is the number of events that are held back
 * and sent in the opposite order (0: none), `events.lossRate` is the share that is lost.
 */
export type Switches = z.infer<typeof switchesSchema>;

/** An Azure that answers at once, forgets nothing and refuses nothing. */
export const defaultSwitches = (): Switches => ({
  latencyMs: 0,
  throttle: false,
  pageSize: 1000,
  graphStalenessSeconds: 0,
  activityLogLagSeconds: 0,
  refuseRulesWhileDisabled: false,
  unreadableSubscriptions: [],
  denied: [],
  ingestionForbidden: false,
  tokenLifetimeSeconds: 86_400,
  events: { duplicates: 0, disorder: 0, delayMs: 0, lossRate: 0 },
  faults: [],
});

const patchSchema = switchesSchema.partial().extend({ events: eventSwitches.partial().optional() });

/** Sets the switches that a JSON object names; throws an error that names the first wrong one. */
export const setSwitches = (switches: Switches, value: unknown): void => {
  const parsed = patchSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`switches.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is invalid'}`);
  }
  const { events, ...plain } = parsed.data;
  Object.assign(switches, plain);
  Object.assign(switches.events, events);
};

/** Tells whether a text matches a pattern; text patterns are regular expressions that ignore case. */
export const matches = (test: string | RegExp, text: string): boolean =>
  typeof test === 'string' ? new RegExp(test, 'i').test(text) : text.search(test) >= 0;
