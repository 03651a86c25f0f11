import type { Environment } from '../../shared/environment.ts';
import { understand } from '../../shared/asking/event.ts';
import { assessRequest } from '../../shared/assessing/message.ts';
import type { Arm, Graph, Ports } from '../../shared/ports.ts';
import { publishPending } from '../../shared/publishing/publish-pending.ts';
import { reportFailure } from '../../shared/asking/report-failure.ts';
import type { Request } from '../../shared/asking/request.ts';
import { currentScope } from '../../shared/sweeping/scope.ts';
import { newRunId, sweep } from '../../shared/sweeping/sweep.ts';
import { toRequest } from '../../shared/asking/to-request.ts';
import { fakeArm, fakeGraph, laggingArm, type Reading } from './azure.ts';
import { type Activity, activityOf, eventOf } from './events.ts';
import { type FaultClass, type Faults, faultsOf, happened } from './faults.ts';
import { type Invocation, invocation, type Tamper } from './invocation.ts';
import { type Ending, memoryQueue, type MemoryQueue, type Message } from './memory-queue.ts';
import { memorySink, type Stored } from './memory-sink.ts';
import { type MemoryTable, memoryTable } from './memory-table.ts';
import { type Plan, planOf } from './plan.ts';
import { scheduler, type Scheduler } from './scheduler.ts';
import { policyInForce } from './policies.ts';
import { type Scan, scanNamed } from './scans.ts';
import { QUIET, type Story, storyOf } from './story.ts';
import { type Loss, loseTable, noteStraddling } from './table-loss.ts';
import { releaseAt, rulesOf, type SchemaWatch, schemaWatch, tableOf } from './versions.ts';
import { SERVERS, START, SUBSCRIPTIONS, world, type World } from './world.ts';

export const SETTINGS = { subscriptions: SUBSCRIPTIONS, managementGroups: [] };

const MINUTE = 60_000;
const SWEEP_MS = 15 * MINUTE;
/** Crashed workers' messages come back, then two sweeps and the longest confirmation; paused workers end before. */
const CALM_MS = 42 * MINUTE;
/** Drains of the calm: the first as often as ever, then seldom, for nothing happens any more. */
const SLOW_DRAIN_MS = 5 * MINUTE;
/** What an event takes at most to leave its row, when all is calm: its wait behind other readings, and a drain. */
const SETTLING_MS = SLOW_DRAIN_MS + 3 * MINUTE;
/** Event Grid's attempts after the first. */
const DOOR_RETRIES_S = [10, 30, 60, 300, 600, 1800, 3600, 10_800];

export interface Options {
  readonly seed: number;
  readonly hours?: number;
  readonly without?: ReadonlySet<FaultClass>;
  /** Ids of writes that are left out, to find out which ones it takes. */
  readonly dropped?: ReadonlySet<number>;
  readonly ablation?: Ablation;
  readonly trace?: boolean;
  /** Every sweep judges every server, whether or not anything changed since it was judged last. */
  readonly judgesAlways?: boolean;
}

/** One guard taken away, by what lies around the code. */
export interface Ablation {
  readonly ports?: (ports: Ports, run: Run) => Ports;
  /** Runs before a message's work, with its ports. */
  readonly before?: (request: Request, ports: Ports) => Promise<Ports>;
  /** Only the first one, which makes the inventory. */
  readonly noSweep?: boolean;
  /** Judges the rows of the sink as they came, copies and all. */
  readonly rawRows?: boolean;
}

/** What the exhaustive enumeration does to one port call of the run. */
export interface Tampering {
  readonly tamper?: (kind: Kind, port: string) => ReturnType<Tamper>;
  readonly stale?: () => boolean;
}
export type Kind = 'door' | 'scan' | 'sweep' | 'publish' | 'assess' | 'poison';

