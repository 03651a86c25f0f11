import { QUERIES } from '../../shared/azure/queries.ts';
import { familyOf } from '../../shared/families/index.ts';
import type { Answer, Arm, Graph, GraphRows } from '../../shared/ports.ts';
import { parseResourceId } from '../../shared/resource-id.ts';
import { rule, serverBody, SUBSCRIPTION } from '../fakes.ts';

/** What one server is like: its switch, its firewall rules by name, and whether it has an approved private endpoint. */
export interface Facts {
  readonly access: 'Enabled' | 'Disabled';
  readonly rules: Readonly<Record<string, readonly [first: string, last: string]>>;
  readonly endpoint?: boolean;
}

export const CLOSED: Facts = { access: 'Disabled', rules: {}, endpoint: true };
export const LISTED: Facts = { access: 'Enabled', rules: { office: ['203.0.112.5', '203.0.112.5'] } };
/** 65,536 addresses, and twice as many. */
export const WIDE: Facts = { access: 'Enabled', rules: { branch: ['20.40.0.0', '20.40.255.255'] } };
export const WIDER: Facts = { access: 'Enabled', rules: { branch: ['20.40.0.0', '20.41.255.255'] } };
/** Half of all addresses, and all of them. */
export const HALF: Facts = { access: 'Enabled', rules: { half: ['0.0.0.0', '127.255.255.255'] } };
export const OPEN: Facts = { access: 'Enabled', rules: { everything: ['0.0.0.0', '255.255.255.255'] } };
export const AZURE: Facts = { access: 'Enabled', rules: { azure: ['0.0.0.0', '0.0.0.0'] } };

/** How ARM answers instead: 403, 503, or an error that nobody foresaw. */
export type Trouble = 'denied' | 'failing' | 'broken';

/** What a reading of a `broken` server ends with. */
export const UNFORESEEN = new Error('an answer that nobody foresaw');

/** Azure in memory: servers with their rules and endpoints, and an Activity Log. Changes count from the next answer. */
export interface Azure {
  readonly servers: Map<string, Facts>;
  readonly troubles: Map<string, Trouble>;
  /** Subscriptions that the identity does not see any more. */
  readonly silent: Set<string>;
  /** Entries of the Activity Log. */
  readonly activity: unknown[];
  /** Why Resource Graph gives half an answer; empty: it does not. */
  graphProblem: string;
  readonly arm: Arm;
  readonly graph: Graph;
}

export function serverId(name: string, subscription: string = SUBSCRIPTION): string {
  return `/subscriptions/${subscription}/resourcegroups/rg/providers/microsoft.dbformysql/flexibleservers/${name}`;
}

/** What has to be written to get from one to the other; the server itself where nothing has. */
export function resourcesWritten(id: string, before: Facts | undefined, after: Facts): readonly string[] {
  const names = Object.keys({ ...before?.rules, ...after.rules });
  const rules = names.filter((name) => String(before?.rules[name]) !== String(after.rules[name]));
  const isEndpoint = (before?.endpoint ?? false) !== (after.endpoint ?? false);
  const written = [
    ...rules.map((name) => `${id}/firewallRules/${name}`),
    ...(isEndpoint ? [endpointOf(id)] : []),
    ...(before?.access === after.access ? [] : [id]),
  ];
  return written.length > 0 ? written : [id];
}

const endpointOf = (id: string): string =>
  id.replace('microsoft.dbformysql/flexibleservers', 'microsoft.network/privateendpoints');
const serverOf = (id: string): string =>
  id.replace('microsoft.network/privateendpoints', 'microsoft.dbformysql/flexibleservers');
const APPROVED = { status: 'Approved', description: '' };

function bodyOf(id: string, { access, endpoint }: Facts): Readonly<Record<string, unknown>> {
  const body = serverBody(id, access);
  const link = {
    id: `${id}/privateEndpointConnections/link`,
    name: 'link',
    properties: {
      privateEndpoint: { id: endpointOf(id) },
      groupIds: ['mysqlServer'],
      privateLinkServiceConnectionState: APPROVED,
    },
  };
  const properties = body.properties as object;
  return { ...body, properties: { ...properties, privateEndpointConnections: endpoint ? [link] : [] } };
}

