import { RULES } from '../shared/app.ts';
import { QUERIES } from '../shared/azure/queries.ts';
import type { Environment } from '../shared/environment.ts';
import { familyOf } from '../shared/families/index.ts';
import { assessRequest } from '../shared/assessing/message.ts';
import type { Answer, Delivery, Ports } from '../shared/ports.ts';
import { policyOf } from '../shared/policy.ts';
import type { Change, Request } from '../shared/asking/request.ts';
import { parseResourceId } from '../shared/resource-id.ts';
import type { TableName } from '../shared/rows.ts';
import type { ServerResult } from '../shared/state/runs.ts';
import { memoryTable, type MemoryTable } from './simulation/memory-table.ts';

export const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111';
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers`;
export const ORDERS = `${GROUP}/microsoft.dbformysql/flexibleservers/orders`;
export const START = '2026-05-20T12:00:00.000Z';

export type SentRow = Readonly<Record<string, unknown>>;

interface Message {
  readonly request: Request;
  readonly dueAt: number;
}

/** The monitor around ports in memory, with a clock that stands still until a test moves it. */
export interface Monitor {
  readonly table: MemoryTable;
  readonly ports: Ports;
  readonly environment: Environment;
  /** What ARM and Resource Graph know, by lower-cased id; children are lists by `<server>/<collection>`. */
  readonly bodies: Map<string, unknown>;
  readonly lists: Map<string, readonly unknown[]>;
  /** What ARM answers in place of what is there, by path; a fault with `times` ends after so many answers. */
  readonly faults: Map<string, { readonly answer: Answer<never> | Error; times: number }>;
  /** Paths that ARM was asked for. */
  readonly reads: string[];
  readonly messages: readonly Message[];
  /** Takes a message out of the queue, for a test that runs it itself. */
  drop(message: Message | undefined): void;
  /** What Log Analytics took. */
  rows(table: TableName, values?: SentRow): readonly SentRow[];
  /** How Log Analytics answers; accepted unless a test says otherwise. */
  delivery: Delivery;
  /** How many Resource Graph rows are left out of each answer, and whether it says so. */
  graphProblem: string;
  time(): string;
  /** Moves the clock, and runs each message when it is due. */
  pass(seconds: number): Promise<void>;
  ask(request: Partial<Request>): Promise<ReadonlyMap<string, ServerResult>>;
}

const at = (milliseconds: number): string => new Date(Math.floor(milliseconds / 1000) * 1000).toISOString();

/** A monitor of one subscription without servers; without `circumstances` every sweep judges every server. */
export function monitor(circumstances?: string): Monitor {
  let now = Date.parse(START);
  let messages: Message[] = [];
  const sent: { readonly table: TableName; readonly row: SentRow }[] = [];
  const table = memoryTable(() => now);
  const bodies = new Map<string, unknown>();
  const lists = new Map<string, readonly unknown[]>();
  const faults: Monitor['faults'] = new Map();
  const reads: string[] = [];

  function answer<Body>(path: string, work: () => Body | undefined): Promise<Answer<Body>> {
    reads.push(path);
    ports.calls.management += 1;
    const fault = faults.get(path);
    if (fault && fault.times > 0) {
      fault.times -= 1;
      return fault.answer instanceof Error ? Promise.reject(fault.answer) : Promise.resolve(fault.answer);
    }
    const body = work();
    if (body === undefined) return Promise.resolve({ outcome: 'gone', code: '', at: at(now) });
    return Promise.resolve({ outcome: 'ok', body, firstAt: at(now), at: at(now) });
  }

  const ports: Ports = {
    table,
    queue: {
      send(request, delaySeconds) {
        messages.push({ request, dueAt: now + delaySeconds * 1000 });
        return Promise.resolve();
      },
    },
    sink: {
      send(name, rows) {
        if (self.delivery.accepted)
          sent.push(...rows.map((row) => ({ table: name, row: JSON.parse(row) as SentRow })));
        return Promise.resolve(self.delivery);
      },
    },
    arm: {
      get: (path) => answer(path, () => bodies.get(path)),
      list: (path) => answer(path, () => lists.get(path) ?? siblings(path)),
    },
    graph: {
      query(kql, scope, page) {
        ports.calls.graph += 1;
        const known = scope.subscriptions ?? [];
        if (kql === QUERIES.subscriptions) {
          page(known.map((id) => ({ id: `/subscriptions/${id}`, subscriptionId: id, tenantId: id })));
        } else page(rowsOf(kql));
        const complete = self.graphProblem === '';
        return Promise.resolve({ complete, problem: self.graphProblem });
      },
    },
    process: { now: () => now, random: () => 0.5 },
    log: () => undefined,
    calls: { graph: 0, management: 0, throttled: 0 },
    deadLetters: () => Promise.resolve(0),
  };

  /** Every server of a type in the subscription: what proves that one is gone. */
  function siblings(path: string): readonly unknown[] | undefined {
    const type = /^\/subscriptions\/[^/]+\/providers\/(.+)$/.exec(path)?.[1];
    if (type === undefined) return bodies.has(path.slice(0, path.lastIndexOf('/'))) ? [] : undefined;
    return [...bodies].filter(([id]) => parseResourceId(id)?.type === type).map(([, body]) => body);
  }

  function rowsOf(kql: string): readonly Record<string, unknown>[] {
    const wanted = (type: string): boolean =>
      kql === QUERIES.servers
        ? familyOf(type) !== undefined
        : kql === QUERIES.privateEndpoints && type === 'microsoft.network/privateendpoints';
    return [...bodies]
      .filter(([id]) => wanted(parseResourceId(id)?.type ?? ''))
      .map(([id, body]) => ({ id, ...(body as object) }));
  }

  const environment: Environment = {
    scope: [SUBSCRIPTION],
    rules: RULES,
    policy: policyOf(undefined),
    baselineMode: 'first-seen',
    actorDetail: 'full',
    tenants: {},
    problems: [],
    notices: [],
    ...(circumstances === undefined ? {} : { circumstances }),
  };

  const self: Monitor = {
    table,
    ports,
    environment,
    bodies,
    lists,
    faults,
    reads,
    get messages() {
      return messages;
    },
    drop: (message) => {
      messages = messages.filter((other) => other !== message);
    },
    delivery: { accepted: true },
    graphProblem: '',
    rows: (name, values = {}) =>
      sent
        .filter((item) => item.table === name)
        .map(({ row }) => row)
        .filter((row) => Object.entries(values).every(([key, value]) => row[key] === value)),
    time: () => at(now),
    async pass(seconds) {
      const end = now + seconds * 1000;
      for (;;) {
        const due = messages.filter(({ dueAt }) => dueAt <= end).sort((a, b) => a.dueAt - b.dueAt)[0];
        if (!due) break;
        messages = messages.filter((message) => message !== due);
        now = Math.max(now, due.dueAt);
        await assessRequest(due.request, environment, ports);
      }
      now = end;
    },
    ask: (request) =>
      assessRequest(
        {
          resources: [{ id: ORDERS }],
          reason: 'event',
          requestedAt: new Date(now).toISOString(),
          ...request,
        },
        environment,
        ports,
      ),
  };
  return self;
}

/** A flexible server as ARM and Resource Graph tell it. */
export function serverBody(id: string, access = 'Enabled'): Record<string, unknown> {
  return {
    id,
    name: id.split('/').at(-1),
    location: 'westeurope',
    tags: {},
    sku: { tier: 'GeneralPurpose' },
    properties: { state: 'Ready', replicationRole: 'None', network: { publicNetworkAccess: access } },
  };
}

/** A firewall rule as ARM lists it. */
export function rule(name: string, start: string, end = start): unknown {
  return { name, properties: { startIpAddress: start, endIpAddress: end } };
}

export const EVERYTHING = rule('everything', '0.0.0.0', '255.255.255.255');
export const OFFICE = rule('office', '203.0.113.5');

let events = 0;

/** An event of a person that names a resource. */
export function change(resource = `${ORDERS}/firewallrules/everything`, more: Partial<Change> = {}): Change {
  events += 1;
  return {
    id: `event-${events}`,
    resource,
    time: START,
    operation: 'Microsoft.DBforMySQL/flexibleServers/firewallRules/write',
    status: 'Succeeded',
    correlationId: 'cccccccc-cccc-cccc-cccc-cccccccccccc',
    actor: { name: 'dana@contoso.example', id: 'dana', type: 'User', address: '203.0.113.77' },
    ...more,
  };
}