/** Everything of one seed, while it runs and when it is over. */
export interface Run {
  readonly options: Options;
  readonly tampering: Tampering;
  readonly clock: Scheduler;
  readonly world: World;
  readonly plan: Plan;
  readonly faults: Faults;
  readonly story: Story;
  readonly table: MemoryTable;
  readonly queue: MemoryQueue;
  readonly sink: ReturnType<typeof memorySink>;
  readonly arm: Arm;
  readonly graph: Graph;
  /** ARM as it would be if Resource Graph were asked instead. */
  readonly laggingArm: () => Arm;
  readonly stored: Stored[];
  readonly readings: Reading[];
  /** Servers whose lists answer 403. */
  readonly denied: Set<string>;
  readonly activity: Activity[];
  /** When each row was first committed: transitions by finding and EpochSeq, changes by event and server. */
  readonly committed: Map<string, number>;
  /** What would come later is still on its way when the run is judged. */
  deliversUntil: number;
  /** Events that got into the queue. */
  readonly delivered: Set<string>;
  readonly poisoned: Message[];
  /** Events of messages that never succeeded: their rows wait for `redrive`. */
  readonly abandoned: Set<string>;
  readonly lostEvents: Set<number>;
  readonly schemas: SchemaWatch;
  /** States of the old release's schema that the new one read. */
  migrated: number;
  loss: Loss | undefined;
  /** Findings of which a reading from before the loss wanted to tell after it. */
  readonly straddling: Set<string>;
  readonly log: string[];
}

/** A run at its start, nothing scheduled yet. */
export function prepare(
  options: Options,
  faults: Faults,
  plan: Plan,
  tampering: Tampering = {},
  story: Story = QUIET,
): Run {
  const clock = scheduler(START);
  const truth = world((index) => {
    const facts = plan.initial[index];
    if (!facts) throw new Error('the plan has too few servers');
    return facts;
  }, START);
  const table = memoryTable(clock.now);
  const sink = memorySink(faults, clock.now);
  const latency = faults.dice('latency');
  const readings: Reading[] = [];
  const denied = new Set<string>();
  const activity: Activity[] = [];
  const azure = {
    world: truth,
    faults,
    now: clock.now,
    readings,
    denied,
    activity,
    ...(tampering.stale ? { stale: tampering.stale } : {}),
  };
  const run: Run = {
    options,
    tampering,
    clock,
    world: truth,
    plan,
    faults,
    story,
    table,
    sink,
    arm: fakeArm(azure),
    graph: fakeGraph(azure),
    laggingArm: () => laggingArm(azure),
    stored: sink.stored,
    queue: memoryQueue(
      clock,
      () => latency.between(50, 1000),
      (message) => assessMessage(run, message),
      (message) => {
        poison(run, message);
      },
    ),
    readings,
    denied,
    activity,
    committed: new Map(),
    deliversUntil: Infinity,
    delivered: new Set(),
    poisoned: [],
    abandoned: new Set(),
    lostEvents: new Set(),
    schemas: schemaWatch(),
    migrated: 0,
    loss: undefined,
    straddling: new Set(),
    log: [],
  };
  table.onApplied = (partition, operations) => {
    run.schemas.applied(partition, operations);
    for (const operation of operations) {
      if (operation.do !== 'put' || !operation.row.startsWith('o|')) continue;
      for (const { row } of JSON.parse(operation.text) as { row: Record<string, unknown> }[]) {
        const isFinding = typeof row.FindingId === 'string';
        const key = isFinding
          ? `${String(row.FindingId)}|${String(row.EpochSeq)}`
          : `${String(row.EventId)}|${String(row.ServerId)}`;
        if (!run.committed.has(key)) run.committed.set(key, clock.now());
        if (!isFinding) continue;
        if (row.Change === 'Exempted' || String(row.Reason).startsWith('Exemption'))
          happened(faults, 'exemptions');
        note(
          run,
          `commit ${String(row.Change)} ${String(row.RuleId)} ${String(row.Subject)} ${String(row.EpochSeq)} observed ${String(row.ObservedAt)} ${String(row.Reason)}`,
        );
      }
    }
  };
  return run;
}