function endpointBody(id: string): Readonly<Record<string, unknown>> {
  const target = { privateLinkServiceId: serverOf(id), privateLinkServiceConnectionState: APPROVED };
  return {
    id,
    location: 'westeurope',
    properties: {
      provisioningState: 'Succeeded',
      subnet: {
        id: `${id.split('/privateendpoints/')[0] ?? ''}/virtualnetworks/hub/subnets/db`,
      },
      privateLinkServiceConnections: [{ properties: target }],
      manualPrivateLinkServiceConnections: [],
    },
  };
}

export function azure(now: () => number): Azure {
  const servers = new Map<string, Facts>();
  const troubles = new Map<string, Trouble>();
  const silent = new Set<string>();
  const activity: unknown[] = [];
  const date = (): string => new Date(Math.floor(now() / 1000) * 1000).toISOString();

  function answer<Body>(path: string, work: () => Body | undefined): Promise<Answer<Body>> {
    const at = date();
    const owner = serverOf(/^.*\/(?:flexibleservers|privateendpoints)\/[^/]+/.exec(path)?.[0] ?? '');
    const trouble = silent.has(path.split('/')[2] ?? '') ? 'denied' : troubles.get(owner);
    if (trouble === 'broken') return Promise.reject(UNFORESEEN);
    if (trouble === 'failing') return Promise.resolve({ outcome: 'failed', reason: 'ARM answered 503' });
    if (trouble === 'denied') return Promise.resolve({ outcome: 'denied', reason: 'denied (403)', at });
    const body = work();
    if (body === undefined) return Promise.resolve({ outcome: 'gone', code: 'ResourceNotFound', at });
    return Promise.resolve({ outcome: 'ok', body, firstAt: at, at });
  }

  function bodyAt(path: string): unknown {
    const facts = servers.get(path);
    if (facts) return bodyOf(path, facts);
    if (path.includes('/privateendpoints/') && servers.get(serverOf(path))?.endpoint)
      return endpointBody(path);
    return /^\/subscriptions\/[^/]+$/.test(path) ? { state: 'Enabled' } : undefined;
  }

  function listAt(path: string): readonly unknown[] | undefined {
    if (path.endsWith('/eventtypes/management/values')) return activity;
    const [, , subscription = '', , type] =
      /^(\/subscriptions\/([^/]+)\/(providers)\/(.+))$/.exec(path) ?? [];
    if (type !== undefined && familyOf(type)) {
      const here = [...servers].filter(([id]) => parseResourceId(id)?.subscription === subscription);
      return here.map(([id, facts]) => bodyOf(id, facts));
    }
    const facts = servers.get(path.slice(0, path.lastIndexOf('/')));
    if (!path.toLowerCase().endsWith('/firewallrules')) return facts && [];
    return facts && Object.entries(facts.rules).map(([name, [first, last]]) => rule(name, first, last));
  }

  function rowsOf(kql: string, subscriptions: readonly string[]): GraphRows {
    const seen = subscriptions.filter((id) => !silent.has(id));
    if (kql === QUERIES.subscriptions)
      return seen.map((id) => ({ id: `/subscriptions/${id}`, subscriptionId: id, tenantId: id }));
    const here = [...servers].filter(([id]) => seen.includes(id.split('/')[2] ?? ''));
    if (kql === QUERIES.servers) return here.map(([id, facts]) => bodyOf(id, facts));
    if (kql !== QUERIES.privateEndpoints) return [];
    return here.filter(([, { endpoint }]) => endpoint).map(([id]) => endpointBody(endpointOf(id)));
  }

  const self: Azure = {
    servers,
    troubles,
    silent,
    activity,
    graphProblem: '',
    arm: {
      get: (path) => answer(path, () => bodyAt(path)),
      list: (path) => answer(path, () => listAt(path)),
    },
    graph: {
      query(kql, scope, page) {
        page(rowsOf(kql, scope.subscriptions ?? []));
        return Promise.resolve({ complete: self.graphProblem === '', problem: self.graphProblem });
      },
    },
  };
  return self;
}
