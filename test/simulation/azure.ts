import { QUERIES } from '../../shared/azure/queries.ts';
import type { Answer, Arm, Graph, GraphRows } from '../../shared/ports.ts';
import type { Activity } from './events.ts';
import type { Faults } from './faults.ts';
import {
  bodyOf,
  endpointBody,
  type Facts,
  ruleItems,
  SERVERS,
  SUBSCRIPTIONS,
  TENANT,
  type World,
  type WorldServer,
} from './world.ts';

/** One answer of ARM about a server's own body, or a list of its own that did not come: what the checker looks at. */
export interface Reading {
  readonly server: string;
  readonly at: string;
  readonly outcome: 'ok' | 'gone' | 'unlisted' | 'half';
}

/** What both readers share. */
export interface AzureOptions {
  readonly world: World;
  readonly faults: Faults;
  readonly now: () => number;
  readonly readings: Reading[];
  readonly denied: ReadonlySet<string>;
  /** Entries of the Activity Log, those included that it does not tell of yet. */
  readonly activity: readonly Activity[];
  /** The exhaustive enumeration asks for one stale answer. */
  readonly stale?: () => boolean;
}

const MAX_STALE_MS = 60_000;
const BY_ID = new Map(SERVERS.map((server) => [server.id, server]));
const BY_ENDPOINT = new Map(SERVERS.map((server) => [server.endpointId, server]));
const IN_ORDER = [...SERVERS].sort((a, b) => (a.id < b.id ? -1 : 1));

function isSubscription(id: string | undefined): boolean {
  return SUBSCRIPTIONS.some((known) => known === id);
}

/** ARM at this instant: what it answers, by the world and the faults. */
export function fakeArm({
  world,
  faults,
  now,
  readings,
  denied,
  activity,
  stale = () => false,
}: AzureOptions): Arm {
  const rolls = faults.dice('arm');
  const target = SERVERS[rolls.below(SERVERS.length)] ?? SERVERS[0];
  const date = (): string => new Date(Math.floor(now() / 1000) * 1000).toISOString();
  const ok = (body: unknown): Answer<unknown> => ({ outcome: 'ok', body, firstAt: date(), at: date() });
  const gone = (code = 'ResourceNotFound'): Answer<never> => ({ outcome: 'gone', code, at: date() });

  /** A point read may tell what was true before the last write, for 60 s. */
  function view(server: WorldServer): Facts {
    const write = world.lastWrite(server, now());
    const isStale = write && now() - write.at < MAX_STALE_MS && (stale() || faults.hit('arm stale', 0.3));
    return isStale ? write.before : world.now(server);
  }

  function trouble(): Answer<never> | undefined {
    if (faults.hit('arm throttled', 0.05)) {
      const retryAfterSeconds = rolls.pick([0, 1, 30, 3600]);
      return { outcome: 'failed', reason: 'throttled', ...(rolls.chance(0.5) ? { retryAfterSeconds } : {}) };
    }
    if (faults.hit('arm failing', 0.04)) return { outcome: 'failed', reason: 'ARM answered 500' };
    if (faults.hit('arm hanging', 0.01)) return { outcome: 'failed', reason: 'no answer within 10 s' };
    if (faults.hit('arm spurious 404', 0.005)) return gone();
    if (faults.hit('arm garbled', 0.005))
      return { outcome: 'garbled', reason: 'ARM answered 202', at: date() };
    return undefined;
  }

  function body(server: WorldServer): Answer<unknown> {
    if (server === target && faults.within('arm 403 window', now()))
      return { outcome: 'denied', reason: 'denied (403)', at: date() };
    const facts = view(server);
    const hidden = server === target && faults.within('arm 404 window', now());
    readings.push({ server: server.id, at: date(), outcome: facts.exists && !hidden ? 'ok' : 'gone' });
    return facts.exists && !hidden ? ok(bodyOf(server, facts)) : gone();
  }

  function children(server: WorldServer, path: string): Answer<readonly unknown[]> {
    if (denied.has(server.id) || (server === target && faults.within('arm 403 window', now())))
      return { outcome: 'denied', reason: 'denied (403)', at: date() };
    if (faults.hit('arm lists failing', 0.05)) return { outcome: 'failed', reason: 'ARM answered 503' };
    const facts = view(server);
    if (!facts.exists) return gone('ParentResourceNotFound');
    const items = path === 'firewallRules' ? ruleItems(server, facts) : [];
    return { outcome: 'ok', body: items, firstAt: date(), at: date() };
  }

  function ofType(subscription: string, type: string): Answer<readonly unknown[]> {
    if (faults.hit('arm lists failing', 0.3)) return { outcome: 'failed', reason: 'ARM answered 503' };
    const asked = SERVERS.filter(
      ({ resource }) => resource.subscription === subscription && resource.type === type,
    );
    const listed = asked.filter((server) => world.now(server).exists);
    for (const server of asked) {
      if (!listed.includes(server)) readings.push({ server: server.id, at: date(), outcome: 'unlisted' });
    }
    const bodies = listed.map((server) => bodyOf(server, world.now(server)));
    return { outcome: 'ok', body: bodies, firstAt: date(), at: date() };
  }

  function logged(subscription: string, filter: string): readonly unknown[] {
    const [from = 0, to = 0] = ['ge', 'le'].map((operator) =>
      Date.parse(new RegExp(`eventTimestamp ${operator} '([^']*)'`).exec(filter)?.[1] ?? ''),
    );
    return activity
      .filter((item) => item.subscription === subscription && item.visibleAt <= now())
      .filter(({ at }) => at >= from && at <= to)
      .map(({ entry }) => entry);
  }

  return {
    get(path) {
      const server = BY_ID.get(path);
      const failure = trouble();
      if (failure?.outcome === 'gone' && server)
        readings.push({ server: server.id, at: failure.at, outcome: 'gone' });
      if (failure) return Promise.resolve(failure);
      if (server) return Promise.resolve(body(server));
      const owner = BY_ENDPOINT.get(path);
      if (owner) {
        const facts = view(owner);
        return Promise.resolve(facts.endpoint ? ok(endpointBody(owner, facts)) : gone());
      }
      const [, , subscription, ...rest] = path.split('/');
      if (!isSubscription(subscription)) return Promise.resolve(gone('SubscriptionNotFound'));
      return Promise.resolve(rest.length === 0 ? ok({ state: 'Enabled' }) : gone());
    },
    list(path, _, filter = '') {
      const cut = path.lastIndexOf('/');
      const server = BY_ID.get(path.slice(0, cut));
      const failure = trouble();
      if (server) {
        const answer = failure ?? children(server, path.slice(cut + 1));
        if (answer.outcome !== 'ok') readings.push({ server: server.id, at: date(), outcome: 'half' });
        return Promise.resolve(answer);
      }
      if (failure) return Promise.resolve(failure);
      const [, , subscription = '', ...rest] = path.split('/');
      if (!isSubscription(subscription)) return Promise.resolve(gone('SubscriptionNotFound'));
      if (rest[0] === 'providers' && rest.length === 3)
        return Promise.resolve(ofType(subscription, rest.slice(1).join('/')));
      if (!path.endsWith('/eventtypes/management/values'))
        return Promise.resolve(gone('ParentResourceNotFound'));
      return Promise.resolve({
        outcome: 'ok',
        body: logged(subscription, filter),
        firstAt: date(),
        at: date(),
      });
    },
  };
}