export function note(run: Run, text: string): void {
  if (run.options.trace) run.log.push(`${new Date(run.clock.now()).toISOString()} ${text}`);
}

/** Most seeds are short; every fifth has the long outages of some hours in it. */
export function hoursOf(seed: number): number {
  return seed % 5 === 0 ? 2.5 : 0.75;
}

/** One seed from its first sweep to the end of the calm. */
export async function simulate(options: Options): Promise<Run> {
  const hours = options.hours ?? hoursOf(options.seed);
  const faults = faultsOf(options.seed, hours, options.without);
  const plan = planOf(options.seed, hours);
  const end = START + hours * 60 * MINUTE;
  const run = prepare(options, faults, plan, {}, storyOf(options.seed, START, end, faults.classes));
  const last = end + CALM_MS + (faults.classes.has('pauses') ? faults.pauseMs : 0);
  run.deliversUntil = last - SETTLING_MS;
  const drained = end + 10 * MINUTE;
  for (const write of plan.writes) {
    if (!options.dropped?.has(write.id)) happen(run, write);
  }
  const sweptUntil = options.ablation?.noSweep ? START + 1 : last;
  every(run, START, SWEEP_MS, sweptUntil, 'overlapping sweeps', 120, () => {
    void startSweep(run);
  });
  const publish = (): void => void startPublish(run);
  every(run, START + 30_000, MINUTE, drained, 'double drains', 10, publish);
  every(run, drained + 30_000, SLOW_DRAIN_MS, last, 'double drains', 10, publish);
  for (const scan of run.story.scans) run.clock.at(scan.at, () => void startScan(run, scan));
  if (run.story.lossAt !== undefined)
    run.clock.at(run.story.lossAt, () => {
      lose(run);
    });
  run.clock.at(end, () => {
    faults.on = false;
    note(run, '--- calm');
  });
  await run.clock.runUntil(last);
  return run;
}

function lose(run: Run): void {
  run.loss = loseTable(run.table, run.clock.now());
  run.schemas.forget();
  happened(run.faults, 'table lost');
  note(run, '--- the state table is lost');
}

function every(
  { clock, faults }: Run,
  from: number,
  period: number,
  to: number,
  twice: FaultClass,
  laterSeconds: number,
  work: () => void,
): void {
  for (let at = from; at < to; at += period) {
    clock.at(at, work);
    const another = faults.hit(twice, 0.15) ? faults.dice(twice).between(0.001, laterSeconds) : 0;
    if (another > 0) clock.at(at + another * 1000, work);
  }
}

/** A write to the world, and its event on its way. */
export function happen(run: Run, write: Plan['writes'][number], isLost = false): void {
  const { clock, faults, world: truth } = run;
  const server = SERVERS[write.server];
  if (!server) throw new Error('a write to no server');
  const { id, event, resource } = eventOf(write);
  clock.at(write.at, () => {
    truth.write(server, write.at, write.change);
    run.activity.push(activityOf(write));
    note(run, `write ${write.id} ${resource} ${JSON.stringify(write.change)}`);
  });
  const rolls = faults.dice('events');
  const delay = (): number => {
    if (faults.hit('late events', 0.05)) return rolls.between(300, 3600);
    if (faults.hit('late events', 0.15)) return rolls.between(10, 300);
    return faults.hit('disordered events', 0.3) ? rolls.between(1, 120) : rolls.between(1, 10);
  };
  const lost = isLost || faults.hit('lost events', 0.12);
  if (lost) run.lostEvents.add(write.server);
  const copies = lost
    ? 0
    : 1 + (faults.hit('doubled events', 0.2) ? 1 : 0) + (faults.hit('doubled events', 0.03) ? 3 : 0);
  for (let copy = 0; copy < copies; copy += 1) {
    clock.at(write.at + delay() * 1000, () => {
      arrive(run, id, event, 0);
    });
  }
}

