import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, writeToArm } from '../../local/arm-client.ts';
import type { Json } from '../../local/azure/index.ts';
import * as rules from '../../shared/rules/index.ts';
import { DRIFT_CASES } from './catalogue/drift-cases.ts';
import { ENDPOINT_CASES } from './catalogue/endpoint-cases.ts';
import { catalogueEstate, PARTNER } from './catalogue/estate.ts';
import { EXPOSURE_CASES } from './catalogue/exposure-cases.ts';
import { MONITOR_CASES } from './catalogue/monitor-cases.ts';
import { approve, openFindings, scanAll, serverOf } from './catalogue/readings.ts';
import { type Case, sceneOf } from './catalogue/scene.ts';
import { type ShiftedCloud, startShiftedCloud } from './catalogue/shifted-cloud.ts';
import { VECTORS } from './catalogue/vectors.ts';
import { DANA, FINDINGS, putRule, rowsOf, sweepToEnd } from './cloud.ts';
import { endpointId, estateOf, flexible, MYSQL_SINGLE, serverId, SHOP } from './estate.ts';

const CASES = [...EXPOSURE_CASES, ...ENDPOINT_CASES, ...DRIFT_CASES, ...MONITOR_CASES];
/** Longer than a connection may wait for its approval. */
const A_DAY_AND_MORE = 25 * 3600;
/** More than the 60 s between two readings that confirm each other, and the 162 s between two that prove a deletion. */
const UNTIL_CONFIRMED = 180;

const POLICY = {
  approvedRanges: ['203.0.113.0/24'],
  servers: [{ match: { tags: { access: 'restricted' } }, profile: 'restricted' }],
};

describe('the catalogue, by ARM writes and approvals alone', () => {
  let cloud: ShiftedCloud;

  beforeAll(async () => {
    cloud = await startShiftedCloud({
      estate: catalogueEstate([
        ...CASES.flatMap(({ estate }) => estate),
        ...VECTORS.map(({ server }) => server),
      ]),
      settings: { MONITOR_SUBSCRIPTIONS: `${SHOP},${PARTNER}`, BASELINE_MODE: 'approval' },
      policy: JSON.stringify(POLICY),
    });
    for (const item of CASES) await item.prepare?.(sceneOf(cloud, item));
    await sweepToEnd(cloud);
  });

  afterAll(() => cloud.close());

  test('the table names every rule, each once', () => {
    const ids = Object.values(rules).map(({ id }) => id);
    expect(CASES.map(({ rule }) => rule).sort()).toEqual(ids.sort());
    expect(ids).toHaveLength(40);
  });

  describe('what other tools tell wrong', () => {
    test.each(VECTORS)('$when', async ({ serverId: id, reach, publicAddresses, ranges, rules: expected }) => {
      const server = await serverOf(cloud, id);
      expect(server).toMatchObject({ reach, publicAddresses, ranges });
      const open = server.findings.filter(({ category }) => category !== 'monitor');
      expect(open.map(({ ruleId, severity }) => `${ruleId} ${severity}`).sort()).toEqual(expected);
    });

    test.each(VECTORS.filter(({ reach }) => reach === 'azure'))(
      '$when: the rule that admits all of Azure is told by what it does',
      async ({ serverId: id }) => {
        const [finding] = await openFindings(cloud, { rule: 'azure-services-allowed', serverId: id });
        expect(finding?.evidence['rules']).toEqual([`${id.toLowerCase()}/firewallrules/office`]);
      },
    );
  });

  describe('opens', () => {
    beforeAll(async () => {
      for (const { estate, serverId: id } of CASES) if (estate.length > 0) await approve(cloud, id);
      for (const item of CASES) await item.open(sceneOf(cloud, item));
      await sweepToEnd(cloud);
      cloud.passSeconds(A_DAY_AND_MORE);
      await scanAll(cloud);
    });

    test.each(CASES)('$rule ($severity)', async (item) => {
      const open = await openFindings(cloud, item);
      const mine = open.filter(({ subject }) => withoutSuffix(subject) === subjectOf(item));
      expect(mine).toMatchObject([{ severity: item.severity, state: 'Open', resolvesAfter: null }]);
    });
  });

  describe('closes', () => {
    let once: ReadonlyMap<string, Awaited<ReturnType<typeof findingOf>>>;

    beforeAll(async () => {
      for (const item of CASES) await item.close(sceneOf(cloud, item));
      await scanAll(cloud);
      once = new Map(
        await Promise.all(CASES.map(async (item) => [item.rule, await findingOf(item)] as const)),
      );
      cloud.passSeconds(UNTIL_CONFIRMED);
      await scanAll(cloud);
    });

    async function findingOf(item: Case) {
      const open = await openFindings(cloud, item);
      return open.find(({ subject }) => withoutSuffix(subject) === subjectOf(item));
    }

    test.each(CASES)('$rule: $reason', async (item) => {
      // An approval settles it at once; everything else takes a second reading.
      expect(once.get(item.rule) !== undefined).toBe(item.reason !== 'Approved');
      expect(await findingOf(item)).toBeUndefined();
      const rows = rowsOf(cloud, FINDINGS, { RuleId: item.rule, ServerId: item.serverId.toLowerCase() })
        .filter((row) => withoutSuffix(String(row['Subject'])) === subjectOf(item))
        .sort((a, b) => Number(a['EpochSeq']) - Number(b['EpochSeq']));
      const told = rows.filter((row) => row['Change'] === 'Opened' || row['Change'] === 'Resolved');
      expect(told).toMatchObject([
        // No reason: it did not show in the first sweep.
        { Change: 'Opened', Reason: '', Severity: item.severity, State: 'Open' },
        { Change: 'Resolved', Reason: item.reason, State: 'Resolved' },
      ]);
      expect([rows[0], rows.at(-1)]).toEqual(told);
    });

    test('a deleted server takes its findings along, but for the endpoint that still points at it', async () => {
      const id = serverId('retired-service', MYSQL_SINGLE);
      const rows = rowsOf(cloud, FINDINGS, { ServerId: id.toLowerCase() });
      const last = new Map(rows.map((row) => [String(row['RuleId']), row]));
      const left = last.get('endpoint-orphaned');
      expect(left).toMatchObject({
        Change: 'Opened',
        Severity: 'Low',
        Subject: endpointId('pe-retired-service').toLowerCase(),
        Evidence: { case: 'server gone' },
      });
      last.delete('endpoint-orphaned');
      expect(
        new Set([...last.values()].map((row) => `${String(row['Change'])} ${String(row['Reason'])}`)),
      ).toEqual(new Set(['Resolved Deleted']));
      expect(await openFindings(cloud, { rule: 'retired-service', serverId: id })).toEqual([]);
    });
  });
});