/** Resource Graph: an index that lags, refuses, and tells half. */
export function fakeGraph({ world, faults, now }: AzureOptions): Graph {
  const rolls = faults.dice('graph');
  function lag(): number {
    if (faults.within('graph lag', now())) return 30 * 60_000;
    if (faults.hit('graph lag', 0.05)) return rolls.between(60, 600) * 1000;
    return faults.on ? rolls.between(5, 60) * 1000 : 5000;
  }
  function rowsOf(kql: string, subscriptions: readonly string[]): GraphRows {
    if (kql === QUERIES.subscriptions) {
      return [...subscriptions].sort().map((id) => ({
        id: `/subscriptions/${id}`,
        subscriptionId: id,
        tenantId: TENANT,
      }));
    }
    const time = now() - lag();
    const seen = IN_ORDER.filter(({ resource }) => subscriptions.includes(resource.subscription)).map(
      (server) => ({ server, facts: world.asOf(server, time) }),
    );
    if (kql === QUERIES.servers) {
      return seen.flatMap(({ server, facts }) => (facts.exists ? [bodyOf(server, facts)] : []));
    }
    if (kql === QUERIES.privateEndpoints) {
      const endpoints = seen.flatMap(({ server, facts }) =>
        facts.endpoint ? [endpointBody(server, facts)] : [],
      );
      return endpoints.sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
    }
    return [];
  }
  return {
    query(kql, scope, page) {
      if (faults.hit('graph failing', 0.08))
        return Promise.resolve({ complete: false, problem: 'Resource Graph is throttled' });
      const subscriptions = scope.subscriptions?.filter(isSubscription) ?? [];
      if (subscriptions.length === 0)
        return Promise.resolve({ complete: false, problem: 'Resource Graph refused the query (403)' });
      const rows = rowsOf(kql, subscriptions);
      const middle = Math.floor(rows.length / 2);
      page(rows.slice(0, middle));
      if (faults.hit('graph truncated', 0.08))
        return Promise.resolve({ complete: false, problem: 'Resource Graph truncated its answer' });
      page(rows.slice(middle));
      return Promise.resolve({ complete: true, problem: '' });
    },
  };
}

/** ARM's answers with Resource Graph's age. */
export function laggingArm(options: AzureOptions): Arm {
  const { world, faults, now } = options;
  const lag = faults.dice('lagging arm').between(60, 600) * 1000;
  const old: World = {
    ...world,
    now: (server) => world.asOf(server, now() - lag),
    lastWrite: () => undefined,
  };
  return fakeArm({ ...options, world: old });
}
