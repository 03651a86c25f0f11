import { hashOf } from '../identity.ts';
import type { Ports } from '../ports.ts';
import { MAX_MESSAGE_BYTES, type Request } from '../asking/request.ts';
import type { ResourceId } from '../resource-id.ts';
import { createRun } from '../state/runs.ts';

const ENVELOPE_BYTES = 1024;

/**
 * The messages of a scan of servers that the caller names, in the order of the state's keys: one a subscription, or more
 * where they would not fit.
 */
export function scanRequests(
  servers: readonly ResourceId[],
  runId: string,
  requestedAt: string,
): readonly Request[] {
  const unique = new Map(servers.map((server) => [server.id, server]));
  const requests: Request[] = [];
  for (const group of Map.groupBy(unique.values(), ({ subscription }) => subscription).values()) {
    const ids = group.map(({ id }) => id).sort((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1));
    let bytes = Infinity;
    for (const id of ids) {
      const size = Buffer.byteLength(id) + 16;
      if (bytes + size > MAX_MESSAGE_BYTES - ENVELOPE_BYTES) {
        requests.push({ resources: [], reason: 'http', requestedAt, runId, batch: requests.length });
        bytes = 0;
      }
      requests.at(-1)?.resources.push({ id });
      bytes += size;
    }
  }
  return requests;
}

/** Stores the run of a scan of named servers; they need not be listed: one that was created a moment ago is scanned too. */
export async function createScan(requests: readonly Request[], { table, calls }: Ports): Promise<void> {
  const [first] = requests;
  if (first?.runId === undefined) throw new Error('a scan of no server');
  await createRun(table, {
    runId: first.runId,
    kind: 'Scan',
    startedAt: first.requestedAt,
    expected: requests.reduce((sum, { resources }) => sum + resources.length, 0),
    batches: requests.length,
    lastDueAt: first.requestedAt,
    graphCalls: calls.graph,
    throttled: calls.throttled,
    problems: [],
    notices: [],
    missing: [],
    finished: null,
    published: false,
  });
}
