import { assess } from '../assess.ts';
import type { Environment } from '../environment.ts';
import { hashOf } from '../identity.ts';
import type { Ports } from '../ports.ts';
import type { ServerResult } from '../state/runs.ts';
import { readColumns, readStates, readSurrounding } from '../state/store.ts';
import { TransientError } from '../transient-error.ts';
import { backoff, postpone } from './again.ts';
import type { Asked, Batch, Round } from './batch.ts';
import { isAsJudged, quietOf } from './quiet.ts';

const CONCURRENT = 8;
/** A batch stops taking servers then and asks for the rest again. */
const BUDGET_MS = 4 * 60_000;

/**
 * Assesses servers of one subscription: first those that need no state, then the others with theirs. The storage service's clock,
 * where states were read.
 */
export async function assessGroup(
  group: readonly Asked[],
  round: Round,
  environment: Environment,
  ports: Ports,
): Promise<string | undefined> {
  const { table } = ports;
  const servers = group.map(({ server }) => server);
  const mayBeQuiet = round.request.reason === 'sweep' && environment.circumstances !== undefined;
  const [surrounding, columns, known] = await Promise.all([
    readSurrounding(table, servers[0]?.subscription ?? ''),
    mayBeQuiet ? readColumns(table, servers) : undefined,
    mayBeQuiet ? undefined : readStates(table, servers),
  ]);
  const { firstRunId } = surrounding;
  const inventory = firstRunId === undefined || firstRunId === round.request.runId;
  const batch: Batch = { ...round, surrounding, inventory };
  const quiet = columns ? quietOf(group, batch, environment, columns) : [];
  const isQuiet = new Set(quiet.map(({ item }) => item.server.id));
  const loud = group.filter(({ server }) => !isQuiet.has(server.id));
  await eachOf(quiet, async (server) => {
    await attempt(server.item, round, ports, async () => {
      if (await isAsJudged(server, batch, ports)) return 'assessed';
      // Its record says that nothing changed, and its rules that something did: ARM has to tell the whole.
      loud.push({ server: server.item.server, graphHash: undefined });
      return undefined;
    });
  });
  if (loud.length === 0) return undefined;
  const { states, now } =
    known ??
    (await readStates(
      table,
      loud.map(({ server }) => server),
    ));
  await eachOf(loud, async (item) => {
    const stored = states.get(item.server.id);
    await attempt(item, round, ports, () =>
      assess(item, batch, environment, ports, stored && { stored, now }),
    );
  });
  return now;
}

/** One server's work; what fails is asked for again, alone. */
async function attempt(
  item: Asked,
  { request, startedAt, results, last }: Round,
  ports: Ports,
  work: () => Promise<ServerResult | undefined>,
): Promise<void> {
  if (ports.process.now() - startedAt > BUDGET_MS) {
    await postpone(item, request, 0, ports);
    return;
  }
  try {
    const result = await work();
    if (result) results.set(item.server.id, result);
  } catch (error) {
    if (error instanceof TransientError) {
      // The run says that it has no result, and the next sweep asks again.
      if (last) return;
      await postpone(item, request, backoff(error, request, ports), ports);
      return;
    }
    if (request.resources.length === 1 && request.resources[0]?.id === item.server.id) throw error;
    ports.log('a server is asked for again alone', { server: hashOf(item.server.id) });
    await postpone(item, request, 0, ports);
  }
}

async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const workers = Array.from({ length: Math.min(CONCURRENT, queue.length) }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  });
  await Promise.all(workers);
}
