import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listAccessChanges } from '../../shared/azure/access-changes.ts';
import { activityOf } from '../../shared/azure/activity-log.ts';
import { armReader } from '../../shared/azure/arm.ts';
import { graphReader } from '../../shared/azure/graph.ts';
import { tokenBucket } from '../../shared/azure/token-bucket.ts';
import { bodyReadings, fingerprint, serverRef } from '../../shared/families/fingerprint.ts';
import { mysqlFlexible } from '../../shared/families/mysql-flexible.ts';
import { parseResourceId } from '../../shared/resource-id.ts';
import { type Listing, listServers } from '../../shared/sweeping/list-servers.ts';
import { CREDENTIAL, type Reply, type SecureServer, secureServer } from './secure-server.ts';

const RETAIL = '11111111-1111-4111-8111-111111111111';
const GROUP = `/subscriptions/${RETAIL}/resourcegroups/rg-data/providers`;
const ORDERS = `${GROUP}/microsoft.dbformysql/flexibleservers/orders`;
const LEGACY = `${GROUP}/microsoft.dbformysql/servers/legacy-shop`;
const ENDPOINT = `${GROUP}/microsoft.network/privateendpoints`;
const DANA = 'dana@contoso.example';

let azure: SecureServer;
beforeAll(async () => {
  azure = await secureServer();
});
afterAll(() => azure.close());

const fixture = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${path}.json`, import.meta.url), 'utf8'));
const reply = (path: string): Reply => ({ body: fixture(path) });
const NONE: Reply = {
  body: { totalRecords: 0, count: 0, resultTruncated: 'false', facets: [], data: [] },
};
const serverId = parseResourceId(ORDERS);
if (!serverId) throw new Error('no resource id');

const connection = () => ({
  endpoint: azure.url,
  scope: 'https://management.azure.com/.default',
  credential: CREDENTIAL,
  calls: { graph: 0, management: 0, throttled: 0 },
});
const graph = () => graphReader({ ...connection(), bucket: tokenBucket(2000, 1000) });

describe('the Activity Log', () => {
  const period = { since: '2026-09-01T08:00:00Z', until: '2026-09-01T09:00:00Z' };
  test.each<readonly [file: string, lines: readonly string[]]>([
    [
      'server-and-rule-writes',
      [
        '2026-09-01T08:15:30.250Z orders Microsoft.DBforMySQL/flexibleServers/write by "" at 198.51.100.9',
        `2026-09-01T08:15:32.500Z office Microsoft.DBforMySQL/flexibleServers/firewallRules/write by "${DANA}" at 203.0.113.7`,
      ],
    ],
    [
      'unfinished-and-failed',
      ['2026-09-01T08:15:34.000Z orders MICROSOFT.DBFORMYSQL/FLEXIBLESERVERS/WRITE by "" at '],
    ],
    [
      'partial-and-hostile',
      ['2026-09-01T08:15:31.000Z orders Microsoft.DBforMySQL/flexibleServers/write by "" at '],
    ],
  ])('%s', async (file, lines) => {
    azure.answer(reply(`activity-log/${file}`));
    const changes = await activityOf(armReader(connection()), serverId, period, 'full');
    const seen = changes?.map(
      ({ time, resource, operation, actor }) =>
        `${time} ${resource.split('/').at(-1)} ${operation} by "${actor.name}" at ${actor.address}`,
    );
    expect(seen).toEqual(lines);
  });
});

describe('the change table', () => {
  const changesOf = async (file: string) => {
    azure.answer(reply(`graph/${file}`));
    return listAccessChanges([RETAIL], graph(), 'full');
  };

  test('changes-opened-and-closed: oldest first, whatever the casing and the time zone', async () => {
    const { changes, problems } = await changesOf('changes-opened-and-closed');
    expect(Object.fromEntries(changes)).toEqual({
      [ORDERS]: [
        { at: '2026-05-12T13:26:17.347Z', to: 'enabled', by: DANA },
        { at: '2026-05-12T13:56:17.000Z', to: 'disabled', by: DANA },
      ],
      [LEGACY]: [{ at: '2026-05-13T00:00:00.000Z', to: 'enabled', by: DANA }],
    });
    expect(problems).toEqual([]);
  });

  test('changes-of-other-kinds: only a documented value opens or closes, any other is kept as unknown', async () => {
    const { changes, problems } = await changesOf('changes-of-other-kinds');
    const at = '2026-05-12T13:26:17.347Z';
    const unknown = { at, to: 'unknown', by: DANA };
    expect([...changes.keys()]).toEqual([ORDERS]);
    expect(changes.get(ORDERS)).toHaveLength(5);
    expect(changes.get(ORDERS)).toEqual(
      expect.arrayContaining([unknown, { at, to: 'enabled', by: '' }]) as unknown,
    );
    expect(changes.get(ORDERS)?.filter(({ to }) => to === 'unknown')).toEqual(Array(4).fill(unknown));
    expect(problems).toEqual([]);
  });

  test('changes-damaged: none of them closes a server, and the gap is named', async () => {
    const { changes, problems } = await changesOf('changes-damaged');
    expect(changes.size).toBe(0);
    expect(problems).toEqual(['The change table could not be read in full: public-access-flap cannot tell.']);
  });
});

describe('the listing of servers', () => {
  const listing = async (servers: Reply, endpoints: Reply = NONE): Promise<Listing> => {
    azure.answer(servers, endpoints);
    return listServers([RETAIL], graph());
  };

  test('servers-as-arm-has-them: a row has the fingerprint of the body that ARM gives', async () => {
    const body = fixture('arm/mysql-flexible');
    const network = bodyReadings(mysqlFlexible, body, ORDERS, '');
    const expected = fingerprint(serverRef(serverId, body), network, { endpoints: {} });
    const { hashes, complete } = await listing(reply('graph/servers-as-arm-has-them'));
    expect([...hashes]).toEqual([[ORDERS, expected]]);
    expect(complete).toBe(true);
  });

  test('servers-of-other-kinds: rows without an id leave the listing incomplete', async () => {
    const { hashes, complete, problems } = await listing(reply('graph/servers-of-other-kinds'));
    expect([...hashes.keys()]).toEqual([ORDERS, `${GROUP}/microsoft.sql/servers/warehouse`]);
    expect(hashes.get(`${GROUP}/microsoft.sql/servers/warehouse`)).toBe('');
    expect(complete).toBe(false);
    expect(problems).toEqual(Array(2).fill('Servers: a row without a resource id.'));
  });

  test('endpoints-around-servers: by each server that a family has, manual ones too', async () => {
    const { namedBy, complete, problems } = await listing(NONE, reply('graph/endpoints-around-servers'));
    expect(Object.fromEntries(namedBy)).toEqual({ [ORDERS]: [`${ENDPOINT}/pe-a`, `${ENDPOINT}/pe-b`] });
    expect(complete).toBe(false);
    expect(problems).toEqual(['Private endpoints: a row that is not as documented.']);
  });
});
