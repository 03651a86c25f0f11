import type { Request } from '../asking/request.ts';
import type { Ports } from '../ports.ts';
import type { TransientError } from '../transient-error.ts';
import type { Asked } from './batch.ts';

const MAX_ATTEMPTS = 40;

/** Seconds until the next attempt: our own backoff, or what Azure asked for up to 15 minutes. */
export function backoff(
  { retryAfterSeconds }: TransientError,
  { attempt = 1 }: Request,
  ports: Ports,
): number {
  const own = Math.min(900, 15 * 2 ** (attempt - 1)) * (0.5 + ports.process.random() / 2);
  return Math.min(900, Math.max(own, retryAfterSeconds ?? 0));
}

/** Asks for one server again, alone. */
export async function postpone(
  { server, graphHash }: Asked,
  request: Request,
  delaySeconds: number,
  ports: Ports,
): Promise<void> {
  const resource = graphHash === undefined ? { id: server.id } : { id: server.id, graphHash };
  await again({ ...request, resources: [resource] }, delaySeconds, ports);
}

/** Sends a request again; after the last attempt the message fails, and the poison queue keeps what it was about. */
export async function again(request: Request, delaySeconds: number, ports: Ports): Promise<void> {
  const attempt = (request.attempt ?? 1) + (delaySeconds > 0 ? 1 : 0);
  if (attempt > MAX_ATTEMPTS) throw new Error('the server could not be read in 40 attempts');
  await ports.queue.send({ ...request, attempt }, delaySeconds);
}
