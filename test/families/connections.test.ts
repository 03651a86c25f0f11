import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exposureOf } from '../../shared/exposure.ts';
import { bodyReadings } from '../../shared/families/fingerprint.ts';
import { familyOf } from '../../shared/families/index.ts';
import type { EndpointConnection, Readings } from '../../shared/model.ts';
import { DEFAULT_WIDTHS } from '../../shared/policy/server-policy.ts';
import { parseResourceId } from '../../shared/resource-id.ts';

const ARM = new URL('../fixtures/arm/', import.meta.url);
const AT = '2026-05-20T12:00:00.000Z';
const LOCAL = '/subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg-data/providers';
const FOREIGN = '/subscriptions/99999999-9999-4999-8999-999999999999/resourcegroups/rg-net/providers';
const NET = '/subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg-net/providers';
const endpoint = (name: string, providers = NET): string =>
  `${providers}/microsoft.network/privateendpoints/${name}`;

function read(file: string): Readings {
  const body = JSON.parse(readFileSync(new URL(`${file}.json`, ARM), 'utf8')) as { id: string };
  const id = parseResourceId(body.id);
  const family = familyOf(id?.type ?? '');
  if (!id || !family) throw new Error('no family');
  return bodyReadings(family, body, id.id, AT);
}

function connectionsOf(file: string): readonly EndpointConnection[] {
  const list = read(file).endpointConnections;
  if (!list || !('value' in list)) throw new Error('no list');
  return list.value;
}

const reachOf = (file: string): readonly string[] => {
  const { privatePath, reachability } = exposureOf(read(file), DEFAULT_WIDTHS);
  return [privatePath, reachability];
};

interface Connections {
  readonly statuses: readonly string[];
  readonly endpoints: readonly (string | null)[];
  readonly path: string;
  readonly reach: string;
}

/** Servers whose public access is off: only an approved connection admits, and one of unknown status may. */
const BODIES: Readonly<Record<string, Connections>> = {
  'mysql-single-connections-of-each-status': {
    statuses: ['approved', 'pending', 'rejected', 'disconnected'],
    endpoints: ['pe-a', 'pe-b', 'pe-c', 'pe-d'].map((name) => endpoint(name, LOCAL)),
    path: 'endpoint',
    reach: 'PRIVATE_ONLY',
  },
  'mysql-flexible-connections-of-unlisted-status': {
    statuses: ['unknown', 'unknown'],
    endpoints: [endpoint('pe-a'), endpoint('pe-b')],
    path: 'unknown',
    reach: 'UNKNOWN',
  },
  'postgresql-flexible-connections-in-lookalike-letters': {
    statuses: ['unknown', 'unknown', 'approved'],
    endpoints: [endpoint('pe-a'), endpoint('pe-b'), endpoint('pe-c')],
    path: 'endpoint',
    reach: 'PRIVATE_ONLY',
  },
  'mysql-flexible-connection-without-state': {
    statuses: ['unknown', 'unknown'],
    endpoints: [endpoint('pe-a', LOCAL), null],
    path: 'unknown',
    reach: 'UNKNOWN',
  },
  'mysql-flexible-connections-without-endpoint': {
    statuses: ['approved', 'approved', 'approved'],
    endpoints: [null, null, null],
    path: 'endpoint',
    reach: 'PRIVATE_ONLY',
  },
  'postgresql-flexible-connection-of-another-tenant': {
    statuses: ['approved'],
    endpoints: [endpoint('pe-partner', FOREIGN)],
    path: 'endpoint',
    reach: 'PRIVATE_ONLY',
  },
};

test.each(Object.entries(BODIES))('%s', (file, { statuses, endpoints, path, reach }) => {
  const connections = connectionsOf(file);
  expect(connections.map(({ status }) => status)).toEqual(statuses);
  expect(connections.map(({ endpointId }) => endpointId)).toEqual(endpoints);
  expect(reachOf(file)).toEqual([path, reach]);
});

/** One connection that is not as documented leaves no list, never a shorter one. */
const NO_LIST: Readonly<Record<string, string>> = {
  'mysql-flexible-connections-one-of-them-a-text': 'the body',
  'postgresql-flexible-connection-group-is-a-text': 'properties.groupIds',
};

test.each(Object.entries(NO_LIST))('%s is not readable', (file, place) => {
  expect(read(file).endpointConnections).toEqual({ unreadable: `not as documented: ${place}`, at: AT });
  expect(reachOf(file)).toEqual(['unknown', 'UNKNOWN']);
});

describe('what stands beside the status', () => {
  test('the text of a status is kept as it was read', () => {
    const texts = connectionsOf('postgresql-flexible-connections-in-lookalike-letters');
    expect(texts.map(({ statusText }) => statusText)).toEqual(['Ａpproved', 'Approved\u0000', ' aPPROVED ']);
  });

  test('a connection without groups', () => {
    expect(connectionsOf('postgresql-flexible-connection-of-another-tenant')).toMatchObject([
      { name: 'PE-Partner.33333333-3333-4333-8333-333333333333', groupIds: [] },
    ]);
  });

  test('a connection without a name has the last part of its id', () => {
    const names = connectionsOf('mysql-single-connections-of-each-status').map(({ name }) => name);
    expect(names).toEqual(['pe-a', 'pe-b', 'pe-c', 'pe-d']);
  });

  test('connections of an injected server are kept, though none can be', () => {
    expect(connectionsOf('mysql-flexible-injected-with-connections')).toMatchObject([{ status: 'approved' }]);
    expect(reachOf('mysql-flexible-injected-with-connections')).toEqual(['injected', 'PRIVATE_ONLY']);
  });
});

test('every body of connections stands in one of the tables', () => {
  const files = readdirSync(ARM).filter((file) => /^(mysql|postgresql)-.*-connections?-/.test(file));
  const named = [...Object.keys(BODIES), ...Object.keys(NO_LIST)].map((file) => `${file}.json`);
  expect(files.sort()).toEqual(named.sort());
});