/** Azure names the connections that it makes itself after their endpoint and an id. */
function withoutSuffix(subject: string): string {
  return subject.replace(/(?<=\/privateendpointconnections\/pe-[a-z-]+)\.[0-9a-f-]{36}$/, '');
}

function subjectOf({ rule, serverId: id, subject = '' }: Case): string {
  const endpoint = endpointId(`pe-${rule}`).toLowerCase();
  return subject === 'endpoint' ? endpoint : `${id.toLowerCase()}${subject}`;
}

describe('who made a change that no event told', () => {
  const ROBIN: Person = {
    name: 'Robin Sample',
    upn: 'robin.sample@contoso.example',
    oid: 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeee11',
  };
  const SERVERS = ['told', 'late', 'shared'];
  let cloud: ShiftedCloud;

  beforeAll(async () => {
    cloud = await startShiftedCloud({
      estate: estateOf(SERVERS.map((name) => flexible(name, 'Enabled', {}))),
      // The log is asked up to the storage service's clock, which knows whole seconds only.
      aheadSeconds: -2,
    });
    await sweepToEnd(cloud);
  });

  afterAll(() => cloud.close());

  const rows = (server: string, rule = 'firewall-rules-in-use'): readonly Json[] =>
    rowsOf(cloud, FINDINGS, { ServerName: server, RuleId: rule });

  test('the Activity Log tells the author at once', async () => {
    await putRule(cloud, serverId('told'), 'office', '203.0.113.7', '203.0.113.7');
    await putRule(cloud, serverId('shared'), 'office', '203.0.113.7', '203.0.113.7');
    const properties = { startIpAddress: '198.51.100.7', endIpAddress: '198.51.100.7' };
    const rule = `${serverId('shared')}/firewallRules/AllowAllWindowsAzureIps`;
    await writeToArm(cloud.azure, 'PUT', rule, '2024-12-30', ROBIN, { properties });
    await sweepToEnd(cloud);
    expect(rows('told')).toMatchObject([
      {
        Change: 'Opened',
        Source: 'sweep',
        ActorName: DANA.upn,
        ActorId: DANA.oid,
        ActorType: 'User',
        Operation: 'Microsoft.DBforMySQL/flexibleServers/firewallRules/write',
      },
    ]);
    expect(rows('told')[0]?.['ChangedAt']).toBeTruthy();
  });

  test('two people who changed one server: each is named for what is theirs alone, nobody for what is both theirs', () => {
    expect(rows('shared')).toMatchObject([{ Change: 'Opened', ActorName: '', ActorId: '', ChangedAt: null }]);
    expect(rows('shared', 'misleading-rule-name')).toMatchObject([
      { Change: 'Opened', ActorName: ROBIN.upn, ActorId: ROBIN.oid },
    ]);
  });

  test('an entry that lags names the author at a later sweep', async () => {
    cloud.azure.switches.activityLogLagSeconds = 600;
    await putRule(cloud, serverId('late'), 'office', '203.0.113.7', '203.0.113.7');
    await sweepToEnd(cloud);
    const unsigned = { Change: 'Opened', Reason: '', ActorName: '', ActorId: '', ChangedAt: null };
    expect(rows('late')).toMatchObject([unsigned]);

    cloud.azure.switches.activityLogLagSeconds = 0;
    await sweepToEnd(cloud);
    const signed = { Reason: 'AuthorFound', State: 'Open', ActorName: DANA.upn, ActorId: DANA.oid };
    expect(rows('late')).toMatchObject([unsigned, { Change: 'Updated', ...signed }]);
    const [finding] = await openFindings(cloud, {
      rule: 'firewall-rules-in-use',
      serverId: serverId('late'),
    });
    expect(finding).toMatchObject({ actorName: DANA.upn, actorType: 'User' });
  });

  test('asking again does not make a guess of it', () => {
    expect(rows('shared')).toMatchObject([{ Change: 'Opened', ActorName: '' }]);
    expect(rows('told')).toHaveLength(1);
  });
});
