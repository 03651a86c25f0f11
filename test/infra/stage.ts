import { RULES } from '../../shared/app.ts';
import { understand } from '../../shared/asking/event.ts';
import { reportFailure } from '../../shared/asking/report-failure.ts';
import { toRequest } from '../../shared/asking/to-request.ts';
import { assessRequest } from '../../shared/assessing/message.ts';
import type { Environment } from '../../shared/environment.ts';
import { type LivePolicy, parsePolicy, policyOf } from '../../shared/policy.ts';
import type { Ports } from '../../shared/ports.ts';
import { publishPending } from '../../shared/publishing/publish-pending.ts';
import { TABLES, type TableName } from '../../shared/rows.ts';
import type { ActorDetail } from '../../shared/settings.ts';
import { currentScope } from '../../shared/sweeping/scope.ts';
import { newRunId, sweep } from '../../shared/sweeping/sweep.ts';
import { SUBSCRIPTION } from '../fakes.ts';
import { CLASSES, faultsOf } from '../simulation/faults.ts';
import { memoryQueue, type Ending, type Message } from '../simulation/memory-queue.ts';
import { memorySink } from '../simulation/memory-sink.ts';
import { memoryTable } from '../simulation/memory-table.ts';
import { scheduler } from '../simulation/scheduler.ts';
import { type Azure, azure, type Facts, resourcesWritten, serverId, UNFORESEEN } from './azure.ts';
import type { Row, Rows } from './queries.ts';
import { eventOf, type Person, ALICE } from './people.ts';
import { minute } from './rows.ts';
import { SWEEP_MINUTES } from './alert-rules.ts';

/** What runs in the app; what is stopped, nobody starts: neither a timer nor the queue. */
export type Part = 'sweep' | 'publishPending' | 'assess' | 'reportFailedAssessment';

/** The shipped functions around ports in memory, in virtual time, and the workspace that gets what they send. */
export interface Stage {
  readonly azure: Azure;
  readonly stopped: Set<Part>;
  /** Tables whose rows the workspace does not take. */
  readonly refused: Set<TableName>;
  /** The workspace takes rows and its answer is lost, so they are sent again. */
  losesAcknowledgement: boolean;
  /** A row that holds this text is refused for what it holds; empty: none is. */
  unfit: string;
  /** Minutes from the sink's acceptance of a row until queries see it. */
  latency: number;
  actorDetail: ActorDetail;
  /** Text of the policy file. */
  policy: string;
  /** Why another policy is in force than the file's. */
  policyProblems: readonly string[];
  deadLetters: number;
  /** Minutes since the noon at which the story began. */
  now(): number;
  /** Lets minutes pass, with all that the timers, the queue and the events do in them. */
  pass(minutes: number): Promise<void>;
  /** Puts a server into Azure; no event tells. */
  put(name: string, facts: Facts, subscription?: string): void;
  /** The event of something that somebody wrote arrives. */
  tell(resource: string, time: string, person: Person): void;
  /** Somebody changes a server, and the event arrives. */
  write(name: string, facts: Facts, person?: Person): void;
  remove(name: string): void;
  /** Somebody asks for a scan of everything. */
  scan(): Promise<void>;
  /** The rows of the workspace so far, each with its arrival. */
  rows(): Rows;
}

const MINUTE = 60_000;
const policies = new Map<string, LivePolicy>();

/** The app, too, parses a policy once and not at every tick. */
function policyIn(text: string): LivePolicy {
  const known = policies.get(text);
  if (known) return known;
  const parsed = parsePolicy(text, RULES, minute(0));
  if ('errors' in parsed) throw new Error(parsed.errors.join('\n'));
  const policy = policyOf(parsed.policy);
  policies.set(text, policy);
  return policy;
}

/** `publishPending` runs a little after the sweep of the same minute. */
const PUBLISH_OFFSET = 20_000;