/** By the trigger function, or straight into the queue; Event Grid comes again until it is taken. */
function arrive(run: Run, id: string, event: unknown, attempt: number): void {
  const { clock, faults, queue } = run;
  if (clock.now() > run.deliversUntil) return;
  const again = (): void => {
    const seconds = DOOR_RETRIES_S[attempt];
    if (seconds === undefined) return;
    clock.at(clock.now() + seconds * 1000, () => {
      arrive(run, id, event, attempt + 1);
    });
  };
  if (faults.within('door closed', clock.now())) {
    again();
    return;
  }
  if (faults.dice('doors').chance(0.5)) {
    const text = JSON.stringify(event);
    queue.put(faults.dice('doors').chance(0.5) ? text : Buffer.from(text).toString('base64'), 0);
    run.delivered.add(id);
    return;
  }
  const process = processOf(run, 'door');
  const ports = portsOf(run, process);
  void ended(process, async () => {
    const understood = understand(
      event,
      (subscription) => SUBSCRIPTIONS.some((one) => one === subscription),
      'full',
    );
    if (understood.outcome !== 'concerns') throw new Error(`an event was ${understood.outcome}`);
    const request: Request = {
      resources: [{ id: understood.resource.id }],
      reason: 'event',
      requestedAt: new Date(process.now()).toISOString(),
      changes: [understood.change],
    };
    await ports.queue.send(request, 0);
    run.delivered.add(id);
  }).then(({ how }) => {
    if (how !== 'done') again();
  });
}

function processOf(run: Run, kind: Kind): Invocation {
  const { tamper } = run.tampering;
  const release = releaseAt(run.story.upgrade, run.clock.now(), run.faults.dice('releases').next);
  return invocation(run.clock, run.faults, release, tamper && ((port) => tamper(kind, port)));
}

/** The functions of the app, as the host runs them. */
export function startSweep(run: Run): Promise<Ending> {
  const process = processOf(run, 'sweep');
  const ports = portsOf(run, process);
  note(run, 'sweep');
  return ended(process, async () => {
    await sweep(SETTINGS, await environmentOf(run, process, ports), ports);
  });
}

function startScan(run: Run, { servers }: Scan): Promise<Ending> {
  const process = processOf(run, 'scan');
  const ports = portsOf(run, process);
  happened(run.faults, 'scans');
  note(run, `scan of ${servers.join(', ') || 'everything'}`);
  return ended(process, async () => {
    if (servers.length > 0) await scanNamed(servers, ports);
    else
      await sweep(SETTINGS, await environmentOf(run, process, ports), ports, {
        runId: newRunId(process.now()),
      });
  });
}

export function startPublish(run: Run): Promise<Ending> {
  const process = processOf(run, 'publish');
  const ports = portsOf(run, process);
  return ended(process, async () => {
    await publishPending(await environmentOf(run, process, ports), ports);
  });
}

async function assessMessage(run: Run, message: Message): Promise<Ending> {
  const process = processOf(run, 'assess');
  const ports = portsOf(run, process);
  return ended(process, async () => {
    const environment = await environmentOf(run, process, ports);
    const insertedAt = new Date(message.insertedAt).toUTCString();
    const request = toRequest(message.text, insertedAt, environment.scope, 'full');
    if (!request) throw new Error('a message was not understood');
    note(
      run,
      `assess (${process.release}) ${request.reason} x${request.resources.length} ${request.resources[0]?.id.slice(-30) ?? ''} attempt ${request.attempt ?? 1} ${(request.changes ?? []).map(({ id }) => id).join(',')}`,
    );
    const ablated = await run.options.ablation?.before?.(request, ports);
    await assessRequest(request, environment, ablated ?? ports);
  });
}

