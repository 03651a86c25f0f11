import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, writeToArm } from '../../../local/arm-client.ts';
import type { Json } from '../../../local/azure/index.ts';
import { DANA, FINDINGS, putRule, rowsOf, sweepToEnd } from '../cloud.ts';
import { estateOf, flexible, serverId } from '../estate.ts';
import { openFindings } from './readings.ts';
import { type ShiftedCloud, startShiftedCloud } from './shifted-cloud.ts';

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
      // The storage service's clock need not agree with that of ARM, which stamps the Activity Log.
      aheadSeconds: 3,
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
    const open = await openFindings(cloud);
    const finding = open.find(
      ({ ruleId, serverName }) => ruleId === 'firewall-rules-in-use' && serverName === 'late',
    );
    expect(finding).toMatchObject({ actorName: DANA.upn, actorType: 'User' });
  });

  test('asking again does not make a guess of it', () => {
    expect(rows('shared')).toMatchObject([{ Change: 'Opened', ActorName: '' }]);
    expect(rows('told')).toHaveLength(1);
  });
});
