import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHost } from '../../../local/host/start-host.ts';
import type { Host } from '../../../local/host/start-host.ts';

/** The path of a sample app. */
export function sample(name: string): string {
  return join(import.meta.dirname, 'fixtures', name, 'functions.ts');
}

/** Starts the sample app on a free port of loopback and keeps its log. */
export async function startSample(
  name: string,
  settings: Record<string, string | undefined>,
): Promise<Host & { readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const host = await startHost({ app: sample(name), port: 0, hostname: '127.0.0.1', settings, log });
  return { ...host, lines };
}

/** Resolves when the condition holds; the test's own timeout ends a wait that is in vain. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}
