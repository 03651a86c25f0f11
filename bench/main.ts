import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { generateEstate } from '../local/azure/index.ts';
import { startChild } from './child.ts';
import type { Cloud } from './cloud.ts';
import { eventsThroughHost, eventsWithoutQueue, quietServers } from './events.ts';
import { brokenCounts, codeFigures, eventFigures, type Figure, sweepFigures } from './figures.ts';
import { type Bundles, buildAll, importTimes } from './imports.ts';
import type { JudgeCommands } from './judge-process.ts';
import { factsOf, RULES_PER_SERVER, sizeOf } from './needed.ts';
import { type Options, optionsOf, USAGE } from './options.ts';
import { runScenario, type Run, type Scenario } from './sweeps.ts';
import { tableOf } from './table.ts';

const EVENT_LATENCY_MS = 20;
const WITHOUT_QUEUE_MS = 60;
const WITH_QUEUE_MS = 500;
/** A sweep of 10,000 servers under throttles takes minutes, whatever the machine. */
const ONE_RUN_SERVERS = 10_000;

function say(line: string): void {
  console.error(line);
}

async function measureAll(options: Options, bundles: Bundles): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  say('import of the built app, the pure core');
  const judge = startChild<JudgeCommands>(join(import.meta.dirname, 'judge-process.ts'));
  const judged: number[] = [];
  for (let run = 0; run < options.runs; run += 1)
    judged.push(await judge.ask('judge', { servers: 1000, rulesPerServer: RULES_PER_SERVER }));
  await judge.close();
  figures.push(...codeFigures(await importTimes(bundles, options.runs), judged));

  const largest = Math.max(...options.servers);
  for (const servers of options.servers) {
    for (const [latencyMs, throttled] of [
      [0, false],
      [20, false],
      [0, true],
    ] as const) {
      const scenario: Scenario = { size: sizeOf(servers), latencyMs, throttled };
      const withEvents = servers === largest && latencyMs === EVENT_LATENCY_MS;
      const { runs, events } = await runsOf(scenario, options, bundles, withEvents);
      const facts = factsOf(generateEstate({ ...scenario.size, rulesPerServer: RULES_PER_SERVER }));
      figures.push(...sweepFigures(scenario, runs, facts), ...events);
    }
  }
  return figures;
}

async function runsOf(
  scenario: Scenario,
  options: Options,
  bundles: Bundles,
  withEvents: boolean,
): Promise<{ readonly runs: readonly Run[]; readonly events: readonly Figure[] }> {
  const { size, latencyMs, throttled } = scenario;
  const count = throttled && size.servers >= ONE_RUN_SERVERS ? 1 : options.runs;
  const runs: Run[] = [];
  const events: Figure[] = [];
  while (runs.length < count) {
    say(`${size.servers} servers, ${latencyMs} ms${throttled ? ', throttled' : ''}: run ${runs.length + 1}`);
    const isLast = runs.length === count - 1;
    const more = async (cloud: Cloud): Promise<void> => {
      if (withEvents && isLast) events.push(...(await measureEvents(cloud, options, bundles)));
    };
    runs.push(await runScenario(scenario, bundles, more));
  }
  return { runs, events };
}

async function measureEvents(
  cloud: Cloud,
  { events }: Options,
  { app }: Bundles,
): Promise<readonly Figure[]> {
  say('events');
  const { size, address, startFloor } = cloud;
  const floor = startFloor();
  const { url, identityEndpoint } = address;
  const reads = await floor.ask('reads', { size, nth: 'first', url, identityEndpoint, count: events });
  await floor.close();
  const hosted = Math.ceil(events / 2);
  const withQueue = await eventsThroughHost(cloud, app, quietServers(cloud, hosted, 0));
  const direct = await eventsWithoutQueue(cloud, quietServers(cloud, events, hosted));
  const where = `${size.servers} servers, ${EVENT_LATENCY_MS} ms`;
  return [
    ...eventFigures(direct, reads, `${where}, no queue`, WITHOUT_QUEUE_MS),
    ...eventFigures(withQueue, reads, `${where}, the host's queue`, WITH_QUEUE_MS),
  ];
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = optionsOf(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  const parent = join(import.meta.dirname, '..', 'out');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'bench-'));
  try {
    const figures = await measureAll(options, await buildAll(folder));
    console.log(
      `Node ${process.version}, ${availableParallelism()} cores; medians over the runs, counts of the worst.\n`,
    );
    console.log(tableOf(figures));
    if (options.json !== undefined)
      await writeFile(options.json, `${JSON.stringify({ node: process.version, figures }, null, 2)}\n`);
    const broken = brokenCounts(figures);
    for (const { what, where, value } of broken)
      console.error(`${where}: ${what}: ${value} is off its target.`);
    return broken.length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
