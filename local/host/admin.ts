import * as z from 'zod';
import { eventInput } from './event-grid.ts';
import type { HostRequest, HostResponse } from './http-message.ts';
import type { TriggerInput } from './worker.ts';

const invocation = z.object({ input: z.string().nullish() });

/** Runs one function with the given text as its trigger's value; rejects when it fails. */
export type RunFunction = (input: string) => Promise<unknown>;

/**
 * Answers `POST /admin/functions/NAME`: 202 at once, whatever the function does; 400 for a body that is no JSON with a
 * text `input`, 404 for a name that is not in the table.
 */
export async function answerAdmin(
  request: HostRequest,
  name: string,
  functions: ReadonlyMap<string, RunFunction>,
): Promise<HostResponse> {
  if (request.method !== 'POST') return { status: 404 };
  const body = await request.readBody();
  const parsed = invocation.safeParse(parseJson(body));
  if (!parsed.success) return { status: 400 };
  const run = [...functions].find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
  if (run === undefined) return { status: 404 };
  // The worker has logged a failure.
  run(parsed.data.input ?? '').catch(() => undefined);
  return { status: 202 };
}

/** What an event function gets of an input text; one that is no event goes to the handler as it is. */
export function adminEvent(functionName: string, input: string): TriggerInput {
  const event = parseJson(Buffer.from(input));
  if (typeof event !== 'object' || event === null) return { data: { string: input } };
  return eventInput(functionName, event);
}

function parseJson(body: Buffer | undefined): unknown {
  try {
    return JSON.parse(body?.toString('utf8') ?? '');
  } catch {
    return undefined;
  }
}
