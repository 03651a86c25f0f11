import { createScan, scanRequests } from '../../shared/http/scan-servers.ts';
import { assessRequest } from '../../shared/assessing/message.ts';
import { reportFailure } from '../../shared/asking/report-failure.ts';
import { toRequest } from '../../shared/asking/to-request.ts';
import type { Environment } from '../../shared/environment.ts';
import { hashOf } from '../../shared/identity.ts';
import { parsePolicy, policyOf } from '../../shared/policy.ts';
import type { Ports } from '../../shared/ports.ts';
import { publishPending } from '../../shared/publishing/publish-pending.ts';
import { parseResourceId } from '../../shared/resource-id.ts';
import * as registry from '../../shared/rules/index.ts';
import { currentScope } from '../../shared/sweeping/scope.ts';
import { newRunId, sweep } from '../../shared/sweeping/sweep.ts';
import { memoryQueue, type MemoryQueue } from '../simulation/memory-queue.ts';
import { type MemoryTable, memoryTable } from '../simulation/memory-table.ts';
import { scheduler, type Scheduler } from '../simulation/scheduler.ts';
import { churningArm, type ChurningEstate, churningGraph } from './churning-azure.ts';

export const START = Date.parse('2026-01-01T00:00:00.000Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const RULES = Object.values(registry);
const ACTOR = { 'http://schemas.microsoft.com/identity/claims/objectidentifier': 'dana' };

/** The shipped pipeline over an estate, in virtual time and in memory. */
export interface Churn {
  readonly clock: Scheduler;
  readonly table: MemoryTable;
  readonly estate: ChurningEstate;
  readonly queue: MemoryQueue;
  /** What the settings name at the moment. */
  subscriptions: readonly string[];
  /** The policy file at the moment. */
  policy: object;
  readonly event: (resource: string, operation: string) => void;
  readonly raw: (text: string) => void;
  readonly poison: (message: unknown) => Promise<void>;
  readonly scan: (ids: readonly string[]) => Promise<void>;
  readonly sweep: () => Promise<void>;
  readonly publish: () => Promise<void>;
  /** Rows that the sink took, by table and change. */
  readonly told: (Readonly<Record<string, unknown>> & { readonly at: number })[];
  readonly errors: string[];
}

export function churn(subscriptions: readonly string[]): Churn {
  const clock = scheduler(START);
  const table = memoryTable(clock.now);
  const estate: ChurningEstate = {
    servers: new Map(),
    endpoints: new Map(),
    denied: new Set(),
    switched: new Map(),
  };
  const queue = memoryQueue(
    clock,
    () => 100,
    (message) =>
      assess(message.text, message.insertedAt).then(
        () => ({ how: 'done', injected: false }) as const,
        (error: unknown) => {
          self.errors.push(String(error));
          return { how: 'failed', injected: false } as const;
        },
      ),
    (message) => {
      void self.poison(message.text);
    },
  );
  const arm = churningArm(estate, clock.now);
  const graph = churningGraph(estate);
  const ports = (): Ports => ({
    table,
    queue,
    arm,
    graph,
    sink: {
      send(_, rows) {
        for (const text of rows)
          self.told.push({ ...(JSON.parse(text) as Record<string, unknown>), at: clock.now() });
        return Promise.resolve({ accepted: true });
      },
    },
    process: { now: clock.now, random: () => 0.5 },
    log: () => undefined,
    calls: { graph: 0, management: 0, throttled: 0 },
    deadLetters: () => Promise.resolve(0),
  });
  const settings = (): { subscriptions: readonly string[]; managementGroups: readonly string[] } => ({
    subscriptions: self.subscriptions,
    managementGroups: [],
  });
  const environment = async (): Promise<Environment> => {
    const scope = await currentScope(settings(), table);
    const text = JSON.stringify(self.policy);
    const parsed = parsePolicy(text, RULES, new Date(clock.now()).toISOString());
    if (!('policy' in parsed)) throw new Error(parsed.errors.join('; '));
    const policy = policyOf(parsed.policy);
    return {
      scope: scope.subscriptions,
      tenants: scope.tenants,
      rules: policy.enabledRules(RULES),
      policy,
      baselineMode: 'first-seen',
      actorDetail: 'full',
      circumstances: hashOf(JSON.stringify([text, scope])),
      problems: [],
      notices: [],
    };
  };
  const assess = async (text: string, insertedAt: number): Promise<void> => {
    const known = await environment();
    const request = toRequest(text, new Date(insertedAt), known.scope, 'full');
    if (request) await assessRequest(request, known, ports());
  };
  let events = 0;
  const self: Churn = {
    clock,
    table,
    estate,
    queue,
    subscriptions,
    policy: {},
    told: [],
    errors: [],
    event(resource, operation) {
      events += 1;
      const id = `event-${String(events).padStart(8, '0')}`;
      const kind = operation.endsWith('delete') ? 'ResourceDeleteSuccess' : 'ResourceWriteSuccess';
      const data = { operationName: operation, status: 'Succeeded', correlationId: id, claims: ACTOR };
      const eventTime = new Date(clock.now()).toISOString();
      queue.put(
        JSON.stringify({ id, subject: resource, eventType: `Microsoft.Resources.${kind}`, eventTime, data }),
        0,
      );
    },
    raw(text) {
      queue.put(text, 0);
    },
    async poison(message) {
      const { scope } = await environment();
      await reportFailure(message, new Date(clock.now()), scope, 'full', ports());
    },
    async scan(ids) {
      const runId = newRunId(clock.now());
      const servers = ids.flatMap((id) => parseResourceId(id) ?? []);
      if (servers.length === 0) {
        await sweep(settings(), await environment(), ports(), { runId });
        return;
      }
      const requests = scanRequests(servers, runId, new Date(clock.now()).toISOString());
      const own = ports();
      await createScan(requests, own);
      for (const request of requests) await own.queue.send(request, 0);
    },
    async sweep() {
      await sweep(settings(), await environment(), ports());
    },
    async publish() {
      await publishPending(await environment(), ports());
    },
  };
  return self;
}

export interface Size {
  readonly rows: number;
  readonly bytes: number;
}

/** Rows and characters of the state table by kind: the partition's and the row's first word. */
export function sizesOf({ table }: Churn): Readonly<Record<string, Size>> {
  const sizes: Record<string, Size> = {};
  for (const partition of table.partitions()) {
    const place = partition.startsWith('d-') ? 'dependents' : partition.includes('-') ? 'server' : partition;
    for (const { row, text, columns } of table.peek(partition, '', '~')) {
      const kind = `${place} ${row.includes('|') ? (row.split('|')[0] ?? '') : row}`;
      const { rows, bytes } = sizes[kind] ?? { rows: 0, bytes: 0 };
      const size = row.length + text.length + JSON.stringify(columns).length;
      sizes[kind] = { rows: rows + 1, bytes: bytes + size };
    }
  }
  return sizes;
}
