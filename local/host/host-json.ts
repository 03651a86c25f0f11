import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';

/** What the local host reads of host.json; times in seconds. */
export interface HostSettings {
  readonly routePrefix: string;
  readonly queues: QueueSettings;
}

export interface QueueSettings {
  readonly batchSize: number;
  readonly newBatchThreshold: number;
  readonly maxDequeueCount: number;
  readonly visibilityTimeoutSeconds: number;
  readonly messageEncoding: 'base64' | 'none';
}

const time = z
  .string()
  .regex(/^\d{2}:\d{2}:\d{2}$/, 'a time like "00:00:30" is expected')
  .transform((text) => text.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0));

/** The defaults are those of the storage extension 5. */
const queues = z.object({
  batchSize: z.int().min(1).max(32).default(16),
  newBatchThreshold: z.int().min(0).optional(),
  maxDequeueCount: z.int().min(1).default(5),
  visibilityTimeout: time.default(0),
  messageEncoding: z.enum(['base64', 'none']).default('base64'),
});

const hostJson = z.object({
  version: z.literal('2.0'),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
      queues: queues.prefault({}),
    })
    .prefault({}),
});

/**
 * Reads the host.json that lies beside the app's entry or in the nearest folder above it.
 * @throws Error with one line that names the file and what is wrong.
 */
export function readHostJson(entry: string): HostSettings {
  const file = nearest(dirname(entry), 'host.json');
  if (file === undefined) throw new Error(`No host.json beside ${entry} or above it.`);
  const parsed = hostJson.safeParse(parseJson(file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${file}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is invalid'}`);
  }
  const { http, queues: queue } = parsed.data.extensions;
  return {
    routePrefix: http.routePrefix,
    queues: {
      batchSize: queue.batchSize,
      newBatchThreshold: queue.newBatchThreshold ?? Math.floor(queue.batchSize / 2),
      maxDequeueCount: queue.maxDequeueCount,
      visibilityTimeoutSeconds: queue.visibilityTimeout,
      messageEncoding: queue.messageEncoding,
    },
  };
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : 'no JSON'}`, { cause: error });
  }
}

function nearest(folder: string, name: string): string | undefined {
  const file = join(folder, name);
  if (existsSync(file)) return file;
  return dirname(folder) === folder ? undefined : nearest(dirname(folder), name);
}
