import * as z from 'zod';

/** What is kept of an event: it names a resource and who acted; nothing is decided by it. */
export const Change = z.object({
  /** Id of the event. */
  id: z.string().max(256),
  /** Lower-cased id of the resource that the event names. */
  resource: z.string().max(1024),
  time: z.string().max(64),
  operation: z.string().max(256),
  status: z.string().max(64),
  correlationId: z.string().max(128),
  actor: z.object({
    name: z.string().max(256),
    id: z.string().max(128),
    type: z.enum(['User', 'ServicePrincipal', 'ManagedIdentity', 'Azure', '']),
    address: z.string().max(64),
  }),
});
export type Change = z.infer<typeof Change>;
export type Actor = Change['actor'];

/** Names resources; says nothing of what they look like. */
export const Request = z.object({
  resources: z
    .array(z.object({ id: z.string().max(1024), graphHash: z.string().max(128).optional() }))
    .min(1)
    .max(100),
  reason: z.enum(['event', 'look', 'second-look', 'sweep', 'http', 'recheck']),
  requestedAt: z.iso.datetime(),
  attempt: z.int().min(1).optional(),
  runId: z.string().max(64).optional(),
  batch: z.int().min(0).optional(),
  changes: z.array(Change).max(100).optional(),
});
export type Request = z.infer<typeof Request>;

/** Event Grid's own bound of a storage queue message: 64 KiB in base64. */
export const MAX_MESSAGE_BYTES = 48 * 1024;