export function stage(
  subscriptions: readonly string[] = [SUBSCRIPTION],
  sweepMinutes = SWEEP_MINUTES,
): Stage {
  const noon = Date.parse(minute(0));
  const clock = scheduler(noon);
  const table = memoryTable(clock.now);
  const world = azure(clock.now);
  const settings = { subscriptions, managementGroups: [] };
  const calm = faultsOf(1, 1, new Set(CLASSES));
  const sink = memorySink(
    { ...calm, hit: (fault) => fault === 'sink lost acknowledgement' && self.losesAcknowledgement },
    clock.now,
  );
  const arrivals: number[] = [];
  /** What no story asked for: the product's own. */
  const errors: unknown[] = [];
  const queue = memoryQueue(clock, () => 500, assess, poison);

  function ports(): Ports {
    return {
      table,
      queue,
      sink: {
        async send(name, rows) {
          if (self.refused.has(name)) return { accepted: false, reason: 'later', status: 403 };
          if (self.unfit !== '' && rows.some((row) => row.includes(self.unfit)))
            return { accepted: false, reason: 'invalid', status: 400 };
          const delivery = await sink.send(name, rows);
          while (arrivals.length < sink.stored.length) arrivals.push(clock.now() + self.latency * MINUTE);
          return delivery;
        },
      },
      arm: world.arm,
      graph: world.graph,
      process: { now: clock.now, random: () => 0.5 },
      log: () => undefined,
      calls: { graph: 0, management: 0, throttled: 0 },
      deadLetters: () => Promise.resolve(self.deadLetters),
    };
  }

  async function environment(): Promise<Environment> {
    const scope = await currentScope(settings, table);
    const policy = policyIn(self.policy);
    return {
      scope: scope.subscriptions,
      tenants: scope.tenants,
      rules: policy.enabledRules(RULES),
      policy,
      baselineMode: 'first-seen',
      actorDetail: self.actorDetail,
      circumstances: JSON.stringify([self.policy, scope]),
      problems: self.policyProblems,
      notices: [],
    };
  }

  /** A worker of an app that is stopped takes the message and is heard of no more. */
  async function assess(message: Message): Promise<Ending> {
    if (self.stopped.has('assess')) return { how: 'crashed', injected: true };
    try {
      const known = await environment();
      const request = toRequest(message.text, new Date(message.insertedAt), known.scope, self.actorDetail);
      if (request) await assessRequest(request, known, ports());
      return { how: 'done', injected: false };
    } catch (error) {
      if (error !== UNFORESEEN) errors.push(error);
      return { how: 'failed', injected: true };
    }
  }

  function poison({ text, insertedAt }: Message): void {
    if (self.stopped.has('reportFailedAssessment')) return;
    start(() => reportFailure(text, new Date(insertedAt), subscriptions, self.actorDetail, ports()));
  }

  async function arrive(events: readonly unknown[]): Promise<void> {
    const concerned = events.map((event) => {
      const understood = understand(event, (id) => subscriptions.includes(id), self.actorDetail);
      if (understood.outcome !== 'concerns') throw new Error(`an event was ${understood.outcome}`);
      return understood;
    });
    const resources = concerned.map(({ resource: { id } }) => ({ id }));
    const changes = concerned.map(({ change }) => change);
    const requestedAt = new Date(clock.now()).toISOString();
    await queue.send({ resources, reason: 'event', requestedAt, changes }, 0);
  }

  function start(work: () => Promise<unknown>): void {
    work().catch((error: unknown) => errors.push(error));
  }

  function every(minutes: number, from: number, part: Part, work: () => Promise<unknown>): void {
    clock.at(from, () => {
      every(minutes, from + minutes * MINUTE, part, work);
      if (!self.stopped.has(part)) start(work);
    });
  }

  const self: Stage = {
    azure: world,
    stopped: new Set(),
    refused: new Set(),
    losesAcknowledgement: false,
    unfit: '',
    latency: 2,
    actorDetail: 'full',
    policy: '{}',
    policyProblems: [],
    deadLetters: 0,
    now: () => (clock.now() - noon) / MINUTE,
    async pass(minutes) {
      await clock.runUntil(clock.now() + minutes * MINUTE);
      if (errors.length > 0) throw errors[0];
    },
    put(name, facts, subscription) {
      world.servers.set(serverId(name, subscription), facts);
    },
    tell(resource, time, person) {
      start(() => arrive([eventOf(resource, time, person)]));
    },
    write(name, facts, person = ALICE) {
      const id = serverId(name);
      const written = resourcesWritten(id, world.servers.get(id), facts);
      self.put(name, facts);
      const time = new Date(clock.now()).toISOString();
      start(() => arrive(written.map((resource) => eventOf(resource, time, person))));
    },
    remove(name) {
      world.servers.delete(serverId(name));
    },
    async scan() {
      await sweep(settings, await environment(), ports(), { runId: newRunId(clock.now()), subscriptions });
    },
    rows() {
      const rows = Object.fromEntries(Object.keys(TABLES).map((name): [string, Row[]] => [name, []]));
      for (const [index, { table: name, row }] of sink.stored.entries()) {
        const arrival = new Date(arrivals[index] ?? 0).toISOString();
        rows[name]?.push({ ...row, $ingestionTime: arrival });
      }
      return rows;
    },
  };
  every(sweepMinutes, noon, 'sweep', async () => sweep(settings, await environment(), ports()));
  every(1, noon + PUBLISH_OFFSET, 'publishPending', async () => publishPending(await environment(), ports()));
  return self;
}
