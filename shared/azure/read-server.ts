import type { Family } from '../families/define-family.ts';
import { parseFacet } from '../families/define-family.ts';
import { bodyReadings, serverRef } from '../families/fingerprint.ts';
import { familyOf } from '../families/index.ts';
import {
  type Facet,
  type Network,
  OUTSIDE_SCOPE,
  type PrivateEndpoint,
  type Reading,
  type Readings,
  type Snapshot,
} from '../model.ts';
import { privateEndpoint, PRIVATE_ENDPOINT } from '../network/private-endpoint.ts';
import type { Answer, Arm } from '../ports.ts';
import { parseResourceId, type ResourceId } from '../resource-id.ts';

/** How reading one server ended. */
export type ServerReading =
  | { readonly outcome: 'read'; readonly snapshot: Snapshot }
  | { readonly outcome: 'gone'; readonly at: string }
  | { readonly outcome: 'transient'; readonly reason: string; readonly retryAfterSeconds?: number };

export interface ReadOptions {
  /** Endpoints that name the server, beside those that it names. */
  readonly endpointIds: readonly string[];
  readonly inScope: (subscription: string) => boolean;
  /** Transient failures become unreadable facets: the last attempt. */
  readonly last: boolean;
  /** The storage service's clock: the time of a reading that Azure did not answer. */
  readonly now: string;
}

/** The whole server by ARM: its body and its child lists side by side, then the endpoints around it. */
export async function readServer(
  arm: Arm,
  family: Family,
  id: ResourceId,
  options: ReadOptions,
): Promise<ServerReading> {
  const [body, lists] = await Promise.all([
    readBody(arm, family, id),
    readLists(arm, family, id.id, options.last),
  ]);
  if (body.outcome === 'gone') return { outcome: 'gone', at: body.at };
  if (body.outcome === 'failed' && !options.last) return transient(body);
  if (body.outcome !== 'ok')
    return { outcome: 'read', snapshot: unreadableSnapshot(family, id, body, options.now) };

  const server = serverRef(id, body.body);
  const network = bodyReadings(family, body.body, id.id, body.at);
  const endpointIds = new Set([...options.endpointIds, ...namedEndpoints(network)]);
  const endpoints = await readEndpoints(arm, [...endpointIds].sort(), options);
  const failed = lists.transient ?? endpoints.transient;
  if (failed) return transient(failed);
  const times = [body.firstAt, body.at, ...lists.times, ...endpoints.times].sort();
  return {
    outcome: 'read',
    snapshot: {
      server,
      observedAt: times[0] ?? body.firstAt,
      completedAt: times.at(-1) ?? body.at,
      found: true,
      network: { ...network, ...lists.readings },
      surroundings: { endpoints: endpoints.readings },
    },
  };
}

/** A body that names another resource tells nothing of this one. */
async function readBody(arm: Arm, family: Family, id: ResourceId): Promise<Answer<unknown>> {
  const answer = await arm.get(id.id, family.apiVersion);
  if (answer.outcome !== 'ok' || (idIn(answer.body) ?? id.id) === id.id) return answer;
  return { outcome: 'garbled', reason: 'not as documented: id', at: answer.at };
}

/** The child lists alone: what a sweep reads of a server that Resource Graph shows unchanged. */
export function readRules(arm: Arm, family: Family, serverId: string): Promise<Lists> {
  return readLists(arm, family, serverId, false);
}

/** Ids of the endpoints that the server's connections name. */
export function namedEndpoints(network: Readings): readonly string[] {
  const reading = network.endpointConnections;
  if (!reading || !('value' in reading)) return [];
  return reading.value.flatMap(({ endpointId }) => endpointId ?? []);
}

type Failed = Extract<Answer<unknown>, { outcome: 'failed' }>;