function poison(run: Run, message: Message): void {
  run.poisoned.push(message);
  const request = toRequest(message.text, new Date(message.insertedAt), SUBSCRIPTIONS, 'full');
  for (const { id } of request?.changes ?? []) run.abandoned.add(id);
  note(run, `poison ${JSON.stringify(request)}`);
  const attempt = async (): Promise<void> => {
    const process = processOf(run, 'poison');
    const ports = portsOf(run, process);
    const { how } = await ended(process, () =>
      reportFailure(message.text, new Date(message.insertedAt), SUBSCRIPTIONS, 'full', ports),
    );
    if (how === 'done') return;
    await run.clock.sleep(600_000);
    await attempt();
  };
  void attempt();
}

/** How an invocation ended: a process that dies never answers. */
async function ended(process: Invocation, work: () => Promise<void>): Promise<Ending> {
  const finished = work().then(
    (): Ending => ({ how: 'done', injected: false }),
    (): Ending => ({ how: 'failed', injected: process.injected }),
  );
  const died = process.died.then((): Ending => ({ how: 'crashed', injected: true }));
  return Promise.race([finished, died]);
}

async function environmentOf(run: Run, { release }: Invocation, ports: Ports): Promise<Environment> {
  const { subscriptions, tenants } = await currentScope(SETTINGS, ports.table);
  const { policy, name } = await policyInForce(run.story.policies, run.clock.now(), ports, () => {
    happened(run.faults, 'policy invalid');
  });
  const circumstances = [release, name, ...Object.values(tenants)].join(' ');
  return {
    scope: subscriptions,
    tenants,
    rules: rulesOf(release),
    policy,
    ...(run.options.judgesAlways ? {} : { circumstances }),
    baselineMode: 'first-seen',
    actorDetail: 'full',
    problems: [],
    notices: [],
  };
}

const CALLS = { graph: 0, management: 0, throttled: 0 };

/** The ports of one process: the shared Azure behind its latencies, its faults and its death. */
function portsOf(run: Run, process: Invocation): Ports {
  const { faults, clock, queue, sink, arm, graph } = run;
  const table = tableOf(process.release, run.story.upgrade, run.table, (release, rows) => {
    if (release === 'old') happened(faults, 'two versions', rows);
    else run.migrated += rows;
  });
  const rolls = faults.dice('latency');
  const storage = {
    before: () => faults.hit('storage write errors', 0.01),
    after: () => faults.hit('storage applied but error', 0.02),
  };
  const ms = (least: number, most: number): number => rolls.between(least, most);
  const ports: Ports = {
    table: {
      query: (...given) =>
        process.call('table.query', ms(2, 20), () => table.query(...given), {
          before: () => faults.hit('storage read errors', 0.005),
        }),
      transact: (...given) =>
        process.call(
          'table.transact',
          ms(4, 30),
          () => {
            if (run.loss && process.startedAt < run.loss.at) noteStraddling(run.straddling, given[1]);
            return table.transact(...given);
          },
          storage,
        ),
    },
    queue: {
      send: (...given) =>
        process.call('queue.send', ms(4, 30), () => queue.send(...given), {
          before: () => faults.hit('queue errors', 0.01),
          after: () => faults.hit('queue errors', 0.01),
        }),
    },
    sink: { send: (...given) => process.call('sink.send', ms(50, 400), () => sink.send(...given)) },
    arm: {
      get: async (...given) => {
        const answer = await process.call('arm.get', ms(40, 400), () => arm.get(...given));
        if (answer.outcome === 'failed' && answer.reason.startsWith('no answer')) await clock.sleep(10_000);
        return answer;
      },
      list: (...given) => process.call('arm.list', ms(40, 600), () => arm.list(...given)),
    },
    graph: {
      query: (...given) => process.call('graph.query', ms(100, 900), () => graph.query(...given)),
    },
    process: { now: process.now, random: rolls.next },
    log: () => undefined,
    calls: { ...CALLS },
    deadLetters: () => Promise.resolve(0),
  };
  return run.options.ablation?.ports?.(ports, run) ?? ports;
}