function transient({ reason, retryAfterSeconds }: Failed): ServerReading {
  return {
    outcome: 'transient',
    reason,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

/** What the lists of a server told; `transient`: one of them failed and may answer later. */
export interface Lists {
  readonly readings: Readings;
  readonly times: readonly string[];
  readonly transient: Failed | undefined;
}

async function readLists(arm: Arm, family: Family, serverId: string, last: boolean): Promise<Lists> {
  const sources = Object.entries(family.facets).flatMap(([facet, source]) =>
    source.in === 'list' ? [{ facet, source }] : [],
  );
  const answers = await Promise.all(
    sources.map(({ source }) => arm.list(`${serverId}/${source.path}`, family.apiVersion)),
  );
  const failed = answers.find((answer) => answer.outcome === 'failed');
  const readings = Object.fromEntries(
    sources.map(({ facet, source }, index): [string, Reading<Network[Facet]>] => {
      const answer = answers[index];
      if (answer?.outcome !== 'ok') return [facet, unreadable(answer)];
      return [facet, parseFacet<Network[Facet]>(answer.at, () => source.read(answer.body, serverId))];
    }),
  );
  const times = answers.flatMap((answer) => (answer.outcome === 'ok' ? [answer.firstAt, answer.at] : []));
  return { readings: readings, times, transient: last ? undefined : failed };
}

interface Endpoints {
  readonly readings: Snapshot['surroundings']['endpoints'];
  readonly times: readonly string[];
  readonly transient: Failed | undefined;
}

/** The endpoints around a server that is gone; undefined: one did not answer and may answer later. */
export async function readEndpointsAround(
  arm: Arm,
  ids: readonly string[],
  inScope: ReadOptions['inScope'],
): Promise<Snapshot['surroundings']['endpoints'] | undefined> {
  const { readings, transient: failed } = await readEndpoints(arm, ids, { inScope, last: false });
  return failed ? undefined : readings;
}

async function readEndpoints(
  arm: Arm,
  ids: readonly string[],
  options: Pick<ReadOptions, 'inScope' | 'last'>,
): Promise<Endpoints> {
  const answers = await Promise.all(
    ids.map(async (id): Promise<Answer<unknown> | undefined> => {
      const subscription = parseResourceId(id)?.subscription;
      if (subscription === undefined || !options.inScope(subscription)) return undefined;
      return arm.get(id, PRIVATE_ENDPOINT.apiVersion);
    }),
  );
  const readings = Object.fromEntries(
    ids.map((id, index): [string, Reading<PrivateEndpoint | 'gone'>] => {
      const answer = answers[index];
      if (!answer) return [id, { unreadable: OUTSIDE_SCOPE, at: '' }];
      if (answer.outcome === 'gone') return [id, { value: 'gone', at: answer.at }];
      if (answer.outcome !== 'ok') return [id, unreadable(answer)];
      return [id, parseFacet<PrivateEndpoint | 'gone'>(answer.at, () => privateEndpoint(answer.body, id))];
    }),
  );
  const known = answers.filter((answer) => answer !== undefined);
  const failed = known.find((answer) => answer.outcome === 'failed');
  const times = known.flatMap((answer) => (answer.outcome === 'ok' ? [answer.firstAt, answer.at] : []));
  return { readings, times, transient: options.last ? undefined : failed };
}

/** Constant texts: a reason never carries what Azure wrote, but for the name of the missing action. */
function unreadable(answer: Answer<unknown> | undefined): { unreadable: string; at: string } {
  if (!answer || answer.outcome === 'ok') return { unreadable: 'not read', at: '' };
  if (answer.outcome === 'failed') return { unreadable: answer.reason, at: '' };
  if (answer.outcome === 'gone') return { unreadable: 'not found although the server exists', at: answer.at };
  return { unreadable: answer.reason, at: answer.at };
}

function unreadableSnapshot(family: Family, id: ResourceId, answer: Answer<unknown>, now: string): Snapshot {
  const reading = unreadable(answer);
  const network = Object.entries(family.facets).map(([facet, source]) => [
    facet,
    source.in === 'family' ? { value: source.value, at: reading.at } : reading,
  ]);
  const at = reading.at || now;
  return {
    server: serverRef(id, undefined),
    observedAt: at,
    completedAt: at,
    found: true,
    network: Object.fromEntries(network) as Readings,
    surroundings: { endpoints: {} },
  };
}

/** Whether a list of the family's servers in a subscription holds this one; undefined when the list is not complete. */
export async function isListed(arm: Arm, id: ResourceId): Promise<boolean | undefined> {
  const family = familyOf(id.type);
  if (!family) return undefined;
  const path = `/subscriptions/${id.subscription}/providers/${id.type}`;
  const answer = await arm.list(path, family.apiVersion);
  if (answer.outcome !== 'ok') return undefined;
  const ids = answer.body.map((item) => idIn(item));
  return ids.includes(undefined) ? undefined : ids.includes(id.id);
}

/** The resource id that a body gives itself, lower-cased. */
function idIn(item: unknown): string | undefined {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
  return typeof id === 'string' ? parseResourceId(id)?.id : undefined;
}
